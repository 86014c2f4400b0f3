"""Finds the platform's own error code in a message, as it is written there."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from rca.catalog import catalog
from rca.catalog.matcher import group_of
from rca.domain.vocabulary import Source

_HEAD, _TAIL = 16_384, 32_768
_STATED: Final = re.compile(
    r"(?:error[ _-]?(?:code|class|type)|(?<![\w-])(?:code|reason|condition)|termination[ _]code|sqlstate)"
    r"\\{0,3}[\"']?\s{0,2}[=:]\s{0,2}\\{0,3}[\"'(\[]?(?P<named>[A-Za-z0-9][\w.-]{1,79})"
    r"|\[(?P<bracketed>[A-Z][A-Z0-9]{1,40}(?:[_.][A-Z0-9]{1,40}){1,8})\]"
    r"|(?<![\w-])(?P<notation>ORA-\d{5}|AADSTS\d{4,8}|0x[0-9A-Fa-f]{8})(?!\w)",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"(?<![\w.-])[A-Za-z]\w{7,79}+(?![\w-])")
_NUMBER_NAMED: Final = re.compile(r"error[ _-]?code", re.IGNORECASE)
_NO_CODE: Final = frozenset({"none", "null", "unknown", "error", "true", "false", "failed", "failure", "nan"})
_SHARED: Final = "general"
_SHORTEST: Final = 8


def code_in(source: Source, message: str, error_type: str = "") -> str | None:
    """Return the code that a message states; None where it states none.

    Of several the one that gave the analysis its `error_type` goes first, then the last that the catalog knows (an
    inner error stands behind its wrapper), then the first that is stated as a code.
    """
    text = message if len(message) <= _HEAD + _TAIL else f"{message[:_HEAD]}\n{message[-_TAIL:]}"
    stated = [code for match in _STATED.finditer(text) if (code := _stated(match))]
    # In lower case, or with a capital only at its beginning, it is a word of a sentence.
    words = [word for word in _WORD.findall(text) if not (word.islower() or word.istitle())]
    own, foreign = _known(group_of(source))
    known = [code for code in words if code.lower() in own or code.lower() in foreign]
    known += [code for code in stated if code.lower() in own]
    named = [code for code in (*stated, *known) if code.lower() == error_type.lower()]
    return next((codes[place] for codes, place in ((named, 0), (known, -1), (stated, 0)) if codes), None)


def _stated(match: re.Match[str]) -> str | None:
    """Return what is stated as a code: a bare number only where it is called an error code."""
    if match["bracketed"] is not None:
        # The expression ignores case for its other forms; in brackets only capitals are a code.
        return match["bracketed"] if match["bracketed"].isupper() else None
    code: str = (match["named"] or match["notation"]).rstrip(".-")
    if code.lower() in _NO_CODE or code.islower():
        return None
    return code if not code.isdecimal() or _NUMBER_NAMED.match(match[0]) else None


@cache
def _known(group: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the codes of a group and those that are shared, and the long ones of all others, in lower case."""
    own: set[str] = set()
    foreign: set[str] = set()
    for entry in catalog().entries:
        codes = {code.lower() for code in entry.codes}
        if entry.group in (group, _SHARED):
            own |= codes
        elif entry.group != "prometheus":
            foreign |= {code for code in codes if len(code) >= _SHORTEST}
    return frozenset(own), frozenset(foreign)
