"""The host's life: storage, functions, listeners, HTTP; and the way back down in the reverse order."""

import asyncio
import importlib
import inspect
import logging
import os
import signal
import socket
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp

from localhost.azurite import Azurite
from localhost.config import HostConfig
from localhost.errors import HostError
from localhost.functions import Function
from localhost.invoker import Invoker
from localhost.keys import Keys
from localhost.outputs import QueueOutput
from localhost.queues import QueueListener
from localhost.routing import Router
from localhost.server import Server
from localhost.signalr.bindings import SignalRBindings
from localhost.signalr.endpoints import SignalREndpoints
from localhost.signalr.hubs import Hubs
from localhost.site import Admin, Site, start_page
from localhost.storage import Storage
from localhost.timers import TimerListener
from localhost.web import FunctionRoutes, body_limit
from localhost.worker import Worker

log = logging.getLogger("localhost")
GRACE_SECONDS = 30.0
DEFAULT_PREPARE = "localhost.first_run:prepare"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line decided."""

    app: Path
    auth: bool
    lease: float
    prepare: str | None


class Host:
    """Serves one function app on `listener`; `run` returns when a signal has stopped it."""

    def __init__(
        self, options: Options, config: HostConfig, listener: socket.socket, azurite: Azurite | None
    ) -> None:
        self._options = options
        self._config = config
        self._listener = listener
        self._azurite = azurite
        self._storage = Storage(os.environ)
        self._worker = Worker(options.app)
        self._queue_output = QueueOutput(self._storage, base64_encoded=config.queues.base64)
        self._hubs = Hubs()
        self._signalr = SignalRBindings(self._hubs, os.environ, listener.getsockname()[1])
        self._invoker = Invoker(
            self._worker,
            inputs={"signalrconnectioninfo": self._signalr.connection_info},
            outputs={"queue": self._queue_output, "signalr": self._signalr.deliver},
        )
        self._queues: list[QueueListener] = []
        self._timers: list[TimerListener] = []
        self._server: Server | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Start, serve until SIGINT or SIGTERM, stop softly. Raises HostError if it can't start."""
        self._handle_signals()
        functions = await self._worker.load()
        keys = Keys(self._options.auth, os.environ)
        self._connect(functions)
        await self._prepare()
        await self._create_queues()
        self._server = Server(self._site(functions, keys), GRACE_SECONDS, self._announce)
        tasks = [asyncio.create_task(each.listen()) for each in self._listeners]
        tasks.append(asyncio.create_task(self._server.serve(sockets=[self._listener])))
        signalled = asyncio.create_task(self._stopping.wait())
        await asyncio.wait([signalled, *tasks], return_when=asyncio.FIRST_COMPLETED)
        await self._stop(tasks)

    @property
    def _listeners(self) -> list[QueueListener | TimerListener]:
        return [*self._queues, *self._timers]

    def _connect(self, functions: list[Function]) -> None:
        """Bind every function to what triggers it and what it writes to; finds unset settings."""
        for function in functions:
            self._queue_output.prepare(function)
            self._signalr.prepare(function)
            if function.trigger.type == "queuetrigger":
                options, lease = self._config.queues, self._options.lease
                self._queues.append(QueueListener(function, self._storage, self._invoker, options, lease))
            elif function.trigger.type == "timertrigger":
                self._timers.append(TimerListener(function, self._invoker, os.environ))

    async def _prepare(self) -> None:
        """Let the app make its tables and containers."""
        default = (self._options.app / "rca" / "wiring").is_dir()
        hook = self._options.prepare or (DEFAULT_PREPARE if default else "")
        if not hook:
            return
        module, _, name = hook.partition(":")
        try:
            prepare = getattr(importlib.import_module(module), name)
            result = await asyncio.to_thread(prepare)
            if inspect.isawaitable(result):
                await result
        except Exception as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{frame.filename}:{frame.lineno}"
            raise HostError(f"--prepare {hook}: {type(error).__name__}: {error} ({place})") from error

    async def _create_queues(self) -> None:
        try:
            await asyncio.gather(*(each.create_queues() for each in self._queues))
        except Exception as error:
            problem = str(error).splitlines()[0]
            raise HostError(f"can't create the trigger queues: {problem}") from error

    def _site(self, functions: list[Function], keys: Keys) -> ASGIApp:
        prefix = self._config.route_prefix
        routes = FunctionRoutes(Router(functions, prefix), keys, self._invoker, body_limit(os.environ))
        admin = Admin(functions, prefix, keys, self._status)
        start = start_page(self._options.app, functions, prefix)
        return Site(routes, prefix, admin, SignalREndpoints(self._hubs, self._signalr), start)

    def _status(self) -> dict[str, object]:
        return {
            "state": "Stopping" if self._stopping.is_set() else "Running",
            "processId": os.getpid(),
            "running": self._invoker.running,
        }

    def _announce(self) -> None:
        print(f"ready on http://127.0.0.1:{self._listener.getsockname()[1]}", flush=True)

    def _handle_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, self._on_signal)

    def _on_signal(self) -> None:
        """Stop softly at the first signal; at the second, wait for nothing."""
        if self._stopping.is_set():
            if self._azurite:
                self._azurite.terminate()
            os._exit(1)
        log.info("stopping; a second signal stops at once")
        self._stopping.set()

    async def _stop(self, tasks: list["asyncio.Task[None]"]) -> None:
        """Take no new work; what runs may finish within the grace time, storage still there for it."""
        for each in self._listeners:
            each.stop()
        if self._server:
            self._server.should_exit = True
        work = [*tasks, *(asyncio.create_task(each.drain()) for each in self._queues)]
        done, unfinished = await asyncio.wait(work, timeout=GRACE_SECONDS)
        if unfinished:
            log.warning("%s invocations still ran after %.0f s", self._invoker.running, GRACE_SECONDS)
        self._storage.close()
        for task in done:
            if error := task.exception():
                raise HostError(f"the host failed: {type(error).__name__}: {error}") from error


def flush() -> None:
    """Let the last lines out before the process is ended without Python's clean-up."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
