"""Finds the catalog entry that fits a failure's code and message best."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from rca.catalog.anchors import has_any
from rca.catalog.asides import stated, without_hearsay, without_orders
from rca.catalog.breadth import Breadth
from rca.catalog.dialects import codes_in
from rca.catalog.entry import Entry
from rca.catalog.expressions import Expression
from rca.catalog.finding import SPELT_OUT, STATED_BROAD, Finding, Sign
from rca.catalog.index import ALERTS, CODE_IN_TEXT, Index
from rca.catalog.settle import is_settled, settled
from rca.catalog.text import HEAD, TAIL, window, without_log_prefixes
from rca.catalog.traces import Raised, exceptions_in
from rca.domain.vocabulary import Category, Source

__all__ = ["Catalog", "Finding", "Reading", "Sign", "group_of"]

_GROUPS: Final = {
    Source.ADF: "adf",
    Source.DATABRICKS_JOB: "databricks_job",
    Source.DATABRICKS_CLUSTER: "databricks_cluster",
    Source.AIRFLOW: "airflow",
    Source.PROMETHEUS: "prometheus",
}
_SHARED: Final = "general"
_SHORTEST_FOREIGN_CODE: Final = 15
_STATED_CODE: Final = re.compile(
    r"(?:code|reason)(?:[\"']?\s{0,2}[=:]\s{0,2}[\"']?|>)([A-Za-z][\w-]{2,79}+)"
    r"|(?<!status )(?<!status)(?<!status_)(?<!exit )(?<!return )(?<!http )(?<!response )"
    r"(?:code|reason)[\"']?\s{0,2}[=:]\s{0,2}[\"']?([0-9][\w-]{2,79}+)"
    r"|(?:an error occurred|error:|exception:) \(([A-Za-z]\w{4,59})\) |__type\"?:\s?\"[^\"\n]{0,80}#(\w{5,60})"
)
_STATED_CUES: Final = ("code", "reason", "an error occurred (", "error: (", "exception: (", "__type")
_OWN, _NEAR, _FOREIGN = 16, 12, 0
"""How much it counts that an entry was written for the source, for all sources, or for another one."""
_PLACE: Final = 10 * (HEAD + TAIL)
"""More than any position in a text: a source's own code goes before a foreign one, wherever they stand."""
_CODE_SCORE, _EXCEPTION_SCORE, _NUMBER_SCORE = 60, 30, 12
"""What a code, class or number counts beside the fixed characters of a pattern, where both name only a family."""
_DEPTH = 3
"""What an exception loses for each one that is nearer to the root."""
_IN_ROOT = 3
"""What a pattern gains that stands in the message of the root exception."""


_UNMISTAKABLE = 20
"""Fixed characters from which on a phrase of another platform means what it means there."""
_AT_HOME = 20
"""What a phrase gains that was written for the platform itself."""
_ELSEWHERE = 100
"""What a phrase of another platform loses, so that any that was written for this one or for all goes before it."""
_BEGINNING = 8
"""As many characters decide whether a match begins in an aside: an error and advice may share a pattern."""


type _Phrase = tuple[int, Entry, Expression]
"""A pattern whose fixed text stands in the message, with its entry, and how near that is to the source."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in one message: the best finding, and the exceptions that it tells of, root first."""

    finding: Finding | None
    exceptions: tuple[Raised, ...]
    text: str
    corroborated: bool = False
    """Whether several kinds of signs speak for the finding."""
    stated: str = ""
    """The text in lower case, without what stands in it by the way."""
    rivals: tuple[Finding, ...] = ()
    """What else the message firmly tells of, besides the best finding."""
    calm: float | None = None
    """How likely it is by its words that nothing failed; None where a code decides, or there are no words."""


type Words = Callable[[str, Source], Mapping[Category, float]]
"""Tells how likely each category is by the words of a source's message."""


