"""Finds out about a failure: evidence first, then the analysis in its light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from rca.analysis.diagnosis import Diagnosis
from rca.domain.analysis import Analysis
from rca.domain.evidence import Evidence
from rca.domain.failure import Failure
from rca.domain.signature import signature
from rca.domain.ticket import Basis, Exhibit, Ticket
from rca.domain.times import iso
from rca.storage.queues import encoded


@dataclass(frozen=True, slots=True)
class Opinion:
    """An analysis, what it rests on, the signature of the failure, and whether a better one may come later."""

    analysis: Analysis
    basis: Basis
    signature: str
    upgradable: bool = False


class Documents(Protocol):
    """Keeps the texts of evidence."""

    def put(self, name: str, data: bytes) -> None:
        """Write one document."""

    def url(self, name: str) -> str:
        """Return the address of a document."""


class Analyst(Protocol):
    """Finds the root cause of a failure in the light of evidence."""

    def __call__(self, failure: Failure, evidence: Evidence, /) -> Diagnosis:
        """Return the analysis; always has an answer."""


class Investigate:
    """Gathers evidence, keeps it, and has the failure analysed."""

    def __init__(self, gather: Callable[[Failure], Evidence], analyst: Analyst, documents: Documents) -> None:
        self._gather = gather
        self._analyst = analyst
        self._documents = documents

    def __call__(self, ticket: Ticket) -> Opinion:
        """Investigate what is known of a ticket's failure now. Raises UnavailableError if evidence can't be kept."""
        evidence = self._gather(ticket.failure)
        failure = _with_error(ticket.failure, evidence)
        diagnosis = self._analyst(failure, evidence)
        url = self._keep(ticket, evidence) if evidence.items else None
        analysis = diagnosis.analysis
        return Opinion(
            analysis,
            Basis(
                exhibits=tuple(
                    Exhibit(
                        id=item.id,
                        adapter=item.adapter,
                        kind=str(item.kind),
                        title=item.title,
                        link=item.link,
                    )
                    for item in evidence.items
                ),
                notes=evidence.notes,
                cited=diagnosis.cited,
                runbooks=diagnosis.runbooks,
                url=url,
                model=diagnosis.model,
                prompt_version=diagnosis.prompt_version,
                tokens=diagnosis.tokens,
                cost=diagnosis.cost,
            ),
            signature(
                failure.source,
                analysis.error_type,
                failure.message,
                code=failure.code,
                resource=failure.resource,
            ),
            diagnosis.upgrade,
        )

    def _keep(self, ticket: Ticket, evidence: Evidence) -> str:
        name = f"{ticket.id}/{ticket.revision}.json"
        items: list[dict[str, Any]] = [
            {**asdict(item), "kind": str(item.kind), "at": iso(item.at) if item.at else None}
            for item in evidence.items
        ]
        self._documents.put(name, encoded({"items": items, "notes": list(evidence.notes)}).encode())
        return self._documents.url(name)


def nothing_gathered(failure: Failure) -> Evidence:
    """Return no evidence, where no platform may be asked."""
    del failure
    return Evidence()


def _with_error(failure: Failure, evidence: Evidence) -> Failure:
    """Add the error that the platform tells: many alerts, Databricks' above all, carry none themselves."""
    error = evidence.error
    if error is None or error.text in failure.message:
        return failure
    return replace(failure, message=f"{failure.message}\n{error.text}", code=failure.code or error.code)
