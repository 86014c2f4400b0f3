"""Which failures are ignored before anyone looks at them: the rules of `config/filters.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic import ValidationError as Invalid

from rca.domain.failure import Failure
from rca.domain.hours import Hours
from rca.domain.vocabulary import Severity, Source
from rca.errors import NotConfiguredError

_ALERT_LABELS: Final = ("alertname", "alert_rule")
_CONDITIONS: Final = (
    "sources",
    "resources",
    "environments",
    "alerts",
    "labels",
    "without_labels",
    "message_contains",
    "below",
    "inside",
    "outside",
)


class FiltersError(NotConfiguredError):
    """The file can't be used; the message names it, the rule and the field. Alerts wait until it is mended."""

    title = "Unusable filters"


type Estimate = Callable[[Failure], Severity | None]
"""Tells how severe a failure is as far as its own words say, None where they do not."""


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _severity(value: Any) -> Any:
    return value.strip().capitalize() if isinstance(value, str) else value


def _end(value: Any) -> datetime:
    """Read a day as its end in UTC; a time of day needs its offset."""
    moment = _written(value) if isinstance(value, str) else value
    if isinstance(moment, datetime):
        if moment.tzinfo is not None:
            return moment
    elif isinstance(moment, date):
        day = min(moment, date.max - timedelta(days=1))
        return datetime.combine(day + timedelta(days=1), time(), UTC)
    raise ValueError(
        "must be a day such as 2026-12-31, or a time with its offset such as 2026-12-31T18:00:00Z"
    )


def _written(value: str) -> date | None:
    for read in (date.fromisoformat, datetime.fromisoformat):
        with suppress(ValueError):
            return read(value.strip())
    return None


def _folded(value: str) -> str:
    return value.strip().casefold()


def _said(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")  # an empty part is in every message
    return value


type Pattern = Annotated[str, Field(max_length=300), AfterValidator(_folded), AfterValidator(_said)]
"""A name in which `*` stands for any characters; case does not matter."""
type Patterns = Annotated[tuple[Pattern, ...], Field(min_length=1), BeforeValidator(_one_or_more)]
type Names = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=300)], ...],
    Field(min_length=1),
    BeforeValidator(_one_or_more),
]
type Sources = Annotated[tuple[Source, ...], Field(min_length=1), BeforeValidator(_one_or_more)]


def fits(pattern: str, value: str) -> bool:
    """Whether a folded pattern fits a whole value, in time that grows with their lengths, not exponentially."""
    value = value.strip().casefold()
    first, *rest = pattern.split("*")
    if not rest:
        return value == first
    last = rest.pop()
    if len(value) < len(first) + len(last) or not (value.startswith(first) and value.endswith(last)):
        return False
    at, end = len(first), len(value) - len(last)
    for part in rest:
        found = value.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _any_fits(patterns: Iterable[str] | None, values: Iterable[str]) -> bool:
    kept = tuple(values)
    return patterns is None or any(fits(pattern, value) for pattern in patterns for value in kept)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What rules look at; names of labels are folded."""

    failure: Failure
    labels: Mapping[str, str]
    environments: tuple[str, ...]
    alerts: tuple[str, ...]

    @classmethod
    def of(cls, failure: Failure, environment_labels: Iterable[str]) -> Self:
        labels = {_folded(name): value for name, value in failure.labels.items() if value.strip()}
        told = (labels.get(_folded(name)) for name in environment_labels)
        environment = next((value for value in told if value), None)
        return cls(
            failure,
            labels,
            (environment,) if environment else (),
            tuple(labels[name] for name in _ALERT_LABELS if name in labels),
        )


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Rule(_Part):
    """Ignores the failures that fit everything it names; of a list one entry must fit."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,79}$")]
    sources: Sources | None = None
    resources: Patterns | None = None
    environments: Patterns | None = None
    alerts: Patterns | None = None
    labels: dict[Pattern, Patterns] = Field(default_factory=dict)
    without_labels: Patterns = ()
    message_contains: Patterns | None = None
    below: Annotated[Severity, BeforeValidator(_severity)] | None = None
    inside: str | None = None
    outside: str | None = None
    until: Annotated[datetime, BeforeValidator(_end)] | None = None
    even_critical: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any(getattr(self, name) for name in _CONDITIONS):
            raise ValueError(f"would ignore everything; name one of {', '.join(_CONDITIONS)}")
        if self.below is Severity.LOW:
            raise ValueError("nothing is below Low")
        if self.inside and self.outside:
            raise ValueError("`inside` and `outside` exclude each other")
        return self

    def fits(self, facts: _Facts, hours: Mapping[str, Hours]) -> bool:
        """Whether all conditions but the severity hold."""
        failure = facts.failure
        return (
            (self.sources is None or failure.source in self.sources)
            and _any_fits(self.resources, (failure.resource,))
            and _any_fits(self.environments, facts.environments)
            and _any_fits(self.alerts, facts.alerts)
            and all(_any_fits(wanted, _present(facts, name)) for name, wanted in self.labels.items())
            and not any(name in facts.labels for name in self.without_labels)
            and self._in_time(failure.occurred_at, hours)
            and self._tells(failure)
        )

    def _in_time(self, moment: datetime, hours: Mapping[str, Hours]) -> bool:
        if self.until is not None and moment >= self.until:
            return False
        try:
            if self.inside:
                return hours[self.inside].contain(moment)
            return not (self.outside and hours[self.outside].contain(moment))
        except OverflowError:
            # The last hours of the year 9999 do not exist in every zone; what can't be told is not ignored.
            return False

    def _tells(self, failure: Failure) -> bool:
        if self.message_contains is None:
            return True
        told = (failure.message, *(activity.message for activity in failure.activities))
        texts = [text.casefold() for text in told]
        return any(part in text for text in texts for part in self.message_contains)

    def allows(self, severity: Severity | None) -> bool:
        """Whether a failure of this severity may be ignored; where none is known, no floor holds."""
        if severity is Severity.CRITICAL and not self.even_critical:
            return False
        return self.below is None or (severity is not None and severity.rank > self.below.rank)


