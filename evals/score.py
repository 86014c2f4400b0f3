"""Scores one reply, dimension by dimension; what a case does not ask for is not scored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from evals.answers import Reply, Said
from evals.cases import Placed
from evals.schema import Expectation
from rca.domain.vocabulary import Category


class Dimension(StrEnum):
    """What is judged of an answer, in the order of the tables."""

    IS_FAILURE = "is failure"
    ERROR_TYPE = "error type"
    CATEGORY = "category"
    REMEDIABLE = "remediable"
    SAFE = "not unsafe"
    SEVERITY = "severity"
    MENTIONS = "mentions"
    ABSENT = "absent"
    CITATIONS = "citations"
    KNOWN = "documented known"


@dataclass(frozen=True, slots=True)
class Score:
    """A reply and whether it is right in each dimension that its case asks for; empty for an error."""

    reply: Reply
    marks: dict[Dimension, bool]

    @property
    def right(self) -> bool:
        """Whether there is an answer without any fault."""
        return bool(self.marks) and all(self.marks.values())

    @property
    def faults(self) -> list[Dimension]:
        """The dimensions in which the answer is wrong."""
        return [dimension for dimension, right in self.marks.items() if not right]


def score(reply: Reply) -> Score:
    """Judge a reply. An error has no marks: it is counted apart from wrong answers."""
    if reply.said is None:
        return Score(reply, {})
    judged = _judged(reply.case, reply.said)
    return Score(reply, {dimension: mark for dimension, mark in judged.items() if mark is not None})


def _judged(case: Placed, said: Said) -> dict[Dimension, bool | None]:
    expect = case.case.expect
    documented = "documented" in case.case.tags
    return {
        Dimension.IS_FAILURE: said.is_failure is expect.is_failure,
        Dimension.ERROR_TYPE: _error_type(expect, said),
        Dimension.CATEGORY: said.category in expect.category,
        Dimension.REMEDIABLE: None if expect.remediable == "either" else said.remediable is expect.remediable,
        Dimension.SAFE: not said.remediable if expect.remediable is False else None,
        Dimension.SEVERITY: said.severity in expect.severity,
        Dimension.MENTIONS: _mentions(expect, said),
        Dimension.ABSENT: _absent(expect, said),
        Dimension.CITATIONS: _citations(case, said),
        Dimension.KNOWN: said.category is not Category.UNKNOWN if documented else None,
    }


def _error_type(expect: Expectation, said: Said) -> bool | None:
    if expect.error_type is None:
        return None
    return _name(said.error_type) in {_name(name) for name in expect.error_type}


def _mentions(expect: Expectation, said: Said) -> bool | None:
    if not expect.mentions:
        return None
    text = _flat(said.advice)
    return all(any(_flat(word) in text for word in group) for group in expect.mentions)


def _absent(expect: Expectation, said: Said) -> bool | None:
    if not expect.absent:
        return None
    text = _flat(said.everything)
    return not any(_flat(word) in text for word in expect.absent)


def _citations(case: Placed, said: Said) -> bool | None:
    """Judge models on cases with evidence: what must be cited is, and no id is made up."""
    if said.cited is None or not case.case.evidence:
        return None
    return set(case.case.expect.cites) <= said.cited and not said.invented


def _name(error_type: str) -> str:
    """Reduce a name to what tells it from others: `FileNotFound` is `java.io.FileNotFoundException`."""
    packaged = re.fullmatch(r"(?:\w+\.)+(\w+(?:Error|Exception))", error_type)
    letters = re.sub(r"[^a-z0-9]", "", (packaged[1] if packaged else error_type).casefold())
    return re.sub(r"(?:error|exception)$", "", letters) or letters


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).casefold()
