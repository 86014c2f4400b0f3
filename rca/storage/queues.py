"""Sends JSON objects to our queues, at once or delayed."""

from __future__ import annotations

import json
from collections.abc import Mapping

from azure.core.exceptions import ResourceExistsError
from azure.storage.queue import QueueClient

from rca.storage.connection import Storage
from rca.storage.faults import translated

MESSAGE_LIMIT = 48 * 1024
"""Bytes of a message before base64; the service takes 64 KiB of encoded text.

learn.microsoft.com/azure/storage/queues/scalability-targets
"""
_FOREVER = -1
_LONGEST_DELAY = 7 * 86_400 - 60


def encoded(message: Mapping[str, object]) -> str:
    """Return the text of a message; never an array, which the Functions host would split."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


class Queues:
    """The queues between the stages."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._clients: dict[str, QueueClient] = {}

    def send(self, queue: str, message: Mapping[str, object], *, delay: float = 0) -> None:
        """Put one message; it shows after `delay` seconds and never expires. Raises UnavailableError."""
        self.send_text(queue, encoded(message), delay=delay)

    def send_text(self, queue: str, text: str, *, delay: float = 0) -> None:
        """Put one message that is encoded already. Raises UnavailableError."""
        hidden = min(max(int(-(-delay // 1)), 0), _LONGEST_DELAY)
        with translated():
            self.client(queue).send_message(text, visibility_timeout=hidden or None, time_to_live=_FOREVER)

    def depth(self, queue: str) -> int:
        """Return about how many messages the queue holds, hidden ones included. Raises UnavailableError."""
        with translated():
            return self.client(queue).get_queue_properties().approximate_message_count or 0

    def visible(self, queue: str) -> int:
        """Return how many of the first 32 messages can be taken now; a full answer means 32 or more."""
        with translated():
            return len(self.client(queue).peek_messages(max_messages=32))

    def create(self, queue: str) -> None:
        """Make the queue and its poison queue unless they are there."""
        for name in (queue, f"{queue}-poison"):
            with translated():
                try:
                    self.client(name).create_queue()
                except ResourceExistsError:
                    continue

    def client(self, queue: str) -> QueueClient:
        """Return the SDK's client of a queue."""
        if queue not in self._clients:
            self._clients[queue] = self._storage.queue(queue)
        return self._clients[queue]
