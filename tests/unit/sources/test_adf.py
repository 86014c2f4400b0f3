import pytest

from rca.domain.failure import Benign, Kind
from rca.domain.vocabulary import Severity, Source
from tests.unit.sources.payloads import FACTORY, RUN, alert, dimensions, events, failure, only, table

COLUMNS = ["TimeGenerated", "PipelineName", "ActivityName", "PipelineRunId", "ErrorCode", "ErrorMessage"]


def row(
    activity: str = "copy", run: str = RUN, time: str = "2026-11-20T02:58:40Z", message: str = "gone"
) -> list[str]:
    return [time, "pl_orders", activity, run, "2200", message]


@pytest.mark.parametrize("run_column", ["PipelineRunId", "RunId"])
def test_v2_dimensions(run_column):
    values = {
        "PipelineName": "pl_orders",
        run_column: RUN,
        "ActivityName": "copy",
        "ErrorCode": "UserErrorSourceBlobNotExists",
        "ErrorMessage": "The blob is gone",
        "FailureType": "UserError",
    }
    found = failure(alert(dimensions(**values), custom={"team": "orders"}))
    assert (found.source, found.resource, found.run_id, found.kind) == (
        Source.ADF,
        "pl_orders",
        RUN,
        Kind.RUN,
    )
    assert found.identity == f"run:{RUN}"
    assert (found.message, found.code, found.entity) == (
        "The blob is gone",
        "UserErrorSourceBlobNotExists",
        "copy",
    )
    assert [activity.name for activity in found.activities] == ["copy"]
    assert found.severity is Severity.HIGH
    assert found.labels["failure_type"] == "UserError"
    assert found.labels["team"] == "orders"
    assert found.labels["alert_rule"] == "a rule of many failures"


@pytest.mark.parametrize("columns", [COLUMNS, [{"name": name, "type": "string"} for name in COLUMNS]])
def test_v1_rows_of_one_run_are_one_failure(columns):
    second = row("load", RUN.upper(), "2026-11-20T02:59:00Z", "no input")
    found = failure(alert(table(columns, row(), second)))
    assert found.identity == f"run:{RUN}"
    assert [activity.name for activity in found.activities] == ["copy", "load"]
    assert found.message == "copy (2200): gone\nload (2200): no input"
    assert found.occurred_at.isoformat() == "2026-11-20T02:58:40+00:00"


def test_v1_rows_of_two_runs_are_two_failures():
    assert len(events(alert(table(COLUMNS, row(), row(run="other"))))) == 2


def test_v1_rows_without_columns_and_without_an_alert_id():
    context = table(
        None, ["2025-12-12T10:00:00Z", "test-pipeline", "test-run-1", "Copy", "2200", "Test failure"]
    )
    found = failure({"data": {"essentials": {"alertRule": "x", "severity": "Sev3"}, "alertContext": context}})
    assert (found.resource, found.run_id, found.identity) == ("test-pipeline", "test-run-1", "run:test-run-1")
    assert (found.code, found.message, found.activities[0].name) == ("2200", "Test failure", "Copy")
    assert found.occurred_at.isoformat() == "2025-12-12T10:00:00+00:00"


def test_azure_diagnostics_spelling():
    columns = [
        "TimeGenerated",
        "pipelineName_s",
        "pipelineRunId_g",
        "errorCode_s",
        "errorMessage_s",
        "ResourceId",
    ]
    rows = ["2026-11-20T02:58:40Z", "pl", RUN, "2108", "timeout", FACTORY.upper() + "/PIPELINES/PL"]
    found = failure(alert(table(columns, rows)))
    assert (found.identity, found.code, found.message) == (f"run:{RUN}", "2108", "timeout")
    assert found.labels["factory"] == "ADF-TEST"
    assert found.labels["resource_id"] == FACTORY.upper()


def test_properties_object_of_older_rules():
    found = failure(alert({"properties": {"PipelineName": "pl", "RunId": RUN, "ErrorMessage": "x"}}))
    assert (found.source, found.identity) == (Source.ADF, f"run:{RUN}")


def test_a_bare_run_id_is_a_pipeline_run_where_the_query_says_so():
    found = failure(alert(dimensions("ADFPipelineRun | where Status == 'Failed'", RunId=RUN)))
    assert (found.source, found.identity) == (Source.ADF, f"run:{RUN}")
    assert "carries no error text" in found.message


def test_synapse_pipelines_are_pipeline_runs():
    found = failure(alert(dimensions("SynapseIntegrationActivityRuns", PipelineName="pl", PipelineRunId=RUN)))
    assert (found.source, found.identity) == (Source.ADF, f"run:{RUN}")


def test_pipelines_without_run_id_are_told_apart_within_one_alert():
    columns = ["PipelineName", "ErrorMessage"]
    one, other = events(alert(table(columns, ["pl_a", "x"], ["pl_b", "x"])))
    assert one.identity != other.identity  # type: ignore[union-attr]
    assert failure(alert(table(columns, ["pl_a", "x"]))).identity.endswith("@2026-11-20T02:17:43.551822Z")


def test_runs_that_have_not_failed_are_benign():
    event = only(alert(dimensions(PipelineName="pl", PipelineRunId=RUN, Status="InProgress")))
    assert isinstance(event, Benign)
    assert "inprogress" in event.reason


def test_code_is_read_out_of_the_message_where_the_row_has_none():
    found = failure(
        alert(dimensions(PipelineName="pl", RunId=RUN, ErrorMessage="ErrorCode=UserErrorX,'Type=…"))
    )
    assert found.code == "UserErrorX"
