"""What an analysis brings back beside the analysis itself: evidence cited, models used, tokens, cost."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rca.domain.analysis import Analysis


class Outcome(StrEnum):
    """How asking a provider ended."""

    ANSWERED = "answered"
    PASSING = "passing"
    CIRCUIT_OPEN = "circuit_open"
    REFUSED = "refused"
    INVALID = "invalid"
    REJECTED = "rejected"
    BUG = "bug"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """How one provider of the chain did; `detail` holds no payload and no secret."""

    provider: str
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one provider was asked for this analysis, discarded answers included.

    `cost` is an estimate in millionths of a US dollar, None where the model is in no price table.
    """

    provider: str
    model: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """An analysis and how it came about.

    `plain` is the analysis without what the context says of this one component. `upgrade` says that only a passing
    failure kept the models out, so the rules' finding is worth a second look later. `cited` are evidence ids.
    `model` and `prompt_version` are None where the rules alone answered.
    """

    analysis: Analysis
    plain: Analysis | None = None
    upgrade: bool = False
    cited: tuple[str, ...] = ()
    runbooks: tuple[str, ...] = ()
    model: str | None = None
    prompt_version: str | None = None
    usage: tuple[Usage, ...] = ()
    attempts: tuple[Attempt, ...] = ()

    @property
    def cost(self) -> int:
        """Estimated cost in millionths of a US dollar, as far as prices are known."""
        return sum(item.cost or 0 for item in self.usage)

    @property
    def tokens(self) -> int:
        """All tokens, in and out."""
        return sum(item.prompt_tokens + item.completion_tokens for item in self.usage)