def _present(facts: _Facts, name: str) -> tuple[str, ...]:
    value = facts.labels.get(name)
    return () if value is None else (value,)


class Filters(_Part):
    """The whole file: rules in order, the first that fits decides."""

    environment_labels: Names = ("environment", "env")
    hours: dict[str, Hours] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        names = [rule.name for rule in self.rules]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two rules are called {', '.join(twice)}")
        for rule in self.rules:
            for name in filter(None, (rule.inside, rule.outside)):
                if name not in self.hours:
                    raise ValueError(
                        f"rule '{rule.name}' names the hours '{name}', which are not under `hours`"
                    )
        return self

    def rule_for(self, failure: Failure, estimate: Estimate) -> str | None:
        """Name the first rule that ignores a failure, None where none does.

        The worse of what the source states and `estimate` finds counts as severity; `estimate` is only asked
        where a rule fits otherwise.
        """
        if not self.rules:
            return None
        facts = _Facts.of(failure, self.environment_labels)
        fitting = [rule for rule in self.rules if rule.fits(facts, self.hours)]
        if not fitting:
            return None
        known = (severity for severity in (failure.severity, estimate(failure)) if severity is not None)
        severity = min(known, key=lambda severity: severity.rank, default=None)
        return next((rule.name for rule in fitting if rule.allows(severity)), None)

    @classmethod
    def read(cls, text: str, origin: str) -> Self:
        """Read YAML text; `origin` names the file in errors. Raises FiltersError."""
        document = _document(text, origin)
        try:
            return cls.model_validate({} if document is None else document)
        except Invalid as error:
            faults = error.errors(include_url=False, include_input=False, include_context=False)
            told = "; ".join(f"{_where(fault['loc'], document)}{fault['msg']}" for fault in faults[:5])
            raise FiltersError(f"{origin}: {told}") from error


def _document(text: str, origin: str) -> object:
    import yaml  # no part of a cold start's path

    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise FiltersError(f"{origin}: not valid YAML{_mark(error)}") from error
    except ValueError as error:
        # YAML reads 2026-02-30 as a date by itself.
        raise FiltersError(f"{origin}: not valid YAML: {error}") from error


def _mark(error: Exception) -> str:
    """Say where YAML breaks, without repeating the line: health shows it to anyone."""
    mark = getattr(error, "problem_mark", None)
    return f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _where(place: tuple[int | str, ...], document: object) -> str:
    """Say where a fault lies, as `rule 2 'dev-nights', below: `."""
    if not place:
        return ""
    steps = [str(step) for step in place]
    if len(place) > 1 and place[0] == "rules" and isinstance(place[1], int) and isinstance(document, dict):
        entry = document["rules"][place[1]]
        name = entry.get("name") if isinstance(entry, dict) else None
        steps = [f"rule {place[1] + 1}" + (f" '{name}'" if name else "")]
        steps += [".".join(map(str, place[2:]))] if place[2:] else []
    return f"{', '.join(steps)}: "
