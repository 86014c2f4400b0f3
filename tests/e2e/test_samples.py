"""Every sample, posted in order through the real host and storage, comes out as manifest and golden file say."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from localhost.samples import Run
from tests.e2e.replayed import Replayed, named_samples
from tests.e2e.support import ROOT

pytestmark = pytest.mark.xdist_group("replayed")

GOLDEN = ROOT / "tests" / "golden" / "tickets"
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"
NAMES = list(named_samples())

SECRETS = {
    "synapse_v2_authentication": ["ZmFrZS1zaWduYXR1cmUtZm9yLXNhbXBsZXMtb25seS0wMDE"],
    "custom_database": ["Not-A-Real-Passw0rd-1"],
    "databricks_older_job_failed": ["svc-harbor@example.com"],
    "activity_log_failed": ["harbor-release@example.com"],
}


@pytest.mark.parametrize("name", NAMES)
def test_outcome(replayed: Replayed, name: str) -> None:
    delivered = replayed.deliveries[name]
    expect = delivered.sample.expect
    assert set(delivered.codes) == {expect.http}
    assert {fate["status"] for fate in delivered.fates} == ({expect.status} if expect.status else set())
    came = {}
    for ticket_id, outcomes in delivered.touched.items():
        ticket = replayed.tickets[ticket_id]
        came[Run(ticket["source"], ticket["pipeline"], ticket["run_id"])] = outcomes
    repeats = delivered.sample.repeat - 1
    assert came == {
        run: sorted([outcome] + ["duplicate" if outcome == "created" else outcome] * repeats)
        for run, outcome in expect.outcomes.items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_golden_ticket(replayed: Replayed, name: str) -> None:
    path = GOLDEN / f"{name}.json"
    came = replayed.golden(name)
    if UPDATE:
        GOLDEN.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(came, indent=2, ensure_ascii=False) + "\n", "utf-8")
    assert path.exists(), f"no {path.relative_to(ROOT)}: look at the ticket and run UPDATE_GOLDEN=1 pytest"
    assert came == json.loads(path.read_text("utf-8"))


def test_every_golden_file_has_its_sample() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(NAMES)


def test_no_other_ticket_came_of_them(replayed: Replayed) -> None:
    assert set(replayed.site.ticket_ids()) == set(replayed.tickets)


def test_every_ticket_was_analysed(replayed: Replayed) -> None:
    for ticket in replayed.tickets.values():
        assert ticket["rca_result"]
        assert ticket["recommendations"]
        assert ticket["analysed_by"] == "rules"


def test_read_models_agree_with_the_tickets(replayed: Replayed) -> None:
    findings = replayed.site.app.recount.check()
    assert findings.clean, findings
    assert findings.tickets == len(replayed.site.ticket_ids())


def test_only_the_wrong_shape_is_a_dead_letter(replayed: Replayed) -> None:
    (letter,) = replayed.site.rows("deadletters")
    assert letter["PartitionKey"] == "intake"


@pytest.mark.parametrize("name", SECRETS)
def test_the_secret_is_in_the_sample(name: str) -> None:
    body = named_samples()[name].body.decode()
    assert all(secret in body for secret in SECRETS[name])


@pytest.mark.parametrize("secret", [secret for secrets in SECRETS.values() for secret in secrets])
def test_no_secret_survives(replayed: Replayed, secret: str) -> None:
    places = {
        **{f"table {name}": text for name, text in tables(replayed)},
        **{f"blob {name}": text for name, text in blobs(replayed)},
        **{f"traffic to {name}": text for name, text in traffic(replayed)},
        "log": replayed.site.log(),
    }
    kinds = {place.partition(" ")[0] for place, text in places.items() if text}
    assert kinds == {"table", "blob", "traffic", "log"}
    found = [place for place, text in places.items() if secret in text or secret in unquote(text)]
    assert found == []


def test_the_search_for_secrets_would_find_them(replayed: Replayed) -> None:
    """What is stored of these alerts is found in each kind of place, so a secret beside it would be too."""
    (ticket,) = [
        row for row in replayed.site.rows("tickets") if row.get("error_type") and "mssql" in str(row)
    ]
    assert "backup-2026-11-20" in str(ticket)
    assert any("mssql-berth-planning" in text for _, text in tables(replayed))
    assert any("mssql-berth-planning" in text for _, text in blobs(replayed))
    for service in ("queue", "table", "blob"):
        assert any("mssql-berth-planning" in text for name, text in traffic(replayed) if name == service)


def tables(replayed: Replayed) -> Iterator[tuple[str, str]]:
    service = replayed.site.app.storage._tables
    for table in service.list_tables():
        if table.name.startswith(replayed.site.prefix):
            rows = service.get_table_client(table.name).list_entities()
            yield table.name, "\n".join(str(dict(row)) for row in rows)


def blobs(replayed: Replayed) -> Iterator[tuple[str, str]]:
    service = replayed.site.app.storage._blobs
    for container in service.list_containers(name_starts_with=replayed.site.prefix):
        client = service.get_container_client(container.name)
        for blob in client.list_blobs():
            yield f"{container.name}/{blob.name}", client.download_blob(blob.name).readall().decode()


def traffic(replayed: Replayed) -> Iterator[tuple[str, str]]:
    """All that was ever sent to storage, what has gone from the queues since included."""
    for service in ("blob", "queue", "table"):
        text = b"\n".join(replayed.proxy.sent(service)).decode("utf-8", "replace")
        bodies = re.findall(r"<MessageText>([^<]*)</MessageText>", text)
        decoded = [base64.b64decode(body).decode("utf-8", "replace") for body in bodies]
        yield service, "\n".join([text, *decoded])
