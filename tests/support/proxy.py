"""A TCP proxy in front of a storage account: cuts services off and restores them, and remembers what was sent."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine, Iterable
from functools import partial
from types import TracebackType
from typing import Self

from localhost.azurite import Ports, connection_string

SERVICES = ("blob", "queue", "table")
CHUNK = 65_536
LINGER_NOT = struct.pack("ii", 1, 0)


class Proxy:
    """`with Proxy(azurite.ports) as proxy: … proxy.connection_string … proxy.cut("table") … proxy.restore()`.

    A service that is cut off drops its connections, requests in flight included, and refuses new ones by a reset. Its
    port stays ours, so that nobody else takes it meanwhile. `dropped` and `refused` count connections. With `record`
    everything sent upstream is kept.
    """

    def __init__(self, ports: Ports, *, record: bool = False) -> None:
        self._upstream = dict(zip(SERVICES, ports, strict=True))
        self._record = record
        self._listeners = {service: socket.create_server(("127.0.0.1", 0)) for service in SERVICES}
        self._cut: set[str] = set()
        self._writers: dict[str, set[asyncio.StreamWriter]] = {service: set() for service in SERVICES}
        self._streams: dict[str, list[bytearray]] = {service: [] for service in SERVICES}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._servers: list[asyncio.Server] = []
        self.dropped = 0
        self.refused = 0

    @property
    def connection_string(self) -> str:
        """For the Azure SDKs and the settings."""
        blob, queue, table = (self._listeners[service].getsockname()[1] for service in SERVICES)
        return connection_string((blob, queue, table))

    def cut(self, *services: str) -> None:
        """Cut off these services, or all."""
        self._call(self._drop(services or SERVICES))

    def restore(self) -> None:
        """Let everything through again."""
        self._cut = set()

    def sent(self, service: str) -> list[bytes]:
        """Return what was sent to a service, connection by connection."""
        return [bytes(stream) for stream in self._streams[service]]

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._serve())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, coroutine: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    async def _serve(self) -> None:
        for service in SERVICES:
            self._servers.append(
                await asyncio.start_server(
                    partial(self._relay, service), sock=self._listeners[service], backlog=512
                )
            )

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        await self._drop(SERVICES)
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _drop(self, services: Iterable[str]) -> None:
        self._cut |= set(services)
        for service in services:
            for writer in list(self._writers[service]):
                self.dropped += 1
                _reset(writer)

    async def _relay(self, service: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if service in self._cut:
            self.refused += 1
            _reset(writer)
            return
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._upstream[service])
        except OSError:
            _reset(writer)
            return
        stream = bytearray()
        if self._record:
            self._streams[service].append(stream)
        ends = {writer, up_writer}
        self._writers[service] |= ends
        if service in self._cut:  # cut while the upstream connection was being made
            for end in ends:
                _reset(end)
        halves = [
            asyncio.ensure_future(_pump(reader, up_writer, stream if self._record else None)),
            asyncio.ensure_future(_pump(up_reader, writer, None)),
        ]
        try:
            await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._writers[service] -= ends
            for half in halves:
                half.cancel()
            for end in ends:
                end.close()
            await asyncio.gather(*halves, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, copy: bytearray | None) -> None:
    """Pass on what comes until either side is gone; a half-closed connection is closed whole."""
    try:
        while data := await reader.read(CHUNK):
            if copy is not None:
                copy += data
            writer.write(data)
            await writer.drain()
    except OSError:
        return


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close at once with a TCP reset, what was not sent yet is lost."""
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
    writer.transport.abort()
