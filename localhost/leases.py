"""The lease of a message in work."""

import asyncio
import contextlib
import logging
from types import TracebackType
from typing import Self

from azure.core.exceptions import AzureError
from azure.storage.queue import QueueClient, QueueMessage

from localhost.storage import Storage

log = logging.getLogger("localhost")


class Lease:
    """Renews a message's invisibility every half lease while the block runs; `receipt` then settles it.

    A renewal changes the pop receipt, so the block's end waits for one under way.
    """

    def __init__(self, storage: Storage, queue: QueueClient, message: QueueMessage, seconds: float) -> None:
        self._storage = storage
        self._queue = queue
        self._message = message
        self._seconds = seconds
        self._renewing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.receipt = str(message.pop_receipt)

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        async with self._renewing:
            if self._task:
                self._task.cancel()

    async def _keep(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(self._seconds / 2)
                async with self._renewing:
                    await self._renew()

    async def _renew(self) -> None:
        try:
            renewed = await self._storage.call(
                self._queue.update_message,
                self._message.id,
                self.receipt,
                visibility_timeout=round(self._seconds),
            )
        except (AzureError, OSError) as error:
            problem = str(error).splitlines()[0]
            log.warning(
                "queue %s: lease of message %s not renewed: %s",
                self._queue.queue_name,
                self._message.id,
                problem,
            )
        else:
            self.receipt = str(renewed.pop_receipt)
