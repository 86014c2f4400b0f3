"""Asks the providers in order until one gives a usable answer; the rules engine always has one."""

from __future__ import annotations

import logging
import random
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from rca.analysis.answer import SCHEMA, Answer, parse
from rca.analysis.breaker import Breaker
from rca.analysis.context import Context
from rca.analysis.diagnosis import Attempt, Diagnosis, Outcome, Usage
from rca.analysis.guard import advise, merge
from rca.analysis.prices import Prices
from rca.analysis.prompt import Prompt, repair, write
from rca.analysis.providers.port import (
    Completion,
    InvalidAnswerError,
    PassingError,
    Provider,
    ProviderError,
    RefusalError,
    Request,
)
from rca.domain.analysis import Analysis
from rca.domain.evidence import Evidence
from rca.domain.failure import Failure

log = logging.getLogger(__name__)

type Rules = Callable[[Failure], Analysis]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one analysis: tokens, seconds of a call, calls of a question, seconds of waiting by provider."""

    max_input_tokens: int = 12_000
    max_output_tokens: int = 8_192
    timeout: float = 30.0
    attempts: int = 3
    retry_budget: float = 20.0
    first_delay: float = 1.0


@dataclass(frozen=True, slots=True)
class Link:
    """One provider of the chain and its breaker, which lives as long as the process."""

    provider: Provider
    breaker: Breaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Time and chance, replaced in tests; `boundary` makes the fence of one request."""

    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[float, float], float] = random.uniform
    boundary: Callable[[], str] = field(default=lambda: secrets.token_hex(12))


@dataclass(slots=True)
class _Ledger:
    """What happened on the way through the chain."""

    prices: Prices
    attempts: list[Attempt] = field(default_factory=list)
    usage: dict[str, Usage] = field(default_factory=dict)

    def count(self, provider: str, completion: Completion) -> None:
        cost = self.prices.cost(completion.model, completion.prompt_tokens, completion.completion_tokens)
        before = self.usage.get(provider)
        spent = Usage(
            provider=provider,
            model=completion.model,
            calls=1,
            prompt_tokens=completion.prompt_tokens,
            completion_tokens=completion.completion_tokens,
            cost=cost,
        )
        self.usage[provider] = spent if before is None else _sum(before, spent)

    def record(self, provider: str, outcome: Outcome, detail: str = "") -> None:
        self.attempts.append(Attempt(provider=provider, outcome=outcome, detail=detail))

    @property
    def passing(self) -> bool:
        return any(attempt.outcome in (Outcome.PASSING, Outcome.CIRCUIT_OPEN) for attempt in self.attempts)


