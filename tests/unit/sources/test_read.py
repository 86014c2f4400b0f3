"""Which sender a payload is read as, and that one run has one identity however it is reported."""

from datetime import UTC, datetime, timedelta

import pytest

from rca import sources
from rca.domain.failure import Failure, identity_hash
from rca.errors import ShapeError
from tests.unit.sources.payloads import (
    RECEIVED,
    RUN,
    airflow,
    alert,
    custom,
    dimensions,
    failure,
    firing,
    job,
    metric,
    prometheus,
    read,
    table,
)

ROUTES = (
    "azure-monitor",
    "azure-monitor-alert",
    "databricks-monitor",
    "airflow-monitor",
    "webhook/alerts",
    "logicapp",
    "alerts/custom",
)
SHAPES = {
    "v1": alert(table(["PipelineName", "PipelineRunId"], ["pl", RUN])),
    "v1 without columns": alert(table(None, ["2026-11-20T02:00:00Z", "pl", RUN.upper()])),
    "v2": alert(dimensions(PipelineName="pl", PipelineRunId=RUN)),
    "v2 with RunId": alert(dimensions(PipelineName="pl", RunId=RUN.upper())),
    "another alert": alert(
        dimensions(PipelineName="pl", RunId=RUN), alertId="/other", firedDateTime="2026-11-22"
    ),
    "logicapp": {"pipelineName": "pl", "pipelineRunId": RUN, "error": {"message": "x"}},
    "custom": custom(source="adf", run_id=RUN.upper()),
}
OTHERS = [alert(), metric(), job(), airflow(), prometheus(firing()), custom()]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("route", ROUTES)
def test_a_pipeline_run_has_one_identity(shape, route):
    found = failure(SHAPES[shape], route)
    assert (found.source, found.identity, found.run_id) == ("adf", f"run:{RUN}", RUN)


@pytest.mark.parametrize("payload", OTHERS)
def test_the_route_does_not_change_what_is_read(payload):
    assert len({str(read(payload, route)) for route in ROUTES}) == 1


@pytest.mark.parametrize("payload", [*SHAPES.values(), *OTHERS])
def test_identity_does_not_depend_on_when_it_came(payload):
    later = sources.read(payload, "azure-monitor", RECEIVED + timedelta(days=3)).events[0]
    assert isinstance(later, Failure)
    assert later.identity == failure(payload).identity


def test_the_route_breaks_ties():
    both = custom(dag_id="dag", state="failed")
    assert failure(both, "alerts/custom").source == "azure_monitor"
    assert failure(both, "/api/alerts/custom/").source == "azure_monitor"
    assert failure(both, "airflow-monitor").source == "airflow"


@pytest.mark.parametrize("payload", [{}, {"hello": "world"}, [], None, "text", 7])
@pytest.mark.parametrize(
    ("route", "field"),
    [
        ("azure-monitor", "data.essentials"),
        ("azure-monitor-alert", "data.alertContext"),
        ("databricks-monitor", "cluster.cluster_id"),
        ("airflow-monitor", "dag_id"),
        ("webhook/alerts", "alerts"),
        ("logicapp", "pipelineRunId"),
        ("alerts/custom", "run_id"),
        ("anything else", "resource"),
    ],
)
def test_no_known_shape_names_what_the_route_expects(payload, route, field):
    with pytest.raises(ShapeError) as raised:
        read(payload, route)
    assert field in raised.value.fields


def test_times_are_utc_and_identities_can_be_hashed():
    local = datetime(2026, 11, 21, 9, tzinfo=UTC).astimezone()
    found = sources.read(custom(run_id="half \ud83d"), "alerts/custom", local).events[0]
    assert isinstance(found, Failure)
    assert found.occurred_at.utcoffset() == timedelta(0)
    assert len(identity_hash(found.source, found.identity)) == 40
