"""Takes an alert in: check, redact, make durable, answer."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, NoReturn, Protocol

from rca import sources
from rca.domain.ids import alert_time, new_alert_id
from rca.domain.redaction import redact_tree
from rca.errors import BadRequestError, NotFoundError, ShapeError, TooLargeError
from rca.storage.dead_letters import DeadLetter
from rca.storage.intake import Fate
from rca.storage.queues import MESSAGE_LIMIT, encoded
from rca.workflow.messages import ALERTS, INTAKE, Alert
from rca.workflow.ports import Clock, LetterBox

_PENDING_FOR = timedelta(days=8)
"""A little longer than a message may wait; after that an unknown id is not pending but unknown."""
_AHEAD = timedelta(minutes=5)


class Documents(Protocol):
    """Keeps payloads that are too long for a message."""

    def put(self, name: str, data: bytes) -> None:
        """Write one document."""


class TextSender(Protocol):
    """Puts encoded messages into queues."""

    def send_text(self, queue: str, text: str, *, delay: float = 0) -> None:
        """Put one message."""


class FateReader(Protocol):
    """Knows what became of alerts."""

    def find(self, alert_id: str) -> Fate | None:
        """Return the fate of an alert, None where nothing is known."""


class Intake:
    """Accepts alerts over HTTP and tells what became of them."""

    def __init__(
        self,
        sender: TextSender,
        payloads: Documents,
        letters: LetterBox,
        fates: FateReader,
        clock: Clock,
        max_body_bytes: int,
    ) -> None:
        self._sender = sender
        self._payloads = payloads
        self._letters = letters
        self._fates = fates
        self._clock = clock
        self._max_body_bytes = max_body_bytes

    def accept(self, body: bytes, route: str) -> str:
        """Make an alert durable and return its id.

        Raises TooLargeError, BadRequestError (not JSON), ShapeError (JSON of no known shape; kept as a dead
        letter) or UnavailableError (could not be made durable; the sender should try again).
        """
        if len(body) > self._max_body_bytes:
            raise TooLargeError(
                f"the body has {len(body)} bytes; at most {self._max_body_bytes} are accepted"
            )
        payload = redact_tree(parse_json(body))
        now = self._clock()
        alert_id = new_alert_id(now)
        try:
            if not isinstance(payload, dict):
                raise ShapeError("the body must be a JSON object", ["$"])
            sources.read(payload, route, now)
        except ShapeError as error:
            self._keep(alert_id, payload, error, route)
        alert = Alert(alert_id, route, now, payload)
        text = encoded(alert.message())
        if len(text) * 3 > MESSAGE_LIMIT and len(text.encode()) > MESSAGE_LIMIT:
            self._payloads.put(alert.blob, encoded(payload).encode())
            text = encoded(Alert(alert_id, route, now, payload_blob=alert.blob).message())
        self._sender.send_text(ALERTS, text)
        return alert_id

    def fate(self, alert_id: str) -> Fate:
        """Tell what became of an alert; `pending` while nobody knows. Raises NotFoundError."""
        taken_at = alert_time(alert_id)
        now = self._clock()
        if taken_at is None or taken_at > now + _AHEAD:
            raise NotFoundError(f"{alert_id[:40]!r} is not an alert id of ours")
        fate = self._fates.find(alert_id)
        if fate is None and taken_at < now - _PENDING_FOR:
            raise NotFoundError(f"nothing is known of alert {alert_id}")
        return fate or Fate("pending")

    def _keep(self, alert_id: str, payload: Any, error: ShapeError, route: str) -> NoReturn:
        fields = f" ({', '.join(error.fields)})" if error.fields else ""
        self._letters.put(
            DeadLetter(
                queue=INTAKE,
                id=alert_id,
                at=self._clock(),
                reason=f"{route}: {error.detail}{fields}",
                error=type(error).__name__,
                payload=json.dumps(payload, ensure_ascii=False),
                alert_id=alert_id,
            )
        )
        raise error


def parse_json(body: bytes) -> Any:
    """Parse a request body as strict JSON. Raises BadRequestError saying where it breaks."""
    try:
        return json.loads(body, parse_constant=_not_json)
    except RecursionError:
        raise BadRequestError("the body is nested too deeply to be read") from None
    except UnicodeDecodeError:
        raise BadRequestError("the body is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BadRequestError(f"the body is not JSON: {error.msg} at {place}") from None
    except ValueError as error:
        raise BadRequestError(f"the body is not JSON: {error}") from None


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")
