"""The signs of all entries, made to be looked up: by code, by exception class, by the fixed texts of patterns.

Its tables are JSON data. The compiled catalog keeps them ready made, and an entry is made when it is first asked for:
a process that starts cold pays for neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, Final

from rca.catalog.anchors import Anchors, file
from rca.catalog.breadth import Breadth
from rca.catalog.entry import Entry
from rca.catalog.expressions import Expression
from rca.domain.vocabulary import Category

CODE_IN_TEXT: Final = re.compile(r"(?<![\w-])[A-Za-z][\w-]{7,99}+")
ALERTS: Final = "prometheus"
_SHORTEST_TELLING_CODE: Final = 8
_HUMP: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+")
_FEWEST_HUMPS: Final = 3
"""A name such as `SqlFailedToConnect` is a code wherever it stands; `NotFound` may be anything."""

_MOST = 10_000
"""Codes or patterns that an entry may have: `entry * 10,000 + position` stands for one of them in the tables."""

type Tables = dict[str, Any]
type Coded = tuple[Entry, str]
"""An entry and its code as the data file writes it."""


class Index:
    """Looks entries up by their signs; `make` builds the entry of a number."""

    def __init__(self, tables: Tables, size: int, make: Callable[[int], Entry]) -> None:
        self._codes: dict[str, dict[str, int]] = tables["codes"]
        self._telling: dict[str, list[int]] = tables["telling"]
        self._exceptions: dict[str, list[int]] = tables["exceptions"]
        self._patterns: list[int] = tables["patterns"]
        self._families: dict[str, int] = tables["families"]
        self._anchors = Anchors(tables["anchors"])
        self._size = size
        self._make = make
        self._made: dict[int, Entry] = {}

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Index:
        """Index entries that are there already."""
        return cls(tables_of(entries), len(entries), entries.__getitem__)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in the order of the data files."""
        return tuple(map(self._entry, range(self._size)))

    @property
    def telling(self) -> dict[str, list[int]]:
        """The codes, in lower case, that are recognised in the middle of a text."""
        return self._telling

    def by_code(self, group: str, code: str) -> Coded | None:
        """Return the entry of a group that lists a code (in lower case)."""
        found = self._codes.get(group, {}).get(code)
        return None if found is None else self._coded(found)

    def by_telling_code(self, code: str) -> list[Coded]:
        """Return the entries of all groups that list a telling code (in lower case)."""
        return [self._coded(each) for each in self._telling.get(code, ())]

    def by_exception(self, name: str) -> list[Entry]:
        """Return the entries that list an exception class."""
        return [self._entry(number) for number in self._exceptions.get(name, ())]

    def family(self, category: Category) -> Entry | None:
        """Return the entry that stands for all failures of a category."""
        number = self._families.get(category)
        return None if number is None else self._entry(number)

    def by_text(self, lowered: str) -> Iterator[tuple[Entry, Expression]]:
        """Yield the patterns whose fixed text stands in a message (in lower case), with their entries."""
        for place in self._anchors.within(lowered):
            number, position = divmod(self._patterns[place], _MOST)
            entry = self._entry(number)
            yield entry, entry.patterns[position]

    def _coded(self, each: int) -> Coded:
        number, position = divmod(each, _MOST)
        entry = self._entry(number)
        return entry, entry.codes[position]

    def _entry(self, number: int) -> Entry:
        made = self._made.get(number)
        if made is None:
            made = self._made[number] = self._make(number)
        return made


def tables_of(entries: Sequence[Entry]) -> Tables:
    """Make the tables of an index; entries stand in them by number."""
    codes: dict[str, dict[str, int]] = {}
    telling: dict[str, list[int]] = {}
    exceptions: dict[str, list[int]] = {}
    patterns: list[int] = []
    families: dict[str, int] = {}
    anchors: list[str] = []
    for number, entry in enumerate(entries):
        first = number * _MOST
        for place, code in enumerate(entry.codes, start=first):
            codes.setdefault(entry.group, {})[code.lower()] = place
            if _is_telling(code, alert=entry.group == ALERTS):
                telling.setdefault(code.lower(), []).append(place)
        if entry.breadth is Breadth.HINT:
            families.setdefault(entry.category, number)
        for name in entry.exceptions:
            exceptions.setdefault(name, []).append(number)
        patterns += range(first, first + len(entry.patterns))
        anchors += [pattern.anchor for pattern in entry.patterns]
    return {
        "codes": codes,
        "telling": telling,
        "exceptions": exceptions,
        "patterns": patterns,
        "families": families,
        "anchors": file(anchors),
    }


def _is_telling(code: str, *, alert: bool) -> bool:
    """Whether a code can be recognised in the middle of a text: long, and not made of ordinary words."""
    if len(code) < _SHORTEST_TELLING_CODE or not CODE_IN_TEXT.fullmatch(code):
        return False
    humps = len(_HUMP.findall(code))
    return not code.isalpha() or humps >= (_FEWEST_HUMPS - 1 if alert else _FEWEST_HUMPS)
