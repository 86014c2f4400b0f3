"""The catalog in one file that loads fast: the data files as they were validated, with their digests.

`python -m rca catalog compile` writes it. Where the data files changed since, it counts as absent. It leaves the
examples out: they are for tests and lint, which read the data files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, Final

from rca.catalog.actions import Action
from rca.catalog.breadth import Breadth
from rca.catalog.entry import Entry
from rca.catalog.expressions import Expression
from rca.catalog.files import COMPILED, DATA, digests
from rca.catalog.index import Index, tables_of
from rca.domain.vocabulary import Category, Severity

_WORDS: Final = {
    name: {str(word): word for word in words}
    for name, words in (
        ("category", Category),
        ("severity", Severity),
        ("breadth", Breadth),
        ("action", Action),
    )
}
_EXPRESSIONS: Final = ("patterns", "captures", "counter_patterns")
_DEFAULTS: Final = {field.name: field.default for field in fields(Entry) if field.default is not MISSING}


def rendered(entries: Iterable[Entry], made_of: dict[str, str]) -> str:
    """Write the index and then entries as JSON, one a line, in their order; the same entries give the same text."""
    kept = tuple(entries)
    lines = [_json({"made_of": made_of}), _json(tables_of(kept)), *(_json(_members(entry)) for entry in kept)]
    return "\n".join(lines) + "\n"


def read(compiled: Path = COMPILED, directory: Path = DATA) -> Index | None:
    """Read the compiled catalog; None where there is none, or it is not made of the data files as they are.

    An entry is read when it is first asked for.
    """
    try:
        made_of, tables, *entries = compiled.read_bytes().split(b"\n")[:-1]
        if json.loads(made_of)["made_of"] != digests(directory):
            return None
        return Index(json.loads(tables), len(entries), lambda number: _entry(json.loads(entries[number])))
    except (OSError, ValueError, KeyError, TypeError):
        # Half written, merged badly or of another form: the data files are the truth.
        return None


def _json(members: dict[str, Any]) -> str:
    return json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _members(entry: Entry) -> dict[str, Any]:
    """Return the fields that are not as their defaults say."""
    members = {field.name: getattr(entry, field.name) for field in fields(Entry)}
    members = {
        name: value for name, value in members.items() if name not in _DEFAULTS or value != _DEFAULTS[name]
    }
    for name in _EXPRESSIONS:
        if name in members:
            members[name] = [[each.text, each.anchor, each.weight] for each in members[name]]
    members.pop("examples", None)
    return members


def _entry(members: dict[str, Any]) -> Entry:
    for name, value in members.items():
        if isinstance(value, list):
            expressions = name in _EXPRESSIONS
            members[name] = tuple([Expression(*each) for each in value] if expressions else value)
        elif name in _WORDS:
            members[name] = _WORDS[name][value]
    return Entry(**members)
