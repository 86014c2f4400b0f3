"""Analyses a failure by the catalog alone: pure, offline and the same answer every time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from rca.analysis.benign import benign_analysis
from rca.analysis.health import Health, health_of, is_mixed
from rca.analysis.message import Gist, gist_of, telling_line
from rca.analysis.named import names_sentence
from rca.analysis.safety import is_safe
from rca.catalog import catalog
from rca.catalog.actions import Action, action_on
from rca.catalog.asides import without_orders
from rca.catalog.breadth import Breadth
from rca.catalog.entry import Entry
from rca.catalog.finding import Finding, Sign
from rca.catalog.matcher import Reading, group_of
from rca.catalog.template import fill, flat
from rca.domain.analysis import Analysis
from rca.domain.failure import Failure, Kind
from rca.domain.vocabulary import Category, Confidence, Severity, Source

_LONGEST_CAUSE: Final = 1_000
_MOST_ACTIVITIES: Final = 50
_MOST_STEPS: Final = 5
_UNKNOWN: Final = "UnknownError"
_LIKE: Final = {
    Category.AUTHENTICATION: "a sign-in that failed",
    Category.AUTHORIZATION: "missing rights",
    Category.NETWORK: "a broken connection",
    Category.TIMEOUT: "a step that took too long",
    Category.RESOURCE_MISSING: "something that is not there",
    Category.SCHEMA: "data of another structure than expected",
    Category.DATA_QUALITY: "data that breaks a rule",
    Category.CAPACITY: "a lack of memory, disk or computing power",
    Category.QUOTA: "a limit that was reached",
    Category.CONFIGURATION: "a wrong or missing setting",
    Category.CODE: "an error in the program",
    Category.DEPENDENCY: "a library or an upstream step that failed",
    Category.PLATFORM: "a fault of the service",
}
_LIKELY: Final = 75
_SURE: Final = 97
"""Percent of probability from which on the words alone carry a medium and a high confidence. On texts that the weights
had not seen, 91 % were right from 75 to 90 %, and 99 % from 97 % on."""
_STOPS: Final = frozenset({Health.CANCELLED, Health.STOPPED, Health.SKIPPED})
_ALERTING: Final = frozenset({Source.PROMETHEUS, Source.AZURE_MONITOR})
_ENTITIES: Final = (
    "file", "path", "table", "column", "object", "container", "secret", "connection", "variable", "module", "package",
    "image", "pod", "database", "server", "host", "endpoint", "runtime", "dataset", "model", "test", "dag", "warehouse",
    "cluster", "subnet", "pool", "script", "account", "quota", "setting", "property", "parameter", "function", "task",
    "activity",
)  # fmt: skip
"""Names that entries capture, those first that say best what is affected."""


@dataclass(frozen=True, slots=True)
class _Clue:
    """One message of the failure and what is known of it; `step` names the activity, if it is one's."""

    reading: Reading
    step: str | None
    code: str | None
    health: Health | None

    @property
    def weight(self) -> tuple[int, int]:
        """Greater is better. A step that was only stopped or skipped explains nothing where another one failed."""
        finding = self.reading.finding
        if self.health is not None:
            return (2 if self.health in _STOPS else 0), 0
        if finding is None:
            return int(bool(self.reading.text.strip())), 0
        return (2 if finding.calm else 3), finding.weight


def analyse(failure: Failure) -> Analysis:
    """Say what went wrong, as surely as the failure's codes and messages allow, or that nothing did."""
    clues = list(_clues(failure))
    # The first of equals wins: activities come in the order in which they ran, so the upstream one is the cause.
    best = max(clues, key=lambda clue: clue.weight)
    finding = best.reading.finding
    if finding and best.health is None and _only_words_of_calm(finding, best.reading):
        finding = None
    if best.health is not None and not (finding and finding.calm):
        return benign_analysis(failure, best.health, best.reading.text)
    if finding is None:
        return _unknown(failure, _most_telling(clues))
    known = _known(failure, best, finding)
    return _likely(known, _unknown(failure, best), finding) if finding.sign is Sign.LIKENESS else known


def _only_words_of_calm(finding: Finding, reading: Reading) -> bool:
    """Whether an entry for what is no failure was found by a mere phrase, which a report of a failure may hold too."""
    if not finding.calm or finding.sign is not Sign.PATTERN:
        return False
    return finding.breadth is Breadth.WRAPPER or is_mixed(reading)


