"""Failures with several names open one ticket, whichever name is heard first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rca.workflow.overview import Overview
from tests.support.world import World

SOON = timedelta(minutes=5)


def airflow(
    task: str | None, state: str = "failed", run: str = "scheduled__2026-11-20T02:00:00+00:00"
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "dag_id": "orders_daily",
        "run_id": run,
        "logical_date": "2026-11-19T02:00:00+00:00",
        "state": state,
        "instance": "airflow.example.com",
        "exception": "AirflowException: job run failed",
    }
    if task:
        body |= {
            "task_id": task,
            "try_number": 2,
            "max_tries": 2,
            "map_index": -1,
            "operator": "BashOperator",
        }
    return body


def databricks(event: str, run: int, parent: int | None = None, task: str | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {
        "event_type": f"jobs.{event}",
        "workspace_id": "1122",
        "run": {"run_id": run, **({"parent_run_id": parent} if parent else {})},
        "job": {"job_id": "31", "name": "silver"},
    }
    return body | ({"task": {"task_key": task}} if task else {})


def outcomes(world: World, *posts: tuple[dict[str, Any], str]) -> list[list[str]]:
    """Post one after the other; return what each did, tickets numbered in order of appearance."""
    numbers: dict[str, int] = {}
    told = []
    for body, route in posts:
        alert = world.post(body, route)
        world.run(until=SOON)
        fate = world.app.intake.fate(alert)
        told.append(
            [f"{numbers.setdefault(o.ticket_id, len(numbers) + 1)} {o.outcome}" for o in fate.tickets]
        )
    assert world.app.recount.check().clean
    return told


DAG = (airflow(None), "airflow-monitor")
TASK_A = (airflow("load"), "airflow-monitor")
TASK_B = (airflow("export"), "airflow-monitor")
JOB = (databricks("on_failure", 700), "databricks-monitor")
TASK_RUN = (databricks("on_failure", 701, 700, "load"), "databricks-monitor")
OTHER_TASK_RUN = (databricks("on_failure", 702, 700, "export"), "databricks-monitor")


@pytest.mark.parametrize(
    ("posts", "expected"),
    [
        ([TASK_A, DAG], [["1 created"], ["1 duplicate"]]),
        ([DAG, TASK_A], [["1 created"], ["1 duplicate"]]),
        ([TASK_A, TASK_B, DAG], [["1 created"], ["2 created"], ["1 duplicate"]]),
        ([DAG, TASK_A, TASK_B, TASK_A], [["1 created"], ["1 duplicate"], ["1 duplicate"], ["1 duplicate"]]),
        ([JOB, TASK_RUN, OTHER_TASK_RUN], [["1 created"], ["1 duplicate"], ["1 duplicate"]]),
        ([TASK_RUN, OTHER_TASK_RUN, JOB], [["1 created"], ["1 duplicate"], ["1 duplicate"]]),
    ],
    ids=["task, dag", "dag, task", "two tasks, dag", "dag, two tasks", "job, task runs", "task runs, job"],
)
def test_one_ticket_whichever_comes_first(
    world: World, posts: list[tuple[dict[str, Any], str]], expected: list[list[str]]
) -> None:
    assert outcomes(world, *posts) == expected


def test_a_task_run_whose_parent_was_not_told_is_found_by_its_own_id(world: World) -> None:
    orphan = (databricks("on_failure", 701), "databricks-monitor")
    assert outcomes(world, orphan, TASK_RUN, JOB) == [["1 created"], ["1 duplicate"], ["1 duplicate"]]


def test_another_run_of_the_same_job_is_another_ticket(world: World) -> None:
    other = (databricks("on_failure", 800), "databricks-monitor")
    assert outcomes(world, JOB, other) == [["1 created"], ["2 created"]]


def test_the_ticket_lists_every_failed_task(world: World) -> None:
    outcomes(world, TASK_RUN, OTHER_TASK_RUN)
    (ticket,) = world.tickets()
    shown = overview(world).ticket(ticket["PartitionKey"])
    assert [activity["name"] for activity in shown["ticket"]["activities"]] == ["load", "export"]
    assert "Failure Details Added" in [entry["action"] for entry in shown["audits"]]


def test_the_success_of_the_run_resolves_its_ticket(world: World) -> None:
    success = (databricks("on_success", 700), "databricks-monitor")
    assert outcomes(world, JOB, success) == [["1 created"], ["1 resolved"]]
    (ticket,) = world.tickets()
    assert (ticket["status"], ticket["resolution"]) == ("acknowledged", "source")


def test_the_success_of_one_task_run_resolves_nothing(world: World) -> None:
    success = (databricks("on_success", 703, 700, "prepare"), "databricks-monitor")
    assert outcomes(world, JOB, success) == [["1 created"], []]
    assert world.tickets()[0]["status"] == "open"


def test_a_task_that_succeeds_after_a_clear_resolves_its_ticket(world: World) -> None:
    success = (airflow("load", "success"), "airflow-monitor")
    assert outcomes(world, TASK_A, success) == [["1 created"], ["1 resolved"]]


def test_the_success_of_a_dag_run_is_only_a_note_on_a_task(world: World) -> None:
    success = (airflow(None, "success"), "airflow-monitor")
    assert outcomes(world, TASK_A, success) == [["1 created"], ["1 noted"]]
    assert world.tickets()[0]["status"] == "open"


def test_the_same_resolution_twice_closes_once(world: World) -> None:
    success = (databricks("on_success", 700), "databricks-monitor")
    assert outcomes(world, JOB, success, success) == [["1 created"], ["1 resolved"], ["1 resolved"]]
    (ticket,) = world.tickets()
    trail = overview(world).ticket(ticket["PartitionKey"])["audits"]
    assert [entry["action"] for entry in trail].count("Ticket Closed") == 1


def overview(world: World) -> Overview:
    return world.app.overview