class Chain:
    """Analyses a failure by the first provider that can, else by the rules; never raises for a provider's sake."""

    def __init__(
        self,
        links: Sequence[Link],
        rules: Rules,
        *,
        context: Context | None = None,
        prices: Prices | None = None,
        limits: Limits | None = None,
        ways: Ways | None = None,
    ) -> None:
        self._links = tuple(links)
        self._rules = rules
        self._context = context or Context()
        self._prices = prices or Prices()
        self._limits = limits or Limits()
        self._ways = ways or Ways()

    @property
    def asks(self) -> bool:
        """Whether there is a model to ask."""
        return bool(self._links)

    def advised(self, failure: Failure, analysis: Analysis) -> tuple[Analysis, tuple[str, ...]]:
        """Add what the context says of a failure's component to an analysis; returns its runbooks too."""
        guidance = self._context.guidance(failure)
        return advise(analysis, guidance), guidance.runbooks

    def __call__(
        self,
        failure: Failure,
        evidence: Evidence | None = None,
        history: str = "",
        finding: Analysis | None = None,
    ) -> Diagnosis:
        """Return the analysis of a failure in the light of its evidence and of what people said of earlier ones.

        `finding` is what the rules say, where the caller has asked them already.
        """
        finding = finding or self._rules(failure)
        guidance = self._context.guidance(failure)
        ledger = _Ledger(self._prices)
        found: Diagnosis | None = None
        if self._links:
            boundary = self._ways.boundary()
            prompt = write(
                failure,
                evidence or Evidence(),
                finding,
                self._context,
                guidance,
                history=history,
                boundary=boundary,
                max_tokens=self._limits.max_input_tokens,
            )
            for link in self._links:
                answer = self._answer(link, prompt, boundary, ledger)
                if answer is not None:
                    name = link.provider.name
                    judged = merge(answer, finding, guidance, known=prompt.known, provider=name)
                    model = ledger.usage[name].model
                    found = Diagnosis(
                        analysis=judged.analysis,
                        cited=judged.cited,
                        model=model,
                        prompt_version=prompt.version,
                    )
                    break
        found = found or Diagnosis(analysis=finding, upgrade=ledger.passing)
        return replace(
            found,
            analysis=advise(found.analysis, guidance),
            plain=found.analysis,
            runbooks=guidance.runbooks,
            usage=tuple(ledger.usage.values()),
            attempts=tuple(ledger.attempts),
        )

    def _answer(self, link: Link, prompt: Prompt, boundary: str, ledger: _Ledger) -> Answer | None:
        """Ask one provider, and once more if its answer is unusable; None hands over to the next."""
        name = link.provider.name
        if not link.breaker.allows():
            ledger.record(name, Outcome.CIRCUIT_OPEN)
            return None
        try:
            answer = self._twice(link, prompt, boundary, ledger)
        except ProviderError as error:
            log.warning("no analysis by %s", error.detail)
            ledger.record(name, _outcome(error), error.detail)
            return None
        except Exception as error:
            # A bug in a provider, or a library's surprise, must not cost the ticket its analysis.
            log.exception("bug in the provider %s", name)
            ledger.record(name, Outcome.BUG, type(error).__name__)
            return None
        ledger.record(name, Outcome.ANSWERED)
        return answer

    def _twice(self, link: Link, prompt: Prompt, boundary: str, ledger: _Ledger) -> Answer:
        text = ""
        try:
            completion = self._complete(link, self._request(prompt.system, prompt.user), ledger)
            text = completion.text
            return parse(link.provider.name, text, completion.finish_reason)
        except InvalidAnswerError as error:
            problem = error.detail
        user = repair(prompt.user, problem, boundary, text)
        completion = self._complete(link, self._request(prompt.system, user), ledger)
        return parse(link.provider.name, completion.text, completion.finish_reason)

    def _complete(self, link: Link, request: Request, ledger: _Ledger) -> Completion:
        """Ask until there is a completion, within the attempts and the seconds of waiting that are allowed."""
        waited = 0.0
        for attempt in range(1, self._limits.attempts + 1):
            try:
                completion = link.provider.complete(request)
            except PassingError as error:
                link.breaker.failure()
                delay = self._delay(attempt, error.retry_after)
                last = attempt == self._limits.attempts or link.breaker.open
                if last or waited + delay > self._limits.retry_budget:
                    raise
            except ProviderError:
                link.breaker.success()
                raise
            else:
                link.breaker.success()
                ledger.count(link.provider.name, completion)
                return completion
            self._ways.sleep(delay)
            waited += delay
        raise AssertionError("the loop returns or raises")

    def _delay(self, attempt: int, told: float | None) -> float:
        """Wait at least as long as told, spread so that analyses that failed together do not return together."""
        grown = self._limits.first_delay * 2.0 ** (attempt - 1)
        return (told or 0.0) + self._ways.jitter(0.5 * grown, grown)

    def _request(self, system: str, user: str) -> Request:
        return Request(
            system=system,
            user=user,
            schema=SCHEMA,
            max_output_tokens=self._limits.max_output_tokens,
            timeout=self._limits.timeout,
        )


def _outcome(error: ProviderError) -> Outcome:
    if isinstance(error, PassingError):
        return Outcome.PASSING
    if isinstance(error, RefusalError):
        return Outcome.REFUSED
    return Outcome.INVALID if isinstance(error, InvalidAnswerError) else Outcome.REJECTED


def _sum(one: Usage, other: Usage) -> Usage:
    known = one.cost is not None and other.cost is not None
    return replace(
        other,
        calls=one.calls + other.calls,
        prompt_tokens=one.prompt_tokens + other.prompt_tokens,
        completion_tokens=one.completion_tokens + other.completion_tokens,
        cost=(one.cost or 0) + (other.cost or 0) if known else None,
    )
