"""The samples hold what they are for, and come to what their manifest says."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
import yaml

from rca.domain.failure import Benign, Failure, Recovery
from rca.domain.redaction import redact_tree
from rca.domain.vocabulary import Source
from rca.errors import ShapeError
from tests.unit.sources.payloads import SAMPLES, read, sample

MANIFEST: list[dict[str, Any]] = yaml.safe_load((SAMPLES / "manifest.yaml").read_text("utf-8"))
ACCEPTED = [entry for entry in MANIFEST if entry["expect"]["http"] == 202]
PLANTED = ("ZmFrZS1zaWduYXR1cmUtZm9yLXNhbXBsZXMtb25seS0wMDE%3D", "Not-A-Real-Passw0rd-1")


def named(entry: dict[str, Any]) -> Any:
    return entry["file"]


def test_every_file_is_in_the_manifest_once():
    files = sorted(path.name for path in SAMPLES.iterdir() if path.name != "manifest.yaml")
    assert sorted(entry["file"] for entry in MANIFEST) == files
    assert len(files) >= 28


def test_there_are_failures_of_every_source():
    created = [
        ticket
        for entry in ACCEPTED
        for ticket in entry["expect"]["tickets"]
        if ticket["outcome"] == "created"
    ]
    assert len(created) >= 25
    assert {ticket["source"] for ticket in created} == set(Source)
    assert len({(ticket["source"], ticket["resource"], ticket["run_id"]) for ticket in created}) == len(
        created
    )


def test_every_case_to_show_is_there():
    outcomes = Counter(ticket["outcome"] for entry in ACCEPTED for ticket in entry["expect"]["tickets"])
    assert set(outcomes) == {"created", "duplicate", "resolved", "noted"}
    assert max(entry.get("repeat", 1) for entry in MANIFEST) == 12
    assert {entry["expect"]["http"] for entry in MANIFEST} == {202, 400, 422}
    assert {entry["expect"]["status"] for entry in ACCEPTED} == {"processed", "ignored"}
    assert len({entry["route"] for entry in MANIFEST}) == 7


@pytest.mark.parametrize("entry", ACCEPTED, ids=named)
@pytest.mark.parametrize("redacted", [False, True])
def test_reading_agrees_with_the_manifest(entry, redacted):
    payload = sample(entry["file"])
    reading = read(redact_tree(payload) if redacted else payload, entry["route"])
    tickets = {(ticket["source"], ticket["run_id"]): ticket for ticket in entry["expect"]["tickets"]}
    told = [event for event in reading.events if not isinstance(event, Benign)]
    if not tickets:
        assert not any(isinstance(event, Failure) for event in told)
        return
    assert {(event.source.value, event.run_id) for event in told} == set(tickets)
    for event in told:
        ticket = tickets[event.source.value, event.run_id]
        assert isinstance(event, Recovery) == (ticket["outcome"] in {"resolved", "noted"})
        if isinstance(event, Recovery):
            assert event.closes == (ticket["outcome"] == "resolved")
        if ticket["outcome"] == "created":
            assert event.resource == ticket["resource"]


def test_identities_of_one_ticket_agree():
    identities: dict[tuple[str, str], set[str]] = {}
    for entry in ACCEPTED:
        for event in read(sample(entry["file"]), entry["route"]).events:
            if isinstance(event, Failure | Recovery) and not (isinstance(event, Failure) and event.whole):
                identities.setdefault((event.source, event.run_id), set()).add(event.identity)
    assert all(len(found) == 1 for found in identities.values())


def test_the_rejected_ones_are_rejected():
    rejected = {
        entry["expect"]["http"]: SAMPLES / entry["file"] for entry in MANIFEST if entry not in ACCEPTED
    }
    with pytest.raises(json.JSONDecodeError):
        json.loads(rejected[400].read_text("utf-8"))
    with pytest.raises(ShapeError):
        read(json.loads(rejected[422].read_text("utf-8")))


def test_planted_secrets_do_not_get_past_redaction():
    text = "".join(path.read_text("utf-8") for path in SAMPLES.glob("*.json"))
    assert all(secret in text for secret in PLANTED)
    for path in SAMPLES.glob("*.json"):
        cleaned = json.dumps(redact_tree(json.loads(path.read_text("utf-8"))))
        assert not any(secret in cleaned for secret in PLANTED)
