"""The signature of a failure: the same for every rendering of it, different for different failures.

What changes from run to run (ids, times, hosts, addresses, counts, durations, partition values) is masked; what
says which thing failed and how (table, column, file stem, exception, error code) stays. Every step is linear in
the length of the text, of which a bounded part is read.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Final

from rca.domain.signature_masks import mask
from rca.domain.vocabulary import Source

LONGEST_LINE: Final = 2_000
MOST_LINES: Final = 40
_LONGEST_TEXT: Final = 262_144
_TELLING: Final = ("error", "exception", "fail", "caused by", "denied", "refused", "not found", "fatal")
_CHATTER: Final = (" info ", " debug ", " trace ", "[info]", "[debug]", " info:", " debug:")
_FEWEST_WORDS: Final = 4
"""A message with fewer telling words ("Task failed") says nothing of its own; the resource then counts too."""
_EMPTY_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "a activity alert an and at by error errors exception failed failing failure for has have in is job "
        "message of on or pipeline please run see status step task the this to unknown was were with workload",
    )
)


def signature(
    source: Source,
    error_type: str,
    message: str,
    *,
    code: str | None = None,
    resource: str | None = None,
) -> str:
    """Return 32 hex digits that failures of one kind share.

    `error_type` is the catalog's name, `code` the platform's own error code, `message` the most telling text at
    hand (a log or trace may be whole). `resource` counts only where the message says nothing of its own.
    """
    shown = template(message)
    parts = [str(source), error_type.strip().lower(), (code or "").strip().lower(), shown]
    if resource is not None and _says_little(shown):
        parts.append(mask(resource))
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()[:32]


def template(message: str) -> str:
    """Return what a message has in common with other renderings of its failure, one statement a line."""
    lines = _statements(_bounded(message))
    masked = dict.fromkeys(filter(None, (mask(line) for line in lines)))
    return "\n".join(masked)


def _bounded(message: str) -> str:
    if len(message) <= _LONGEST_TEXT:
        return message
    return message[: _LONGEST_TEXT // 3] + "\n" + message[-2 * _LONGEST_TEXT // 3 :]


def _statements(message: str) -> list[str]:
    """Choose the lines that say what happened: no stack frames, no progress messages, no more than fit."""
    lines = _without_frames(message.splitlines())
    quiet = [line for line in lines if not _is_chatter(line)]
    lines = quiet or lines
    if len(lines) > MOST_LINES:
        telling = [line for line in lines if any(word in line.lower() for word in _TELLING)]
        lines = (telling or lines)[-MOST_LINES:]
    return [line[:LONGEST_LINE] for line in lines]


def _without_frames(lines: list[str]) -> list[str]:
    """Drop the frames of Java and Python traces, except the innermost of each Python trace: it names the script."""
    kept: list[str] = []
    frame: str | None = None
    code_line = False
    for raw in lines:
        line = raw.strip()
        if line.startswith('File "') and ", line " in line:
            frame, code_line = line, True
        elif code_line and raw[:1] in " \t":
            continue  # source text or carets below a Python frame
        elif line and not _is_java_frame(line):
            if frame is not None:
                kept.append(_script(frame))
            frame, code_line = None, False
            kept.append(line)
    if frame is not None:
        kept.append(_script(frame))
    return kept


def _script(frame: str) -> str:
    """Shorten `File "/dbfs/jobs/load.py", line 12, in main` to the script's name and function."""
    path = frame.split('"')[1]
    function = frame.rpartition(", in ")[2] if ", in " in frame else ""
    return f"in {path.replace('\\', '/').rpartition('/')[2]} {function}".strip()


def _is_java_frame(line: str) -> bool:
    if line.startswith("at "):
        return line.endswith((")", "]")) or " in " in line
    return (line.startswith("... ") and line.endswith("more")) or line.startswith("Traceback (most recent")


def _is_chatter(line: str) -> bool:
    start = f" {line[:80].lower()} "
    return any(sign in start for sign in _CHATTER)


def _says_little(shown: str) -> bool:
    words = {word.strip(".,:;!()[]'\"") for word in shown.split()}
    return len({word for word in words - _EMPTY_WORDS if any(map(str.isalpha, word))}) < _FEWEST_WORDS