def _clues(failure: Failure) -> Iterator[_Clue]:
    for activity in failure.activities[:_MOST_ACTIVITIES]:
        if activity.code or activity.message:
            yield _clue(failure, activity.message, activity.code, activity.name)
    yield _clue(failure, failure.message, failure.code, None)


def _clue(failure: Failure, message: str, code: str | None, step: str | None) -> _Clue:
    reading = catalog().read(failure.source, message, code)
    return _Clue(reading, step, code, health_of(reading, code, condition=failure.source in _ALERTING))


def _known(failure: Failure, clue: _Clue, finding: Finding) -> Analysis:
    entry = finding.entry
    values = _values(failure, clue, finding.captured)
    cause = fill(entry.root_cause, values)
    if clue.step and clue.step not in cause:
        cause = f"{cause} It happened in step {flat(clue.step)}."
    advice = tuple(fill(text, values) for text in entry.recommendations)
    safe = finding.stated and is_safe(failure.source, clue.reading, finding)
    action = _action(failure, entry) if safe else Action.NONE
    return Analysis(
        error_type=finding.error_type,
        category=Category.UNKNOWN if _says_nothing(finding) else entry.category,
        severity=_severity(failure, entry.severity),
        root_cause=_with_names(failure, clue, cause, advice),
        recommendations=advice,
        confidence=_confidence(clue.reading, finding),
        remediable=action is not Action.NONE,
        action=None if action is Action.NONE else str(action),
        max_retries=0 if action is Action.NONE else entry.max_retries,
        affected_entity=_entity(failure, clue, finding.captured),
        documentation=entry.documentation,
    )


def _says_nothing(finding: Finding) -> bool:
    """Whether only a wrapper was found, whose advice helps, around a message that tells of no cause."""
    return finding.breadth is Breadth.WRAPPER and finding.likelier is Category.UNKNOWN


def _with_names(failure: Failure, clue: _Clue, cause: str, advice: Iterable[str]) -> str:
    """Add the names of the message that nothing in the analysis tells yet."""
    reading = clue.reading
    aligned = len(reading.stated) == len(reading.text)
    sentence = names_sentence(
        without_orders(reading.text),
        failure.labels if clue.step is None else {},
        " ".join((cause, *advice, failure.resource)),
        telling=reading.exceptions[0].message if reading.exceptions else "",
        code=_code_told(clue),
        aside=lambda at: aligned and reading.stated[at : at + 2].isspace(),
    )
    if not sentence:
        return cause[:_LONGEST_CAUSE]
    return f"{cause[: _LONGEST_CAUSE - len(sentence) - 1].rstrip()} {sentence}"


def _code_told(clue: _Clue) -> str:
    """Return the code in the text that the cause was found by, as the message writes it."""
    finding = clue.reading.finding
    if finding is None or finding.sign is not Sign.CODE_IN_TEXT:
        return ""
    at = clue.reading.text.lower().find(finding.name.lower())
    name = clue.reading.text[at : at + len(finding.name)] if at >= 0 else ""
    return "" if name.casefold() == finding.error_type.casefold() else name


def _values(failure: Failure, clue: _Clue, captured: Mapping[str, str]) -> dict[str, str]:
    root = clue.reading.exceptions[0] if clue.reading.exceptions else None
    detail = telling_line(clue.reading.text, root)
    return {
        **{name: flat(value) for name, value in failure.labels.items()},
        **{name: flat(value) for name, value in captured.items()},
        "resource": flat(failure.resource),
        "run_id": flat(failure.run_id),
        "source": str(failure.source),
        "detail": f"“{detail}”" if detail else "the message is empty.",
    }


def _action(failure: Failure, entry: Entry) -> Action:
    """Name the retry of what failed here, which need not be the platform that the entry was written for."""
    if not entry.remediable or failure.kind is not Kind.RUN:
        return Action.NONE
    own = entry.group == group_of(failure.source)
    return entry.action if own and entry.action is not Action.RETRY else action_on(failure.source)


def _severity(failure: Failure, known: Severity) -> Severity:
    """Take the catalog's severity; the sender of a condition may lift it to High, but only effect makes it Critical."""
    if failure.kind is not Kind.CONDITION or failure.severity is None:
        return known
    told = max(failure.severity, Severity.HIGH, key=lambda severity: severity.rank)
    return min(known, told, key=lambda severity: severity.rank)


