"""The read API after the replay of all samples: shapes, filters, who may read."""

from __future__ import annotations

import base64
import json
from collections import Counter
from datetime import datetime
from urllib.parse import quote

import pytest

from rca.domain.ids import new_alert_id
from rca.domain.sla import priority_of
from rca.domain.ticket import Actor
from rca.domain.vocabulary import Severity, Status
from tests.e2e.replayed import Replayed
from tests.e2e.support import ADMIN, KEY, Json, until

pytestmark = pytest.mark.xdist_group("replayed")

READS = (
    "open-tickets",
    "in-progress-tickets",
    "closed-tickets",
    "tickets/ADF-20261120T041503-0000000000",
    "summary",
    "audit-trail",
    "queue/status",
    "deadletters",
    "me",
)
LISTS = {
    "open-tickets": "open",
    "in-progress-tickets": "in_progress",
    "closed-tickets": "acknowledged",
}
# requirements/explanation.md, table `tickets`
TICKET_FIELDS = [
    "id",
    "timestamp",
    "pipeline",
    "run_id",
    "rca_result",
    "recommendations",
    "confidence",
    "severity",
    "priority",
    "error_type",
    "affected_entity",
    "status",
    "ack_user",
    "ack_empid",
    "ack_ts",
    "ack_seconds",
    "sla_seconds",
    "sla_status",
    "slack_ts",
    "slack_channel",
    "finops_team",
    "finops_owner",
    "finops_cost_center",
    "blob_log_url",
    "itsm_ticket_id",
    "logic_app_run_id",
    "processing_mode",
]
# the same, table `audit_trail`
AUDIT_FIELDS = [
    "timestamp",
    "ticket_id",
    "pipeline",
    "run_id",
    "action",
    "user_name",
    "user_empid",
    "time_taken_seconds",
    "mttr_minutes",
    "sla_status",
    "rca_summary",
    "finops_team",
    "finops_owner",
    "details",
    "itsm_ticket_id",
]
CARD_FIELDS = [field for field in TICKET_FIELDS if field != "logic_app_run_id"]


def tickets(replayed: Replayed, name: str) -> list[Json]:
    listed: list[Json] = replayed.client.get(name)["tickets"]
    return listed


@pytest.mark.parametrize("path", READS)
def test_a_session_is_needed(replayed: Replayed, path: str) -> None:
    raw = replayed.client.raw
    token = replayed.client.session["X-Session-Token"]
    head, body, mac = token.split(".")
    other = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    for headers in (
        {},
        {"x-functions-key": KEY},
        {"Authorization": f"Basic {token}"},
        {"Authorization": "Bearer"},
        *({"X-Session-Token": garbage} for garbage in GARBAGE),
        *({"Authorization": f"Bearer {garbage}"} for garbage in GARBAGE),
        {"X-Session-Token": f"{head}.{body}."},
        {"X-Session-Token": f"{head}.{body}.{mac[:-2]}xx"},
        {"X-Session-Token": f"{other}.{body}."},
        {"X-Session-Token": f"{head}.{body}"},
        {"X-Session-Token": f"{token}.{mac}"},
    ):
        answer = raw.get(path, headers={name: value.encode() for name, value in headers.items()})
        assert answer.status_code == 401, headers
        assert answer.json()["title"] == "Not signed in"


GARBAGE = ("x", "a.b.c", "..", "null", "é.ü.ß", "A" * 5_000, "e30.e30.e30", "0")


@pytest.mark.parametrize("path", READS)
def test_a_session_admits_by_either_header(replayed: Replayed, path: str) -> None:
    token = replayed.client.session["X-Session-Token"]
    for headers in ({"X-Session-Token": token}, {"Authorization": f"Bearer {token}"}):
        answer = replayed.client.raw.get(path, headers=headers)
        assert answer.status_code == (404 if "0000000000" in path else 200)
        assert answer.headers["cache-control"] == "no-store"


def test_who_am_i(replayed: Replayed) -> None:
    me = replayed.client.get("me")
    assert (me["name"], me["role"]) == (ADMIN["name"], "admin")


@pytest.mark.parametrize("name", LISTS)
def test_list(replayed: Replayed, name: str) -> None:
    work_on_one(replayed)
    listed = tickets(replayed, name)
    assert listed
    for card in listed:
        assert set(CARD_FIELDS) <= set(card)
        assert card["status"] == LISTS[name]
        assert card["priority"] == priority_of(Severity(card["severity"]))
        assert isinstance(card["recommendations"], list)
        datetime.fromisoformat(card["timestamp"])
    order = "ack_ts" if name == "closed-tickets" else "timestamp"
    moments = [card[order] for card in listed]
    assert moments == sorted(moments, reverse=True)


