"""Queue triggers with the semantics of Azure's storage extension.

After azure-sdk-for-net Microsoft.Azure.WebJobs.Extensions.Storage.Queues (QueueListener, QueueProcessor): a batch is
fetched while no more than `newBatchThreshold` messages are in work, so up to `batchSize + newBatchThreshold` run at
once per function. A message is leased (10 min) and renewed at half; success deletes it; failure makes it visible again
after `visibilityTimeout`, at `maxDequeueCount` attempts it goes to `<queue>-poison`. A poison queue has none itself:
what fails there stays hidden until its lease ends.
"""

import asyncio
import base64
import binascii
import contextlib
import json
import logging
import random
from dataclasses import dataclass
from datetime import datetime

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.queue import QueueClient, QueueMessage

from localhost.config import FIRST_POLL, QueueOptions
from localhost.functions import Function
from localhost.invoker import Invoker
from localhost.leases import Lease
from localhost.storage import Storage
from localhost.worker import Datum

log = logging.getLogger("localhost")
POISON = "-poison"
OUTAGE_POLL = 5.0


@dataclass(frozen=True, slots=True)
class Queues:
    """The trigger's queue and, unless it is a poison queue itself, its poison queue."""

    main: QueueClient
    poison: QueueClient | None

    @property
    def name(self) -> str:
        """The trigger queue's name."""
        return str(self.main.queue_name)


class QueueListener:
    """Feeds one function from its queue until `stop`."""

    def __init__(
        self, function: Function, storage: Storage, invoker: Invoker, options: QueueOptions, lease: float
    ) -> None:
        where = f"function {function.name}"
        main = storage.queue(function.trigger, where)
        poison = None if main.queue_name.endswith(POISON) else storage.queue(function.trigger, where, POISON)
        self.queues = Queues(main, poison)
        self._function = function
        self._storage = storage
        self._invoker = invoker
        self._options = options
        self._lease = lease
        self._working: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._reachable = True

    async def create_queues(self) -> None:
        """Create what is listened to."""
        await self._storage.create(self.queues.main)
        if self.queues.poison:
            await self._storage.create(self.queues.poison)

    async def listen(self) -> None:
        """Fetch and work until `stop`; an outage of the storage is waited out."""
        delay = FIRST_POLL
        while not self._stopping.is_set():
            messages = await self._fetch()
            if messages:
                delay = FIRST_POLL
                self._start(messages)
                await self._until_room()
            else:
                await self._pause(delay * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
                longest = self._options.max_polling_interval if self._reachable else OUTAGE_POLL
                delay = min(delay * 2, longest)

    def stop(self) -> None:
        """Fetch no more; what is in work goes on (see `drain`)."""
        self._stopping.set()

    async def drain(self) -> None:
        """Wait until nothing is in work."""
        while self._working:
            await asyncio.wait(self._working)

    async def _fetch(self) -> list[QueueMessage]:
        try:
            messages = await self._storage.call(self._receive)
        except ResourceNotFoundError:
            self._note_reachable(False, "the queue does not exist")
            return []
        except (AzureError, OSError) as error:
            self._note_reachable(False, f"storage is out of reach: {str(error).splitlines()[0]}")
            return []
        self._note_reachable(True, "")
        return messages

    def _receive(self) -> list[QueueMessage]:
        pages = self.queues.main.receive_messages(
            messages_per_page=self._options.batch_size, visibility_timeout=round(self._lease), retry_total=0
        ).by_page()
        return list(next(pages, iter(())))

    def _note_reachable(self, reachable: bool, problem: str) -> None:
        """One line when it changes, not one a poll."""
        if reachable != self._reachable:
            self._reachable = reachable
            if reachable:
                log.warning("queue %s: reachable again", self.queues.name)
            else:
                log.warning("queue %s: %s; trying on", self.queues.name, problem)

    def _start(self, messages: list[QueueMessage]) -> None:
        for message in messages:
            task = asyncio.create_task(self._work(message))
            self._working.add(task)
            task.add_done_callback(self._working.discard)

    async def _until_room(self) -> None:
        while len(self._working) > self._options.new_batch_threshold and not self._stopping.is_set():
            await asyncio.wait(self._working, return_when=asyncio.FIRST_COMPLETED)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _work(self, message: QueueMessage) -> None:
        """One message from pick-up to its deletion, release or burial; never raises."""
        try:
            async with Lease(self._storage, self.queues.main, message, self._lease) as lease:
                succeeded = await self._invoke(message)
            await self._settle(message, lease.receipt, succeeded)
        except (AzureError, OSError) as error:
            problem = str(error).splitlines()[0]
            log.warning("queue %s: message %s comes again: %s", self.queues.name, message.id, problem)

    async def _invoke(self, message: QueueMessage) -> bool | None:
        """Run the function; None if the message must not run: it failed too often, or can't be decoded."""
        attempt, most = message.dequeue_count or 1, self._options.max_dequeue_count
        if attempt > most and self.queues.poison:
            return None
        try:
            body = self._decode(str(message.content))
        except (binascii.Error, ValueError):
            log.error("queue %s: message %s is not base64", self.queues.name, message.id)
            return None
        about = f" [queue {self.queues.name}, message {message.id}, attempt {attempt} of {most}]"
        data = Datum(body, "string")
        outcome = await self._invoker.run(self._function, data, metadata=_metadata(message), about=about)
        return outcome.ok

    def _decode(self, content: str) -> str:
        raw = base64.b64decode(content, validate=True) if self._options.base64 else content.encode()
        return raw.decode("utf-8", "replace")

    async def _settle(self, message: QueueMessage, receipt: str, succeeded: bool | None) -> None:
        if succeeded:
            await self._delete(message, receipt)
        elif self.queues.poison is None:
            return
        elif succeeded is None or (message.dequeue_count or 1) >= self._options.max_dequeue_count:
            await self._bury(message, receipt, self.queues.poison)
        else:
            await self._storage.call(
                self.queues.main.update_message,
                message.id,
                receipt,
                visibility_timeout=round(self._options.visibility_timeout),
            )

    async def _bury(self, message: QueueMessage, receipt: str, poison: QueueClient) -> None:
        try:
            await self._storage.call(poison.send_message, message.content)
        except ResourceNotFoundError:
            await self._storage.create(poison)
            await self._storage.call(poison.send_message, message.content)
        await self._delete(message, receipt)
        log.error("queue %s: message %s moved to %s", self.queues.name, message.id, poison.queue_name)

    async def _delete(self, message: QueueMessage, receipt: str) -> None:
        """Gone already, or leased by another after our lease ended: either way no longer ours."""
        with contextlib.suppress(ResourceNotFoundError):
            await self._storage.call(self.queues.main.delete_message, message.id, receipt)


def _metadata(message: QueueMessage) -> dict[str, Datum]:
    values = {
        "Id": message.id,
        "DequeueCount": message.dequeue_count,
        "ExpirationTime": _time(message.expires_on),
        "InsertionTime": _time(message.inserted_on),
        "NextVisibleTime": _time(message.next_visible_on),
        "PopReceipt": message.pop_receipt,
    }
    return {name: Datum(json.dumps(value), "json") for name, value in values.items()}


def _time(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