def _confidence(reading: Reading, finding: Finding) -> Confidence:
    """Tell how well the kind of evidence carries the finding."""
    if finding.entry.breadth is Breadth.WRAPPER:
        unknown = finding.entry.category is Category.UNKNOWN or _says_nothing(finding)
        return Confidence.LOW if unknown else Confidence.MEDIUM
    if not finding.stated:
        return Confidence.LOW
    if finding.sign is Sign.LIKENESS:
        steps = ((_SURE, Confidence.HIGH), (_LIKELY, Confidence.MEDIUM))
        return next((told for least, told in steps if finding.score >= least), Confidence.LOW)
    if finding.likelier:
        return Confidence.MEDIUM
    if finding.sign is Sign.EXCEPTION:
        return Confidence.HIGH
    if finding.entry.breadth is Breadth.BROAD:
        return Confidence.MEDIUM
    stated = finding.sign is Sign.CODE and bool(reading.text.strip())
    return Confidence.VERY_HIGH if stated or reading.corroborated else Confidence.HIGH


def _entity(failure: Failure, clue: _Clue, captured: Mapping[str, str]) -> str:
    name = next((name for name in _ENTITIES if captured.get(name)), None)
    if name is not None:
        return f"{name}: {flat(captured[name])}"
    return failure.entity or clue.step or failure.resource


def _most_telling(clues: list[_Clue]) -> _Clue:
    """Of messages that no entry fits, take the first that names an exception, else the first with any text."""
    with_exception = next((clue for clue in clues if clue.reading.exceptions), None)
    with_text = next((clue for clue in clues if clue.reading.text.strip()), clues[-1])
    return with_exception or with_text


def _unknown(failure: Failure, clue: _Clue) -> Analysis:
    gist = gist_of(clue.reading.text, clue.reading.exceptions)
    steps = tuple(_next_steps(failure, clue, gist))
    return Analysis(
        error_type=gist.exception.simple_name if gist.exception else _UNKNOWN,
        category=Category.UNKNOWN,
        severity=failure.severity or Severity.MEDIUM,
        root_cause=_with_names(failure, clue, _told(failure, clue, gist), steps),
        recommendations=steps,
        confidence=Confidence.LOW,
        affected_entity=failure.entity or clue.step or failure.resource,
    )


def _likely(family: Analysis, told: Analysis, finding: Finding) -> Analysis:
    """Join what is known of a family of causes, guessed by the words, with what the message itself tells."""
    named = told.error_type != _UNKNOWN and not finding.name
    cause = told.root_cause if told.root_cause.endswith(".") else f"{told.root_cause}."
    return replace(
        family,
        error_type=told.error_type if named else family.error_type,
        root_cause=f"{cause} Its words are most like those of {_LIKE[family.category]}."[:_LONGEST_CAUSE],
        recommendations=(*told.recommendations[:3], *family.recommendations)[:_MOST_STEPS],
    )


def _told(failure: Failure, clue: _Clue, gist: Gist) -> str:
    where = f"step {flat(clue.step)} of {flat(failure.resource)}" if clue.step else flat(failure.resource)
    code = clue.code or gist.code
    parts = [
        f"No known cause fits what {where} reported",
        f" with code {flat(code)}" if code else "",
        f": “{gist.line}”" if gist.line else ", and its message is empty",
        "." if not gist.line else "",
        f" It was raised in {gist.place}." if gist.place else "",
    ]
    return "".join(parts)


def _next_steps(failure: Failure, clue: _Clue, gist: Gist) -> Iterator[str]:
    where = f"step {flat(clue.step)}" if clue.step else "the failed step"
    yield f"Open run {flat(failure.run_id)} of {flat(failure.resource)} and read the full output of {where}."
    if gist.place:
        yield f"Start at {gist.place}: it is the last frame of your own code."
    elif gist.exception:
        yield f"Find where {gist.exception.simple_name} is raised, and which input or setting leads there."
    if code := clue.code or gist.code:
        yield f"Look up code {flat(code)} in the documentation of the component that reports it."
    yield "Compare code, settings and input volume with the last run that succeeded."
    yield "Once the cause is known, add it to the catalog (docs/catalog.md), so that the next one is recognised."