def work_on_one(replayed: Replayed) -> None:
    """Have one ticket in progress, as the command of a later issue will."""
    if tickets(replayed, "in-progress-tickets"):
        return
    from rca.storage.tickets import Tickets
    from rca.workflow.commit import commit_once

    app = replayed.site.app
    chosen = tickets(replayed, "open-tickets")[0]["id"]
    dana = Actor("acc-1", "Dana Okafor", "E100")
    started = commit_once(
        Tickets(app.storage), chosen, "test-start", lambda ticket: app.book.start(ticket, app.clock(), dana)
    )
    app.emit.change(chosen, started.version, app.clock())
    until(lambda: tickets(replayed, "in-progress-tickets"), what="the board")
    replayed.site.wait_until_quiet()


def test_the_lists_together_hold_each_ticket_once(replayed: Replayed) -> None:
    listed = [card["id"] for name in LISTS for card in tickets(replayed, name)]
    assert sorted(listed) == sorted(replayed.site.ticket_ids())


def test_closed_by_their_source(replayed: Replayed) -> None:
    closed = tickets(replayed, "closed-tickets")
    assert {card["resolution"] for card in closed} == {"source"}
    assert all(card["ack_seconds"] >= 0 and card["ack_ts"] and card["sla_status"] == "Met" for card in closed)


def test_ticket_by_its_id_and_by_its_run_id(replayed: Replayed) -> None:
    for card in tickets(replayed, "open-tickets"):
        by_id = replayed.client.get(f"tickets/{card['id']}")
        ticket = by_id["ticket"]
        assert set(TICKET_FIELDS) <= set(ticket)
        assert {"source", "category", "signature", "occurrences", "version"} <= set(ticket)
        same = (
            "id",
            "pipeline",
            "run_id",
            "severity",
            "priority",
            "status",
            "error_type",
            "version",
            "source",
        )
        assert {name: ticket[name] for name in same} == {name: card[name] for name in same}
        assert replayed.client.get(f"tickets/{quote(card['run_id'], safe='')}") == by_id
        assert [entry["version"] for entry in by_id["audits"]] == list(range(1, ticket["version"] + 1))
        assert by_id["audits"][0]["action"] == "Ticket Created"
        assert all(set(AUDIT_FIELDS) <= set(entry) for entry in by_id["audits"])
        assert not {"mac", "user_id"} & set().union(*by_id["audits"])


@pytest.mark.parametrize(
    "key", ["nothing", "ADF-20261120T041503-ffffffffff", "..", "%00", "a%2Fb", "🔥", "x" * 3_000]
)
def test_unknown_ticket(replayed: Replayed, key: str) -> None:
    answer = replayed.client.raw.get(f"tickets/{key}", headers=replayed.client.session)
    assert answer.status_code == 404


def test_summary(replayed: Replayed) -> None:
    work_on_one(replayed)
    summary = replayed.client.get("summary")
    cards = {name: tickets(replayed, name) for name in LISTS}
    every = [card for listed in cards.values() for card in listed]
    closed = cards["closed-tickets"]
    seconds = sum(card["ack_seconds"] for card in closed) / len(closed)
    assert summary["total_tickets"] == len(every)
    assert summary["open_tickets"] == len(cards["open-tickets"])
    assert summary["acknowledged_tickets"] == len(closed)
    assert summary["sla_breached"] == 0
    assert summary["avg_ack_time_sec"] == pytest.approx(seconds, abs=1)
    assert summary["mttr_min"] == pytest.approx(seconds / 60, abs=0.1)
    assert Counter(summary["by_source"]) == Counter(card["source"] for card in every)
    assert Counter(summary["by_severity"]) == Counter(card["severity"] for card in every)


def test_audit_trail(replayed: Replayed) -> None:
    audits = replayed.client.get("audit-trail")["audits"]
    assert all(set(AUDIT_FIELDS) <= set(entry) for entry in audits)
    moments = [entry["timestamp"] for entry in audits]
    assert moments == sorted(moments, reverse=True)
    assert {entry["ticket_id"] for entry in audits} == set(replayed.site.ticket_ids())
    assert replayed.client.get("audit-trail", action="all")["audits"] == audits


@pytest.mark.parametrize("action", ["Ticket Created", "Analysis Completed", "Ticket Closed", "Note Added"])
def test_audit_trail_of_an_action(replayed: Replayed, action: str) -> None:
    audits = replayed.client.get("audit-trail")["audits"]
    filtered = replayed.client.get("audit-trail", action=action)["audits"]
    assert filtered
    assert filtered == [entry for entry in audits if entry["action"] == action]


def test_audit_trail_of_a_ticket(replayed: Replayed) -> None:
    chosen = tickets(replayed, "closed-tickets")[0]["id"]
    audits = replayed.client.get("audit-trail", ticket_id=chosen)["audits"]
    assert {entry["ticket_id"] for entry in audits} == {chosen}
    assert [entry["version"] for entry in audits] == list(range(len(audits), 0, -1))
    (closing,) = replayed.client.get("audit-trail", ticket_id=chosen, action="Ticket Closed")["audits"]
    assert closing["time_taken_seconds"] >= 0
    assert closing["mttr_minutes"] == pytest.approx(closing["time_taken_seconds"] / 60, abs=0.01)
    assert closing["sla_status"] == "Met"


