"""The live hub: Microsoft's own SignalR client hears of a ticket as soon as its alert came in."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.support import KEY, Client, Json, Site, custom, until

pytestmark = pytest.mark.xdist_group("busy")

LISTENER = Path(__file__).with_name("listener.cjs")


@contextmanager
def listener(client: Client, token: str, folder: Path) -> Iterator[Callable[[], list[Json]]]:
    """A dashboard's connection; gives what it heard so far."""
    node = shutil.which("node")
    assert node
    heard = folder / "heard.jsonl"
    with heard.open("w") as output:
        process = subprocess.Popen(
            [node, str(LISTENER), f"{client.url}/api", token], stdin=subprocess.PIPE, stdout=output
        )
    try:
        yield lambda: [json.loads(line) for line in heard.read_text().splitlines()]
    finally:
        process.communicate(timeout=20)  # the end of its input makes it leave


def test_a_dashboard_hears_of_new_and_changed_tickets(
    client: Client, busy_site: Site, tmp_path: Path
) -> None:
    with listener(client, client.session["X-Session-Token"], tmp_path) as heard:
        until(lambda: [each for each in heard() if each["event"] == "connected"], what="the connection")
        fate = client.settled(client.accepted("alerts/custom", custom("live-1")))
        ticket_id = fate["tickets"][0]["ticket_id"]

        def about() -> list[Json]:
            return [each for each in heard() if each["data"] and each["data"]["id"] == ticket_id]

        busy_site.wait_until_quiet()
        version = client.get(f"tickets/{ticket_id}")["ticket"]["version"]
        until(lambda: version in {each["data"]["version"] for each in about()}, what="the latest version")
        news = about()
        assert "ticket_created" in {each["event"] for each in news}
        # no content: what a viewer may see is for the API to decide
        assert all(set(each["data"]) == {"id", "version"} for each in news)
        for _ in range(3):
            client.settled(client.accepted("alerts/custom", custom("live-1")))
        until(lambda: len(about()) > len(news), what="the news of the occurrences")
        assert {each["event"] for each in about()[len(news) :]} == {"ticket_updated"}


@pytest.mark.parametrize("token", ["", "garbage", KEY])
def test_no_session_no_connection(client: Client, tmp_path: Path, token: str) -> None:
    with listener(client, token, tmp_path) as heard:
        (told,) = until(heard, what="the refusal")
    assert told["event"] == "refused"
    assert "401" in told["data"]


@pytest.mark.parametrize("headers", [{}, {"X-Session-Token": "garbage"}, {"x-functions-key": KEY}])
def test_negotiate_needs_a_session(client: Client, headers: dict[str, str]) -> None:
    answer = client.raw.post("negotiate", headers=headers)
    assert answer.status_code == 401
    assert "accessToken" not in answer.text


def test_negotiate(client: Client) -> None:
    info = client.raw.post("negotiate", headers=client.session).json()
    assert info["url"].startswith(f"{client.url}/client/?hub=tickets")
    assert info["accessToken"].count(".") == 2
