"""Sends JSON objects to our queues, at once or delayed."""

from __future__ import annotations

import base64
import json
from binascii import Error as Base64Error
from collections.abc import Iterator, Mapping
from typing import Any

from azure.core.exceptions import ResourceExistsError
from azure.storage.queue import QueueClient, QueueMessage

from rca.storage.connection import Storage
from rca.storage.faults import translated

MESSAGE_LIMIT = 48 * 1024
"""Bytes of a message before base64; the service takes 64 KiB of encoded text.

learn.microsoft.com/azure/storage/queues/scalability-targets
"""
_FOREVER = -1
_LONGEST_DELAY = 7 * 86_400 - 60
_CALLER_WAITS = 4.0
"""Seconds to wait for the service's answer, twice at most; Azure Monitor gives up on a webhook after about ten."""


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def encoded(message: Mapping[str, object]) -> str:
    """Return the text of a message; never an array, which the Functions host would split."""
    return _ENCODER.encode(message)


class PoisonMessage:
    """One message that the Functions host gave up on."""

    def __init__(self, client: QueueClient, message: QueueMessage) -> None:
        self._client = client
        self._message = message
        self.text = _text_of(str(message.content))
        self.deliveries = int(message.dequeue_count or 0)

    def delete(self) -> None:
        """Take it out of the queue. Raises UnavailableError."""
        with translated():
            self._client.delete_message(self._message)


class Queues:
    """The queues between the stages."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._clients: dict[str, QueueClient] = {}

    def send(self, queue: str, message: Mapping[str, object], *, delay: float = 0) -> None:
        """Put one message; it shows after `delay` seconds and never expires. Raises UnavailableError."""
        self._put(queue, encoded(message), delay)

    def send_text(self, queue: str, text: str, *, delay: float = 0) -> None:
        """Put one encoded message for a caller who waits for us: answers or raises UnavailableError within seconds."""
        self._put(queue, text, delay, read_timeout=_CALLER_WAITS)

    def _put(self, queue: str, text: str, delay: float, **options: Any) -> None:
        hidden = min(max(int(-(-delay // 1)), 0), _LONGEST_DELAY)
        with translated():
            self.client(queue).send_message(
                text, visibility_timeout=hidden or None, time_to_live=_FOREVER, **options
            )

    def depth(self, queue: str) -> int:
        """Return about how many messages the queue holds, hidden ones included. Raises UnavailableError."""
        with translated():
            return self.client(queue).get_queue_properties().approximate_message_count or 0

    def visible(self, queue: str) -> int:
        """Return how many of the first 32 messages can be taken now; a full answer means 32 or more."""
        with translated():
            return len(self.client(queue).peek_messages(max_messages=32))

    def poison(self, queue: str) -> Iterator[PoisonMessage]:
        """Yield what lies in a queue's poison queue, hidden from others for a while."""
        client = self.client(f"{queue}-poison")
        while True:
            with translated():
                taken = list(
                    client.receive_messages(messages_per_page=32, visibility_timeout=60, max_messages=32)
                )
            if not taken:
                return
            for message in taken:
                yield PoisonMessage(client, message)

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


def _text_of(content: str) -> str:
    """Decode a poison message; what is not base64 text is kept as it stands."""
    try:
        return base64.b64decode(content, validate=True).decode()
    except (Base64Error, ValueError):
        return content
