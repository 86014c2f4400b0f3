"""Analyses what somebody pastes: an error text, a log, or the payload of an alert. Opens a ticket only if asked.

Nothing is stored and no platform is asked; a ticket is opened by the intake, like that of any other alert.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from rca import sources
from rca.analysis.diagnosis import Diagnosis
from rca.analysis.names import SOURCES, source_named
from rca.analysis.verdict import failure_of, told
from rca.catalog import catalog
from rca.catalog.matcher import Finding, group_of
from rca.domain.analysis import Analysis
from rca.domain.failure import Benign, Failure, Reading, Recovery
from rca.domain.redaction import redact, redact_tree
from rca.domain.vocabulary import Source
from rca.errors import ShapeError
from rca.sources.homes import ANYTHING, home_of

_MOST_ASKED: Final = 5
_PATIENCE: Final = 60.0
"""Of a payload with many failures a model is asked about the first few, and about no further one after so many
seconds: the caller waits, and Azure cuts a request after 230."""

type Analyst = Callable[[Failure], Diagnosis]
type Accept = Callable[[bytes, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """What was pasted, and what the person knows besides. Either `text` or `payload` is there."""

    text: str | None = None
    payload: Mapping[str, Any] | None = None
    source: Source | None = None
    error_code: str | None = None
    resource: str | None = None
    run_id: str | None = None
    open_ticket: bool = False

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Inquiry:
        """Read the body of a request. Raises ShapeError naming the fields that are wrong and how to mend them."""
        _check(body)
        given = body.get("source")
        return cls(
            text=body.get("text"),
            payload=body.get("payload"),
            source=source_named(given) if given else None,
            **{name: body.get(name) for name in ("error_code", "resource", "run_id")},
            open_ticket=bool(body.get("open_ticket")),
        )


_FIELDS: Final = frozenset(each.name for each in fields(Inquiry))


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The failures that an inquiry is about, and the alert that a ticket would be opened by.

    `harmless` is what the payload reports besides failures, as `(resource, reason)`.
    """

    failures: tuple[Failure, ...]
    harmless: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    alert: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What came of an inquiry: the analyses as JSON, in the order of the failures."""

    analyses: Sequence[dict[str, Any]]
    harmless: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()
    alert_id: str | None = None

    def body(self) -> dict[str, Any]:
        """Return all of it as JSON."""
        harmless = [{"resource": resource, "reason": reason} for resource, reason in self.harmless]
        return {"analyses": list(self.analyses), "not_failures": harmless, "notes": list(self.notes)}


class Inquiries:
    """Answers inquiries."""

    def __init__(
        self,
        analyst: Analyst,
        rules: Callable[[Failure], Analysis],
        accept: Accept,
        clock: Callable[[], datetime],
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._analyst = analyst
        self._rules = rules
        self._accept = accept
        self._clock = clock
        self._elapsed = elapsed

    def __call__(self, inquiry: Inquiry) -> Findings:
        """Analyse what was pasted and open a ticket if asked. Raises ShapeError where it can't be read."""
        subject = subject_of(inquiry, self._clock())
        alert_id = None
        if inquiry.open_ticket and subject.alert is not None:
            # First, because an analysis may be cut short and the alert must not be lost with it.
            alert_id = self._accept(json.dumps(subject.alert).encode(), home_of(subject.alert))
        analyses, notes = analysed(subject.failures, self._analyst, self._rules, self._elapsed)
        return Findings(analyses, subject.harmless, (*subject.notes, *notes), alert_id)


