"""What the use cases need from outside, as small interfaces; tests pass fakes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from rca.storage.dead_letters import DeadLetter
from rca.storage.intake import Fate


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Return now, aware and UTC."""


class Sender(Protocol):
    """Puts messages into queues."""

    def send(self, queue: str, message: Mapping[str, object], *, delay: float = 0) -> None:
        """Put one message that shows after `delay` seconds."""


class LetterBox(Protocol):
    """Keeps dead letters."""

    def put(self, letter: DeadLetter) -> None:
        """Keep one letter."""


class Fates(Protocol):
    """Records what became of alerts."""

    def put(self, alert_id: str, fate: Fate) -> None:
        """Record the last word on an alert."""
