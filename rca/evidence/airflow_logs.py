"""Task logs of Airflow in their three forms, down to what informs: the last error and the end."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rca.evidence import reading

_TAIL: Final = 24_000
_LONGEST_ERROR: Final = 24_000
_MOST_FRAMES: Final = 50
_TRACEBACK: Final = "Traceback (most recent call last)"
_RECORD: Final = re.compile(r"^\[\d{4}-\d\d-\d\d", re.MULTILINE)
_RAISED_LINE: Final = re.compile(r"^([A-Za-z_][\w.]{0,200})(?::|$)")


@dataclass(frozen=True, slots=True)
class TaskLog:
    """What a log tells: the last error with its class, the last lines, and whether there was more."""

    error: str | None
    code: str | None
    tail: str
    at: datetime | None
    cut: bool


def of_text(text: str, *, cut: bool) -> TaskLog:
    """Read the plain text of v1; a record starts with its time in brackets."""
    found = text.rfind(_TRACEBACK)
    error = _record_around(text, found) if found >= 0 else None
    tail, shortened = reading.last_lines(text.strip(), _TAIL)
    kept = reading.last_lines(error, _LONGEST_ERROR)[0] if error else None
    return TaskLog(kept, _raised(error) if error else None, tail, None, cut or shortened)


def of_lines(text: str, *, cut: bool) -> TaskLog:
    """Read v2's newline-delimited JSON, of which the first line may be torn."""
    records: list[object] = []
    for line in text.splitlines():
        try:
            records.append(json.loads(line))
        except (ValueError, RecursionError):
            continue
    return of_records(records, cut=cut)


def of_records(records: Sequence[object], *, cut: bool) -> TaskLog:
    """Read v2's structured records; older servers send bare lines."""
    failing = next((item for item in reversed(records) if _details(item)), None)
    error, code = _chain(_details(failing)) if failing is not None else (None, None)
    lines = [line for item in records if (line := _line(item))]
    tail, shortened = reading.last_lines("\n".join(lines), _TAIL)
    if error is None and _TRACEBACK in tail:
        plain = of_text(tail, cut=False)
        error, code = plain.error, plain.code
    at = reading.moment(reading.at(failing, "timestamp"))
    kept = reading.last_lines(error, _LONGEST_ERROR)[0] if error else None
    return TaskLog(kept, code, tail, at, cut or shortened)


def _details(record: object) -> Sequence[object]:
    return reading.items(reading.at(record, "error_detail"))


def _line(record: object) -> str | None:
    if isinstance(record, str):
        return record.rstrip()
    event = reading.first(record, "event")
    if event is None or event.startswith("::endgroup"):
        return None
    told = (reading.first(record, "timestamp"), (reading.first(record, "level") or "").upper(), event)
    detail = _chain(_details(record))[0] if _details(record) else None
    return " ".join(part for part in told if part) + (f"\n{detail}" if detail else "")


def _chain(details: Sequence[object]) -> tuple[str | None, str | None]:
    """Write a chain of exceptions as Python does, and return the class of the one that ended the task.

    The list starts with that exception; what caused it follows.
    """
    told: list[str] = []
    code = None
    for detail in details[:10]:
        raised = reading.first(detail, "exc_type")
        if raised is None:
            continue
        code = code or raised.rsplit(".", 1)[-1]
        frames = [
            f'  File "{reading.first(frame, "filename")}", line {reading.first(frame, "lineno")}, '
            f"in {reading.first(frame, 'name')}"
            for frame in reading.items(reading.at(detail, "frames"))[-_MOST_FRAMES:]
        ]
        value = reading.first(detail, "exc_value")
        notes = [
            note for item in reading.items(reading.at(detail, "exc_notes")) if (note := reading.text(item))
        ]
        lines = [f"{_TRACEBACK}:", *frames] if frames else []
        told.append("\n".join([*lines, f"{raised}: {value}" if value else raised, *notes]))
    joined = "\n\nThe above exception was the direct cause of the following exception:\n\n"
    return (joined.join(reversed(told)) or None), code


def _record_around(text: str, position: int) -> str:
    """Return the record that holds a position: exceptions that led to it stand in the same record."""
    starts = [found.start() for found in _RECORD.finditer(text)]
    before = [start for start in starts if start <= position]
    after = [start for start in starts if start > position]
    return text[before[-1] if before else position : after[0] if after else len(text)].strip()


def _raised(trace: str) -> str | None:
    """Return the class of the exception that ends a trace: the first line after it that is not indented."""
    for line in trace[trace.rfind(_TRACEBACK) :].splitlines()[1:]:
        if found := _RAISED_LINE.match(line):
            return found[1].rsplit(".", 1)[-1]
    return None
