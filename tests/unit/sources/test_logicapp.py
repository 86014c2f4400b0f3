import pytest

from rca.domain.failure import Benign
from rca.domain.vocabulary import Source
from rca.errors import ShapeError
from tests.unit.sources.payloads import RUN, failure, only, read, recovery

ROUTE = "logicapp"


def body(**changes: object) -> dict:
    parts = {
        "source": "logic-app",
        "workflow": {"name": "la-relay", "runId": "0858"},
        "event": "pipelineFailed",
        "factory": "adf",
        "pipelineName": "pl",
        "pipelineRunId": RUN.upper(),
        "failedAt": "2026-11-20T03:01:08Z",
        "error": {"code": "2200", "message": "gone"},
    } | changes
    return {key: value for key, value in parts.items() if value is not None}


def test_failed_pipeline():
    found = failure(body(), ROUTE)
    assert (found.source, found.resource, found.run_id, found.identity) == (
        Source.ADF,
        "pl",
        RUN,
        f"run:{RUN}",
    )
    assert (found.code, found.message) == ("2200", "gone")
    assert found.occurred_at.isoformat() == "2026-11-20T03:01:08+00:00"
    assert found.labels["logic_app"] == "la-relay"


def test_error_as_text_or_absent():
    assert failure(body(error="it broke"), ROUTE).message == "it broke"
    assert "no error text" in failure(body(error=None), ROUTE).message


def test_success_and_start():
    assert recovery(body(event="pipelineSucceeded"), ROUTE).closes
    assert isinstance(only(body(event="pipelineStarted"), ROUTE), Benign)
    assert failure(body(event="pipelineStartFailed"), ROUTE)


def test_databricks_run_and_the_logic_app_itself():
    job = failure(body(pipelineName=None, pipelineRunId=None, jobName="nightly", runId=11), ROUTE)
    assert (job.source, job.identity) == (Source.DATABRICKS_JOB, "run:11")
    own = failure(body(pipelineName=None, pipelineRunId=None), ROUTE)
    assert (own.source, own.resource, own.identity) == (Source.AZURE_MONITOR, "la-relay", "run:0858")


@pytest.mark.parametrize(
    "payload", [body(pipelineRunId=None), body(pipelineRunId="N/A"), {"source": "logicapp"}]
)
def test_the_run_must_be_named(payload):
    with pytest.raises(ShapeError) as raised:
        read(payload, ROUTE)
    assert raised.value.fields == ("pipelineRunId",)
