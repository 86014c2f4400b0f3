"""`catalog lint|compile|list|coverage`: keeping what is known of each error type."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from rca.cli.console import Commands, table, write, write_json_line
from rca.domain.vocabulary import Category
from rca.errors import NotFoundError

if TYPE_CHECKING:
    from rca.catalog.coverage import Coverage


def add(commands: Commands) -> None:
    """Register the command and its parts."""
    text = "check, compile, list and measure the catalog of error types"
    parts = commands.add_parser("catalog", help=text, description=text).add_subparsers(
        title="commands", required=True, metavar="COMMAND"
    )
    for name, run, does in (
        (
            "lint",
            _lint,
            "tell every problem of the catalog's files, one a line; exit status 1 if there is one",
        ),
        ("compile", _compile, "write the file that the app loads at start from the data files"),
        ("list", _list, "list the error types"),
        ("coverage", _coverage, "tell how much of the published lists the catalog knows, and what it lacks"),
    ):
        parts.add_parser(name, help=does, description=does).set_defaults(command=run)
    listing, covering = parts.choices["list"], parts.choices["coverage"]
    listing.add_argument("--source", metavar="S", help="those of one data file: adf, …, or general")
    listing.add_argument(
        "--category", choices=list(Category), metavar="C", help=f"one of {', '.join(Category)}"
    )
    covering.add_argument(
        "--min", type=_percentage, metavar="PERCENT", help="exit status 1 where a list is below"
    )
    for part in (listing, covering):
        part.add_argument("--json", action="store_true", help="one JSON object a line")


def _percentage(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 100:
        raise ValueError
    return value


def _lint(options: argparse.Namespace) -> int:
    del options
    from rca.catalog.lint import lint

    problems = 0
    for problem in lint():
        problems += 1
        write(problem)
    if not problems:
        write("the catalog is sound")
    return 1 if problems else 0


def _compile(options: argparse.Namespace) -> int:
    del options
    from rca.catalog.compiled import rendered
    from rca.catalog.files import COMPILED, digests
    from rca.catalog.loader import load_directory

    # Digests first: a file that changes meanwhile makes the result stale, never wrongly fresh.
    made_of = digests()
    entries = load_directory()
    COMPILED.write_text(rendered(entries, made_of), encoding="utf-8")
    write(f"{len(entries)} error types compiled into rca/catalog/{COMPILED.name}")
    return 0


def _list(options: argparse.Namespace) -> int:
    from rca.catalog import catalog

    known = sorted({entry.group for entry in catalog().entries})
    if options.source not in (None, *known):
        raise NotFoundError(f"there is no source of that name; known are {', '.join(known)}")
    entries = [
        entry
        for entry in catalog().entries
        if options.source in (None, entry.group) and options.category in (None, entry.category)
    ]
    if options.json:
        for entry in entries:
            write_json_line(
                {
                    "source": entry.group,
                    "error_type": entry.error_type,
                    "category": entry.category,
                    "severity": entry.severity,
                    "remediable": entry.remediable,
                    "action": entry.action if entry.remediable else None,
                    "max_retries": entry.max_retries,
                    "codes": entry.codes,
                    "exceptions": entry.exceptions,
                    "documentation": entry.documentation,
                }
            )
        return 0
    rows = [
        (
            entry.group,
            entry.error_type,
            entry.category,
            entry.severity,
            entry.action if entry.remediable else "",
        )
        for entry in entries
    ]
    write(table(("source", "error type", "category", "severity", "retry"), rows))
    write(f"{len(rows)} error types")
    return 0


def _coverage(options: argparse.Namespace) -> int:
    from rca.catalog import catalog
    from rca.catalog.coverage import coverage, references

    lists = coverage(catalog().entries, references())
    if not lists:
        raise NotFoundError("there are no lists in rca/catalog/reference")
    if options.json:
        for each in lists:
            write_json_line(_as_json(each))
    else:
        _show(lists)
    enough = options.min is None or all(each.percent >= options.min for each in lists)
    return 0 if enough else 1


def _as_json(each: Coverage) -> dict[str, object]:
    reference = each.reference
    return {
        "name": reference.name,
        "group": reference.group,
        "sign": reference.sign,
        "source": reference.source,
        "checked": reference.checked.isoformat(),
        "total": each.total,
        "known": each.known,
        "percent": round(each.percent, 1),
        "missing": each.missing,
    }


def _show(lists: list[Coverage]) -> None:
    rows: list[tuple[str, ...]] = [
        (
            each.reference.name,
            each.reference.group,
            each.reference.sign,
            f"{each.known}/{each.total}",
            f"{each.percent:.1f} %",
        )
        for each in lists
    ]
    known, total = sum(each.known for each in lists), sum(each.total for each in lists)
    rows.append(("all", "", "", f"{known}/{total}", f"{100 * known / total if total else 0:.1f} %"))
    write(table(("list", "source", "sign", "known", "share"), rows, right=("known", "share")))
    for each in lists:
        for name in each.missing:
            write(f"missing: {each.reference.name}: {name}")
