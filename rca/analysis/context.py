"""What the operators tell the analysis about their company: `config/context.yaml`, checked when it is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from rca.domain.failure import Failure
from rca.domain.vocabulary import Source
from rca.errors import RcaError

_LONGEST_VALUE: Final = 1_000
"""Characters of a name or label that expressions look at; both come from outside."""


class ContextError(RcaError):
    """The file can't be used; the message names the field."""

    title = "Unusable analysis context"


def _expression(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from error
    return value


type Expression = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_expression)]
type Link = Annotated[str, Field(pattern=r"^https://[^\s<>\"'|()\[\]]+$", max_length=500)]
type Prose = Annotated[str, Field(max_length=4_000)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Component(_Part):
    """Instructions and a runbook for the failures that it fits: everything that it names must fit.

    Expressions are searched, not anchored, and ignore case.
    """

    name: Annotated[str, Field(min_length=1, max_length=100)]
    source: Source | None = None
    resource: Expression | None = None
    labels: dict[str, Expression] = Field(default_factory=dict)
    instructions: Prose = ""
    runbook: Link | None = None

    def fits(self, failure: Failure) -> bool:
        """Whether it speaks of this failure."""
        if self.source is not None and failure.source is not self.source:
            return False
        if self.resource is not None and not _found(self.resource, failure.resource):
            return False
        return all(_found(expression, failure.labels.get(name)) for name, expression in self.labels.items())


class Deployments(_Part):
    """When a deployment counts as recent: a label of the failure holds its time (ISO 8601)."""

    labels: tuple[str, ...] = ("deployed_at", "deployment_time")
    within_minutes: Annotated[int, Field(gt=0, le=10_080)] = 120
    hint: Annotated[str, Field(min_length=1, max_length=500)] = (
        "There was a deployment shortly before: consider rolling it back while the cause is looked into."
    )


@dataclass(frozen=True, slots=True)
class Guidance:
    """What the context says about one failure; all of it is the operators' own text."""

    instructions: tuple[str, ...] = ()
    runbooks: tuple[str, ...] = ()
    rollback: str | None = None


class Context(_Part):
    """The whole file."""

    company: Prose = ""
    priorities: tuple[Prose, ...] = ()
    components: tuple[Component, ...] = ()
    deployments: Deployments = Deployments()

    def guidance(self, failure: Failure) -> Guidance:
        """Collect what applies to a failure, in the order of the file."""
        fitting = [component for component in self.components if component.fits(failure)]
        return Guidance(
            instructions=tuple(part.instructions for part in fitting if part.instructions),
            runbooks=tuple(dict.fromkeys(part.runbook for part in fitting if part.runbook)),
            rollback=self.deployments.hint if self._just_deployed(failure) else None,
        )

    def _just_deployed(self, failure: Failure) -> bool:
        window = timedelta(minutes=self.deployments.within_minutes)
        moments = (_moment(failure.labels.get(name, "")) for name in self.deployments.labels)
        return any(
            moment is not None and timedelta() <= failure.occurred_at - moment <= window for moment in moments
        )

    @classmethod
    def read(cls, text: str) -> Self:
        """Read YAML text; raises ContextError."""
        import yaml  # no part of a cold start's path

        try:
            return cls.model_validate(yaml.safe_load(text) or {})
        except yaml.YAMLError as error:
            raise ContextError(f"context: not valid YAML: {error}") from error
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"])) or "the document"
            raise ContextError(f"context: {where}: {first['msg']}") from error


def _found(expression: str, value: str | None) -> bool:
    return value is not None and re.search(expression, value[:_LONGEST_VALUE], re.IGNORECASE) is not None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
