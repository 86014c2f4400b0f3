"""Storage goes away under load, in part or whole: an alert is accepted for good or refused with 503, never lost."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from localhost.azurite import Azurite
from tests.e2e.senders import Senders
from tests.e2e.support import Client, Site, until
from tests.support.proxy import SERVICES, Proxy

BEFORE = 20
DURING = 20
AFTER = 20
REFUSALS = 3 * DURING
LEASE = "3"
OUTAGE = 8.0
"""Seconds that a part of storage is away while messages go on coming: longer than the host's five quick attempts."""
PATIENCE = 10.0
"""Seconds; the shortest of a sender that we know: the first call of an Azure Monitor action group."""
PATIENCE_WITH_SILENCE = 20.0
"""Seconds in which a storage that takes requests and never answers must be given up."""


@contextmanager
def behind_a_proxy(azurite: Azurite, folder: Path) -> Iterator[tuple[Site, Client, Proxy]]:
    with Proxy(azurite.ports) as proxy:
        site = Site(proxy.connection_string, folder, direct=azurite.connection_string)
        with site.host("--lease", LEASE) as host, site.client(host) as client:
            yield site, client, proxy


@pytest.mark.parametrize(
    "services", [SERVICES, ("table",), ("queue",), ("blob",)], ids=["all", "table", "queue", "blob"]
)
def test_cut_off_under_load(azurite: Azurite, tmp_path: Path, services: tuple[str, ...]) -> None:
    with behind_a_proxy(azurite, tmp_path) as (site, client, proxy):
        senders = under_load(
            client,
            lambda: proxy.cut(*services),
            proxy.restore,
            refused="queue" in services,
        )
        assert proxy.dropped > 0
        assert proxy.refused > 0
        check_nothing_lost(site, client, senders)


@pytest.mark.heavy
def test_cut_off_again_and_again(azurite: Azurite, tmp_path: Path) -> None:
    with behind_a_proxy(azurite, tmp_path) as (site, client, proxy):
        run_ids = [f"run-{number}" for number in range(300)]
        with Senders(client, run_ids, at_once=8) as senders:
            for number in range(15):
                refused = proxy.refused
                proxy.cut(*[SERVICES, ("table",), ("queue",), ("blob",)][number % 4])
                senders.allow(20)
                until(lambda refused=refused: proxy.refused > refused, what="a refused connection")
                proxy.restore()
                senders.until_accepted(20 * number + 10)
        check_nothing_lost(site, client, senders)


def test_azurite_stops_softly_and_comes_back_under_load(tmp_path: Path) -> None:
    with Azurite(tmp_path / "data") as azurite:
        site = Site(azurite.connection_string, tmp_path)
        with site.host("--lease", LEASE) as host, site.client(host) as client:
            senders = under_load(client, azurite.stop, azurite.start, refused=True)
            check_nothing_lost(site, client, senders)


def test_azurite_hangs_under_load(tmp_path: Path) -> None:
    with Azurite(tmp_path / "data") as azurite:
        site = Site(azurite.connection_string, tmp_path)
        with site.host("--lease", LEASE) as host, site.client(host) as client:
            with Senders(client, [f"run-{number}" for number in range(BEFORE + DURING)]) as senders:
                senders.allow(BEFORE)
                senders.until_accepted(BEFORE // 2)
                os.kill(azurite.pid, signal.SIGSTOP)
                try:
                    senders.allow(DURING)
                    until(lambda: senders.answers.codes.get(503, 0) >= DURING, what="refusals")
                finally:
                    os.kill(azurite.pid, signal.SIGCONT)
            check_nothing_lost(site, client, senders, PATIENCE_WITH_SILENCE)


def under_load(
    client: Client,
    cut: Callable[[], object],
    restore: Callable[[], object],
    *,
    refused: bool,
) -> Senders:
    """Send alerts before, during and after an outage; `refused` says that the outage keeps alerts out."""
    run_ids = [f"run-{number}" for number in range(BEFORE + DURING + AFTER)]
    with Senders(client, run_ids) as senders:
        answers = senders.answers
        senders.allow(BEFORE)
        senders.until_accepted(BEFORE // 2)
        cut()
        begun = time.monotonic()
        senders.allow(DURING)
        if refused:
            until(lambda: answers.codes.get(503, 0) >= REFUSALS, what="refusals")
        else:
            senders.until_accepted(BEFORE + DURING)
            until(lambda: time.monotonic() > begun + OUTAGE, what="the end of the outage")
        restore()
    return senders


def check_nothing_lost(site: Site, client: Client, senders: Senders, patience: float = PATIENCE) -> None:
    answers = senders.answers
    fates = client.all_settled(answers.accepted)
    site.wait_until_quiet()
    assert answers.silences == 0
    assert set(answers.codes) <= {202, 503}
    assert Counter(fate["status"] for fate in fates) == {"processed": len(answers.accepted)}
    tickets = [row for row in site.rows("tickets") if row["RowKey"] == "ticket"]
    assert {fate["tickets"][0]["ticket_id"] for fate in fates} == {row["PartitionKey"] for row in tickets}
    assert all(row["analysed"] == row["revision"] for row in tickets)
    assert site.rows("deadletters") == []
    findings = site.app.recount.check()
    assert findings.clean, findings
    assert answers.slowest < patience
