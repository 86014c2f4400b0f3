"""Checks all that the catalog's files must keep to, and tells every problem, not only the first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from rca.catalog import compiled
from rca.catalog.actions import Action, action_on
from rca.catalog.coverage import references
from rca.catalog.entry import CatalogError, Entry
from rca.catalog.expressions import ExpressionError, compile_check
from rca.catalog.files import COMPILED, DATA, REFERENCE, data_files, digests
from rca.catalog.loader import examine
from rca.catalog.matcher import Catalog, group_of
from rca.domain.vocabulary import Source

_GROUPS = {group_of(source): source for source in Source}


def lint(directory: Path = DATA, target: Path = COMPILED, reference: Path = REFERENCE) -> Iterator[str]:
    """Yield one line for each problem of the data files, the reference lists and the compiled catalog."""
    entries: list[Entry] = []
    sound = True
    for path in data_files(directory):
        if path.stem not in _GROUPS:
            yield f"{path.name}: belongs to no source; known are {', '.join(sorted(_GROUPS))}"
            continue
        found, problems = examine(path)
        entries += found
        sound = sound and not problems
        yield from (_line(problem) for problem in problems)
    usable = []
    for entry in entries:
        broken = list(_broken_expressions(entry))
        usable += [] if broken else [entry]
        yield from (_line(problem) for problem in (*broken, *_in_entry(entry)))
    yield from (_line(problem) for problem in _misread(usable))
    yield from _in_references(reference)
    if sound and not _is_fresh(entries, directory, target):
        yield f"{target.name}: is not what the data files make; run `python -m rca catalog compile`"


def _line(problem: CatalogError) -> str:
    return " ".join(problem.detail.split())


def _broken_expressions(entry: Entry) -> Iterator[CatalogError]:
    for field in ("patterns", "captures", "counter_patterns"):
        for expression in getattr(entry, field):
            try:
                compile_check(expression.text)
            except ExpressionError as error:
                yield _problem(entry, field, f"{expression.text!r} {error}")


def _in_entry(entry: Entry) -> Iterator[CatalogError]:
    host = urlsplit(entry.documentation).hostname or ""
    if "." not in host or entry.documentation.endswith((".", ",", ")")):
        yield _problem(entry, "documentation", f"{entry.documentation} is no address of a page")
    fitting = Action.RETRY if entry.group == group_of(Source.AZURE_MONITOR) else _retry_of(entry.group)
    if entry.action not in (Action.NONE, fitting):
        yield _problem(entry, "action", f"{entry.action} is no action of this source; it knows {fitting}")


def _retry_of(group: str) -> Action:
    return action_on(_GROUPS[group])


def _misread(entries: Sequence[Entry]) -> Iterator[CatalogError]:
    """Tell which examples are read as another entry than the one they stand in, or as none."""
    catalog = Catalog(entries)
    for entry in entries:
        for number, example in enumerate(entry.examples, start=1):
            finding = catalog.read(_GROUPS[entry.group], example.message, example.code).finding
            if finding is None:
                yield _problem(entry, f"examples.{number}", "is recognised by no entry")
            elif (finding.entry.group, finding.entry.error_type) != (entry.group, entry.error_type):
                other = f"{finding.entry.group}/{finding.entry.error_type}"
                yield _problem(entry, f"examples.{number}", f"is read as {other}")


def _in_references(directory: Path) -> Iterator[str]:
    try:
        lists = references(directory)
    except CatalogError as error:
        yield _line(error)
        return
    for each in lists:
        if each.group not in _GROUPS:
            yield f"reference {each.name!r}: group {each.group} has no data file"
        if len(set(each.names)) < len(each.names):
            yield f"reference {each.name!r}: has names twice"


def _is_fresh(entries: Sequence[Entry], directory: Path, target: Path) -> bool:
    try:
        return target.read_text("utf-8") == compiled.rendered(entries, digests(directory))
    except (OSError, UnicodeDecodeError):
        return False


def _problem(entry: Entry, field: str, problem: str) -> CatalogError:
    return CatalogError(f"{entry.group}.yaml", entry.error_type, field, problem)
