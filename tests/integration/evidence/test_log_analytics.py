"""Rows behind an alert's link, from a server that speaks the query API, and back through the source modules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from rca import sources
from rca.domain.failure import Failure
from rca.domain.redaction import redact_tree
from rca.errors import UnavailableError
from rca.evidence.errors import AnswerError, EvidenceError, RefusedError
from rca.evidence.log_analytics import LogAnalytics, build
from rca.evidence.ports import Deadline, Tools
from rca.evidence.settings import EvidenceSettings
from tests.integration.evidence.conftest import AT
from tests.support.scripted_http import Answer, ScriptedServer

WORKSPACE = "9c5e21aa-0d8b-4d0f-b7c3-6a4b8f1e2d70"
PATH = f"/v1/workspaces/{WORKSPACE}/query"
SPAN = "2026-11-20T02:05:00Z/2026-11-20T02:15:00Z"
COLUMNS = [{"name": name, "type": "string"} for name in ("TimeGenerated", "RunId", "ErrorMessage")]
ROW = ["2026-11-20T02:14:00Z", "871264093315582", "Out of memory"]


def link(query: str = "DatabricksJobs | take 5", path: str = PATH, span: str = SPAN, host: str = "") -> str:
    base = host or "https://api.loganalytics.io"
    return f"{base}{path}?query={quote(query)}&timespan={quote(span, safe='')}"


def tables(*rows: list[object]) -> dict[str, Any]:
    return {"tables": [{"name": "PrimaryResult", "columns": COLUMNS, "rows": list(rows)}]}


def alert(**criterion: Any) -> dict[str, Any]:
    essentials = {
        "alertId": "/subscriptions/s/providers/Microsoft.AlertsManagement/alerts/5b1c8a90",
        "alertRule": "dbx-job-failures",
        "severity": "Sev1",
        "signalType": "Log",
        "monitorCondition": "Fired",
        "monitoringService": "Log Alerts V2",
        "firedDateTime": "2026-11-20T02:17:43Z",
    }
    criteria = {"searchQuery": "DatabricksJobs | take 5", "dimensions": [], **criterion}
    context = {"conditionType": "LogQueryCriteria", "condition": {"allOf": [criteria]}}
    return {
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {"essentials": essentials, "alertContext": context},
    }


@pytest.fixture
def logs(server: ScriptedServer, tools: Tools) -> LogAnalytics:
    return LogAnalytics(server.url, [WORKSPACE], lambda: {"Authorization": "Bearer log"}, tools)


def test_rows_are_read_and_become_failures(
    server: ScriptedServer, logs: LogAnalytics, deadline: Deadline
) -> None:
    server.on(PATH, tables(ROW), method="POST")
    dimensions = [{"name": "JobId", "value": "620341958827104"}]
    payload = alert(linkToFilteredSearchResultsAPI=link(), dimensions=dimensions)

    filled = logs.filled(payload, deadline)

    event = sources.read(filled, "azure-monitor", AT).events[0]
    assert isinstance(event, Failure)
    assert (event.run_id, event.message) == ("871264093315582", "Out of memory")
    assert event.labels["job_id"] == "620341958827104"
    asked = server.asked[0]
    assert asked.json == {"query": "DatabricksJobs | take 5", "timespan": SPAN}
    assert asked.headers["Authorization"] == "Bearer log"
    assert asked.headers["Prefer"] == "wait=20"
    assert "SearchResults" not in payload["data"]["alertContext"]


def test_a_link_survives_redaction(server: ScriptedServer, tools: Tools, deadline: Deadline) -> None:
    workspace = "1a300000-0000-4000-8000-000000000001"
    logs = LogAnalytics(server.url, [workspace], dict, tools)
    server.on(f"/v1/workspaces/{workspace}/query", tables(ROW), method="POST")
    sample = redact_tree(json.loads(Path("samples/v2_link_only.json").read_text()))

    filled = logs.filled(sample, deadline)

    event = sources.read(filled, "azure-monitor", AT).events[0]
    assert isinstance(event, Failure)
    assert event.message == "Out of memory"
    assert server.asked[0].json["query"] == "StorageBlobLogs\n| where StatusText == 'ServerBusy'\n| count"


def test_an_alert_with_rows_or_without_link_stays_as_it_is(
    server: ScriptedServer, logs: LogAnalytics, deadline: Deadline
) -> None:
    without = alert()
    carrying = alert(linkToSearchResultsAPI=link())
    carrying["data"]["alertContext"]["SearchResults"] = {"tables": []}
    carrying["data"]["alertContext"]["SearchResults"]["tables"].append({"columns": COLUMNS, "rows": [ROW]})

    assert logs.filled(without, deadline) is without
    assert logs.filled(carrying, deadline) is carrying
    assert server.asked == []


def test_no_rows_leave_the_alert_as_it_is(
    server: ScriptedServer, logs: LogAnalytics, deadline: Deadline
) -> None:
    server.on(PATH, tables(), method="POST")
    payload = alert(linkToSearchResultsAPI=link())

    assert logs.filled(payload, deadline) is payload


@pytest.mark.parametrize("junk", [{}, {"data": 7}, {"data": {"alertContext": []}}, {"essentials": {}}])
def test_odd_payloads_stay_as_they_are(logs: LogAnalytics, deadline: Deadline, junk: Any) -> None:
    assert logs.filled(junk, deadline) is junk


@pytest.mark.parametrize(
    "hostile",
    [
        link(host="https://evil.example"),
        link(host="https://api.loganalytics.io.evil.example"),
        link(host="https://api.loganalytics.io@evil.example"),
        link(host="https://evil.example\\@api.loganalytics.io"),
        link(host="http://api.loganalytics.io"),
        link(host="https://api.loganalytics.io:8443"),
        link(host="http://169.254.169.254"),
        "ftp://api.loganalytics.io/",
        "",
    ],
)
def test_other_hosts_are_refused_unasked(
    server: ScriptedServer, logs: LogAnalytics, deadline: Deadline, hostile: str
) -> None:
    with pytest.raises(RefusedError):
        logs.rows(hostile, deadline)
    assert server.asked == []


@pytest.mark.parametrize(
    "path",
    [
        "/v1/workspaces/00000000-0d8b-4d0f-b7c3-6a4b8f1e2d70/query",
        f"/v1/workspaces/{WORKSPACE}/../00000000-0d8b-4d0f-b7c3-6a4b8f1e2d70/query",
        f"/v1/workspaces/{WORKSPACE}%2f..%2fx/query",
        f"/v1/workspaces/{WORKSPACE}/metadata",
        f"/v1/workspaces/{WORKSPACE}/query/",
        "/v1/apps/DEMO_APP/query",
        "/v1/subscriptions/s/query",
    ],
)
def test_other_workspaces_are_refused_unasked(
    server: ScriptedServer, logs: LogAnalytics, deadline: Deadline, path: str
) -> None:
    with pytest.raises(RefusedError):
        logs.rows(link(path=path), deadline)
    assert server.asked == []


@pytest.mark.parametrize(
    "query",
    [
        'workspace("other").SecurityEvent',
        "union T, Workspace ('other').SecurityEvent",
        'workspace // a comment\n("other").SecurityEvent',
        'workspace\n\t("other").SecurityEvent',
        '["workspace"]("other").SecurityEvent',
        'app("x").requests',
        'resource("/subscriptions/x").T',
        'adx("https://help.kusto.windows.net/Samples").T',
        'arg("").Resources',
        'cluster("c").database("d").T',
        'externaldata (a:string) ["https://evil.example"]',
        'evaluate http_request("https://evil.example")',
        ".show tables",
        "   ",
        "T | " + "x" * 30_000,
    ],
)
def test_queries_that_reach_further_are_refused_unasked(
    server: ScriptedServer, logs: LogAnalytics, deadline: Deadline, query: str
) -> None:
    with pytest.raises(RefusedError):
        logs.rows(link(query), deadline)
    assert server.asked == []


@pytest.mark.parametrize(
    ("span", "allowed"),
    [
        (SPAN, True),
        ("PT10M", True),
        ("P7D", True),
        ("P30D", False),
        ("2020-01-01T00:00:00Z/2026-01-01T00:00:00Z", False),
        ("2026-11-20T02:15:00Z/2026-11-20T02:05:00Z", False),
        ("soon", False),
    ],
)
def test_the_time_span_is_bounded(
    server: ScriptedServer, logs: LogAnalytics, deadline: Deadline, span: str, allowed: bool
) -> None:
    server.on(PATH, tables(ROW), method="POST")
    if allowed:
        assert logs.rows(link(span=span), deadline)
        return
    with pytest.raises(RefusedError):
        logs.rows(link(span=span), deadline)
    assert server.asked == []


def test_rows_are_bounded(server: ScriptedServer, logs: LogAnalytics, deadline: Deadline) -> None:
    server.on(PATH, tables(*[ROW] * 2_000), method="POST")

    assert len(logs.rows(link(), deadline)[0]["rows"]) == 500  # type: ignore[arg-type]


def test_a_huge_answer_is_asked_for_again_with_fewer_rows(
    server: ScriptedServer, logs: LogAnalytics, deadline: Deadline
) -> None:
    server.on(PATH, Answer(b" " * 9_000_000), tables(ROW), method="POST")

    assert logs.rows(link(), deadline)[0]["rows"] == [ROW]
    assert server.asked[1].json["query"].endswith("\n| take 100")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer({}, 401), AnswerError),
        (Answer({"error": {"code": "InsufficientAccessError", "message": "no"}}, 403), AnswerError),
        (Answer({"error": {"code": "BadArgumentError"}}, 400), AnswerError),
        (Answer({}, 404), AnswerError),
        (Answer({}, 429, {"Retry-After": "60"}), UnavailableError),
        (Answer({}, 503), UnavailableError),
        (Answer({"tables": []}), EvidenceError),
        (Answer({"error": {"code": "PartialError", "message": "too much"}}), EvidenceError),
        (Answer("<html>"), EvidenceError),
    ],
)
def test_failures_are_told_apart_by_whether_they_pass(
    server: ScriptedServer, logs: LogAnalytics, deadline: Deadline, answer: Answer, error: type[Exception]
) -> None:
    server.on(PATH, answer, method="POST")

    with pytest.raises(error):
        logs.rows(link(), deadline)


def test_a_resource_id_may_be_listed(server: ScriptedServer, tools: Tools, deadline: Deadline) -> None:
    scope = "/subscriptions/7d1f0c52/resourceGroups/rg/providers/Microsoft.Insights/components/app"
    settings = EvidenceSettings(log_analytics_workspaces=(scope,), log_analytics_url=server.url)
    logs = build(settings, tools)
    server.on(f"/v1{scope}/query", tables(ROW), method="POST")

    assert logs is not None
    assert logs.rows(link(path=f"/v1{scope}/query"), deadline)
