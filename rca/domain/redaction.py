"""Takes secrets and personal data out of text and JSON before anything is stored, logged or sent on.

What is found is replaced by a mark such as `[redacted:sas]`. Hosts, paths, run ids, GUIDs, error codes and prose
about secrets stay. Redacting twice changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from rca.domain.secret_names import mark, names_secret
from rca.domain.secret_patterns import KINDS, PEM_BODY, PEM_EDGE, PEM_LETTERS

_DEEPEST: Final = 100
_TOO_DEEP: Final = f"[left out: nested deeper than {_DEEPEST} levels]"
_ROUNDS: Final = 4
"""Hiding one secret may lay another bare; texts settle after the second round, the rest is a margin."""
_PEM_HINT: Final = "-----"
_HINTS: Final = (_PEM_HINT, *dict.fromkeys(hint for kind in KINDS for hint in kind.hints))
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_LONGEST_NAME: Final = 100


def redact(text: str) -> str:
    """Replace every secret and e-mail address in a text by a mark that names its kind."""
    for _ in range(_ROUNDS):
        hints = _hints(text)
        redacted = _redact_once(text, hints) if hints else text
        if redacted == text:
            break
        text = redacted
    return text


def redact_tree(value: Any, *, clean: bool = True) -> Any:
    """Redact every string of a JSON value, member names included; returns a new value.

    A member whose name tells a secret (`password`, `client_secret`, `authorization` …) loses its whole value, and
    what is nested deeper than 100 levels is left out. `clean` also replaces NUL and lone surrogates, which no
    store and no UTF-8 encoder takes, by U+FFFD.
    """
    root: list[Any] = [None]
    leaves: list[tuple[Any, Any]] = []
    stack: list[tuple[Any, Any, Any, int]] = [(root, 0, value, 0)]
    while stack:
        holder, place, item, depth = stack.pop()
        if isinstance(item, str):
            holder[place] = item
            leaves.append((holder, place))
        elif not isinstance(item, dict | list):
            holder[place] = item
        elif depth >= _DEEPEST:
            holder[place] = _TOO_DEEP
        elif isinstance(item, list):
            holder[place] = copied = [None] * len(item)
            stack.extend((copied, index, child, depth + 1) for index, child in enumerate(item))
        else:
            members: dict[str, Any] = {}
            holder[place] = members
            _open_object(members, item, depth, stack, clean)
    _redact_leaves(leaves, clean)
    return root[0]


def _open_object(
    members: dict[str, Any],
    item: dict[str, Any],
    depth: int,
    stack: list[tuple[Any, Any, Any, int]],
    clean: bool,
) -> None:
    """Put the members of an object on the stack, in order and without those whose names tell a secret."""
    told = item.get("name", item.get("key"))
    pair = isinstance(told, str) and _member(told, clean)[1]
    for name, child in item.items():
        shown, secret = _member(name, clean)
        while shown in members:  # two names that differ only in what is hidden
            shown += "'"
        members[shown] = None
        if (secret and _holds_secret(name, child)) or (pair and name == "value" and isinstance(child, str)):
            members[shown] = mark("secret")
        else:
            stack.append((members, shown, child, depth + 1))


def _holds_secret(name: str, value: Any) -> bool:
    """Whether the value of a member that is named like a secret may be one."""
    if value is None or isinstance(value, bool) or value == "":
        return False
    if name.lower() == "authorization":
        # In Azure's activity log it is the scope and action that were asked for.
        return not isinstance(value, dict | list) and not str(value).lstrip().startswith("{")
    return not (isinstance(value, str) and value.startswith("[redacted:") and value.endswith("]"))


def _member(name: str, clean: bool) -> tuple[str, bool]:
    """Return a member's name as it may be shown, and whether it names a secret."""
    if len(name) <= _LONGEST_NAME:
        return _short_member(name, clean)
    return redact(_cleaned(name) if clean else name), names_secret(name[-_LONGEST_NAME:])


@lru_cache(maxsize=2_048)
def _short_member(name: str, clean: bool) -> tuple[str, bool]:
    return redact(_cleaned(name) if clean else name), names_secret(name)


def _redact_leaves(leaves: Sequence[tuple[Any, Any]], clean: bool) -> None:
    """Redact strings in place, looking at all of them at once first: most alerts hold little to hide."""
    together = "\n".join([holder[place] for holder, place in leaves])
    hints = _hints(together)
    dirty = clean and _cleaned(together) != together
    if not hints and not dirty:
        return
    for holder, place in leaves:
        text = _cleaned(holder[place]) if dirty else holder[place]
        lowered = text.lower()
        holder[place] = redact(text) if [hint for hint in hints if hint in lowered] else text


def _hints(text: str) -> set[str]:
    lowered = text.lower()
    return {hint for hint in _HINTS if hint in lowered}


def _redact_once(text: str, hints: set[str]) -> str:
    if _PEM_HINT in hints:
        text = _hide_pem(text)
    for kind in KINDS:
        if not hints.isdisjoint(kind.hints) and (kind.guard is None or kind.guard.search(text)):
            text = kind.expression.sub(kind.replace, text)
    return text


def _cleaned(text: str) -> str:
    if text.isascii() and "\x00" not in text:
        return text
    return _UNSTORABLE.sub("\ufffd", text)


def _hide_pem(text: str) -> str:
    """Hide PEM blocks, also those that lost their first or last line to truncation."""
    edges = list(PEM_EDGE.finditer(text))
    parts: list[str] = []
    position = 0
    for index, edge in enumerate(edges):
        if edge.start() < position:
            continue
        before = text[position : edge.start()]
        if edge[1] == "END":
            parts += before.rstrip(PEM_LETTERS), mark("pem")
            position = edge.end()
            continue
        following = edges[index + 1] if index + 1 < len(edges) else None
        closed = following is not None and following[1] == "END"
        body = following if closed else PEM_BODY.match(text, edge.end())
        parts += before, mark("pem")
        position = body.end() if body else edge.end()
    return "".join([*parts, text[position:]]) if parts else text
