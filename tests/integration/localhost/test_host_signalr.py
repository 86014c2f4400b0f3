"""The SignalR emulator with Microsoft's own client, and its protocol at the edges."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from localhost.azurite import ROOT
from localhost.process import HostProcess
from localhost.server import Server, bind
from localhost.signalr.access import Access, TokenError
from localhost.signalr.bindings import SignalRBindings
from localhost.signalr.endpoints import SignalREndpoints
from localhost.signalr.frames import PING
from localhost.signalr.hubs import BACKLOG, Hubs
from tests.integration.localhost.stage import SIGNALR, Stage, until

CLIENT = Path(__file__).with_name("signalr_client.cjs")
SOURCE = "http://dashboard.example:5173"


class Clients:
    """The official client in Node, one connection a user."""

    def __init__(self, url: str, log: Path, *users: str) -> None:
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                ["node", str(CLIENT), url, *users],
                stdin=subprocess.PIPE,
                stdout=output,
                env={**os.environ, "NODE_PATH": str(ROOT / "node_modules")},
            )

    def events(self, kind: str) -> list[dict[str, Any]]:
        lines = self._log.read_text().splitlines()
        return [event for event in map(json.loads, lines) if event["event"] == kind]

    def tickets(self) -> list[tuple[str, list[Any]]]:
        return sorted((event["user"], event["arguments"]) for event in self.events("ticket"))

    def connections(self, count: int) -> dict[str, str]:
        until(lambda: len(self.events("connected")) >= count)
        return {event["user"]: event["id"] for event in self.events("connected")}

    def close(self) -> None:
        self._process.communicate(timeout=10)


@pytest.fixture
def clients(shared_host: HostProcess, tmp_path: Path) -> Iterator[Clients]:
    running = Clients(shared_host.url, tmp_path / "client.jsonl", "anna", "bert")
    yield running
    running.close()


def _publish(host: HostProcess, message: object) -> httpx.Response:
    return httpx.post(f"{host.url}/api/publish", json=message)


def _ticket(number: int, **to: str) -> dict[str, Any]:
    return {"target": "ticket", "arguments": [number], **to}


def test_the_official_client_receives_what_is_meant_for_it(
    shared_host: HostProcess, clients: Clients
) -> None:
    ids = clients.connections(2)
    join = [
        {"userId": "bert", "groupName": "night", "action": "add"},
        {"connectionId": ids["anna"], "groupName": "day", "action": "add"},
        {"connectionId": ids["anna"], "groupName": "night", "action": "add"},
        {"connectionId": ids["anna"], "groupName": "night", "action": "remove"},
    ]
    assert _publish(shared_host, join).status_code == 200
    messages = [
        _ticket(2, userId="anna", groupName="night"),
        _ticket(3, connectionId=ids["bert"], userId="anna"),
        _ticket(4, groupName="night"),
        _ticket(5, groupName="day"),
        _ticket(6, groupName="nobody"),
        {"target": "ticket", "arguments": [7, {"text": "é\u001e"}, None]},
    ]
    assert _publish(shared_host, messages).status_code == 200
    to_all = [7, {"text": "é\u001e"}, None]
    expected = [
        ("anna", [2]),
        ("anna", [5]),
        ("anna", to_all),
        ("bert", [3]),
        ("bert", [4]),
        ("bert", to_all),
    ]
    until(lambda: len(clients.tickets()) == 6)
    assert clients.tickets() == expected
    until(lambda: len(clients.events("refused")) == 2)


@pytest.mark.parametrize(
    "message",
    [
        {"arguments": []},
        {"target": "x"},
        ["text"],
        {"groupName": "g", "action": "add"},
        {"userId": "u", "action": "hug"},
    ],
)
def test_a_wrong_message_fails_the_invocation(shared_host: HostProcess, message: object) -> None:
    assert _publish(shared_host, message).status_code == 500


def test_the_client_finds_back_after_a_restart(stage: Stage, tmp_path: Path) -> None:
    with stage.host() as host:
        clients = Clients(host.url, tmp_path / "client.jsonl", "anna")
        try:
            clients.connections(1)
            host.kill()
            host.start()
            clients.connections(2)
            _publish(host, _ticket(1))
            until(lambda: clients.tickets() == [("anna", [1])])
        finally:
            clients.close()


def test_negotiate(shared_host: HostProcess) -> None:
    url = f"{shared_host.url}/api/negotiate"
    info = httpx.post(url, headers={"x-user": "anna"}).json()
    assert info["url"] == f"{shared_host.url}/client/?hub=incidents"
    named = httpx.post(url.replace("127.0.0.1", "localhost"), headers={"x-user": "anna"}).json()
    assert named["url"].startswith("http://localhost:")
    proxied = httpx.post(url, headers={"x-user": "anna", "host": "dashboard.example"}).json()
    assert proxied["url"] == info["url"]
    assert httpx.post(url).status_code == 500
    assert "binding expression '{headers.x-user}' has no value" in shared_host.output()


def test_cors_names_the_origin(shared_host: HostProcess) -> None:
    url = f"{shared_host.url}/client/negotiate?hub=incidents"
    asked = {"Origin": SOURCE, "Access-Control-Request-Headers": "authorization,x-signalr-user-agent"}
    answer = httpx.options(url, headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == SOURCE
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-allow-headers"] == "authorization,x-signalr-user-agent"
    assert httpx.post(url, headers={"Origin": SOURCE}).status_code == 401


class Emulator:
    """The emulator in this process, pinging fast."""

    def __init__(self) -> None:
        self.hubs = Hubs()
        bindings = SignalRBindings(self.hubs, {}, 0)
        self.access = bindings.access = Access(SIGNALR, "test")
        self._listener = bind(0)
        self._ready = threading.Event()
        app = SignalREndpoints(self.hubs, bindings, ping_seconds=0.05)
        self._server = Server(app, grace=5, on_ready=self._ready.set)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        assert self._ready.wait(10)

    async def _run(self) -> None:
        self.loop = asyncio.get_running_loop()
        await self._server.serve(sockets=[self._listener])

    def token(self) -> str:
        return self.access.token("http://127.0.0.1/client/?hub=incidents", "anna")

    def connect(self, query: str) -> connect:
        return connect(f"ws://127.0.0.1:{self._listener.getsockname()[1]}/client/?{query}")

    @contextmanager
    def enter(self, identity: str) -> Iterator[ClientConnection]:
        """Connect, shake hands and wait for the first ping: from then on the hub knows us."""
        with self.connect(f"hub=Incidents&id={identity}&access_token={self.token()}") as socket:
            socket.send('{"protocol":"json","version":1}\x1e')
            assert socket.recv(10) == "{}\x1e"
            assert socket.recv(10) == PING
            yield socket

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    running = Emulator()
    yield running
    running.stop()


def _rest(socket: ClientConnection) -> list[str]:
    """All that comes until the other side closes."""
    return [str(frame) for frame in socket]


def test_a_browser_sends_its_token_in_the_query_and_is_pinged(emulator: Emulator) -> None:
    with emulator.enter("one") as socket:
        emulator.loop.call_soon_threadsafe(lambda: emulator.hubs["incidents"].send("hello", connection="one"))
        until(lambda: socket.recv(10) == "hello")
        socket.send('{"type":6}\x1e{"type":7}\x1e')
        assert set(_rest(socket)) <= {PING}


def test_a_client_that_does_not_keep_up_is_closed(emulator: Emulator) -> None:
    def flood() -> None:
        for _ in range(BACKLOG + 1):
            emulator.hubs["incidents"].send("x", connection="slow")

    with emulator.enter("slow") as socket:
        emulator.loop.call_soon_threadsafe(flood)
        assert _rest(socket)[-1] == '{"type":7,"allowReconnect":true}\x1e'


@pytest.mark.parametrize(
    "query", ["", "hub=incidents", "hub=incidents&access_token=x", "hub=o&access_token={token}"]
)
def test_without_a_valid_token_nobody_comes_in(emulator: Emulator, query: str) -> None:
    with (
        pytest.raises(InvalidStatus, match="403"),
        emulator.connect(query.format(token=emulator.token())),
    ):
        pass


@pytest.mark.parametrize(
    ("hello", "answer"),
    [
        (
            '{"protocol":"messagepack","version":1}\x1e',
            ['{"error":"only the json hub protocol is spoken here"}\x1e'],
        ),
        ("no JSON\x1e", []),
        ("[]\x1e", []),
        (b"bytes", []),
    ],
)
def test_only_the_json_protocol_is_spoken(emulator: Emulator, hello: str | bytes, answer: list[str]) -> None:
    with emulator.connect(f"hub=incidents&access_token={emulator.token()}") as socket:
        socket.send(hello)
        assert _rest(socket) == answer


def test_an_expired_token_is_refused() -> None:
    access = Access(SIGNALR, "test")
    with pytest.raises(TokenError):
        access.user("eyJhbGciOiJub25lIn0.e30.", "incidents")
    with pytest.raises(TokenError):
        Access(SIGNALR.replace("AccessKey=", "AccessKey=other"), "test").user(access.token("?hub=h", ""), "h")
