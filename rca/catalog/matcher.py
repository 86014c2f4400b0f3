"""Finds the catalog entry that fits a failure's code and message best."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from rca.catalog.breadth import Breadth
from rca.catalog.expressions import Expression
from rca.catalog.schema import Entry
from rca.catalog.traces import Raised, exceptions_in
from rca.domain.vocabulary import Source

HEAD, TAIL = 16_384, 32_768
"""Characters of a message that are looked at: where it starts, and where a trace names its cause."""

_GROUPS: Final = {
    Source.ADF: "adf",
    Source.DATABRICKS_JOB: "databricks_job",
    Source.DATABRICKS_CLUSTER: "databricks_cluster",
    Source.AIRFLOW: "airflow",
    Source.PROMETHEUS: "prometheus",
}
_SHARED: Final = "general"
_ALERTS: Final = "prometheus"
_SHORTEST_TELLING_CODE: Final = 8
_SHORTEST_FOREIGN_CODE: Final = 15
_CODE_IN_TEXT: Final = re.compile(r"(?<![\w-])[A-Za-z][\w-]{7,79}+")
_STATED_CODE: Final = re.compile(
    r"(?:code|reason)[\"']?\s{0,2}[=:]\s{0,2}[\"']?([A-Za-z0-9][\w-]{2,79}+)|\(([A-Za-z]\w{4,59})\) when calling the"
)
_HUMP: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+")
_FEWEST_HUMPS: Final = 3
"""A name such as `SqlFailedToConnect` is a code wherever it stands; `NotFound` may be anything."""
_OWN, _NEAR, _FOREIGN = 16, 12, 0
"""How much it counts that an entry was written for the source, for all sources, or for another one."""
_PLACE: Final = 10 * (HEAD + TAIL)
"""More than any position in a text: a source's own code goes before a foreign one, wherever they stand."""
_CODE_SCORE, _EXCEPTION_SCORE = 60, 30
"""What a code or class counts beside the fixed characters of a pattern, where both name only a family."""


class Sign(StrEnum):
    """What an entry was recognised by, from the strongest evidence to the weakest."""

    CODE = "code"
    CODE_IN_TEXT = "code_in_text"
    EXCEPTION = "exception"
    PATTERN = "pattern"


