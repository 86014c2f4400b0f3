import json

import pytest

from rca.domain.failure import Failure, Kind
from rca.domain.vocabulary import Source
from rca.errors import ShapeError
from tests.unit.sources.payloads import (
    ALERT_ID,
    FIRED,
    RUN,
    alert,
    dimensions,
    events,
    failure,
    metric,
    only,
    read,
    recovery,
    table,
)

LINK = "https://portal.azure.com/#blade/rows"


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        ({"schemaId": "azureMonitorCommonAlertSchema"}, ("data.essentials", "data.alertContext")),
        (
            {"schemaId": "azureMonitorCommonAlertSchema", "data": None},
            ("data.essentials", "data.alertContext"),
        ),
        ({"data": {"essentials": {"alertId": "x"}}}, ("data.alertContext",)),
        ({"data": {"essentials": None, "alertContext": {}}}, ("data.essentials",)),
        ({"essentials": [], "alertContext": {}}, ("essentials",)),
        (
            alert(alertId=None, firedDateTime=None),
            ("data.essentials.alertId", "data.essentials.firedDateTime"),
        ),
        (alert(firedDateTime="soon"), ("data.essentials.firedDateTime",)),
        ({"schemaId": "AzureMonitorMetricAlert", "data": {}}, ("schemaId",)),
    ],
)
def test_incomplete_envelopes_name_what_is_missing(payload, fields):
    with pytest.raises(ShapeError) as raised:
        read(payload)
    assert raised.value.fields == fields


def test_the_older_schema_is_answered_with_how_to_mend_it():
    with pytest.raises(ShapeError, match="Enable the common alert schema"):
        read({"schemaId": "Microsoft.Insights/LogAlert", "data": {}})


def test_envelope_without_data():
    wrapped = alert(dimensions(PipelineName="pl", RunId=RUN))
    assert events(wrapped["data"]) == events(wrapped)


def test_one_rule_reports_many_failures():
    one = failure(alert(dimensions(PipelineName="pl", RunId=RUN)))
    other = failure(alert(dimensions(PipelineName="pl", RunId=RUN.replace("1", "2"))))
    assert one.labels["alert_rule"] == other.labels["alert_rule"]
    assert one.identity != other.identity


def test_alert_with_only_a_link():
    context = dimensions("let x = 5;\nAppRequests\n| where Success == false")
    context["condition"]["allOf"][0]["linkToFilteredSearchResultsUI"] = LINK
    found = failure(alert(context))
    assert found.source is Source.AZURE_MONITOR
    assert found.identity == f"alert:{ALERT_ID.lower()}@2026-11-20T02:17:43.551822Z"
    assert found.run_id == "0A1E27-1"
    assert found.link == LINK
    assert "Something failed." in found.message
    assert "AppRequests" in found.message


def test_link_only_alerts_on_known_tables_belong_to_their_platform():
    assert failure(alert(dimensions("ADFActivityRun | count"))).source is Source.ADF
    assert failure(alert(dimensions("DatabricksJobs | count"))).source is Source.DATABRICKS_JOB
    assert failure(alert(dimensions("DatabricksClusters | count"))).source is Source.DATABRICKS_CLUSTER


def test_rows_fetched_later_are_read_like_those_of_v1():
    context = dimensions("ADFActivityRun") | table(["PipelineName", "RunId"], ["pl", RUN])
    assert failure(alert(context)).identity == f"run:{RUN}"


def test_resolved_log_alert_is_a_note_on_every_run():
    context = table(["PipelineName", "RunId"], ["pl", RUN], ["pl", "second"])
    found = events(alert(context, monitorCondition="Resolved", resolvedDateTime="2026-11-20T02:37:51Z"))
    assert [event.identity for event in found] == [f"run:{RUN}", "run:second"]  # type: ignore[union-attr]
    assert not any(event.closes for event in found)  # type: ignore[union-attr]
    assert found[0].at.isoformat() == "2026-11-20T02:37:51+00:00"  # type: ignore[union-attr]


def test_resolved_alert_without_run_is_a_note():
    over = recovery(alert(monitorCondition="Resolved"))
    assert not over.closes
    assert over.identity == failure(alert()).identity


def test_rows_that_the_alert_does_not_carry_are_remarked():
    context = table(["PipelineName", "RunId"], ["pl", RUN]) | {"ResultCount": 40}
    assert read(alert(context)).notes == ("The alert counts 40 rows but carries 1",)


def test_rows_as_objects_and_odd_rows():
    found = failure(alert(table(["a"], {"PipelineName": "pl", "RunId": RUN}, None, 7, [], {})))
    assert found.identity == f"run:{RUN}"


def test_labels_keep_custom_properties_first():
    found = failure(alert(custom={f"k{number}": "v" for number in range(60)} | {"deep": {"a": {}}}))
    assert len(found.labels) == 40


@pytest.mark.parametrize("nesting", [0, 60, 50_000])
def test_nested_json_columns_are_opened_as_far_as_they_can_be_read(nesting):
    params = '{"jobId": "5", "runId": "11", "deep": ' + "[" * nesting + "]" * nesting + "}"
    if not nesting:
        params = json.dumps({"jobId": "5", "runId": "11"})
    (found,) = events(
        alert(table(["TimeGenerated", "RequestParams"], [FIRED, params], query="DatabricksJobs"))
    )
    assert isinstance(found, Failure)
    assert found.kind is Kind.RUN
    if nesting < 1000:
        assert found.identity == "run:11"


def test_metric_alert_that_names_a_run_is_about_the_run():
    payload = metric()
    payload["data"]["alertContext"]["properties"] = {"PipelineName": "pl", "RunId": RUN}
    found = only(payload)
    assert isinstance(found, Failure)
    assert found.identity == f"run:{RUN}"
