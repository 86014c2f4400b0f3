"""Sends what one stage has for the next, each message in one place."""

from __future__ import annotations

from datetime import datetime

from rca.domain.times import iso
from rca.workflow.messages import ANALYSES, BROADCASTS, CHANGES, DEADLINES
from rca.workflow.ports import Sender

_REQUEST_SECONDS = 15
"""Longer than any command of a person takes."""


class Emit:
    """Puts the messages between the stages into their queues."""

    def __init__(self, sender: Sender, change_delay: float) -> None:
        self._sender = sender
        self._change_delay = change_delay

    def analysis(self, ticket_id: str, revision: int, at: datetime) -> None:
        """Have a ticket analysed."""
        self._sender.send(ANALYSES, {"ticket_id": ticket_id, "revision": revision, "at": iso(at)})

    def upgrade(
        self, ticket_id: str, revision: int, turn: int, at: datetime, delay: float, *, waited: int = 0
    ) -> None:
        """Have a ticket analysed again later, because a model was out of reach; `turn` counts from 1.

        `waited` counts the looks at an answer that somebody else asked for.
        """
        message: dict[str, object] = {
            "ticket_id": ticket_id,
            "revision": revision,
            "upgrade": turn,
            "at": iso(at),
        }
        if waited:
            message["waited"] = waited
        self._sender.send(ANALYSES, message, delay=delay)

    def change(self, ticket_id: str, version: int, at: datetime) -> None:
        """Have the read models follow a ticket now."""
        self._sender.send(CHANGES, _change(ticket_id, version, at))

    def change_later(self, ticket_id: str, version: int, at: datetime) -> None:
        """Have the read models follow a ticket soon; costs little where another change came before."""
        self._sender.send(CHANGES, _change(ticket_id, version, at), delay=self._change_delay)

    def change_anyway(self, ticket_id: str, version: int, at: datetime) -> None:
        """Have the read models follow a ticket after a request that may die before it can say so."""
        self._sender.send(CHANGES, _change(ticket_id, version, at), delay=_REQUEST_SECONDS)

    def badge(self, ticket_id: str, count: int, at: datetime) -> None:
        """Have a card show how often its failure was reported."""
        self._sender.send(CHANGES, {"ticket_id": ticket_id, "badge": count, "at": iso(at)})

    def broadcast(self, event: str, ticket_id: str, version: int, at: datetime) -> None:
        """Tell the dashboards."""
        self._sender.send(
            BROADCASTS, {"event": event, "ticket_id": ticket_id, "version": version, "at": iso(at)}
        )

    def deadline(self, ticket_id: str, due: datetime, now: datetime) -> None:
        """Have a ticket looked at when its time is up."""
        delay = max((due - now).total_seconds(), 0)
        self._sender.send(DEADLINES, {"ticket_id": ticket_id, "due": iso(due), "at": iso(now)}, delay=delay)


def _change(ticket_id: str, version: int, at: datetime) -> dict[str, object]:
    return {"ticket_id": ticket_id, "version": version, "at": iso(at)}
