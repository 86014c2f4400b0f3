import json

from rca.domain.failure import Benign
from rca.domain.vocabulary import Source
from tests.unit.sources.payloads import alert, dimensions, failure, job, only, table


def test_dimensions_of_a_job():
    found = failure(alert(dimensions(JobId="5", RunId="11", ErrorMessage="ValueError: no")))
    assert (found.source, found.resource, found.identity) == (Source.DATABRICKS_JOB, "job 5", "run:11")
    assert (found.message, found.code) == ("ValueError: no", "ValueError")


def test_the_webhook_and_the_alert_name_the_same_run():
    for run_id in (11, "11", 11.0, "11.0"):
        assert failure(alert(dimensions(JobId=5, RunId=run_id))).identity == failure(job()).identity


def test_rows_of_the_diagnostic_table():
    columns = ["TimeGenerated", "ActionName", "RequestParams", "Response"]
    task = {"jobId": "5", "runId": "12", "multitaskParentRunId": "11", "taskKey": "silver"}
    whole = {"jobId": "5", "runId": "11", "multitaskParentRunId": "0"}
    rows = [
        ["2026-11-20T02:00:00Z", "runFailed", json.dumps(task), json.dumps({"errorMessage": "no column"})],
        ["2026-11-20T02:00:05Z", "runFailed", json.dumps(whole), None],
    ]
    found = failure(alert(table(columns, *rows, query="DatabricksJobs")))
    assert (found.identity, found.aliases, found.run_id) == ("run:11", ("run:12",), "11")
    assert [activity.name for activity in found.activities] == ["silver"]
    assert found.message.startswith("silver: no column\n")


def test_without_error_text_the_message_says_so():
    message = failure(alert(dimensions("DatabricksJobs | take 1", JobId="5", RunId="11"))).message
    assert message.startswith("Databricks job 5 failed (run 11). ")
    assert message.endswith("The alert carries no error text; its rows are in the table DatabricksJobs.")


def test_success_is_benign():
    assert isinstance(only(alert(dimensions(JobId="5", RunId="11", ResultState="SUCCESS"))), Benign)


def test_a_job_without_run_falls_back_to_the_alert():
    assert failure(alert(dimensions(JobId="5"))).identity.startswith("alert:")
