"""The port that every LLM provider implements, and the errors it may raise.

No error carries a key, a header, a request or a response body: providers echo all of them now and then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from rca.errors import RcaError

type Schema = Mapping[str, object]
"""A JSON schema of the plain kind that all providers understand: type, properties, items, enum, required."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to a model: texts, the JSON schema of the answer, and its limits (`timeout` in seconds)."""

    system: str
    user: str
    schema: Schema
    max_output_tokens: int
    timeout: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What a model answered.

    `finish_reason` is `stop`, `length` (cut off by the limit) or the provider's own word. `completion_tokens`
    counts all that is billed as output, hidden reasoning included.
    """

    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    model: str


class Provider(Protocol):
    """A model that answers by a JSON schema at temperature 0."""

    @property
    def name(self) -> str:
        """Name it as in `LLM_PROVIDERS`."""

    @property
    def model(self) -> str:
        """Name the model that is asked for."""

    def complete(self, request: Request) -> Completion:
        """Ask once, without retries; raises one of the errors below and nothing else."""


class ProviderError(RcaError):
    """A provider did not answer the question; `provider` is its name."""

    status = 502
    title = "Language model failed"

    def __init__(self, provider: str, message: str) -> None:
        super().__init__(f"{provider}: {message}")
        self.provider = provider


class PassingError(ProviderError):
    """The same question may be answered later (429, 5xx, time-out, connection); `retry_after` in seconds, if told."""

    def __init__(self, provider: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(provider, message)
        self.retry_after = retry_after


class RefusalError(ProviderError):
    """The model, or a filter before or behind it, declined to answer."""


class InvalidAnswerError(ProviderError):
    """There is an answer, but not of the shape that was asked for; the message may be told to the model."""


class RejectedError(ProviderError):
    """The provider does not take the question and won't later: key, model, address or a parameter is wrong."""
