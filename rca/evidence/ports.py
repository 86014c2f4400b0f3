"""What an adapter is, and what it is given."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from rca.domain.evidence import EvidenceItem, Note
from rca.domain.failure import Failure
from rca.errors import UnavailableError


class LateError(UnavailableError):
    """The time for gathering evidence is used up."""

    title = "Too late"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock."""

    ends: float
    monotonic: Callable[[], float] = time.monotonic

    @classmethod
    def after(cls, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> Deadline:
        """Return the moment that is so many seconds from now."""
        return cls(monotonic() + seconds, monotonic)

    def left(self) -> float:
        """Seconds that remain, never below 0."""
        return max(0.0, self.ends - self.monotonic())

    def check(self) -> None:
        """Raise LateError once the moment has passed."""
        if self.left() <= 0:
            raise LateError("the time for gathering evidence is used up")


class Enricher(Protocol):
    """Asks one platform about failures."""

    @property
    def name(self) -> str:
        """What notes and evidence call it."""

    def applies(self, failure: Failure) -> bool:
        """Whether it can say anything about such a failure; asks nobody."""

    def gather(self, failure: Failure, deadline: Deadline) -> Iterator[EvidenceItem | Note]:
        """Yield evidence, the most telling first; what was yielded stays when it fails later.

        Raises RcaError: EvidenceError for good, UnavailableError in passing.
        """


class Tokens(Protocol):
    """Gives Entra ID tokens."""

    def __call__(self, scope: str) -> str:
        """Return an access token for a scope such as `https://management.azure.com/.default`."""


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What adapters need besides their settings; tests inject their own."""

    tokens: Tokens
    now: Callable[[], datetime] = utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
