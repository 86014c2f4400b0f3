"""Takes what the host gave up on out of the poison queues and keeps it as dead letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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

    def __init__(self, source: PoisonSource, deliverer: Deliverer, queues: Sequence[str]) -> None:
        self._source = source
        self._deliverer = deliverer
        self._queues = queues

    def __call__(self) -> int:
        """Move every poison message to the dead letters and return how many there were."""
        moved = 0
        for queue in self._queues:
            for message in self._source.poison(queue):
                # Kept before it is deleted: a crash in between keeps it twice in one and the same row.
                self._deliverer.bury_poison(Delivery(queue, message.text, message.deliveries))
                message.delete()
                moved += 1
        return moved