def analysed(
    failures: Sequence[Failure],
    analyst: Analyst,
    rules: Callable[[Failure], Analysis],
    elapsed: Callable[[], float] = time.monotonic,
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Analyse failures one after the other, those beyond the bounds by the rules alone, which a note says."""
    begun, by_rules = elapsed(), 0
    analyses = []
    for number, failure in enumerate(failures):
        if number < _MOST_ASKED and elapsed() - begun < _PATIENCE:
            diagnosis = analyst(failure)
        else:
            by_rules += 1
            diagnosis = Diagnosis(analysis=rules(failure))
        analyses.append(told(failure, diagnosis))
    note = f"{by_rules} of {len(failures)} failures were analysed by the rules alone: no model is asked about so many"
    return analyses, (note,) if by_rules else ()


def subject_of(inquiry: Inquiry, now: datetime) -> Subject:
    """Read what was pasted, redacted. Raises ShapeError for a payload of no known shape."""
    if inquiry.payload is not None:
        return _of_payload(redact_tree(dict(inquiry.payload)), now)
    text = inquiry.text or ""
    pasted = _as_payload(text)
    if pasted is not None:
        try:
            return _of_payload(pasted, now)
        except ShapeError:
            # JSON of no known shape is text like any other: an answer of a service, an error record.
            pass
    return _of_text(inquiry, redact_tree(text), now)


def guess_source(text: str, code: str | None = None) -> Source:
    """Return the platform whose own entry fits a text best; `azure_monitor`, which is any other, where none does."""
    best: tuple[Source, Finding] | None = None
    for source in Source:
        finding = catalog().read(source, text, code).finding
        own = finding is not None and finding.entry.group == group_of(source) != "general"
        if finding is not None and own and (best is None or finding.rank > best[1].rank):
            best = source, finding
    return best[0] if best else Source.AZURE_MONITOR


def _as_payload(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return redact_tree(value) if isinstance(value, dict) else None


def _of_payload(payload: dict[str, Any], now: datetime) -> Subject:
    return _subject(sources.read(payload, home_of(payload), now), payload)


def _of_text(inquiry: Inquiry, text: str, now: datetime) -> Subject:
    source = inquiry.source or guess_source(text, inquiry.error_code)
    notes = () if inquiry.source else (f"taken for a failure of {source}; tell the source if it is another",)
    if not inquiry.open_ticket:
        failure = failure_of(
            source, text, code=inquiry.error_code, resource=inquiry.resource, run_id=inquiry.run_id, at=now
        )
        return Subject(failures=(failure,), notes=notes)
    alert = redact_tree(
        {
            "source": str(source),
            "resource": inquiry.resource,
            "run_id": inquiry.run_id or _run_id(source, inquiry.resource, text),
            "message": text,
            **({"code": inquiry.error_code} if inquiry.error_code else {}),
        }
    )
    return _subject(sources.read(alert, ANYTHING, now), alert, notes)


def _run_id(source: Source, resource: str | None, text: str) -> str:
    """Name a run that nobody named by what was said of it, so that the same text is the same ticket."""
    said = "\n".join((source, resource or "", " ".join(text.split())))
    return f"pasted-{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def _subject(reading: Reading, alert: Mapping[str, Any], notes: tuple[str, ...] = ()) -> Subject:
    harmless: list[tuple[str, str]] = []
    for event in reading.events:
        match event:
            case Benign():
                harmless.append((event.resource, event.reason))
            case Recovery():
                harmless.append((event.resource, event.message))
            case Failure():
                pass
    failures = tuple(event for event in reading.events if isinstance(event, Failure))
    return Subject(failures=failures, harmless=tuple(harmless), notes=(*reading.notes, *notes), alert=alert)


def _check(body: Mapping[str, Any]) -> None:
    """Raise ShapeError for the first thing that is wrong; it never repeats a value, which may be a secret."""
    text, payload = body.get("text"), body.get("payload")
    if (text is None) == (payload is None):
        raise ShapeError(
            "give either text (what you pasted) or payload (an alert's JSON)", ["text", "payload"]
        )
    if unknown := sorted(body.keys() - _FIELDS):
        names = [redact(name[:100]) for name in unknown[:20]]
        raise ShapeError(
            f"there are fields that mean nothing here; known are {', '.join(sorted(_FIELDS))}", names
        )
    if payload is not None and not isinstance(payload, dict):
        raise ShapeError("payload must be a JSON object", ["payload"])
    if payload is None and not (isinstance(text, str) and text.strip()):
        raise ShapeError("text must be a text that is not empty", ["text"])
    for name in ("source", "error_code", "resource", "run_id"):
        if not isinstance(body.get(name), str | None):
            raise ShapeError(f"{name} must be a text, or left out", [name])
    if body.get("source") and source_named(body["source"]) is None:
        raise ShapeError(f"source must be one of {SOURCES}, or left out", ["source"])
    if not isinstance(body.get("open_ticket"), bool | None):
        raise ShapeError("open_ticket must be true or false", ["open_ticket"])
    if body.get("open_ticket") and payload is None and not (body.get("resource") or "").strip():
        raise ShapeError("a ticket needs resource, the name of what failed", ["resource"])
