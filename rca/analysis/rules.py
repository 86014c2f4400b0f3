"""The rules engine: an analysis from the catalog alone, right offline and honest about what it does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from rca.catalog import catalog
from rca.catalog.actions import Action, action_on
from rca.catalog.breadth import Breadth
from rca.catalog.matcher import Finding, Reading, Sign
from rca.catalog.template import fill, flat
from rca.domain.analysis import Analysis
from rca.domain.failure import Failure, Kind
from rca.domain.vocabulary import Category, Confidence, Severity

UNKNOWN: Final = "UnknownError"
_MOST_ACTIVITIES: Final = 50
_TELLING: Final = re.compile(
    r"error|fail|exception|denied|invalid|cannot|could not|unable|timed? ?out|refused", re.IGNORECASE
)
_LINE: Final = 300
_CONFIDENCE: Final = {
    Sign.CODE: Confidence.VERY_HIGH,
    Sign.CODE_IN_TEXT: Confidence.VERY_HIGH,
    Sign.EXCEPTION: Confidence.HIGH,
    Sign.PATTERN: Confidence.HIGH,
}


def analyse(failure: Failure) -> Analysis:
    """Analyse a failure by its code, message and failed steps. Pure; always has an answer."""
    readings = list(_readings(failure))
    known = [(reading.finding, reading) for reading in readings if reading.finding is not None]
    if not known:
        return _unknown(failure, readings)
    finding, reading = max(known, key=lambda pair: pair[0].rank)
    return _known(failure, finding, reading)


def _readings(failure: Failure) -> Iterator[Reading]:
    """Read the message, then each failed step, whose own code and text may tell more."""
    known = catalog()
    yield known.read(failure.source, failure.message, failure.code)
    for activity in failure.activities[:_MOST_ACTIVITIES]:
        if activity.message or activity.code:
            yield known.read(failure.source, activity.message, activity.code)


def _known(failure: Failure, finding: Finding, reading: Reading) -> Analysis:
    entry = finding.entry
    values = _values(failure, finding.captured, reading)
    action = action_on(failure.source) if entry.action is Action.RETRY else entry.action
    remediable = entry.remediable and action is not Action.NONE
    return Analysis(
        error_type=finding.error_type,
        category=entry.category,
        severity=_severity(failure, entry.severity),
        root_cause=fill(entry.root_cause, values),
        recommendations=tuple(fill(step, values) for step in entry.recommendations),
        confidence=_confidence(finding),
        remediable=remediable,
        action=str(action) if remediable else None,
        max_retries=entry.max_retries if remediable else 0,
        affected_entity=_entity(failure, finding.captured),
        documentation=entry.documentation,
    )


def _values(failure: Failure, captured: Mapping[str, str], reading: Reading) -> dict[str, str]:
    values = {name: flat(value) for name, value in captured.items()}
    values["resource"] = flat(failure.resource)
    values["run_id"] = flat(failure.run_id)
    values["source"] = str(failure.source)
    values["detail"] = _informative_line(reading)
    return values


def _severity(failure: Failure, known: Severity) -> Severity:
    # Whoever wrote a rule for a condition knows its weight; a run's weight follows from what went wrong.
    if failure.kind is Kind.CONDITION and failure.severity is not None:
        return min(known, failure.severity, key=lambda severity: severity.rank)
    return known


def _confidence(finding: Finding) -> Confidence:
    if finding.entry.breadth is not Breadth.NARROW:
        return Confidence.MEDIUM
    return _CONFIDENCE[finding.sign]


def _entity(failure: Failure, captured: Mapping[str, str]) -> str | None:
    for name in ("table", "column", "file", "module", "host", "secret", "cluster", "container"):
        if value := captured.get(name):
            return flat(value)
    return failure.entity or next((activity.name for activity in failure.activities), None)


def _unknown(failure: Failure, readings: list[Reading]) -> Analysis:
    raised = next((one for reading in readings for one in reading.exceptions), None)
    line = next((line for reading in readings if (line := _informative_line(reading))), "")
    steps = ", ".join(dict.fromkeys(flat(activity.name) for activity in failure.activities[:5]))
    where = f"{flat(failure.resource)} ({steps})" if steps else flat(failure.resource)
    says = f" It says: “{line}”." if line else " The alert carries no error text."
    code = f" with code {flat(failure.code)}" if failure.code else ""
    name = raised.simple_name if raised else UNKNOWN
    return Analysis(
        error_type=name,
        category=Category.UNKNOWN,
        severity=failure.severity or Severity.MEDIUM,
        root_cause=f"{where} failed{code}; this error is not in the catalog.{says}",
        recommendations=tuple(_advice(failure, where, raised.simple_name if raised else None, line)),
        confidence=Confidence.LOW,
        affected_entity=_entity(failure, {}),
    )


def _advice(failure: Failure, where: str, raised: str | None, line: str) -> Iterator[str]:
    if raised:
        yield f"Find where {raised} is raised in {where}: the last frame of the trace that is your own code."
    if failure.link:
        yield f"Open the run in its platform, {failure.link}, and read what came before the error."
    else:
        yield f"Open run {flat(failure.run_id)} of {where} in its platform and read what came before the error."
    if line:
        yield f"Look for earlier runs that said “{line[:80]}”, and for what changed since the last good one."
    else:
        yield f"Compare run {flat(failure.run_id)} with the last good one: input, parameters, code, cluster."
    yield "If it comes again, add it to the catalog: one entry with this message as its example."


def _informative_line(reading: Reading) -> str:
    """Return the line that tells most: an exception with its message, else the last that speaks of an error."""
    for raised in reading.exceptions:
        if raised.message:
            return flat(f"{raised.simple_name}: {raised.message}", _LINE)
    lines = [stripped for line in reading.text.splitlines() if (stripped := line.strip())]
    telling = [line for line in lines if _TELLING.search(line[:2_000])]
    return flat((telling or lines)[-1], _LINE) if lines else ""
