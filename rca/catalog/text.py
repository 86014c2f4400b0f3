"""Prepares a message for reading: cuts it to what is looked at and undoes what transport did to it."""

from __future__ import annotations

import re
from typing import Final

HEAD, TAIL = 16_384, 32_768
"""Characters of a message that are looked at: where it starts, and where a trace names its cause."""

_COLOUR: Final = re.compile(r"(?:\x1b|\\u001[bB]|\\x1[bB]|\\033|\\e)\[[0-9;?]{0,20}[A-Za-z]")
_ESCAPED_LETTER: Final = re.compile(r"\\u(00[a-fA-F][0-9a-fA-F]|[0-9a-cA-CfF][0-9a-fA-F]{3})")
_LOG_PREFIX: Final = re.compile(
    r"^(?:\[base\] |\[[\w.-]{1,60}\] )?"
    r"\[?\d{2,4}[-/]\d\d[-/]\d\d[T,]? ?\d\d:\d\d:\d\d[\d.,]{0,10} ?(?:Z|UTC|[+-]\d\d:?\d\d)?\]?"
    r"(?: std(?:out|err) [FP])?(?: ?\[?\{[^}\n]{1,80}\}\]?)?"
    r"(?: {1,2}\[?(?:ERROR|WARN|WARNING|INFO|CRITICAL|FATAL|DEBUG)\]?)?(?: ?[-:|](?= ))? ?(?:\[base\] )?",
    re.MULTILINE,
)
_GROUP_BAR: Final = re.compile(r"^[ \t]{1,20}[|+][ \t]?", re.MULTILINE)


def window(message: str) -> str:
    """Cut a long message to its head and a longer tail, and undo escaped line breaks, quotes, letters and colours."""
    if len(message) > HEAD + TAIL:
        message = f"{message[:HEAD]}\n{message[-TAIL:]}"
    if "\x1b" in message or ("\\" in message and "[" in message):
        message = _COLOUR.sub("", message)
    if "\\" not in message:
        return message
    if "\\u" in message:
        message = _ESCAPED_LETTER.sub(lambda match: chr(int(match[1], 16)), message)
    for escaped, plain in (("\\r\\n", "\n"), ("\\n", "\n"), ("\\t", "\t"), ('\\"', '"')):
        if escaped in message:
            message = message.replace(escaped, plain)
    return message


def without_log_prefixes(text: str) -> str:
    """Strip time, place and level that loggers put before each line, so that traces start where lines do."""
    if "Traceback (" not in text and "Caused by" not in text:
        return text
    bare = _LOG_PREFIX.sub("", text)
    return _GROUP_BAR.sub("", bare) if "Exception Group" in bare or "ExceptionGroup" in bare else bare
