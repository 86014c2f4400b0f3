"""The replay of samples/ and what came of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import yaml

from localhost.samples import Sample, read_samples
from tests.e2e.support import AT_ONCE, ROOT, Client, Json, Site
from tests.support.proxy import Proxy

MANIFEST = ROOT / "samples" / "manifest.yaml"
TICKET_FIELDS = (
    "source",
    "pipeline",
    "run_id",
    "error_type",
    "category",
    "severity",
    "priority",
    "sla_seconds",
    "confidence",
    "status",
    "resolution",
    "finops_team",
    "finops_owner",
    "finops_cost_center",
    "affected_entity",
    "activities",
    "remediable",
    "action",
    "processing_mode",
    "occurrences",
)


def named_samples() -> dict[str, Sample]:
    """The samples by the names of their files, in the order of the manifest."""
    document: Any = yaml.safe_load(MANIFEST.read_text("utf-8"))
    entries = document["samples"] if isinstance(document, dict) else document
    names = [entry["file"].rpartition(".")[0] for entry in entries]
    assert len(set(names)) == len(names)
    return dict(zip(names, read_samples(MANIFEST), strict=True))


@dataclass(slots=True)
class Delivered:
    """One sample after it was posted: every answer, and the fates of the accepted alerts."""

    sample: Sample
    answers: list[Json] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    fates: list[Json] = field(default_factory=list)

    @property
    def touched(self) -> dict[str, list[str]]:
        """Ticket id → what the deliveries did to it, sorted."""
        found: dict[str, list[str]] = {}
        for fate in self.fates:
            for ticket in fate["tickets"]:
                found.setdefault(ticket["ticket_id"], []).append(ticket["outcome"])
        return {ticket_id: sorted(outcomes) for ticket_id, outcomes in found.items()}


@dataclass(slots=True)
class Replayed:
    """A site that came to rest after the replay; `tickets` shows each as it was then."""

    site: Site
    client: Client
    proxy: Proxy
    deliveries: dict[str, Delivered]
    tickets: dict[str, Json]

    def golden(self, name: str) -> Json:
        """What came of one sample: the part that is the same in every run."""
        delivered = self.deliveries[name]
        if not delivered.fates:
            (answer,) = delivered.answers
            return {"http": delivered.codes[0], "fields": answer.get("fields", [])}
        tickets = [
            {"outcomes": outcomes, **{name: self.tickets[ticket_id][name] for name in TICKET_FIELDS}}
            for ticket_id, outcomes in delivered.touched.items()
        ]
        fate = delivered.fates[0]
        return {
            "http": delivered.codes[0],
            "status": fate["status"],
            "reason": fate.get("reason"),
            "tickets": sorted(tickets, key=lambda ticket: (ticket["source"], ticket["run_id"])),
        }


def replay(site: Site, client: Client, proxy: Proxy) -> Replayed:
    """Post all samples in order, each settled before the next, and wait until nothing is on its way any more."""
    deliveries = {name: deliver(client, sample) for name, sample in named_samples().items()}
    site.wait_until_quiet()
    touched = {ticket_id for delivered in deliveries.values() for ticket_id in delivered.touched}
    tickets = {ticket_id: client.get(f"tickets/{ticket_id}")["ticket"] for ticket_id in sorted(touched)}
    return Replayed(site, client, proxy, deliveries, tickets)


def deliver(client: Client, sample: Sample) -> Delivered:
    """Post one sample, its repetitions at once, and wait for its fate."""
    delivered = Delivered(sample)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: client.post(sample.route, sample.body), range(sample.repeat)))
    delivered.codes = [answer.status_code for answer in answers]
    delivered.answers = [answer.json() for answer in answers]
    ids = [body["alert_id"] for body in delivered.answers if "alert_id" in body]
    delivered.fates = client.all_settled(ids)
    return delivered
