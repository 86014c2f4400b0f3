"""An analysis as the command line and the API tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from rca.analysis.codes import code_in
from rca.analysis.diagnosis import Diagnosis
from rca.analysis.message import gist_of
from rca.catalog.text import window
from rca.catalog.traces import exceptions_in
from rca.domain.analysis import Analysis
from rca.domain.failure import Failure, Kind
from rca.domain.redaction import redact
from rca.domain.signature import signature
from rca.domain.sla import priority_of
from rca.domain.vocabulary import Source

_WORKLOADS: Final = {
    Source.ADF: "the pipeline",
    Source.DATABRICKS_JOB: "the job",
    Source.DATABRICKS_CLUSTER: "the cluster",
    Source.AIRFLOW: "the task",
    Source.PROMETHEUS: "the workload",
    Source.AZURE_MONITOR: "the workload",
}
_THIS_RUN: Final = "in question"
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_OF_A_CODE: Final = 200


def failure_of(
    source: Source,
    message: str,
    *,
    code: str | None = None,
    resource: str | None = None,
    run_id: str | None = None,
    at: datetime = _NEVER,
) -> Failure:
    """Make a failure of a bare message, redacted; what is not told gets a neutral name."""
    run = redact(run_id or "") or _THIS_RUN
    return Failure(
        source=source,
        resource=redact(resource or "") or _WORKLOADS[source],
        run_id=run,
        identity=run,
        occurred_at=at,
        message=redact(message),
        code=redact(code[:_MOST_OF_A_CODE]) if code else None,
        kind=Kind.CONDITION if source is Source.PROMETHEUS else Kind.RUN,
    )


def verdict(failure: Failure, analysis: Analysis) -> dict[str, Any]:
    """Return what a line of `classify` says of a failure, as JSON."""
    code = failure.code or next((step.code for step in failure.activities if step.code), None)
    text = _text(failure)
    return {
        "is_failure": analysis.is_failure,
        "error_type": analysis.error_type,
        "error_code": code or code_in(failure.source, text, analysis.error_type),
        "category": str(analysis.category),
        "severity": str(analysis.severity),
        "priority": str(priority_of(analysis.severity)),
        "remediable": analysis.remediable,
        "action": analysis.action,
        "root_cause": analysis.root_cause,
        "recommendations": list(analysis.recommendations),
        "confidence": str(analysis.confidence),
        "signature": signature(
            failure.source,
            analysis.error_type,
            failure.message,
            code=failure.code,
            resource=failure.resource,
        ),
    }


@dataclass(frozen=True, slots=True)
class Ground:
    """What in the message an analysis rests on: its telling line, the root exception, the place in the code."""

    line: str
    exception: str | None
    place: str | None


def ground_of(failure: Failure) -> Ground:
    """Find what an engineer would look at first in the failure's own words."""
    text = window(_text(failure))
    gist = gist_of(text, exceptions_in(text))
    return Ground(gist.line, gist.exception.name if gist.exception else None, gist.place)


def _text(failure: Failure) -> str:
    return "\n".join([step.message for step in failure.activities if step.message] + [failure.message])


def told(failure: Failure, diagnosis: Diagnosis) -> dict[str, Any]:
    """Return all that is known of one failure, as JSON: what `classify` says and what a person wants besides."""
    analysis, ground = diagnosis.analysis, ground_of(failure)
    return {
        "source": str(failure.source),
        "resource": failure.resource,
        "run_id": failure.run_id,
        **verdict(failure, analysis),
        "max_retries": analysis.max_retries,
        "affected_entity": analysis.affected_entity,
        "documentation": analysis.documentation,
        "evidence": {"line": ground.line, "exception": ground.exception, "place": ground.place},
        "provider": analysis.provider,
        "model": diagnosis.model,
        "cited": list(diagnosis.cited),
        "runbooks": list(diagnosis.runbooks),
        "tokens": diagnosis.tokens,
        "cost_usd": diagnosis.cost / 1_000_000,
    }
