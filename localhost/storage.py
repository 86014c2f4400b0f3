"""Queue clients of the storage connections that bindings name, called from a small thread pool."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from azure.core.exceptions import ResourceExistsError
from azure.storage.queue import LinearRetry, QueueClient, QueueServiceClient

from localhost.errors import HostError
from localhost.functions import Binding
from localhost.settings import connection, resolve

# one Azurite serves about 700 requests a second: eight threads keep it busy, more only fight for the GIL
THREADS = 8


class Storage:
    """Opens queues by binding; `call` runs an SDK call off the event loop."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._services: dict[str, QueueServiceClient] = {}
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="localhost-storage")

    def queue_name(self, binding: Binding, where: str) -> str:
        """Return the name of the queue, settings resolved."""
        return resolve(binding.text("queueName"), self._environ, where).lower()

    def queue(self, binding: Binding, where: str, suffix: str = "") -> QueueClient:
        """Open the binding's queue; raises HostError when a setting it needs is missing."""
        text = connection(binding.text("connection"), self._environ, where)
        name = self.queue_name(binding, where) + suffix
        try:
            service = self._services.setdefault(text, _service(text))
            return service.get_queue_client(name)
        except ValueError as error:
            raise HostError(f"{where}: storage connection '{binding.text('connection')}': {error}") from error

    async def call[**P, R](self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a blocking SDK call on the pool."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, partial(function, *args, **kwargs))

    async def create(self, queue: QueueClient) -> None:
        """Create the queue if it is not there."""
        try:
            await self.call(queue.create_queue)
        except ResourceExistsError:
            return

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _service(text: str) -> QueueServiceClient:
    retry = LinearRetry(backoff=1, retry_total=2, random_jitter_range=0)
    return QueueServiceClient.from_connection_string(
        text, retry_policy=retry, connection_timeout=5, read_timeout=30
    )
