import pytest

from rca.domain.failure import Benign
from rca.domain.vocabulary import Source
from rca.errors import ShapeError
from tests.unit.sources.payloads import RECEIVED, airflow, failure, only, read, recovery

ROUTE = "airflow-monitor"
WHOLE = "airflow.example.net/dag/manual__1"


def test_failed_task():
    found = failure(airflow(), ROUTE)
    assert (found.source, found.resource, found.run_id) == (Source.AIRFLOW, "dag.task", "manual__1")
    assert (found.identity, found.within, found.whole) == (f"{WHOLE}/task/-1", WHOLE, False)
    assert (found.message, found.code) == ("ValueError: bad value", "ValueError")
    assert found.link == "https://Airflow.example.net/dags/dag"
    assert found.occurred_at.isoformat() == "2026-11-20T02:21:47.902110+00:00"


def test_hand_written_callback():
    found = failure(
        {
            "dag_id": "d",
            "task_id": "t",
            "execution_date": "2026-11-20T02:00:00+00:00",
            "run_id": "scheduled__1",
            "state": "failed",
            "try_number": 1,
            "max_tries": 1,
            "exception": "Test error",
            "log_url": None,
            "operator": "PythonOperator",
        },
        ROUTE,
    )
    assert found.identity == "default/d/scheduled__1/t/-1"
    assert (found.message, found.occurred_at) == ("Test error", RECEIVED)


@pytest.mark.parametrize(
    "dates",
    [
        {"logical_date": "2026-11-20T02:00:00+00:00"},
        {"execution_date": "2026-11-20T03:00:00+01:00", "logical_date": None},
        {"run_after": "2026-11-20T02:00:00Z", "logical_date": ""},
    ],
)
def test_a_date_stands_in_for_the_run_id(dates):
    found = failure(airflow(run_id=None) | dates, ROUTE)
    assert found.run_id == "2026-11-20T02:00:00.000000Z"


@pytest.mark.parametrize("changes", [{"event": "dag_failed"}, {"task_id": None}, {"task_id": "None"}])
def test_failed_dag(changes):
    found = failure(airflow(**changes), ROUTE)
    assert (found.resource, found.identity, found.whole, found.within) == ("dag", WHOLE, True, None)


def test_dag_without_error_text():
    found = failure(
        airflow(event="dag_failed", exception=None, exception_type=None, reason="timed_out"), ROUTE
    )
    assert found.message == "Airflow dag dag failed (run manual__1, state failed, try 2): timed_out"


def test_task_without_error_text():
    found = failure(airflow(exception="None", exception_type=None, state="upstream_failed"), ROUTE)
    assert found.message == (
        "Airflow task dag.task failed (run manual__1, state upstream_failed, try 2); "
        "the callback carries no error text."
    )
    assert found.code is None


def test_success_closes_the_same_identity():
    over = recovery(airflow(event="task_success", state="success", exception=None), ROUTE)
    assert over.closes
    assert over.identity == failure(airflow(), ROUTE).identity
    assert recovery(airflow(event="dag_success", state="success"), ROUTE).identity == WHOLE


@pytest.mark.parametrize(
    "changes", [{"event": "task_retry", "state": "running"}, {"event": None, "state": "up_for_retry"}]
)
def test_retries_are_benign(changes):
    event = only(airflow(**changes), ROUTE)
    assert isinstance(event, Benign)
    assert "will be retried by Airflow" in event.reason


@pytest.mark.parametrize("state", ["running", "queued", "skipped", "deferred", "up_for_reschedule"])
def test_other_states_are_benign(state):
    event = only(airflow(event=None, state=state, exception=None, exception_type=None), ROUTE)
    assert isinstance(event, Benign)
    assert state in event.reason


def test_the_event_counts_more_than_the_state_of_a_running_callback():
    assert failure(airflow(state="running"), ROUTE)
    assert failure(airflow(state="running", event=None), ROUTE)


def test_mapped_tasks_and_instances_are_different():
    identities = {
        failure(airflow(**changes), ROUTE).identity
        for changes in [
            {},
            {"map_index": 0},
            {"map_index": "1"},
            {"instance": "a"},
            {"instance": "b"},
            {"run_id": "x"},
        ]
    }
    assert len(identities) == 6


def test_slashes_in_names_do_not_collide():
    one = failure(airflow(instance="i", run_id="a/b", task_id="t"), ROUTE)
    other = failure(airflow(instance="i", run_id="a", task_id="b/t"), ROUTE)
    assert one.identity != other.identity


def test_the_try_is_no_part_of_the_identity():
    assert failure(airflow(try_number=1), ROUTE).identity == failure(airflow(try_number=3), ROUTE).identity


def test_exception_as_an_object():
    assert failure(airflow(exception={"type": "A", "message": "b"}, exception_type=None), ROUTE).message == (
        "type: A, message: b"
    )


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        ({"dag_id": None}, ("dag_id", "run_id")),
        ({"dag_id": "d", "state": "failed"}, ("run_id",)),
        ({"dag_id": "d", "run_id": "r"}, ("state",)),
    ],
)
def test_what_is_missing_is_named(payload, fields):
    with pytest.raises(ShapeError) as raised:
        read(payload, ROUTE)
    assert raised.value.fields == fields
