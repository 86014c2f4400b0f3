"""The command line: `python -m evals`, also as `make eval`."""

from __future__ import annotations

import argparse
import json
import logging
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from evals.answers import Reply, lines_for, read_answers
from evals.cases import CASES, HERE, PARTS, Part, Placed, digest, load, near_duplicates, same_messages
from evals.errors import EvalError
from evals.publish import README, check, publish
from evals.report import Run, as_json, gates
from evals.score import score
from evals.show import failures, show
from evals.systems import System, system
from rca.catalog import catalog
from rca.errors import RcaError


def main(arguments: Sequence[str] | None = None, *, cases: Path = CASES, readme: Path = README) -> int:
    """Run what was asked for: 0 done, 1 a gate or a check failed, 2 it could not run or be published."""
    options = _parser().parse_args(arguments)
    told = list(sys.argv[1:] if arguments is None else arguments)
    # What a provider complains about is counted and shown at the end.
    logging.getLogger("rca").setLevel(logging.CRITICAL)
    try:
        return _run(options, told, cases, readme)
    except EvalError as error:
        print(f"evals: {error}", file=sys.stderr)
    except RcaError as error:
        print(f"evals: {error.detail}", file=sys.stderr)
    return 2


def _run(options: argparse.Namespace, told: list[str], root: Path, readme: Path) -> int:
    if options.check:
        return _check(load(PARTS, root=root))
    parts: tuple[Part, ...] = PARTS if options.part == "all" else (options.part,)
    whole = load(parts, root=root)
    chosen = _chosen(whole, options)
    if options.jsonl_out:
        text = "".join(f"{line}\n" for line in lines_for(chosen))
        _write(options.jsonl_out, text)
        return 0
    run = _scored(options, told, whole, chosen)
    console = Console(width=120, stderr=options.json == "-")
    show(run, console)
    if options.failures:
        failures(run, console)
    if options.json:
        _write(options.json, json.dumps(as_json(run), indent=2, ensure_ascii=False) + "\n")
    if options.publish:
        check(run)
        publish(run, _digests(root), readme)
        console.print(f"published in {readme.name}", markup=False)
    return 1 if options.gate and not all(gate.met for gate in gates(run)) else 0


def _scored(
    options: argparse.Namespace, told: list[str], whole: tuple[Placed, ...], chosen: tuple[Placed, ...]
) -> Run:
    made: System | None = None
    if options.answers:
        name, repeats = options.name or re.sub(r"[^\w.-]", "-", options.answers.stem), 1
        replies = read_answers(options.answers, chosen) if chosen else []
    else:
        made = system(options.provider)
        name, repeats = made.name, options.repeats if made.repeatable else 1
        replies = _ask(made, chosen, repeats)
    return Run(
        system=name,
        model=made.model if made else None,
        part=options.part,
        repeats=repeats,
        filtered=len(chosen) < len(whole),
        cases=chosen,
        scores=tuple(score(reply) for reply in replies),
        command=shlex.join(["python", "-m", "evals", *told]),
        date=options.date or datetime.now(UTC).date().isoformat(),
        revision=_revision(),
        catalog=len(catalog().entries),
    )


def _ask(made: System, cases: Sequence[Placed], repeats: int) -> list[Reply]:
    replies: list[Reply] = []
    for turn in range(repeats):
        for number, case in enumerate(cases, start=1):
            replies.append(made(case))
            if made.repeatable and sys.stderr.isatty():
                print(f"\rround {turn + 1}, case {number} of {len(cases)}", end="", file=sys.stderr)
    return replies


def _chosen(cases: tuple[Placed, ...], options: argparse.Namespace) -> tuple[Placed, ...]:
    return tuple(
        item
        for item in cases
        if (not options.only or any(part in item.id for part in options.only))
        and (not options.source or item.case.source == options.source)
        and (not options.tag or options.tag in item.case.tags)
    )


def _check(cases: tuple[Placed, ...]) -> int:
    """Print the size of the parts and what stands in both; the same message in both is a fault."""
    for part in PARTS:
        mine = [item for item in cases if item.part == part]
        print(f"{part}: {len(mine)} cases, digest {digest(mine)}")
    same = same_messages(cases)
    for one, other in near_duplicates(cases):
        print(f"{'same message' if (one, other) in same else 'near duplicate'}: {one} ~ {other}")
    return 1 if same else 0


def _digests(root: Path) -> dict[str, str]:
    found = {str(part): digest(load((part,), root=root)) for part in PARTS}
    return {**found, "all": digest(load(PARTS, root=root))}


def _revision() -> str:
    """Name the commit that was run, with `+` where what was run differs from it; this page's results do not count."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=HERE.parent, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--", "rca", "config", "evals", ":(exclude)evals/README.md")
    return (git("rev-parse", "--short", "HEAD") or "unknown") + ("+" if changed else "")


def _write(path: str, text: str) -> None:
    if path == "-":
        print(text, end="")
    else:
        Path(path).write_text(text, "utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals", description="Evaluate root cause analysis.")
    add = parser.add_argument
    add("--provider", default="rules", metavar="NAME", help="rules (default), gemini, openai, deepseek")
    add(
        "--answers",
        type=Path,
        metavar="FILE",
        help="score these answers of another tool instead, one JSON a line",
    )
    add("--name", type=_name, metavar="NAME", help="what to call the tool of --answers")
    add("--part", choices=[*PARTS, "all"], default="dev", help="which cases (default dev)")
    add("--only", nargs="+", metavar="TEXT", help="cases whose id holds one of these")
    add("--source", metavar="NAME", help="cases of one source")
    add("--tag", metavar="NAME", help="cases with a tag")
    add("--repeats", type=_positive, default=1, metavar="N", help="ask a model N times for each case")
    add("--failures", action="store_true", help="list every fault and which categories are confused")
    add("--json", metavar="FILE", help="write the result as JSON (- for standard output)")
    add("--publish", action="store_true", help="write the result into evals/README.md")
    add("--date", metavar="DATE", help="date to publish; today if not given")
    add("--gate", action="store_true", help="exit with 1 if a gate is missed")
    add(
        "--jsonl-out",
        metavar="FILE",
        help="only write the inputs, as `python -m rca classify --jsonl` reads them",
    )
    add(
        "--check",
        action="store_true",
        help="only validate all cases and look for duplicates across the parts",
    )
    return parser


def _name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]{0,60}", text):
        raise argparse.ArgumentTypeError("must be letters, digits, dots, hyphens")
    return text


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value
