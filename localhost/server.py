"""The HTTP server: uvicorn on a socket that is bound before anything else starts."""

import contextlib
import socket
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from localhost.errors import HostError

BACKLOG = 2048
KEEP_ALIVE_SECONDS = 75


def bind(port: int) -> socket.socket:
    """Listen on 127.0.0.1; HostError if the port is taken. 0 picks a free one."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise HostError(f"port {port} is taken: choose another with --port ({error})") from error
    return listener


class Server(uvicorn.Server):
    """uvicorn that tells when it serves, and leaves signals to the host."""

    def __init__(self, app: ASGIApp, grace: float, on_ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="uvloop",
                http="httptools",
                ws="websockets-sansio",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=round(grace),
            )
        )
        self._on_ready = on_ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: the host decides what a signal stops first."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve."""
        await super().startup(sockets)
        self._on_ready()
