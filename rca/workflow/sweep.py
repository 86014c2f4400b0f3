"""Takes what the host gave up on out of the poison queues and keeps it as dead letters."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from rca.workflow.delivery import Deliverer, Delivery


class PoisonSource(Protocol):
    """Reads and deletes the messages of a poison queue."""

    def poison(self, queue: str) -> Iterator[PoisonMessage]:
        """Yield the messages that the host moved aside for a queue."""


class PoisonMessage(Protocol):
    """One message of a poison queue."""

    text: str
    deliveries: int

    def delete(self) -> None:
        """Take it out of the queue."""


class Sweep:
    """Empties the poison queues."""

    def __init__(
        self, source: PoisonSource, deliverer: Deliverer, queues: Sequence[str], passing: Collection[str]
    ) -> None:
        """Take the queues; `passing` names those whose messages are worth nothing once they are late."""
        self._source = source
        self._deliverer = deliverer
        self._queues = queues
        self._passing = passing

    def __call__(self) -> int:
        """Move every poison message to the dead letters, drop the passing ones; return how many there were."""
        moved = 0
        for queue in self._queues:
            for message in self._source.poison(queue):
                if queue not in self._passing:
                    # Kept before it is deleted: a crash in between keeps it again, in one and the same row.
                    self._deliverer.bury_poison(Delivery(queue, message.text, message.deliveries))
                message.delete()
                moved += 1
        return moved
