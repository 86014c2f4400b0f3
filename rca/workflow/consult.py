"""Asks the models about each kind of failure once, and remembers what they said.

A signature has a lease: the first failure asks, the others of a storm take the rules' word meanwhile and come back
for the answer. An answer is reused until it is too old or somebody judges it wrong.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from rca.analysis.diagnosis import Diagnosis
from rca.domain.analysis import Analysis
from rca.domain.basis import Sighting
from rca.domain.evidence import Evidence
from rca.domain.failure import Failure
from rca.domain.memory import SHOWN, Answer, Lease, Memory, adapted, history, with_history
from rca.domain.signature import signature
from rca.domain.ticket import Ticket
from rca.domain.vocabulary import Source
from rca.workflow.ports import Clock

PASSING = timedelta(minutes=15)
"""How long nobody asks again after the models were out of reach, or could not tell."""
_SPREAD = 30.0
"""Seconds over which those who waited come back, not to come all at once."""


class Analyst(Protocol):
    """Finds the root cause of a failure in the light of evidence and of what people said of earlier ones."""

    def __call__(self, failure: Failure, evidence: Evidence, history: str, finding: Analysis, /) -> Diagnosis:
        """Return the analysis, `finding` being what the rules say; always has an answer."""


type Advise = Callable[[Failure, Analysis], tuple[Analysis, tuple[str, ...]]]
"""Adds what the operators say of a failure's component; returns the runbooks too."""


def no_advice(failure: Failure, analysis: Analysis) -> tuple[Analysis, tuple[str, ...]]:
    """Return the analysis as it is, where operators said nothing."""
    del failure
    return analysis, ()


class Memories(Protocol):
    """Remembers signatures."""

    def recall(self, source: Source, signature: str) -> Memory:
        """Read all that is remembered of a signature."""

    def acquire(self, source: Source, signature: str, lease: Lease, known: Memory) -> bool:
        """Take the lease if nothing moved since `known` was read."""

    def keep(self, source: Source, signature: str, answer: Answer) -> None:
        """Remember an answer, and end the lease."""

    def postpone(self, source: Source, signature: str, lease: Lease) -> None:
        """Keep others from asking for a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How long an answer is reused (zero: never, as without models), and how long whoever asks may take."""

    reuse: timedelta
    lease: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counsel:
    """An analysis and where it comes from.

    `wait` is in how many seconds a better one may be there, None where this one stands. `reused_from` names the
    ticket that the answer was given for, where that is another one.
    """

    analysis: Analysis
    signature: str
    seen: tuple[Sighting, ...] = ()
    cited: tuple[str, ...] = ()
    runbooks: tuple[str, ...] = ()
    reused_from: str | None = None
    model: str | None = None
    prompt_version: str | None = None
    tokens: int = 0
    cost: int = 0
    upgradable: bool = False
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    """A failure of a ticket, what is known of it without a model, its signature, and what is remembered of that."""

    ticket: Ticket
    failure: Failure
    own: Analysis
    signature: str
    memory: Memory

    @property
    def seen(self) -> tuple[Sighting, ...]:
        return tuple(seen for seen in self.memory.sightings if seen.ticket_id != self.ticket.id)


