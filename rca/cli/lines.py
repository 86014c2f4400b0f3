"""JSON lines in, JSON lines out: one answer for each line, in order, one line at a time in memory."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final, NoReturn

from rca.cli.console import write_json_line

_LONGEST: Final = 16 * 1_048_576

type Answer = Callable[[dict[str, Any]], dict[str, Any]]


class BadLineError(ValueError):
    """A line can't be answered; names the field and what it should be."""

    def __init__(self, field: str | None, detail: str) -> None:
        super().__init__(detail)
        self.field, self.detail = field, detail


def answer_lines(stream: BinaryIO, answer: Answer) -> int:
    """Answer each line with its id and what `answer` says; return 1 if one was bad, else 0.

    A bad line is answered by `{"id", "error": {"field", "detail"}}` in its place. Empty lines are skipped.
    """
    bad = 0
    for number, raw in _lines(stream):
        line: dict[str, Any] = {}
        try:
            line = _parsed(raw)
            write_json_line({"id": line.get("id"), **answer(line)})
        except BadLineError as error:
            bad += 1
            told = {"line": number, "field": error.field, "detail": error.detail}
            write_json_line({"id": line.get("id"), "error": told})
    if bad:
        print(f"rca: {bad} bad {'line' if bad == 1 else 'lines'}", file=sys.stderr)
    return 1 if bad else 0


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield number and content of each line that is not empty; None stands for one that is too long."""
    number = 0
    while raw := stream.readline(_LONGEST + 1):
        number += 1
        if len(raw) <= _LONGEST:
            if raw.strip():
                yield number, raw
            continue
        while raw and not raw.endswith(b"\n"):
            raw = stream.readline(_LONGEST)
        yield number, None


def _parsed(raw: bytes | None) -> dict[str, Any]:
    if raw is None:
        raise BadLineError(None, f"is longer than {_LONGEST // 1_048_576} MiB")
    try:
        line = json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse)
    except UnicodeDecodeError:
        raise BadLineError(None, "is not UTF-8 text") from None
    except RecursionError:
        raise BadLineError(None, "is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise BadLineError(None, f"is not JSON: {error.msg} at column {error.colno}") from None
    except ValueError as error:
        raise BadLineError(None, f"is not JSON: {error}") from None
    if not isinstance(line, dict):
        raise BadLineError(None, "must be a JSON object")
    return line


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")
