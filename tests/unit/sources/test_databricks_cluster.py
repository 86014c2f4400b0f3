import pytest

from rca.domain.failure import Benign, Failure
from rca.domain.vocabulary import Severity, Source
from rca.errors import ShapeError
from tests.unit.sources.payloads import alert, dimensions, events, failure, only, read, recovery, table

ROUTE = "azure-monitor-alert"
IDENTITY = "1121-055905-q5xcz4bm_DRIVER_NOT_RESPONDING_20251129143000"
COLUMNS = ["ClusterId", "ClusterName", "TerminationCode", "State", "LastEvent"]
ROW = [
    "1121-055905-q5xcz4bm",
    "Production Cluster",
    "DRIVER_NOT_RESPONDING",
    "TERMINATED",
    "2025-11-29T14:30:00Z",
]
CAMEL = ["TimeGenerated", "clusterId", "clusterName", "clusterState", "termination"]
CAMEL_ROW = ["2025-11-29T14:30:00Z", ROW[0], ROW[1], "Terminated", ROW[2]]
EVENT = {
    "event": "cluster.terminated",
    "cluster": {
        "cluster_id": ROW[0],
        "cluster_name": ROW[1],
        "state": "TERMINATED",
        "terminated_time": 1764426600000,
        "termination_reason": {
            "code": "DRIVER_NOT_RESPONDING",
            "type": "SERVICE_FAULT",
            "parameters": {"instance_id": "vm-7"},
        },
    },
}


@pytest.mark.parametrize(
    "payload",
    [
        alert(table(COLUMNS, ROW)),
        alert(table([{"name": name} for name in COLUMNS], ROW)),
        alert(table(CAMEL, CAMEL_ROW)),
        alert(table(None, CAMEL_ROW)),
        alert(table([name.lower() for name in CAMEL], CAMEL_ROW)),
        alert(dimensions(**dict(zip(CAMEL, CAMEL_ROW, strict=True)))),
        alert(dimensions(**dict(zip(COLUMNS, ROW, strict=True)))),
        EVENT,
    ],
)
@pytest.mark.parametrize("route", [ROUTE, "azure-monitor", "databricks-monitor"])
def test_every_shape_gives_one_identity(payload, route):
    found = failure(payload, route)
    assert found.source is Source.DATABRICKS_CLUSTER
    assert found.identity == found.run_id == IDENTITY
    assert (found.resource, found.code) == ("Production Cluster", "DRIVER_NOT_RESPONDING")
    assert found.occurred_at.isoformat() == "2025-11-29T14:30:00+00:00"


def test_severity_and_labels_of_an_alert():
    found = failure(alert(table(COLUMNS, ROW), severity="Sev2"), ROUTE)
    assert found.severity is Severity.MEDIUM
    assert found.labels["cluster_id"] == ROW[0]


def test_message_of_an_event_says_all_it_knows():
    assert failure(EVENT).message == (
        "Databricks cluster Production Cluster (1121-055905-q5xcz4bm) ended with DRIVER_NOT_RESPONDING "
        "(type: SERVICE_FAULT; parameters: instance_id: vm-7; state: TERMINATED)."
    )


def test_many_rows_are_many_failures():
    rows = [
        ["c-" + str(number), "n", "BOOTSTRAP_TIMEOUT", "ERROR", "2025-11-29T14:30:00Z"] for number in range(9)
    ]
    assert len(events(alert(table(COLUMNS, *rows)), ROUTE)) == 9


@pytest.mark.parametrize(
    "code", ["INACTIVITY", "USER_REQUEST", "JOB_FINISHED", "SUCCESS", "user request", "Inactivity"]
)
def test_benign_ends(code):
    row = [*ROW[:2], code, *ROW[3:]]
    event = only(alert(table(COLUMNS, row)), ROUTE)
    assert isinstance(event, Benign)
    assert event.resource == "Production Cluster"
    older = {
        "event": "cluster.terminated",
        "cluster": {"cluster_id": "c", "termination_reason": {"code": code}},
    }
    assert isinstance(only(older), Benign)


def test_a_failure_beside_a_benign_end():
    kinds = [
        type(event) for event in events(alert(table(COLUMNS, ROW, [*ROW[:2], "INACTIVITY", *ROW[3:]])), ROUTE)
    ]
    assert kinds == [Failure, Benign]


def test_row_without_time_is_told_apart_by_the_alert():
    found = failure(alert(table(COLUMNS[:3], ROW[:3])), ROUTE)
    assert found.identity.endswith("_DRIVER_NOT_RESPONDING_20261120021743")


def test_state_stands_in_for_a_missing_code():
    found = failure(alert(table(["clusterName", "clusterState"], ["etl", "Error"])), ROUTE)
    assert (found.resource, found.code) == ("etl", "ERROR")


def test_resolved_is_a_note():
    over = recovery(alert(table(COLUMNS, ROW), monitorCondition="Resolved"), ROUTE)
    assert (over.identity, over.closes) == (IDENTITY, False)


def test_event_without_time_says_that_it_cannot_be_told_from_the_next():
    reading = read(
        {"event": "cluster.terminated", "cluster": {"cluster_id": "c", "termination_reason": "STOCKOUT"}}
    )
    assert reading.events[0].run_id == "c_STOCKOUT_undated"  # type: ignore[union-attr]
    assert "no time" in reading.notes[0]


@pytest.mark.parametrize("event", ["cluster.started", "cluster.resized", "cluster.running"])
def test_life_of_a_healthy_cluster_is_benign(event):
    assert isinstance(only({"event": event, "cluster": {"cluster_id": "c", "state": "RUNNING"}}), Benign)


def test_cluster_must_be_named():
    with pytest.raises(ShapeError) as raised:
        read({"event": "cluster.terminated", "cluster": {"state": "ERROR"}})
    assert raised.value.fields == ("cluster.cluster_id",)
