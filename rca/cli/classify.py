"""`classify --jsonl`: JSON lines of messages in, JSON lines of findings out, by the rules alone."""

from __future__ import annotations

import argparse
from typing import Any

from rca.analysis.names import SOURCES, source_named
from rca.cli.console import Commands, add_input, opened
from rca.cli.lines import BadLineError, answer_lines

_TEXTS = ("message", "resource", "run_id")


def add(commands: Commands) -> None:
    """Register the command."""
    text = "classify messages by the rules alone, one JSON line each"
    parser = commands.add_parser("classify", help=text, description=text)
    add_input(parser, 'lines {"id","source","message","error_code"?}')
    parser.add_argument("--jsonl", action="store_true", required=True, help="the only form there is")
    parser.set_defaults(command=_classify)


def _classify(options: argparse.Namespace) -> int:
    with opened(options.file) as stream:
        return answer_lines(stream, finding)


def finding(line: dict[str, Any]) -> dict[str, Any]:
    """Classify the failure that a line tells of. Raises BadLineError naming the field that is wrong."""
    from rca.analysis.rules import analyse
    from rca.analysis.verdict import failure_of, verdict

    source = line.get("source")
    known = source_named(source) if isinstance(source, str) else None
    if known is None:
        raise BadLineError("source", f"must be one of {SOURCES}")
    texts = {name: _text(line, name) for name in _TEXTS}
    failure = failure_of(
        known,
        texts["message"] or "",
        code=_code(line),
        resource=texts["resource"],
        run_id=texts["run_id"],
    )
    return verdict(failure, analyse(failure))


def _text(line: dict[str, Any], name: str) -> str | None:
    value = line.get(name)
    if value is not None and not isinstance(value, str):
        raise BadLineError(name, "must be a text")
    return value


def _code(line: dict[str, Any]) -> str | None:
    value = line.get("error_code")
    if isinstance(value, bool) or not isinstance(value, str | int | None):
        raise BadLineError("error_code", "must be a text or a whole number")
    return None if value is None else str(value).strip() or None
