"""What is evaluated: the rules engine, or a provider asked through the app's own chain."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Protocol

from evals.answers import Cost, Reply, said
from evals.cases import Placed
from evals.errors import EvalError
from rca.analysis import verdict
from rca.analysis.answer import parse
from rca.analysis.build import build_chain
from rca.analysis.chain import Chain
from rca.analysis.diagnosis import Diagnosis, Outcome
from rca.analysis.providers.port import Completion, InvalidAnswerError, Provider, Request
from rca.analysis.rules import analyse
from rca.analysis.settings import PROVIDERS, AnalysisSettings
from rca.domain.evidence import Evidence, EvidenceItem
from rca.domain.failure import Failure
from rca.domain.redaction import redact
from rca.settings import read
from rca.sources import severities

type Clock = Callable[[], float]
_AT: Final = datetime(2026, 11, 20, 2, 17, 43, tzinfo=UTC)
_ALERT: Final = "E0"


class System(Protocol):
    """Something that answers cases; `repeatable` says that asking twice is asking for another answer."""

    name: str
    model: str | None
    repeatable: bool

    def __call__(self, case: Placed) -> Reply:
        """Answer one case; a failure to answer is a reply as well."""


def failure_of(case: Placed) -> Failure:
    """Make the failure as intake would: redacted, with neutral names where the case gives none."""
    given = case.case
    bare = verdict.failure_of(
        given.source, case.question, code=given.error_code, resource=given.resource, at=_AT
    )
    labels = {name: redact(value) for name, value in given.labels.items()}
    return replace(bare, severity=severities.parse(given.labels.get("severity")), labels=labels)


def evidence_of(case: Placed) -> Evidence:
    """Make the evidence as the adapters would leave it: redacted."""
    return Evidence(
        tuple(
            EvidenceItem(
                id=item.id,
                adapter=str(case.case.source),
                kind=item.kind,
                title=redact(item.title),
                text=redact(item.text),
                code=item.code,
            )
            for item in case.case.evidence
        )
    )


@dataclass
class Rules:
    """The rules engine: offline, and the same answer every time."""

    clock: Clock = time.perf_counter
    name: str = "rules"
    model: str | None = None
    repeatable: bool = False

    def __call__(self, case: Placed) -> Reply:
        """Answer one case by the catalog alone."""
        failure = failure_of(case)
        begun = self.clock()
        analysis = analyse(failure)
        return Reply(case=case, said=said(analysis), cost=Cost(seconds=self.clock() - begun))


@dataclass
class Model:
    """A provider behind the chain, as the app asks it; that the rules stepped in is an error of the model."""

    chain: Chain
    name: str
    heard: Recorder
    clock: Clock = time.perf_counter
    model: str | None = None
    repeatable: bool = True

    def __call__(self, case: Placed) -> Reply:
        """Answer one case by the model, in the light of the case's evidence."""
        failure, evidence = failure_of(case), evidence_of(case)
        begun = self.clock()
        diagnosis = self.chain(failure, evidence)
        cost = _cost(diagnosis, self.clock() - begun)
        if diagnosis.analysis.provider != self.name:
            return Reply(case=case, error=_why(diagnosis), cost=cost)
        self.model = diagnosis.model
        known = {_ALERT, *(item.id for item in evidence.items)}
        answer = said(
            diagnosis.analysis,
            cited=frozenset(diagnosis.cited),
            invented=frozenset(self.heard.cited() - known),
        )
        return Reply(case=case, said=answer, cost=cost)


@dataclass
class Recorder:
    """A provider that keeps what the one behind it answered last: the chain drops made-up citations silently."""

    provider: Provider
    last: Completion | None = None

    @property
    def name(self) -> str:
        """The provider's name."""
        return self.provider.name

    @property
    def model(self) -> str:
        """The provider's model."""
        return self.provider.model

    def complete(self, request: Request) -> Completion:
        """Pass the question on and keep the answer."""
        self.last = self.provider.complete(request)
        return self.last

    def cited(self) -> set[str]:
        """Return the evidence ids that the last answer names."""
        if self.last is None:
            return set()
        try:
            answer = parse(self.name, self.last.text, self.last.finish_reason)
        except InvalidAnswerError:
            return set()
        return {key for part in answer.cause for key in part.evidence}


def system(name: str) -> System:
    """Make the system of a name: `rules`, or a provider of `LLM_PROVIDERS`.

    Raises EvalError for a provider that is unknown or lacks its settings, RcaError for settings that are wrong.
    """
    if name == "rules":
        return Rules()
    if name not in PROVIDERS:
        raise EvalError(f"no provider {name}; there are rules, {', '.join(PROVIDERS)}")
    settings = read(AnalysisSettings).model_copy(update={"llm_providers": (name,)})
    if settings.chain != (name,):
        raise EvalError(f"the provider {name} is not set up: docs/llm.md names its settings")
    heard: list[Recorder] = []

    def listen(provider: Provider) -> Provider:
        heard.append(Recorder(provider))
        return heard[-1]

    chain = build_chain(settings, analyse, listen)
    return Model(chain, name, heard[0])


def _cost(diagnosis: Diagnosis, seconds: float) -> Cost:
    known = bool(diagnosis.usage) and all(item.cost is not None for item in diagnosis.usage)
    return Cost(seconds=seconds, tokens=diagnosis.tokens, micro_dollars=diagnosis.cost if known else None)


def _why(diagnosis: Diagnosis) -> str:
    failed = [item for item in diagnosis.attempts if item.outcome is not Outcome.ANSWERED]
    return "; ".join(f"{item.outcome}: {item.detail}".rstrip(": ") for item in failed) or "no answer"
