"""A catalog entry as the matcher and the rules use it: plain values, cheap to make.

What a data file may hold is checked by `form`; an `Entry` is taken as right.
"""

from __future__ import annotations

from dataclasses import dataclass

from rca.catalog.actions import Action
from rca.catalog.breadth import Breadth
from rca.catalog.expressions import Expression
from rca.domain.vocabulary import Category, Severity
from rca.errors import RcaError


class CatalogError(RcaError):
    """A data file can't be used; names the file, the entry and the field."""

    title = "Unusable catalog"

    def __init__(self, file: str, entry: str, field: str, problem: str) -> None:
        super().__init__(f"{file}, entry {entry}, field {field}: {problem}")
        self.file, self.entry, self.field, self.problem = file, entry, field, problem


@dataclass(frozen=True, slots=True)
class Example:
    """A failure that must be read as the entry it stands in; tests and lint read each."""

    message: str
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One error type: how to recognise it, what it means and what to do about it.

    `examples` are there where the data files were read, not where the compiled catalog was.
    """

    group: str
    error_type: str
    category: Category
    severity: Severity
    root_cause: str
    recommendations: tuple[str, ...]
    documentation: str
    named_by_sign: bool = False
    breadth: Breadth = Breadth.NARROW
    remediable: bool = False
    action: Action = Action.NONE
    max_retries: int = 0
    codes: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    patterns: tuple[Expression, ...] = ()
    captures: tuple[Expression, ...] = ()
    counter_patterns: tuple[Expression, ...] = ()
    examples: tuple[Example, ...] = ()
