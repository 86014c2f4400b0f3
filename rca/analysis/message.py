"""Draws what can be told from a message that no catalog entry fits: exception, place, code and the telling line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rca.catalog.asides import without_orders
from rca.catalog.template import flat, one_line
from rca.catalog.traces import Raised

_LONGEST_QUOTE: Final = 300
_MOST_LINES: Final = 4_000
_TELLING: Final = re.compile(
    r"\b(?:error|exception|failed|failure|fatal|denied|refused|invalid|cannot|can't|could not|unable|not found|missing"
    r"|exceeded|unexpected|mismatch|violat|abort|crash|timed? ?out|unknown|undefined|rejected|corrupt)",
    re.IGNORECASE,
)
_NOISE: Final = re.compile(
    r"^(?:\s*at [\w$.<>]+\(|\s*File \"|\s*\.\.\. \d+ more|[-=*#~\s]+$|Traceback|\s*\^+|-+> ?\d+|\s*\d+ )"
    r"|\b(?:DEBUG|INFO)\b"
)
_PYTHON_FRAME: Final = re.compile(r"File \"([^\"\n]{1,250})\", line (\d{1,9}), in ([\w<>]{1,100})")
_NOTEBOOK_FRAME: Final = re.compile(
    r"File <?(command-\d{1,20})[^\n,]{0,40}, line (\d{1,9})|Cell In\[(\d{1,6})\], line (\d{1,9})"
)
_JAVA_FRAME: Final = re.compile(
    r"^[ \t]{1,20}at ([\w$.]{3,200})\(([\w$]{1,100}\.\w{1,10}):(\d{1,9})\)", re.MULTILINE
)
_LIBRARY: Final = re.compile(
    r"site-packages|dist-packages|/lib/python|/databricks/spark|<frozen|importlib|/airflow/(?:models|task|sdk)"
)
_JAVA_LIBRARY: Final = re.compile(
    r"(?:java|javax|scala|sun|jdk|py4j|org\.apache|com\.databricks|org\.eclipse|io\.netty|com\.fasterxml)\."
)
_CODE: Final = re.compile(
    r"(?:error[ _]?(?:code|number|class)|errno|sqlstate|status[ _]?code|sqlerrornumber|return code|exit code)"
    r"[\"']?\s{0,2}[=:]?\s{0,2}[\"'\[(]?([\w.-]{2,60})"
    r"|\b(ORA-\d{5}|[A-Z]{3,12}-\d{3,6}|0x[0-9A-Fa-f]{8})\b|\[Errno (-?\d{1,5})\]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Gist:
    """What a message says: its telling line, the root exception, the last own place in the code, and a code."""

    line: str
    exception: Raised | None
    place: str | None
    code: str | None


def gist_of(text: str, exceptions: Sequence[Raised]) -> Gist:
    """Read a message, of at most some ten thousand characters, for what an engineer would look at first."""
    root = exceptions[0] if exceptions else None
    heeded = without_orders(text)
    return Gist(telling_line(text, root), root, _place(heeded), _code(heeded))


def telling_line(text: str, root: Raised | None = None) -> str:
    """Pick the line that tells most, shortened: the root exception's, else the best of those that speak of an error.

    What tells the reader what to do is left out.
    """
    if root is not None and (said := without_orders(root.message).strip()):
        return one_line(f"{root.simple_name}: {said}", _LONGEST_QUOTE)
    text = without_orders(text)
    best, best_score = "", -2
    for position, line in enumerate(text.splitlines()[:_MOST_LINES]):
        stripped = line.strip()
        if not stripped or _NOISE.search(line[:400]):
            continue
        score = 10 * len(_TELLING.findall(stripped[:400])) + min(len(stripped), 200) // 40 - (position > 0)
        if score > best_score:
            best, best_score = stripped, score
    return one_line(best or text.strip()[:_LONGEST_QUOTE], _LONGEST_QUOTE)


def _place(text: str) -> str | None:
    """Name the last frame of a trace that is not a library's."""
    frames = [frame for frame in _PYTHON_FRAME.findall(text) if not _LIBRARY.search(frame[0])]
    if frames:
        file, line, function = frames[-1]
        return flat(f"{file}, line {line}, in {function}")
    cells = _NOTEBOOK_FRAME.findall(text)
    if cells:
        command, line, cell, cell_line = cells[-1]
        return f"{command}, line {line}" if command else f"cell {cell}, line {cell_line}"
    own = next((frame for frame in _JAVA_FRAME.findall(text) if not _JAVA_LIBRARY.match(frame[0])), None)
    return flat(f"{own[0]} ({own[1]}:{own[2]})") if own else None


def _code(text: str) -> str | None:
    match = _CODE.search(text)
    return next((group for group in match.groups() if group), None) if match else None
