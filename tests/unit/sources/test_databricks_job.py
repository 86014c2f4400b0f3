import pytest

from rca.domain.failure import Benign
from rca.domain.vocabulary import Source
from rca.errors import ShapeError
from tests.unit.sources.payloads import RECEIVED, failure, job, only, read, recovery

ROUTE = "databricks-monitor"


@pytest.mark.parametrize("run_id", ["11", 11])
def test_failed_job(run_id):
    found = failure(job(run={"run_id": run_id}), ROUTE)
    assert (found.source, found.resource, found.run_id) == (Source.DATABRICKS_JOB, "nightly", "11")
    assert found.identity == "run:11"
    assert found.message == "Databricks job nightly failed (run 11); the webhook carries no error text."
    assert found.occurred_at == RECEIVED
    assert found.labels["job_id"] == "5"


def test_failed_task_folds_into_its_job_run():
    found = failure(job(task={"task_key": "silver"}, run={"run_id": 12, "parent_run_id": 11}), ROUTE)
    assert (found.identity, found.aliases, found.entity) == ("run:11", ("run:12",), "silver")
    assert found.activities[0].name == "silver"
    assert "at task silver (run 11, task run 12)" in found.message


def test_job_without_name():
    assert failure(job(job={"job_id": 5}), ROUTE).message.startswith("Databricks job 5 failed")


def test_success_of_the_job_closes():
    over = recovery(job("jobs.on_success"), ROUTE)
    assert over.closes
    assert over.identity == "run:11"


@pytest.mark.parametrize(
    "payload",
    [
        job("jobs.on_start"),
        job("jobs.on_duration_warning_threshold_exceeded"),
        job("jobs.on_streaming_backlog_exceeded"),
        job("jobs.on_something_new"),
        job("jobs.on_success", task={"task_key": "silver"}, run={"run_id": 12, "parent_run_id": 11}),
    ],
)
def test_benign_events(payload):
    event = only(payload, ROUTE)
    assert isinstance(event, Benign)
    assert "nightly" in event.reason


def older(state: dict | None = None, event: str = "job.run.failed", **run) -> dict:
    return {
        "event": event,
        "job": {"settings": {"name": "ETL_Job"}},
        "run": {"run_id": 12345, "state": state or {"state_message": "Task failed with exception"}} | run,
    }


def test_older_event():
    found = failure(older(end_time=1795143011000), ROUTE)
    assert (found.resource, found.run_id, found.message) == ("ETL_Job", "12345", "Task failed with exception")
    assert found.occurred_at.isoformat() == "2026-11-20T02:50:11+00:00"


def test_older_event_with_tasks():
    tasks = [
        {"task_key": "a", "run_id": 1, "state": {"result_state": "SUCCESS"}},
        {
            "task_key": "b",
            "run_id": 2,
            "state": {"result_state": "FAILED"},
            "run_output": {"error": "KeyError: 'x'"},
        },
        {"task_key": "c", "run_id": 3, "state": {"result_state": "TIMEDOUT", "state_message": "too long"}},
    ]
    found = failure(older({"state_message": "Run failed"}, tasks=tasks), ROUTE)
    assert found.message == "Run failed\nb: KeyError: 'x'\nc: too long"
    assert [(task.name, task.code) for task in found.activities] == [("b", None), ("c", "TIMEDOUT")]
    assert found.aliases == ("run:2", "run:3")


@pytest.mark.parametrize(
    ("result", "code"), [("TIMEDOUT", "TIMEDOUT"), ("CANCELED", "CANCELED"), ("FAILED", None)]
)
def test_result_decides_where_the_event_does_not(result, code):
    found = failure(older({"result_state": result}, event="job.run.completed"), ROUTE)
    assert found.code == code


def test_older_success_closes():
    assert recovery(older({"result_state": "SUCCESS"}, event="job.run.completed"), ROUTE).closes
    assert isinstance(only(older({}, event="job.run.started"), ROUTE), Benign)


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        (job(run=None), "run.run_id"),
        (job(run={"run_id": "None"}), "run.run_id"),
        ({"run": {"run_id": 1}, "job": {}}, "event_type"),
    ],
)
def test_what_is_missing_is_named(payload, field):
    with pytest.raises(ShapeError) as raised:
        read(payload, ROUTE)
    assert raised.value.fields == (field,)