class Catalog:
    """All entries, indexed by their signs, and what weighs the words beside them; without it the signs decide alone."""

    def __init__(self, entries: Iterable[Entry] | Index, words: Words | None = None) -> None:
        self._index = entries if isinstance(entries, Index) else Index.of(tuple(entries))
        self._words = words

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in the order of the data files."""
        return self._index.entries

    def read(self, source: Source, message: str, code: str | None = None) -> Reading:
        """Read one message with the code that the platform gave it, if any."""
        text = window(message)
        view = _View(
            text, (lowered := text.lower()), stated(lowered), exceptions_in(without_log_prefixes(text))
        )
        findings = list(_without_countered(self._all(group_of(source), code, view), view))
        best = _best(findings, group_of(source))
        calm: float | None = None
        if self._words and text.strip() and not is_settled(best):
            shares = self._words(without_hearsay(text), source)
            calm = shares[Category.CANCELLED]
            best = settled(best, findings, shares, len(text.split()), self._index.family)
        if best is None:
            return Reading(None, view.exceptions, text, stated=view.stated, calm=calm)
        signs = {finding.sign for finding in findings if finding.entry is best.entry}
        found = _with_captures(best, text, lowered)
        rivals = tuple(each for each in findings if each.entry is not best.entry and is_firm(each))
        return Reading(found, view.exceptions, text, len(signs) > 1, view.stated, rivals, calm)

    def _all(self, group: str, code: str | None, view: _View) -> Iterator[Finding]:
        """Yield all findings; phrases of other platforms are left out where they could change nothing."""
        phrases = [
            (_nearness(entry, group), entry, pattern) for entry, pattern in self._index.by_text(view.lowered)
        ]
        decided = doubtful = False
        for finding in chain(
            self._findings(group, code, view),
            self._by_pattern(group, view, (each for each in phrases if each[0] != _FOREIGN)),
        ):
            firm = finding.breadth is Breadth.NARROW and is_firm(finding)
            decided = decided or (firm and not finding.entry.counter_patterns)
            doubtful = doubtful or finding.entry.remediable
            yield finding
        # Where a retry is at stake, whatever speaks against it counts.
        if doubtful or not decided:
            yield from self._by_pattern(group, view, (each for each in phrases if each[0] == _FOREIGN))

    def _findings(self, group: str, code: str | None, view: _View) -> Iterator[Finding]:
        if code and (told := self._by_code(group, code)):
            yield Finding(told[0], Sign.CODE, told[1], _CODE_SCORE)
        for text in dict.fromkeys((view.stated, view.lowered)):
            yield from self._by_code_in_text(group, text, view.stated)
            yield from self._by_number(group, text, view.stated)
        yield from self._by_exception(group, view)

    def _by_code(self, group: str, code: str) -> tuple[Entry, str] | None:
        """Look a code up: in the source's own entries, in the shared ones, then anywhere if it is telling."""
        key = code.strip().lower()
        for place in (group, _SHARED):
            if found := self._index.by_code(place, key):
                return found
        others = self._index.by_telling_code(key)
        return others[0] if others else None

    def _by_code_in_text(self, group: str, text: str, certain: str) -> Iterator[Finding]:
        """Find codes that are stated as such, and long ones anywhere; an inner error stands behind its wrapper."""
        for match in _STATED_CODE.finditer(text) if has_any(_STATED_CUES, text) else ():
            key = next(group for group in match.groups() if group)
            for place in (group, _SHARED):
                if found := self._index.by_code(place, key):
                    yield _in_text(*found, group, match.start(), text is certain)
        if self._index.telling.keys().isdisjoint(CODE_IN_TEXT.findall(text)):
            return
        for match in CODE_IN_TEXT.finditer(text):
            near = any(self._index.by_code(place, match[0]) for place in (group, _SHARED))
            for entry, code in self._index.by_telling_code(match[0]):
                if _speaks_to(group, entry, code) and not (near and _nearness(entry, group) == _FOREIGN):
                    yield _in_text(entry, code, group, match.start(), text is certain)

    def _by_number(self, group: str, text: str, certain: str) -> Iterator[Finding]:
        """Find error numbers in the notation of their system: the number itself, else its class."""
        for codes, position in codes_in(text):
            found = next(
                (
                    told
                    for code in codes
                    for place in (group, _SHARED)
                    if (told := self._index.by_code(place, code))
                ),
                None,
            )
            if found:
                finding = _in_text(*found, group, position, text is certain)
                broad = found[0].breadth is not Breadth.NARROW
                score = _NUMBER_SCORE + _nearness(found[0], group) if broad else finding.score
                yield replace(finding, score=score, number=True)

    def _by_exception(self, group: str, view: _View) -> Iterator[Finding]:
        for depth, raised in enumerate(view.exceptions):
            names = dict.fromkeys((raised.name, raised.simple_name))
            for entry in (entry for name in names for entry in self._index.by_exception(name)):
                score = _EXCEPTION_SCORE - _DEPTH * depth + _nearness(entry, group)
                certain = raised.simple_name.lower() in view.stated
                yield Finding(
                    entry, Sign.EXCEPTION, raised.simple_name, score, stated=certain, root=depth == 0
                )

    def _by_pattern(self, group: str, view: _View, phrases: Iterable[_Phrase]) -> Iterator[Finding]:
        root = view.exceptions[0].message.lower() if view.exceptions else ""
        for near, entry, pattern in phrases:
            if entry.breadth is Breadth.HINT and root and pattern.anchor not in root:
                continue
            if match := pattern.search(view.text, view.lowered):
                certain = view.states(match.start()) or bool(pattern.search(view.stated, view.stated))
                foreign, own = near == _FOREIGN, near == _OWN and group != _SHARED
                score = (
                    pattern.weight
                    + near
                    + _IN_ROOT * (pattern.anchor in root)
                    + _AT_HOME * own
                    - _ELSEWHERE * foreign
                )
                vague = foreign and pattern.weight < _UNMISTAKABLE
                yield Finding(entry, Sign.PATTERN, score=score, stated=certain, vague=vague)


