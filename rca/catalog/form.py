"""The form of an entry in the data files, checked when they are read; docs/catalog.md explains the fields."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rca.catalog.actions import Action
from rca.catalog.breadth import Breadth
from rca.catalog.entry import Entry, Example
from rca.catalog.expressions import Expression, ExpressionError, parse
from rca.catalog.template import BUILT_IN_NAMES, names_in
from rca.domain.vocabulary import Category, Severity


def _expression(value: Any, *, anchored: bool = True) -> Expression:
    if not isinstance(value, str):
        raise ValueError("must be a regular expression in quotes")  # noqa: TRY004 - pydantic reports ValueError
    try:
        return parse(value, anchored=anchored)
    except ExpressionError as error:
        raise ValueError(f"{value!r} {error}") from error


def _capture(value: Any) -> Expression:
    return _expression(value, anchored=False)


def _example(value: Any) -> Any:
    return {"message": value} if isinstance(value, str) else value


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True
    )


class ExampleForm(_Part):
    """A failure that must be read as the entry it stands in."""

    message: str = Field(max_length=4_000)
    code: str | None = None


type Sentence = Annotated[str, Field(min_length=12, max_length=600)]
type Pattern = Annotated[Expression, BeforeValidator(_expression)]
type Capture = Annotated[Expression, BeforeValidator(_capture)]
type Sign = Annotated[str, Field(min_length=3, max_length=120, pattern=r"^\S+$")]

_ERROR_TYPE: Final = r"^[A-Za-z][A-Za-z0-9_.-]{2,79}$"
_MOST_RETRIES: Final = 5


class EntryForm(_Part):
    """One entry of a data file; `group` is the file's name."""

    group: str
    error_type: Annotated[str, Field(pattern=_ERROR_TYPE)]
    named_by_sign: bool = False
    category: Category
    severity: Severity
    breadth: Breadth = Breadth.NARROW
    remediable: bool = False
    action: Action = Action.NONE
    max_retries: Annotated[int, Field(ge=0, le=_MOST_RETRIES)] = 0
    codes: tuple[Sign, ...] = ()
    exceptions: tuple[Sign, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    captures: tuple[Capture, ...] = ()
    counter_patterns: tuple[Pattern, ...] = ()
    root_cause: Sentence
    recommendations: Annotated[tuple[Sentence, ...], Field(min_length=3, max_length=5)]
    documentation: Annotated[str, Field(pattern=r"^https://[^\s]{8,300}$")]
    examples: Annotated[tuple[Annotated[ExampleForm, BeforeValidator(_example)], ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if not (self.codes or self.exceptions or self.patterns):
            raise ValueError("needs codes, exceptions or patterns to be recognised by")
        if self.named_by_sign and not (self.codes or self.exceptions):
            raise ValueError("named_by_sign needs codes or exceptions")
        acts = self.action is not Action.NONE
        if not self.remediable == acts == (self.max_retries > 0):
            raise ValueError("remediable, an action and max_retries of at least 1 go together")
        self._check_templates()
        return self

    def _check_templates(self) -> None:
        for text in (self.root_cause, *self.recommendations):
            for name, fallback in names_in(text):
                if fallback is None and name not in BUILT_IN_NAMES:
                    raise ValueError(
                        f"{{{name}}} may be missing from a message: write {{{name}|what to say then}}"
                    )
            if re.search(r"[{}]", re.sub(r"\{\w+(?:\|[^{}]*)?\}", "", text)):
                raise ValueError(f"has a brace that belongs to no name: {text[:60]!r}")

    def entry(self) -> Entry:
        """Return the plain value that the matcher works with."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return Entry(
            **fields | {"examples": tuple(Example(each.message, each.code) for each in self.examples)}
        )
