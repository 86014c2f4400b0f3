"""What is filtered opens no ticket and says which rule did it; nothing is lost on the way."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from rca.errors import NotConfiguredError
from rca.wiring import App
from tests.support.world import World, custom

SAMPLES = Path(__file__).parents[3] / "samples"
DEV = "rules: [{name: no-dev, environments: [dev]}]"


def use(world: World, path: Path, rules: str) -> None:
    """Deploy a file of rules: the parts of the application that have read another one are built anew."""
    path.write_text(rules)
    world.app.settings = world.settings.model_copy(update={"filters_file": path})
    for part in ("filters", "extract"):
        world.app.__dict__.pop(part, None)


def health(world: World, made: App | None = None) -> dict[str, str]:
    """Ask the application itself; the one of the world has no real queues."""
    made = made or App(world.app.settings, storage=world.storage)
    made.queues.create("alerts")
    try:
        return made.health()
    finally:
        made.queues.client("alerts").delete_queue()


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return tmp_path / "filters.yaml"


def alertmanager(**environments: str) -> dict[str, Any]:
    """A group with one alert for each pod, in its environment."""
    group: dict[str, Any] = json.loads((SAMPLES / "alertmanager_pods.json").read_text())
    model = next(alert for alert in group["alerts"] if alert["labels"]["severity"] == "warning")
    group["alerts"] = []
    for pod, environment in environments.items():
        alert = copy.deepcopy(model)
        alert["labels"] |= {"pod": pod, "environment": environment}
        alert["fingerprint"] = pod
        group["alerts"].append(alert)
    return group


def test_an_ignored_alert_leaves_nothing_but_its_fate(world: World, rules: Path) -> None:
    use(world, rules, DEV)
    alert = world.post(custom(labels={"environment": "dev"}))
    world.run()

    fate = world.app.intake.fate(alert)
    assert (fate.status, fate.reason, fate.tickets) == (
        "ignored",
        "ignored by rule 'no-dev': nightly_load",
        (),
    )
    assert {table for table, rows in world.snapshot().items() if rows} == {"intake"}
    assert [queue for queue, _ in world.queues.sent] == ["alerts"]


def test_of_a_group_the_rest_is_processed_and_both_are_told(world: World, rules: Path) -> None:
    use(world, rules, DEV)
    group = alertmanager(**{f"dev-{number}": "dev" for number in range(7)}, live="prod")
    alert = world.post(group, "webhook/alerts")
    world.run()

    fate = world.app.intake.fate(alert)
    (ticket,) = world.tickets()
    assert fate.status == "processed"
    assert [(outcome.ticket_id, outcome.outcome) for outcome in fate.tickets] == [(ticket["id"], "created")]
    assert fate.reason is not None
    assert fate.reason.startswith("ignored by rule 'no-dev': ")
    assert "dev-0" in fate.reason
    assert "and 2 more" in fate.reason


def test_a_failure_that_has_a_ticket_is_folded_whatever_the_rules_say_now(world: World, rules: Path) -> None:
    sent = custom(labels={"environment": "dev"})
    world.post(sent)
    world.run()
    use(world, rules, DEV)
    again = world.post(sent)
    world.run()

    (ticket,) = world.tickets()
    fate = world.app.intake.fate(again)
    assert [(outcome.ticket_id, outcome.outcome) for outcome in fate.tickets] == [(ticket["id"], "duplicate")]
    assert fate.reason is None
    assert world.app.recount.check().clean


def test_a_task_of_a_run_that_has_a_ticket_is_folded_too(world: World, rules: Path) -> None:
    run = json.loads((SAMPLES / "airflow_3x_dag_of_failed_task.json").read_text())
    task = json.loads((SAMPLES / "airflow_3x_mapped_out_of_memory.json").read_text())
    task |= {key: run[key] for key in ("dag_id", "run_id", "dag_run_id", "instance") if key in run}
    world.post(run, "airflow-monitor")
    world.run()
    before = len(world.tickets())
    use(world, rules, "rules: [{name: all, sources: [airflow], even_critical: true}]")
    alert = world.post(task, "airflow-monitor")
    world.run()

    assert [outcome.outcome for outcome in world.app.intake.fate(alert).tickets] == ["duplicate"]
    assert len(world.tickets()) == before == 1


def test_another_task_of_a_run_is_a_failure_of_its_own(world: World, rules: Path) -> None:
    task = json.loads((SAMPLES / "airflow_2x_connection_error.json").read_text())
    world.post(task, "airflow-monitor")
    world.run()
    use(world, rules, "rules: [{name: all, sources: [airflow], even_critical: true}]")
    second = world.post(task | {"task_id": "another"}, "airflow-monitor")
    again = world.post(task, "airflow-monitor")
    world.run()

    assert len(world.tickets()) == 1
    assert world.app.intake.fate(second).status == "ignored"
    assert [outcome.outcome for outcome in world.app.intake.fate(again).tickets] == ["duplicate"]


def test_the_end_of_an_ignored_failure_is_harmless(world: World, rules: Path) -> None:
    use(world, rules, "rules: [{name: no-pods, sources: [prometheus], even_critical: true}]")
    firing = world.post(alertmanager(web="dev"), "webhook/alerts")
    world.run()
    over = alertmanager(web="dev")
    over["alerts"][0] |= {"status": "resolved", "endsAt": "2026-11-20T02:59:00Z"}
    resolved = world.post(over, "webhook/alerts")
    world.run()
    repeated = world.post(alertmanager(web="dev"), "webhook/alerts")
    world.run()

    assert world.tickets() == []
    assert world.rows("deadletters") == {}
    assert {world.app.intake.fate(alert).status for alert in (firing, resolved, repeated)} == {"ignored"}


def test_ignored_once_is_not_ignored_for_good(world: World, rules: Path) -> None:
    sent = custom(labels={"environment": "dev"})
    use(world, rules, DEV)
    world.post(sent)
    world.run()
    use(world, rules, "rules: []")
    alert = world.post(sent)
    world.run()

    assert [outcome.outcome for outcome in world.app.intake.fate(alert).tickets] == ["created"]
    assert len(world.tickets()) == 1


def test_a_floor_asks_the_catalog_and_spares_what_it_does_not_know(world: World, rules: Path) -> None:
    use(world, rules, "rules: [{name: floor, below: Critical}]")
    known = world.post(custom("run-1", message="java.lang.OutOfMemoryError: Java heap space"))
    unknown = world.post(custom("run-2", message="it did not work out"))
    critical = world.post(custom("run-3", message="it did not work out", severity="critical"))
    world.run()

    assert world.app.intake.fate(known).status == "ignored"
    assert world.app.intake.fate(unknown).status == "processed"
    assert world.app.intake.fate(critical).status == "processed"


def test_hours_count_when_it_happened_not_when_it_is_delivered(world: World, rules: Path) -> None:
    office = "hours: {office: {timezone: UTC, from: 08:00, to: 18:00}}\n"
    use(world, rules, office + "rules: [{name: nights, resources: '*', outside: office}]")
    at_night = world.post(custom("night", time="2026-11-20T02:00:00Z"))
    by_day = world.post(custom("day", time="2026-11-19T12:00:00Z"))
    world.clock.advance(8 * 3_600)  # 11:00, by day
    world.run()

    assert world.app.intake.fate(at_night).status == "ignored"
    assert world.app.intake.fate(by_day).status == "processed"


def test_alerts_wait_for_a_bad_file_to_be_mended(world: World, rules: Path) -> None:
    use(world, rules, "rules: [{name: nights, belo: High}]")
    alert = world.post(custom())
    world.run(until=timedelta(minutes=10))

    state = health(world)["filters"]
    assert str(rules) in state
    assert "rule 1 'nights'" in state
    assert world.app.intake.fate(alert).status == "pending"
    assert world.rows("deadletters") == {}

    use(world, rules, DEV)
    world.run(until=timedelta(hours=2))
    assert health(world)["filters"] == "ok"
    assert world.app.intake.fate(alert).status == "processed"


def test_a_file_that_stays_bad_ends_in_a_dead_letter_that_names_it(world: World, rules: Path) -> None:
    use(world, rules, "rules: [{name: nights, belo: High}]")
    alert = world.post(custom())
    world.run(until=timedelta(hours=30))

    (letter,) = world.app.letters.newest(["alerts"], 10)
    assert letter["alert_id"] == alert
    assert "rule 1 'nights'" in str(letter["reason"])
    assert world.app.intake.fate(alert).status == "dead"


def test_a_file_that_is_no_text_is_told(world: World, rules: Path) -> None:
    use(world, rules, "")
    rules.write_bytes(b"\xff\xfe")
    assert health(world)["filters"] == f"FILTERS_FILE {rules}: can't be read: UnicodeDecodeError"


def test_health_shows_a_bad_setting_that_only_a_later_stage_reads(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIRA_URL", "http://jira.example")
    assert "JIRA_URL" in health(world)["settings"]


def test_a_missing_file_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILTERS_FILE", "/nowhere/filters.yaml")
    with pytest.raises(NotConfiguredError, match="FILTERS_FILE"):
        _ = App().filters
