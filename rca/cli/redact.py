"""`redact`: takes secrets and personal data out of a stream of text, or of JSON lines."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from rca.cli.console import Commands, add_input, opened
from rca.cli.lines import BadLineError, answer_lines
from rca.domain.redaction import redact, redact_tree
from rca.domain.secret_patterns import PEM_EDGE

_LONGEST_UNIT: Final = 65_536
_MOST_HELD: Final = 262_144
"""Characters that are held back at most; no PEM block is nearly as long."""
_TAIL: Final = 300
_LONGEST_EDGE: Final = 80
_MOST_BLANKS: Final = 20
_PROBE: Final = "Zq7Wx9Kd2Lm4Tv8Rb3"
_PROBES: Final = (_PROBE, f"'{_PROBE}'", f"x7={_PROBE}")
"""What the next line may begin with: were it hidden, the text before it holds a name that waits for its value."""
_KEY_MATERIAL: Final = re.compile(
    r"(?:\A|\n)[A-Za-z0-9+/]{48,76}={0,2}\r?\n(?:[A-Za-z0-9+/=]{1,76}\r?\n)?\Z", re.ASCII
)
"""Lines that may be the end of a PEM block whose beginning was not seen; its last line will tell."""
_BODY_LINE: Final = re.compile(r"[A-Za-z0-9+/=]*\s*", re.ASCII)


def add(commands: Commands) -> None:
    """Register the command."""
    text = "take secrets and e-mail addresses out of text"
    parser = commands.add_parser("redact", help=text, description=text)
    add_input(parser, "text, or JSON lines")
    parser.add_argument(
        "--jsonl", action="store_true", help='read lines {"id","text"} and write the same, redacted'
    )
    parser.set_defaults(command=_redact)


def _redact(options: argparse.Namespace) -> int:
    with opened(options.file) as stream:
        if options.jsonl:
            return answer_lines(stream, _redact_line)
        _copy(stream)
    return 0


def _redact_line(line: dict[str, Any]) -> dict[str, Any]:
    text = line.get("text")
    if not isinstance(text, str):
        raise BadLineError("text", "must be a text")
    return {"text": redact_tree(text)}


def _copy(stream: BinaryIO) -> None:
    """Copy a stream line by line; bytes that are no UTF-8 pass as they are."""
    redactor = StreamRedactor()
    out = sys.stdout.buffer
    while unit := stream.readline(_LONGEST_UNIT):
        if ready := redactor.feed(unit.decode("utf-8", "surrogateescape")):
            out.write(ready.encode("utf-8", "surrogateescape"))
            out.flush()
    out.write(redactor.close().encode("utf-8", "surrogateescape"))


class StreamRedactor:
    """Redacts an endless text piece by piece as if it were seen whole, and keeps little of it.

    A line goes out at once unless a secret may go on in the next one: an open PEM block, a name that waits for its
    value, or a line that did not end yet.
    """

    def __init__(self) -> None:
        self._held: list[str] = []
        self._size = 0
        self._tail = ""
        self._pem_open = False
        self._in_long_pem = False

    def feed(self, unit: str) -> str:
        """Take a line, or a part of one without its end, and return what is ready, redacted."""
        if self._in_long_pem and _BODY_LINE.fullmatch(unit):
            return ""
        self._in_long_pem = False
        self._keep(unit)
        if self._size >= _MOST_HELD:
            return self._forced()
        if (
            not unit.endswith("\n")
            or self._pem_open
            or _KEY_MATERIAL.search(self._tail)
            or _waits(self._tail)
        ):
            return ""
        return self.close()

    def close(self) -> str:
        """Return what is held, redacted: nothing follows."""
        text = "".join(self._held)
        self._held, self._size, self._tail, self._pem_open = [], 0, "", False
        return redact(text)

    def _keep(self, unit: str) -> None:
        # The end of what came before, as a mark may be cut in two where a line is.
        edges = PEM_EDGE.findall(self._tail[-_LONGEST_EDGE:] + unit) if "-" in unit else []
        if edges:
            self._pem_open = edges[-1] == "BEGIN"
        self._held.append(unit)
        self._size += len(unit)
        self._tail = (self._tail + unit)[-_TAIL:]

    def _forced(self) -> str:
        """Let go of what became too long, cut where no secret is cut in two."""
        if self._pem_open:
            self._in_long_pem = True
            return self.close()
        text = "".join(self._held)
        cut = next((place for place in _blanks(text) if not _waits(text[:place][-_TAIL:])), len(text))
        self._held, self._size, self._tail = [text[cut:]], len(text) - cut, text[cut:][-_TAIL:]
        return redact(text[:cut])


def _blanks(text: str) -> Iterator[int]:
    """Yield the places behind the last few blanks of a text, from its end on."""
    place = len(text)
    for _ in range(_MOST_BLANKS):
        place = max(text.rfind(blank, 0, place - 1) for blank in " \t\n") + 1
        if place == 0:
            return
        yield place


def _waits(tail: str) -> bool:
    """Whether what comes next would be hidden for what stands at the end of a text."""
    hidden = redact(tail)
    return any(redact(tail + probe) != hidden + probe for probe in _PROBES)