_RANK: Final = {sign: rank for rank, sign in enumerate(reversed(Sign))}
_BREADTH_RANK: Final = {Breadth.WRAPPER: 0, Breadth.BROAD: 1, Breadth.NARROW: 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """An entry that fits: by which sign (`name` of the code or exception, if any) and how well."""

    entry: Entry
    sign: Sign
    name: str = ""
    score: int = 0
    captured: Mapping[str, str] = field(default_factory=dict)

    @property
    def rank(self) -> tuple[int, int, int]:
        """Greater is better: breadth, kind of sign, then score."""
        # What is only named a family is told best by its most specific words, whoever reported it.
        sign = _RANK[self.sign] if self.entry.breadth is not Breadth.BROAD else 0
        return _BREADTH_RANK[self.entry.breadth], sign, self.score

    @property
    def error_type(self) -> str:
        """The entry's error type, or the code or class that was found where the entry stands for several."""
        named = self.entry.named_by_sign and self.name[:1].isalpha()
        return self.name if named else self.entry.error_type


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in one message: the best finding, and the exceptions that it tells of, root first."""

    finding: Finding | None
    exceptions: tuple[Raised, ...]
    text: str
    corroborated: bool = False
    """Whether several kinds of signs speak for the finding."""


class Catalog:
    """All entries, indexed by their signs."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._codes: dict[tuple[str, str], tuple[Entry, str]] = {}
        self._telling_codes: dict[str, list[tuple[Entry, str]]] = {}
        self._exceptions: dict[str, list[Entry]] = {}
        self._patterns: list[tuple[Entry, Expression]] = []
        for entry in self.entries:
            for code in entry.codes:
                self._codes[entry.group, code.lower()] = (entry, code)
                if _is_telling(code, alert=entry.group == _ALERTS):
                    self._telling_codes.setdefault(code.lower(), []).append((entry, code))
            for name in entry.exceptions:
                self._exceptions.setdefault(name, []).append(entry)
            self._patterns += [(entry, pattern) for pattern in entry.patterns]

    def read(self, source: Source, message: str, code: str | None = None) -> Reading:
        """Read one message with the code that the platform gave it, if any."""
        text = window(message)
        lowered = text.lower()
        group = group_of(source)
        exceptions = exceptions_in(text)
        findings = [
            finding
            for finding in self._findings(group, code, text, lowered, exceptions)
            if not any(counter.search(text, lowered) for counter in finding.entry.counter_patterns)
        ]
        best = max(findings, key=lambda finding: finding.rank, default=None)
        if best is None:
            return Reading(None, exceptions, text)
        signs = {finding.sign for finding in findings if finding.entry is best.entry}
        return Reading(_with_captures(best, text, lowered), exceptions, text, corroborated=len(signs) > 1)

    def _findings(
        self, group: str, code: str | None, text: str, lowered: str, exceptions: Sequence[Raised]
    ) -> Iterator[Finding]:
        if code and (told := self._by_code(group, code)):
            yield Finding(told[0], Sign.CODE, told[1], _CODE_SCORE)
        yield from self._by_code_in_text(group, lowered)
        yield from self._by_exception(group, exceptions)
        yield from self._by_pattern(group, text, lowered)

    def _by_code(self, group: str, code: str) -> tuple[Entry, str] | None:
        """Look a code up: in the source's own entries, in the shared ones, then anywhere if it is telling."""
        key = code.strip().lower()
        for place in (group, _SHARED):
            if found := self._codes.get((place, key)):
                return found
        others = self._telling_codes.get(key)
        return others[0] if others else None

    def _by_code_in_text(self, group: str, lowered: str) -> Iterator[Finding]:
        """Find codes that are stated as such, and long ones anywhere; an inner error stands behind its wrapper."""
        for match in _STATED_CODE.finditer(lowered):
            key = match[1] or match[2]
            for place in (group, _SHARED):
                if found := self._codes.get((place, key)):
                    yield _in_text(*found, group, match.start())
        for match in _CODE_IN_TEXT.finditer(lowered):
            for entry, code in self._telling_codes.get(match[0], ()):
                if _speaks_to(group, entry, code):
                    yield _in_text(entry, code, group, match.start())

    def _by_exception(self, group: str, exceptions: Sequence[Raised]) -> Iterator[Finding]:
        for depth, raised in enumerate(exceptions):
            names = dict.fromkeys((raised.name, raised.simple_name))
            for entry in (entry for name in names for entry in self._exceptions.get(name, ())):
                score = _EXCEPTION_SCORE - 100 * depth + _nearness(entry, group)
                yield Finding(entry, Sign.EXCEPTION, raised.simple_name, score)

    def _by_pattern(self, group: str, text: str, lowered: str) -> Iterator[Finding]:
        for entry, pattern in self._patterns:
            if pattern.anchor in lowered and pattern.search(text, lowered):
                yield Finding(entry, Sign.PATTERN, score=pattern.weight + _nearness(entry, group))


def group_of(source: Source) -> str:
    """Name the data file that a source's own entries stand in."""
    return _GROUPS.get(source, _SHARED)


def window(message: str) -> str:
    """Cut a long message to its head and a longer tail, and undo line breaks that were escaped on the way."""
    if len(message) > HEAD + TAIL:
        message = f"{message[:HEAD]}\n{message[-TAIL:]}"
    return message.replace("\\r\\n", "\n").replace("\\n", "\n") if "\\n" in message else message


def _is_telling(code: str, *, alert: bool) -> bool:
    """Whether a code can be recognised in the middle of a text: long, and not made of ordinary words."""
    if len(code) < _SHORTEST_TELLING_CODE or not _CODE_IN_TEXT.fullmatch(code):
        return False
    humps = len(_HUMP.findall(code))
    return not code.isalpha() or humps >= (_FEWEST_HUMPS - 1 if alert else _FEWEST_HUMPS)


def _speaks_to(group: str, entry: Entry, code: str) -> bool:
    """Whether a code of one platform that is quoted by another means what it means at home."""
    if entry.group in (group, _SHARED):
        return True
    return entry.group != _ALERTS and len(code) >= _SHORTEST_FOREIGN_CODE


def _in_text(entry: Entry, code: str, group: str, position: int) -> Finding:
    return Finding(entry, Sign.CODE_IN_TEXT, code, _CODE_SCORE + _nearness(entry, group) * _PLACE + position)


def _nearness(entry: Entry, group: str) -> int:
    if entry.group == group:
        return _OWN
    related = entry.group == _SHARED or (
        entry.group.startswith("databricks") and group.startswith("databricks")
    )
    return _NEAR if related else _FOREIGN


def _with_captures(finding: Finding, text: str, lowered: str) -> Finding:
    captured: dict[str, str] = {}
    for pattern in (*finding.entry.patterns, *finding.entry.captures):
        if match := pattern.search(text, lowered):
            for name, value in match.groupdict().items():
                if value:
                    captured.setdefault(name, value)
    return Finding(finding.entry, finding.sign, finding.name, finding.score, captured)