@dataclass(frozen=True, slots=True)
class _View:
    """One message as it is looked at: as it stands, in lower case, without asides, and its exceptions."""

    text: str
    lowered: str
    stated: str
    exceptions: tuple[Raised, ...]

    def states(self, position: int) -> bool:
        """Whether what begins at a position is no aside."""
        start = slice(position, position + _BEGINNING)
        return self.stated[start] == self.lowered[start]


def _without_countered(findings: Iterable[Finding], view: _View) -> Iterator[Finding]:
    """Leave out the findings of entries that a counter sign keeps out; each entry is asked once."""
    out: dict[int, bool] = {}
    for finding in findings:
        key = id(finding.entry)
        if key not in out:
            counters = finding.entry.counter_patterns
            out[key] = any(counter.search(view.text, view.lowered) for counter in counters)
        if not out[key]:
            yield finding


def _best(findings: Sequence[Finding], group: str) -> Finding | None:
    """Choose the finding of the highest rank.

    An error number gives way to what the source's own entries make of it, and so does another platform's phrase. A
    phrase of success or of a stop gives way to any firm sign of a failure.
    """
    best = max(findings, key=lambda finding: finding.rank, default=None)
    if best is not None and best.calm and best.sign is Sign.PATTERN and best.score < SPELT_OUT:
        best = max(filter(is_firm, findings), key=lambda finding: finding.rank, default=best)
    if best is None or best.entry.group == group:
        return best
    least = best.weight if best.number else STATED_BROAD
    elsewhere = best.sign is Sign.PATTERN and best.entry.group != _SHARED
    own = [finding for finding in findings if finding.entry.group == group and finding.weight >= least]
    return max(own, key=lambda finding: finding.rank, default=best) if best.number or elsewhere else best


def is_firm(finding: Finding) -> bool:
    """Whether a finding tells of a failure by more than words that go with many."""
    if finding.calm or finding.vague or not finding.stated:
        return False
    named = finding.named and finding.breadth is not Breadth.WRAPPER
    return named or finding.breadth is Breadth.NARROW


def group_of(source: Source) -> str:
    """Name the data file that a source's own entries stand in."""
    return _GROUPS.get(source, _SHARED)


def _speaks_to(group: str, entry: Entry, code: str) -> bool:
    """Whether a code of one platform that is quoted by another means what it means at home."""
    if entry.group in (group, _SHARED):
        return True
    return entry.group != ALERTS and len(code) >= _SHORTEST_FOREIGN_CODE


def _in_text(entry: Entry, code: str, group: str, position: int, certain: bool) -> Finding:
    score = _CODE_SCORE + _nearness(entry, group) * _PLACE + position
    return Finding(entry, Sign.CODE_IN_TEXT, code, score, stated=certain)


def _nearness(entry: Entry, group: str) -> int:
    if entry.group == group:
        return _OWN
    related = entry.group == _SHARED or (
        entry.group.startswith("databricks") and group.startswith("databricks")
    )
    return _NEAR if related else _FOREIGN


def _with_captures(finding: Finding, text: str, lowered: str) -> Finding:
    captured: dict[str, str] = {}
    if (heeded := without_orders(text)) is not text:
        text, lowered = heeded, heeded.lower()
    for pattern in (*finding.entry.patterns, *finding.entry.captures):
        if match := pattern.search(text, lowered):
            for name, value in match.groupdict().items():
                if value:
                    captured.setdefault(name, value)
    return replace(finding, captured=captured)
