"""A real HTTP server on loopback that answers as a test scripts it, and records what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it came in; `path` is still encoded."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """One answer: `body` is bytes, text, or JSON.

    `delay` seconds pass before it. `cut` ends the connection after so many bytes of a body whose length was told
    in full. `drip` sends a byte at a time with so many seconds between. `gate` is waited for.
    """

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0
    cut: int | None = None
    drip: float = 0
    gate: threading.Event | None = None

    @property
    def data(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that hang up: some tests are about that."""


class ScriptedServer:
    """Answers each path with its answers in turn, the last one again and again; 404 for what is not scripted."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._answers: dict[tuple[str, str], list[Answer]] = defaultdict(list)
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def on(self, path: str, *answers: Answer | Any, method: str = "GET") -> None:
        """Script the answers of a path, without its query."""
        self._answers[method, path] += [a if isinstance(a, Answer) else Answer(a) for a in answers]

    def from_now_on(self, path: str, *answers: Answer | Any, method: str = "GET") -> None:
        """Script the answers of a path anew."""
        with self._lock:
            self._answers[method, path].clear()
            self.on(path, *answers, method=method)

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def take(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
            answers = self._answers.get((asked.method, asked.path))
            if not answers:
                return Answer({"message": "not scripted"}, 404)
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(server: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def log_message(self, *args: object) -> None:
            pass

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = server.take(Asked(self.command, parts.path, query, dict(self.headers), body))
            time.sleep(answer.delay)
            if answer.gate is not None:
                answer.gate.wait(60)
            try:
                self._send(answer)
            except OSError:
                self.close_connection = True

        def _send(self, answer: Answer) -> None:
            data = answer.data
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if answer.cut is not None:
                data = data[: answer.cut]
                self.close_connection = True
            if answer.drip:
                for byte in data:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(answer.drip)
            else:
                self.wfile.write(data)

    return Handler