def test_audit_trail_of_nothing(replayed: Replayed) -> None:
    assert replayed.client.get("audit-trail", action="No Such Action")["audits"] == []
    answer = replayed.client.raw.get("audit-trail?ticket_id=nothing", headers=replayed.client.session)
    assert answer.status_code == 404


def test_queue_status_tells_visible_from_hidden(replayed: Replayed) -> None:
    queues = {queue["queue"]: queue for queue in replayed.client.get("queue/status")["queues"]}
    assert set(queues) == {"alerts", "analyses", "changes", "broadcasts", "deadlines"}
    for queue in queues.values():
        assert queue["messages"] == queue["visible"] + queue["hidden"]
        assert queue["poison"] == 0
    # each open ticket waits for its SLA
    assert queues["deadlines"]["hidden"] >= len(tickets(replayed, "open-tickets"))
    assert queues["deadlines"]["visible"] == 0


def test_queue_status_sees_what_waits(replayed: Replayed) -> None:
    app = replayed.site.app
    poison = app.queues.client("deadlines-poison")
    poison.send_message("{}")
    try:
        queues = {queue["queue"]: queue for queue in replayed.client.get("queue/status")["queues"]}
        assert queues["deadlines"]["poison"] == 1
    finally:
        poison.clear_messages()


def test_dead_letters(replayed: Replayed) -> None:
    (letter,) = replayed.client.get("deadletters")["deadletters"]
    assert {"queue", "id", "at", "reason", "error", "payload", "alert_id", "attempts", "truncated"} <= set(
        letter
    )
    assert letter["queue"] == "intake"
    assert json.loads(letter["payload"])


def test_health_needs_no_session(replayed: Replayed) -> None:
    answer = replayed.client.raw.get("health")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "checks": {"settings": "ok", "filters": "ok", "queues": "ok", "tables": "ok"},
    }


def test_dedup_check_knows_every_ticket(replayed: Replayed) -> None:
    for name in LISTS:
        for card in tickets(replayed, name):
            asked = {"source": card["source"], "run_id": card["run_id"]}
            assert dedup_check(replayed, **asked) == (200, {**asked, "known": True, "ticket_id": card["id"]})


def test_dedup_check_of_the_unknown(replayed: Replayed) -> None:
    asked = {"source": "adf", "run_id": "never seen"}
    assert dedup_check(replayed, **asked) == (200, {**asked, "known": False, "ticket_id": None})
    run = tickets(replayed, "open-tickets")[0]
    other = "airflow" if run["source"] != "airflow" else "adf"
    assert dedup_check(replayed, source=other, run_id=run["run_id"])[1]["known"] is False


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        ({}, ["source"]),
        ({"run_id": "1"}, ["source"]),
        ({"source": "mainframe", "run_id": "1"}, ["source"]),
        ({"source": "adf"}, ["run_id"]),
    ],
)
def test_dedup_check_needs_source_and_run(
    replayed: Replayed, asked: dict[str, str], fields: list[str]
) -> None:
    status, body = dedup_check(replayed, **asked)
    assert (status, body["fields"]) == (422, fields)


def dedup_check(replayed: Replayed, **asked: str) -> tuple[int, Json]:
    answer = replayed.client.raw.get("dedup-check", params=asked, headers={"x-functions-key": KEY})
    return answer.status_code, answer.json()


def test_status_of_an_alert_nobody_sent(replayed: Replayed) -> None:
    raw, key = replayed.client.raw, {"x-functions-key": KEY}
    fresh = new_alert_id(replayed.site.app.clock())
    pending = raw.get(f"alerts/{fresh}", headers=key)
    assert (pending.status_code, pending.json()["status"]) == (200, "pending")
    for unknown in (
        "nothing",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
        fresh.lower(),
        "é" * 26,
    ):
        assert raw.get(f"alerts/{unknown}", headers=key).status_code == 404, unknown


def test_statuses_of_the_samples(replayed: Replayed) -> None:
    fates = [fate for delivered in replayed.deliveries.values() for fate in delivered.fates]
    assert Counter(fate["status"] for fate in fates).keys() == {"processed", "ignored"}
    for fate in fates:
        assert set(fate) <= {"alert_id", "status", "reason", "tickets"}
        assert all(set(ticket) == {"ticket_id", "outcome"} for ticket in fate["tickets"])
        assert fate["tickets"] if fate["status"] == "processed" else fate["reason"]


@pytest.mark.parametrize("continuation", ["x", "[]", "{", "null", '{"a": 1}', '{"PartitionKey": "x"}', "{}"])
def test_a_continuation_of_ones_own_making(replayed: Replayed, continuation: str) -> None:
    answer = replayed.client.raw.get(
        "closed-tickets", params={"continuation": continuation}, headers=replayed.client.session
    )
    assert answer.status_code in {200, 422}


def test_statuses_are_as_named() -> None:
    assert set(LISTS.values()) == {str(status) for status in Status}
