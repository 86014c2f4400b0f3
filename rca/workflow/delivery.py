"""The one wrapper round every queue handler: what passes is delayed, what does not is kept as a dead letter."""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rca.domain.times import iso, parse_iso
from rca.errors import NotConfiguredError, RcaError, UnavailableError
from rca.storage.dead_letters import DeadLetter
from rca.storage.intake import Fate
from rca.workflow.messages import ALERTS, Message, message_id
from rca.workflow.ports import Clock, Fates, LetterBox, Sender

log = logging.getLogger(__name__)

ATTEMPTS = 5
"""Deliveries the host gives a message whose handler raises: `maxDequeueCount` of host.json."""

_MOST_DOUBLINGS = 20


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as the host hands it over; `count` is 1 on its first delivery."""

    queue: str
    text: str
    count: int


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait after a passing failure, in seconds, and when to give up."""

    base: float
    longest: float
    window: float

    def delay(self, attempt: int, told: float | None) -> float:
        """Return the wait before an attempt (1 is the first retry), at least what the dependency told."""
        grown: float = min(self.base * 2.0 ** min(attempt - 1, _MOST_DOUBLINGS), self.longest)
        # Spread, so that messages that failed together do not come back together.
        spread = grown * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        return max(spread, told or 0)


type Handler = Callable[[Message, bool], None]
"""Takes a message and whether this is the first time that anyone tries it."""


class Deliverer:
    """Runs handlers and decides what becomes of the messages they fail on."""

    def __init__(
        self, sender: Sender, letters: LetterBox, fates: Fates, clock: Clock, patience: Patience
    ) -> None:
        self._sender = sender
        self._letters = letters
        self._fates = fates
        self._clock = clock
        self._patience = patience

    def deliver(self, delivery: Delivery, handler: Handler) -> None:
        """Handle one message. Returning completes it; raising makes the host try again soon."""
        message = _parsed(delivery.text)
        if message is None:
            self._bury(delivery, {}, "the message is not a JSON object", "MalformedMessage")
            return
        try:
            handler(message, delivery.count <= 1 and "retry" not in message)
        except (UnavailableError, NotConfiguredError) as error:
            self._postpone(delivery, message, error)
        except RcaError as error:
            self._bury(delivery, message, error.detail, type(error).__name__)
        except Exception as error:
            # A bug, or something nobody foresaw: the quick attempts first, then a dead letter.
            if delivery.count < ATTEMPTS:
                raise
            log.exception("gave up on a message of %s, id %s", delivery.queue, message_id(message))
            self._bury(delivery, message, f"{type(error).__name__} in the handler", type(error).__name__)

    def bury_poison(self, delivery: Delivery) -> None:
        """Keep a message that the host itself gave up on."""
        message = _parsed(delivery.text) or {}
        self._bury(delivery, message, "the host gave up after its quick attempts", "Poison")

    def _postpone(self, delivery: Delivery, message: Message, error: RcaError) -> None:
        now = self._clock()
        retry = message.get("retry") or {}
        attempt = int(retry.get("attempt", 0)) + 1
        since = parse_iso(retry["since"]) if "since" in retry else now
        if now - since > timedelta(seconds=self._patience.window):
            self._bury(
                delivery, message, f"still failing after {attempt} attempts: {error.detail}", "Unavailable"
            )
            return
        told = error.retry_after if isinstance(error, UnavailableError) else None
        delay = self._patience.delay(attempt, told)
        copy = {**message, "retry": {"attempt": attempt, "since": iso(since)}}
        self._sender.send(delivery.queue, copy, delay=delay)
        log.warning(
            "%s %s waits %.0f s, attempt %d: %s",
            delivery.queue,
            message_id(message),
            delay,
            attempt,
            error.detail,
        )

    def _bury(self, delivery: Delivery, message: Message, reason: str, error: str) -> None:
        alert_id = message.get("alert_id")
        self._letters.put(
            DeadLetter(
                queue=delivery.queue,
                id=message_id(message) if message else message_id({"text": delivery.text}),
                at=_accepted_at(message) or self._clock(),
                reason=reason,
                error=error,
                payload=delivery.text,
                alert_id=alert_id if isinstance(alert_id, str) else None,
                attempts=delivery.count + int((message.get("retry") or {}).get("attempt", 0)),
            )
        )
        if delivery.queue == ALERTS and isinstance(alert_id, str):
            self._fates.put(alert_id, Fate("dead", reason))


def _parsed(text: str) -> Message | None:
    try:
        message: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def _accepted_at(message: Message) -> datetime | None:
    try:
        return parse_iso(message["at"])
    except (KeyError, TypeError, ValueError):
        return None
