"""The analysis of a message that reports no failure."""

from __future__ import annotations

from typing import Final

from rca.analysis.health import Health
from rca.analysis.message import telling_line
from rca.catalog.template import fill, flat
from rca.domain.analysis import Analysis
from rca.domain.failure import Failure
from rca.domain.vocabulary import Category, Confidence, Severity

_CAUSE: Final = {
    Health.SUCCEEDED: "{resource} reports success; nothing in the message failed: {detail}",
    Health.RECOVERED: "What was reported of {resource} is over; the message tells of a recovery: {detail}",
    Health.CANCELLED: "A person stopped {resource}; nothing in it failed by itself: {detail}",
    Health.STOPPED: "A policy or schedule stopped {resource}, for example for idleness or maintenance: {detail}",
    Health.SKIPPED: "{resource} was skipped or had nothing to do: {detail}",
    Health.WARNING: "The message warns of something, but {resource} did not fail: {detail}",
    Health.INFORMATION: "The message only informs about {resource}; nothing failed: {detail}",
}
_NEXT: Final = {
    Health.SUCCEEDED: "Close the ticket; nothing has to be mended.",
    Health.RECOVERED: "Close the ticket once {resource} has stayed well for one more run or interval.",
    Health.CANCELLED: "Ask who stopped {resource} and whether it was on purpose.",
    Health.STOPPED: "Check that the stop was expected at this time; if not, look at the policy or schedule behind it.",
    Health.SKIPPED: "Check that the condition or missing input that led to the skip was expected.",
    Health.WARNING: "Plan the change that the warning asks for, before it becomes a failure.",
    Health.INFORMATION: "Close the ticket; nothing has to be mended.",
}
_THEN: Final = {
    Health.CANCELLED: "Check what run {run_id} had already written before it is started again.",
    Health.STOPPED: "Start {resource} again if its work is still needed and was not finished.",
    Health.RECOVERED: "If it comes and goes, look at what {resource} depended on at the time of the first report.",
}
_FILTER: Final = (
    "If such messages come often, send only failures to this app, or put the message on the ignore list."
)
_GLANCE: Final = "Compare with the state of run {run_id} in the platform if the message surprises you."
_DOCUMENTATION: Final = "https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-processing-rules"


def benign_analysis(failure: Failure, health: Health, text: str) -> Analysis:
    """Say that nothing failed, and what little is left to do."""
    detail = telling_line(text)
    values = {
        "resource": flat(failure.resource),
        "run_id": flat(failure.run_id),
        "detail": f"“{detail}”" if detail else "the message says no more.",
    }
    steps = (_NEXT[health], _THEN.get(health, _GLANCE), _FILTER)
    return Analysis(
        error_type=str(health),
        category=Category.CANCELLED,
        severity=Severity.LOW,
        root_cause=_sentence(fill(_CAUSE[health], values)),
        recommendations=tuple(fill(step, values) for step in steps),
        confidence=Confidence.HIGH,
        affected_entity=failure.entity or failure.resource,
        documentation=_DOCUMENTATION,
    )


def _sentence(text: str) -> str:
    """Begin with a capital letter where a neutral name such as “the task” stands first."""
    return f"T{text[1:]}" if text.startswith("the ") else text
