"""How many messages a second the rules engine reads, and how that grows with the catalog."""

from __future__ import annotations

import gc
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path

from benchmarks.figures import Figure
from rca.analysis.rules import analyse
from rca.analysis.verdict import failure_of, verdict
from rca.catalog import catalog
from rca.catalog.entry import Entry
from rca.catalog.expressions import parse
from rca.catalog.likeness import by_words
from rca.catalog.loader import load_directory
from rca.catalog.matcher import Catalog, group_of
from rca.domain.failure import Failure
from rca.domain.vocabulary import Source

_ROOT = Path(__file__).resolve().parents[1]
_EVALS = _ROOT / "evals" / "cases"
_GROUPS = {group_of(source): source for source in Source}
_SEED = 20
_SIZES = (0.25, 0.5, 1.0, 4.0)


def measure(*, messages: int = 1_000, rounds: int = 5) -> list[Figure]:
    """Read the messages of the evaluation and the catalog's examples, with smaller and larger catalogs in turn."""
    entries = load_directory()
    failures = _failures(entries, messages)
    books = {size: Catalog(_sized(entries, size), by_words) for size in _SIZES}
    rates: dict[float, list[float]] = {size: [] for size in _SIZES}
    for book in books.values():
        _read(book, failures)  # compiles the expressions that are needed
    for _ in range(rounds):
        for size, book in books.items():
            rates[size].append(_rate(lambda book=book: _read(book, failures), len(failures)))  # type: ignore[misc]
    whole = [_rate(lambda: _classify(failures), len(failures)) for _ in range(rounds)]
    medians = {size: statistics.median(found) for size, found in rates.items()}
    figures = [
        Figure(
            name="classification: a whole line of `classify`, signature included",
            value=statistics.median(whole),
            unit="/s",
            least=1_000,
            note=f"{len(failures)} messages, {len(catalog().entries)} entries, one core",
        )
    ]
    figures += [
        Figure(
            name=f"classification: matching with {size:g}× of the catalog",
            value=medians[size],
            unit="/s",
            note=f"{len(books[size].entries)} entries",
        )
        for size in _SIZES
    ]
    figures.append(
        Figure(
            name="classification: time with 4× of the catalog / with 1×",
            value=medians[1.0] / medians[4.0],
            unit="×",
            most=2.0,
            note=f"sixteen times the entries of the smallest: {medians[0.25] / medians[4.0]:.2f} × its time",
        )
    )
    figures += _command(failures)
    return figures


def _command(failures: Sequence[Failure], lines: int = 6_000) -> list[Figure]:
    """Run the command on a file, with all cores and with one, in turn; start-up is part of it."""
    given = [
        {"id": number, "source": str(each.source), "message": f"{each.message} {number}"}
        for number, each in zip(range(lines), cycle(failures), strict=False)
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.writelines(json.dumps(line) + "\n" for line in given)
        file.flush()
        rounds = [(_lasts(file.name), _lasts(file.name, cores=1)) for _ in range(3)]
    every = statistics.median(lines / seconds for seconds, _ in rounds)
    gain = statistics.median(alone / together for together, alone in rounds)
    cores = os.process_cpu_count() or 1
    return [
        Figure(
            name="classification: the command `classify`, all cores, start included",
            value=every,
            unit="/s",
            least=1_000,
            note=f"{lines} lines, {cores} cores",
        ),
        Figure(name="classification: all cores / one core", value=gain, unit="×", note=f"{cores} cores"),
    ]


def _lasts(path: str, cores: int | None = None) -> float:
    command = [sys.executable, "-m", "rca", "classify", "--jsonl", path]
    before = os.sched_getaffinity(0)
    started = time.perf_counter()
    try:
        if cores:
            os.sched_setaffinity(0, sorted(before)[:cores])  # the command inherits it
        subprocess.run(command, cwd=_ROOT, stdout=subprocess.DEVNULL, check=True)
    finally:
        os.sched_setaffinity(0, before)
    return time.perf_counter() - started


def _rate(work: object, count: int) -> float:
    assert callable(work)
    gc.collect()
    started = time.process_time()
    work()
    return count / (time.process_time() - started)


def _read(book: Catalog, failures: Sequence[Failure]) -> None:
    for failure in failures:
        book.read(failure.source, failure.message, failure.code)


def _classify(failures: Sequence[Failure]) -> None:
    for failure in failures:
        made = failure_of(failure.source, failure.message, code=failure.code)
        verdict(made, analyse(made))


def _failures(entries: Sequence[Entry], most: int) -> list[Failure]:
    """Take the evaluation's cases, or as many as are wanted, and fill up with the catalog's own examples."""
    found = [*_of_evals(), *_of_examples(entries)]
    random.Random(_SEED).shuffle(found)
    return found[:most]


def _of_evals() -> Iterator[Failure]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for path in sorted(_EVALS.glob("*/*.yaml")):
        for case in yaml.load(path.read_bytes(), Loader=loader) or []:
            if case.get("message"):
                yield failure_of(Source(case["source"]), case["message"], code=case.get("error_code"))


def _of_examples(entries: Sequence[Entry]) -> Iterator[Failure]:
    for entry in entries:
        for example in entry.examples:
            yield failure_of(_GROUPS[entry.group], example.message, code=example.code)


def _sized(entries: Sequence[Entry], size: float) -> list[Entry]:
    """Draw a part of the entries, or add synthetic ones that look like them and match nothing."""
    if size <= 1:
        return random.Random(_SEED).sample(list(entries), round(size * len(entries)))
    copies = range(1, round(size))
    return [*entries, *(_strange(entry, copy) for copy in copies for entry in entries)]


def _strange(entry: Entry, copy: int) -> Entry:
    """Make an entry with as many signs, whose words no message has but whose letters are as frequent."""
    word = random.Random(f"{entry.group}/{entry.error_type}/{copy}")

    def shuffled(text: str) -> str:
        return re.sub(r"\w{3,}", lambda match: "".join(word.sample(match[0], len(match[0]))), text)

    return replace(
        entry,
        error_type=f"{entry.error_type}{copy}",
        codes=tuple(f"{shuffled(code)}{copy}" for code in entry.codes),
        exceptions=tuple(f"{shuffled(name)}{copy}" for name in entry.exceptions),
        patterns=tuple(parse(re.escape(shuffled(pattern.anchor) + "xq")) for pattern in entry.patterns),
        captures=(),
        counter_patterns=(),
    )