class Consult:
    """Has a failure analysed, by a model at most once for each signature and time-to-live."""

    def __init__(
        self,
        analyst: Analyst,
        rules: Callable[[Failure], Analysis],
        memories: Memories,
        policy: Policy,
        clock: Clock,
        advise: Advise = no_advice,
    ) -> None:
        self._analyst = analyst
        self._rules = rules
        self._memories = memories
        self._policy = policy
        self._clock = clock
        self._advise = advise

    def __call__(self, ticket: Ticket, failure: Failure, evidence: Evidence) -> Counsel:
        """Return the analysis of a ticket's failure; `failure` may tell more than the ticket's own."""
        own = self._rules(failure)
        mark = signature(
            failure.source, own.error_type, failure.message, code=failure.code, resource=failure.resource
        )
        case = _Case(ticket, failure, own, mark, self._memories.recall(failure.source, mark))
        if not self._policy.reuse:
            return _told(case, self._analyst(failure, evidence, history(case.seen), own))
        return self._remembered(case) or self._ask(case, evidence)

    def again(self, ticket: Ticket) -> Counsel | None:
        """Return what others found out meanwhile, without evidence of its own; None where one has to ask."""
        if ticket.signature is None or not self._policy.reuse:
            return None
        memory = self._memories.recall(ticket.source, ticket.signature)
        return self._remembered(_Case(ticket, ticket.failure, _standing(ticket), ticket.signature, memory))

    def _remembered(self, case: _Case) -> Counsel | None:
        now = self._clock()
        answer = case.memory.reusable(now, self._policy.reuse, PASSING)
        if answer is not None:
            return self._reused(case, answer)
        lease = case.memory.held(case.ticket.id, now)
        return self._waiting(case, lease, now) if lease else None

    def _ask(self, case: _Case, evidence: Evidence) -> Counsel:
        source, now = case.failure.source, self._clock()
        lease = Lease(holder=case.ticket.id, until=now + self._policy.lease)
        if not self._memories.acquire(source, case.signature, lease, case.memory):
            return self._waiting(case, lease, now)
        diagnosis = self._analyst(case.failure, evidence, history(case.seen), case.own)
        now = self._clock()
        if diagnosis.upgrade:
            later = Lease(holder=case.ticket.id, until=now + PASSING, asking=False)
            self._memories.postpone(source, case.signature, later)
        else:
            self._memories.keep(source, case.signature, _answer(diagnosis, case.ticket, now))
        return _told(case, diagnosis)

    def _waiting(self, case: _Case, lease: Lease, now: datetime) -> Counsel:
        analysis, runbooks = self._advise(case.failure, case.own)
        return _counsel(case, analysis, runbooks, upgradable=True, wait=_delay(lease, now))

    def _reused(self, case: _Case, answer: Answer) -> Counsel:
        by_model = answer.analysis.provider != "rules"
        mine = answer.ticket_id == case.ticket.id
        # Ours and not on the ticket yet: we died between asking and committing, so what it cost was not booked.
        unbooked = mine and case.ticket.basis.model is None
        told = adapted(answer, case.own) if by_model else case.own
        analysis, runbooks = self._advise(case.failure, told)
        return _counsel(
            case,
            analysis,
            runbooks,
            cited=answer.cited if mine else (),
            reused_from=answer.ticket_id if by_model and not mine else None,
            model=answer.model,
            prompt_version=answer.prompt_version,
            tokens=answer.tokens if unbooked else 0,
            cost=answer.cost if unbooked else 0,
        )


def _told(case: _Case, diagnosis: Diagnosis) -> Counsel:
    return _counsel(
        case,
        diagnosis.analysis,
        diagnosis.runbooks,
        cited=diagnosis.cited,
        model=diagnosis.model,
        prompt_version=diagnosis.prompt_version,
        tokens=diagnosis.tokens,
        cost=diagnosis.cost,
        upgradable=diagnosis.upgrade,
    )


def _counsel(case: _Case, analysis: Analysis, runbooks: tuple[str, ...], **more: Any) -> Counsel:
    return Counsel(
        analysis=with_history(analysis, case.seen),
        signature=case.signature,
        seen=case.seen[:SHOWN],
        runbooks=runbooks,
        **more,
    )


def _answer(diagnosis: Diagnosis, ticket: Ticket, now: datetime) -> Answer:
    return Answer(
        analysis=diagnosis.plain or diagnosis.analysis,
        ticket_id=ticket.id,
        at=now,
        cited=diagnosis.cited,
        model=diagnosis.model,
        prompt_version=diagnosis.prompt_version,
        tokens=diagnosis.tokens,
        cost=diagnosis.cost,
    )


def _delay(lease: Lease, now: datetime) -> float:
    """Return when to come back, in seconds: soon while somebody asks, else when asking makes sense again."""
    if lease.asking:
        return 0.0
    left = (lease.until - now).total_seconds()
    return left + random.uniform(1, _SPREAD)  # noqa: S311 - no secret


def _standing(ticket: Ticket) -> Analysis:
    """Return the analysis that a ticket carries."""
    if ticket.error_type is None or ticket.category is None or ticket.confidence is None:
        raise ValueError(f"ticket {ticket.id} was not analysed yet")
    return Analysis(
        error_type=ticket.error_type,
        category=ticket.category,
        severity=ticket.severity,
        root_cause=ticket.rca_result or "",
        recommendations=ticket.recommendations,
        confidence=ticket.confidence,
        remediable=ticket.remediable,
        action=ticket.action,
        max_retries=ticket.max_retries,
        affected_entity=ticket.affected_entity,
        documentation=ticket.documentation,
        provider=ticket.analysed_by or "rules",
    )
