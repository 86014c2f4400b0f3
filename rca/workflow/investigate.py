"""Finds out about a failure: evidence first, then the analysis in its light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from rca.domain.analysis import Analysis
from rca.domain.basis import Basis, Exhibit
from rca.domain.evidence import Evidence
from rca.domain.failure import Failure
from rca.domain.ticket import Ticket
from rca.domain.times import iso
from rca.storage.queues import encoded
from rca.workflow.consult import Counsel


@dataclass(frozen=True, slots=True)
class Opinion:
    """An analysis, what it rests on, the signature of the failure, and whether a better one may come later.

    `wait` is in how many seconds somebody else's answer may be there; None where nobody is asking.
    """

    analysis: Analysis
    basis: Basis
    signature: str
    upgradable: bool = False
    wait: float | None = None


class Documents(Protocol):
    """Keeps the texts of evidence."""

    def put(self, name: str, data: bytes) -> None:
        """Write one document."""

    def url(self, name: str) -> str:
        """Return the address of a document."""


class Counsellor(Protocol):
    """Analyses failures, and knows whether one of their kind was analysed before."""

    def __call__(self, ticket: Ticket, failure: Failure, evidence: Evidence, /) -> Counsel:
        """Return the analysis of a ticket's failure."""

    def again(self, ticket: Ticket, /) -> Counsel | None:
        """Return what others found out meanwhile; None where one has to ask."""


class Investigate:
    """Gathers evidence, keeps it, and has the failure analysed."""

    def __init__(
        self, gather: Callable[[Failure], Evidence], consult: Counsellor, documents: Documents
    ) -> None:
        self._gather = gather
        self._consult = consult
        self._documents = documents

    def __call__(self, ticket: Ticket) -> Opinion:
        """Investigate what is known of a ticket's failure now. Raises UnavailableError if evidence can't be kept."""
        if ticket.analysed >= ticket.revision and (counsel := self._consult.again(ticket)):
            # Nothing new is known of the failure itself, so the platforms are not asked again.
            return _opinion(counsel, ticket.basis)
        evidence = self._gather(ticket.failure)
        counsel = self._consult(ticket, _with_error(ticket.failure, evidence), evidence)
        url = self._keep(ticket, evidence) if evidence.items else None
        exhibits = tuple(
            Exhibit(id=item.id, adapter=item.adapter, kind=str(item.kind), title=item.title, link=item.link)
            for item in evidence.items
        )
        return _opinion(counsel, Basis(exhibits=exhibits, notes=evidence.notes, url=url))

    def _keep(self, ticket: Ticket, evidence: Evidence) -> str:
        name = f"{ticket.id}/{ticket.revision}.json"
        items: list[dict[str, Any]] = [
            {**asdict(item), "kind": str(item.kind), "at": iso(item.at) if item.at else None}
            for item in evidence.items
        ]
        self._documents.put(name, encoded({"items": items, "notes": list(evidence.notes)}).encode())
        return self._documents.url(name)


def _opinion(counsel: Counsel, evidence: Basis) -> Opinion:
    basis = replace(
        evidence,
        cited=counsel.cited,
        runbooks=counsel.runbooks,
        seen=counsel.seen,
        reused_from=counsel.reused_from,
        model=counsel.model,
        prompt_version=counsel.prompt_version,
        tokens=counsel.tokens,
        cost=counsel.cost,
    )
    return Opinion(counsel.analysis, basis, counsel.signature, counsel.upgradable, counsel.wait)


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
