"""Our host dies by SIGKILL among 200 alerts and comes back on the same storage: one ticket each, and all adds up."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest

from localhost.process import HostProcess
from tests.e2e.senders import Senders
from tests.e2e.support import Client, Site, until

ALERTS = 200
IN_FLIGHT = 20
LEASE = "5"
PATIENCE = 150.0


def test_killed_in_the_middle(new_site: Callable[[], Site]) -> None:
    live_through_kills(new_site(), [ALERTS // 2])


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(3))
def test_killed_again_and_again(new_site: Callable[[], Site], seed: int) -> None:
    moments = sorted(random.Random(seed).sample(range(10, ALERTS - IN_FLIGHT, IN_FLIGHT + 1), 4))
    live_through_kills(new_site(), moments)


def live_through_kills(site: Site, moments: list[int]) -> None:
    run_ids = [f"run-{number}" for number in range(ALERTS)]
    with site.host("--lease", LEASE) as host, site.client(host) as client:
        with Senders(client, run_ids, forgetful=4) as senders:
            allowed = 0
            for moment in moments:
                senders.allow(moment - allowed)
                senders.until_accepted(moment)
                until(lambda: site.rows("tickets"), what="the first ticket")
                allowed = moment + IN_FLIGHT
                senders.allow(IN_FLIGHT)
                senders.until_accepted(moment + 1)
                host.kill()
                assert not site.quiet(), "too late to be the middle"
                host.start()
        answers = senders.answers
        assert len(answers.accepted) == ALERTS + ALERTS // 4
        assert answers.silences > 0
        assert set(answers.codes) <= {202, 503}
        check_truth(site, client, answers.accepted)
        check_board(client)


def check_truth(site: Site, client: Client, accepted: list[str]) -> None:
    """One ticket a run, every accepted alert told its fate, trails and read models whole, nothing dead."""
    fates = client.all_settled(accepted, seconds=PATIENCE)
    site.wait_until_quiet(PATIENCE)
    assert Counter(fate["status"] for fate in fates) == {"processed": len(accepted)}
    tickets = [row for row in site.rows("tickets") if row["RowKey"] == "ticket"]
    failures = Counter(row["PartitionKey"].rpartition("-")[2] for row in tickets)
    assert len(tickets) == len(failures) == ALERTS
    assert {fate["tickets"][0]["ticket_id"] for fate in fates} == {row["PartitionKey"] for row in tickets}
    assert all(row["analysed"] == row["revision"] == 1 for row in tickets)
    trails = Counter(
        row["PartitionKey"] for row in site.rows("tickets") if row["RowKey"].startswith("audit-")
    )
    assert set(trails.values()) == {2}  # opened and analysed, each once
    findings = site.app.recount.check()
    assert findings.clean, findings
    assert findings.tickets == ALERTS
    assert site.rows("deadletters") == []


def check_board(client: Client) -> None:
    client.sign_in()
    cards = client.get("open-tickets")["tickets"]
    assert {card["run_id"] for card in cards} == {f"run-{number}" for number in range(ALERTS)}
    assert len(cards) == ALERTS
    summary = client.get("summary")
    assert (summary["total_tickets"], summary["open_tickets"]) == (ALERTS, ALERTS)


def test_killed_while_idle_it_serves_on(new_site: Callable[[], Site]) -> None:
    site = new_site()
    with site.host() as host, site.client(host) as client:
        before = client.accepted("alerts/custom", {"resource": "a", "run_id": "1", "message": "broken"})
        fate = client.settled(before)
        restart(host)
        assert client.fate(before) == fate
        again = client.accepted("alerts/custom", {"resource": "a", "run_id": "1", "message": "broken"})
        assert client.settled(again)["tickets"] == [
            {"ticket_id": fate["tickets"][0]["ticket_id"], "outcome": "duplicate"}
        ]


def restart(host: HostProcess) -> None:
    host.kill()
    host.start()
