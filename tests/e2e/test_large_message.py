"""A message of 900 KiB: the ticket keeps an excerpt that informs, the payload blob keeps everything."""

from __future__ import annotations

import json
import random

import pytest

from tests.e2e.support import Client, Json, Site, custom

pytestmark = pytest.mark.xdist_group("busy")

SIZE = 900 * 1024
EXCERPT = 12_000
FIRST = "Traceback of the nightly load"
LAST = "KeyError: 'berth_id'"


def long_text(alphabet: str) -> str:
    """About 900 KiB of UTF-8 between a first and a last line."""
    words = random.Random(7)
    line = "".join(words.choice(alphabet) for _ in range(80))
    lines = SIZE // len(f"{line}\n".encode())
    return "\n".join([FIRST, *[line] * lines, LAST])


@pytest.mark.parametrize(
    "alphabet", ["abcdefgh ", "äöüßéñ ", "🔥💥⚙ ", '"\\\t/ '], ids=["ascii", "latin", "emoji", "escapes"]
)
def test_excerpt_on_the_ticket_and_all_in_the_blob(
    client: Client, busy_site: Site, alphabet: str, request: pytest.FixtureRequest
) -> None:
    message = long_text(alphabet)
    body = json.dumps(custom(f"large-{request.node.callspec.id}", message=message), ensure_ascii=False)
    size = len(body.encode())
    if size > 1_048_576:
        body = json.dumps(custom("large-escapes", message=message[: SIZE // 2] + LAST), ensure_ascii=False)
    fate = client.settled(client.accepted("alerts/custom", body.encode()))
    assert fate["status"] == "processed"
    ticket = client.get(f"tickets/{fate['tickets'][0]['ticket_id']}")["ticket"]
    check_excerpt(ticket["error_message"])
    assert json.loads(payload(busy_site, ticket)) == json.loads(body)


def check_excerpt(shown: str) -> None:
    assert shown.startswith(FIRST)
    assert shown.endswith(LAST)
    assert "characters left out" in shown
    assert len(shown.encode("utf-16-le")) // 2 <= EXCERPT


def payload(site: Site, ticket: Json) -> bytes:
    """The blob that the ticket's link names."""
    container, _, name = ticket["blob_log_url"].partition(f"/{site.prefix}-payloads/")
    assert container.startswith("http")
    data = site.app.payloads.get(name)
    assert data is not None
    return data


def test_long_alerts_of_one_run_fold(client: Client) -> None:
    body = custom("large-twice", message=long_text("abc "))
    ids = [client.accepted("alerts/custom", body) for _ in range(3)]
    outcomes = sorted(ticket["outcome"] for fate in client.all_settled(ids) for ticket in fate["tickets"])
    assert outcomes == ["created", "duplicate", "duplicate"]
