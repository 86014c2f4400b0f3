"""Reading from files and pipes, and writing to terminals and pipes."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from rca.errors import NotFoundError

type Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_WIDEST, _NARROWEST = 100, 40


def add_input(parser: argparse.ArgumentParser, help_text: str) -> None:
    """Let a command read FILE, or standard input where it is `-` or left out."""
    parser.add_argument("file", nargs="?", default="-", metavar="FILE", help=f"{help_text}; - or none: stdin")


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """Open a file, or standard input for `-`. Raises NotFoundError where it can't be read."""
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - only a failure to open is to be caught here
    except OSError as error:
        raise NotFoundError(f"{name} can't be read: {error.strerror or error}") from None
    with file:
        yield file


def json_line(value: Mapping[str, Any]) -> bytes:
    """Return one line of JSON; what UTF-8 can't hold stays escaped, as JSON allows."""
    text = json.dumps(value, ensure_ascii=False) + "\n"
    return text.encode("utf-8", "backslashreplace")


def write_json_line(value: Mapping[str, Any]) -> None:
    """Write one line of JSON and pass it on at once."""
    sys.stdout.buffer.write(json_line(value))
    sys.stdout.buffer.flush()


def write_json(value: Mapping[str, Any]) -> None:
    """Write JSON for eyes and programs alike."""
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def write(text: str) -> None:
    """Write lines of text. What the terminal can't show is replaced, and so is what would command it."""
    encoding = sys.stdout.encoding or "utf-8"
    shown = "".join(letter if letter == "\n" or letter.isprintable() else "\ufffd" for letter in text)
    print(shown.encode(encoding, "replace").decode(encoding))


def width() -> int:
    """Return how many columns text may take: the terminal's, or 100 in a pipe, within what reads well."""
    return max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns))


def wrapped(text: str, *, first: str = "", rest: str | None = None) -> str:
    """Break a text into lines of the terminal's width; `first` and `rest` stand before them."""
    following = " " * len(first) if rest is None else rest
    return textwrap.fill(
        text,
        width(),
        initial_indent=first,
        subsequent_indent=following,
        break_long_words=False,
        break_on_hyphens=False,
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = ()) -> str:
    """Align rows below a head; columns named in `right` are aligned to the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    sides = [">" if name in right else "<" for name in head]
    return "\n".join(
        "  ".join(
            f"{cell:{side}{size}}" for cell, side, size in zip(row, sides, widths, strict=True)
        ).rstrip()
        for row in (head, *rows)
    )
