"""A real HTTP server on loopback that speaks the REST protocols of the providers, by script."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Seen:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Reply:
    """What to answer; `hang` waits for the test's end, `cut` closes after so many bytes, `drip` sends slowly."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    hang: bool = False
    drop: bool = False
    cut: int | None = None
    drip: float | None = None

    @property
    def content(self) -> bytes:
        return self.raw if self.raw is not None else json.dumps(self.body).encode()


@dataclass
class Loopback:
    """The server's address, its script and what it saw; the last reply of the script repeats."""

    url: str
    script: list[Reply | Callable[[Seen], Reply]] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def next(self, seen: Seen) -> Reply:
        self.seen.append(seen)
        step = self.script[min(len(self.seen), len(self.script)) - 1]
        return step if isinstance(step, Reply) else step(seen)


@contextmanager
def serving() -> Iterator[Loopback]:
    """Serve until the block ends."""
    state = Loopback("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = json.loads(self.rfile.read(length))
            reply = state.next(Seen(self.path, dict(self.headers.items()), body))
            self.close_connection = True
            if reply.hang:
                state.closing.wait(30)
                return
            if not reply.drop:
                self._answer(reply)

        def _answer(self, reply: Reply) -> None:
            content = reply.content
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if reply.drip is not None:
                for position in range(len(content)):
                    if state.closing.wait(reply.drip):
                        return
                    self.wfile.write(content[position : position + 1])
                    self.wfile.flush()
            else:
                self.wfile.write(content[: reply.cut])

        def handle(self) -> None:
            with suppress(BrokenPipeError, ConnectionResetError):
                super().handle()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        state.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
