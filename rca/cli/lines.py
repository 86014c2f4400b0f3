"""JSON lines in, JSON lines out: one answer for each line, in order, as soon as the line is there."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, Final, NoReturn

from rca.cli.console import json_line
from rca.cli.crew import Crew

_LONGEST: Final = 16 * 1_048_576
_BLOCK: Final = 262_144
"""Bytes that are read at once; what becomes of them is all that is held in memory."""

type Answer = Callable[[dict[str, Any]], dict[str, Any]]
type Line = tuple[int, bytes | None]
"""Number and content of a line; None stands for one that is too long."""


class BadLineError(ValueError):
    """A line can't be answered; names the field and what it should be."""

    def __init__(self, field: str | None, detail: str) -> None:
        super().__init__(detail)
        self.field, self.detail = field, detail


def answer_lines(stream: BinaryIO, answer: Answer) -> int:
    """Answer each line with its id and what `answer` says; return 1 if one was bad, else 0.

    A bad line is answered by `{"id", "error": {"field", "detail"}}` in its place. Empty lines are skipped. Where many
    lines are there at once, all cores answer them; `answer` must be a function of a module then.
    """
    bad = 0
    with Crew() as crew:
        for block in _blocks(stream):
            for answers, faults in crew.shared(_answered, answer, block):
                sys.stdout.buffer.write(answers)
                bad += faults
            sys.stdout.buffer.flush()
    if bad:
        print(f"rca: {bad} bad {'line' if bad == 1 else 'lines'}", file=sys.stderr)
    return 1 if bad else 0


def _answered(answer: Answer, lines: Sequence[Line]) -> tuple[bytes, int]:
    """Return the answers to some lines, and how many of these were bad."""
    told: list[bytes] = []
    bad = 0
    for number, raw in lines:
        line: dict[str, Any] = {}
        try:
            line = _parsed(raw)
            told.append(json_line({"id": line.get("id"), **answer(line)}))
        except BadLineError as error:
            bad += 1
            fault = {"line": number, "field": error.field, "detail": error.detail}
            told.append(json_line({"id": line.get("id"), "error": fault}))
    return b"".join(told), bad


def _blocks(stream: BinaryIO) -> Iterator[list[Line]]:
    """Yield the lines that are there, as soon as one is; without those that are empty."""
    number = 0
    begun = bytearray()
    too_long = False
    while data := _read(stream):
        *ended, rest = data.split(b"\n")
        block: list[Line] = []
        for piece in ended:
            number += 1
            begun += piece
            if too_long or len(begun) > _LONGEST:
                block.append((number, None))
            elif begun.strip():
                block.append((number, bytes(begun)))
            begun.clear()
            too_long = False
        begun += rest
        if too_long := too_long or len(begun) > _LONGEST:
            begun.clear()
        if block:
            yield block
    if too_long or begun.strip():
        yield [(number + 1, None if too_long else bytes(begun))]


def _read(stream: BinaryIO) -> bytes:
    """Read what is there, at least one byte; nothing at the end."""
    read: Callable[[int], bytes] = getattr(stream, "read1", stream.read)
    return read(_BLOCK)


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
