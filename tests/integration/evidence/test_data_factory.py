"""The Data Factory adapter against a server that speaks Resource Manager's API of 2018-06-01."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rca.domain.failure import Failure, Kind
from rca.domain.vocabulary import Source
from rca.errors import UnavailableError
from rca.evidence.data_factory import DataFactory, build
from rca.evidence.errors import AnswerError, RefusedError
from rca.evidence.ports import Tools
from rca.evidence.settings import EvidenceSettings
from tests.integration.evidence.conftest import AT, Ask, failure
from tests.support.scripted_http import Answer, ScriptedServer

RUN_ID = "e7a9b6c0-52f3-4b59-9d1f-0a2f7c3e8b14"
CHILD_ID = "11111111-52f3-4b59-9d1f-0a2f7c3e8b14"
GROUP = "/subscriptions/7d1f0c52-3b7e-4d0e-9a45-2f6c8e1b9a10/resourceGroups/rg-data-prod"
FACTORY = f"{GROUP}/providers/Microsoft.DataFactory/factories/adf-data-prod"
RUN = f"{FACTORY}/pipelineruns/{RUN_ID}"
ACTIVITIES = f"{RUN}/queryActivityruns"


def pipeline(**changes: Any) -> dict[str, Any]:
    return {
        "runId": RUN_ID,
        "pipelineName": "pl_ingest_orders",
        "parameters": {"run_date": "2026-11-20", "code": "hunter2hunter2"},
        "invokedBy": {"name": "tr_daily_0200", "invokedByType": "ScheduleTrigger"},
        "runStart": "2026-11-20T02:55:02.1120041Z",
        "runEnd": "2026-11-20T03:01:07.7718822Z",
        "lastUpdated": "2026-11-20T03:01:08.1004125Z",
        "status": "Failed",
        "message": "Operation on target cp failed",
        **changes,
    }


def activity(name: str, kind: str = "Copy", **changes: Any) -> dict[str, Any]:
    return {
        "activityName": name,
        "activityType": kind,
        "activityRunEnd": "2026-11-20T02:58:40.2210332Z",
        "status": "Failed",
        "error": {"errorCode": "2200", "message": f"{name} broke", "failureType": "UserError"},
        "output": {},
        **changes,
    }


@pytest.fixture
def adapter(server: ScriptedServer, tools: Tools) -> DataFactory:
    return DataFactory(server.url, (FACTORY,), lambda: {"Authorization": "Bearer arm"}, tools)


@pytest.fixture
def failed() -> Failure:
    return failure(Source.ADF, RUN_ID, labels={"factory": "ADF-data-prod"})


def test_the_error_of_the_activity_comes_before_the_run(
    server: ScriptedServer, adapter: DataFactory, failed: Failure, ask: Ask
) -> None:
    server.on(RUN, pipeline())
    server.on(ACTIVITIES, {"value": [activity("cp")], "continuationToken": None}, method="POST")

    items, notes = ask(adapter, failed)

    assert [item.kind for item in items] == ["error", "run"]
    assert items[0].text.startswith("cp broke\nfailure type: UserError")
    assert items[0].code == "2200"
    assert "hunter2" not in items[1].text
    assert notes == []
    assert {asked.query["api-version"] for asked in server.asked} == {"2018-06-01"}
    assert {asked.headers["Authorization"] for asked in server.asked} == {"Bearer arm"}
    body = server.asked[1].json
    assert body["lastUpdatedAfter"] < "2026-11-20T02:55"
    assert body["lastUpdatedBefore"] > "2026-11-20T03:01:08"


def test_further_pages_are_read(
    server: ScriptedServer, adapter: DataFactory, failed: Failure, ask: Ask
) -> None:
    server.on(RUN, pipeline())
    server.on(
        ACTIVITIES,
        {"value": [activity("a")], "continuationToken": "next"},
        {"value": [activity("b")]},
        method="POST",
    )

    items, _ = ask(adapter, failed)

    assert [item.title for item in items[:2]] == ["Error of activity a", "Error of activity b"]
    assert server.asked[2].json["continuationToken"] == "next"


def test_endless_pages_end(server: ScriptedServer, adapter: DataFactory, failed: Failure, ask: Ask) -> None:
    server.on(RUN, pipeline())
    server.on(ACTIVITIES, {"value": [activity("a")], "continuationToken": "x"}, method="POST")

    _, notes = ask(adapter, failed)

    assert len(server.asked) == 11
    assert notes


def test_the_called_pipeline_is_looked_into(
    server: ScriptedServer, adapter: DataFactory, failed: Failure, ask: Ask
) -> None:
    child = f"{FACTORY}/pipelineruns/{CHILD_ID}"
    calls = activity("call", "ExecutePipeline", output={"pipelineRunId": CHILD_ID})
    server.on(RUN, pipeline())
    server.on(ACTIVITIES, {"value": [calls]}, method="POST")
    server.on(child, pipeline(pipelineName="inner"))
    server.on(f"{child}/queryActivityruns", {"value": [activity("leaf")]}, method="POST")

    items, _ = ask(adapter, failed)

    assert [item.title for item in items if item.kind == "error"] == ["Error of activity leaf"]


def test_pipelines_that_call_in_a_circle_end(
    server: ScriptedServer, adapter: DataFactory, failed: Failure, ask: Ask
) -> None:
    calls = activity("call", "ExecutePipeline", output={"pipelineRunId": RUN_ID.upper()})
    server.on(RUN, pipeline())
    server.on(ACTIVITIES, {"value": [calls]}, method="POST")

    items, _ = ask(adapter, failed)

    assert [item.kind for item in items] == ["run", "error"]


@pytest.mark.parametrize("hostile", ["../../secrets", "x/../..", 7, None, {}])
def test_a_called_run_with_an_odd_id_is_not_followed(
    server: ScriptedServer, adapter: DataFactory, failed: Failure, ask: Ask, hostile: Any
) -> None:
    server.on(RUN, pipeline())
    calls = activity("call", "ExecutePipeline", output={"pipelineRunId": hostile})
    server.on(ACTIVITIES, {"value": [calls]}, method="POST")

    ask(adapter, failed)

    assert len(server.asked) == 2


def test_the_factory_is_chosen_by_label(server: ScriptedServer, tools: Tools, ask: Ask) -> None:
    second = f"{GROUP}/providers/Microsoft.DataFactory/factories/second"
    adapter = DataFactory(server.url, (FACTORY, second), dict, tools)
    server.on(f"{second}/pipelineruns/{RUN_ID}", pipeline())
    server.on(f"{second}/pipelineruns/{RUN_ID}/queryActivityruns", {"value": []}, method="POST")

    ask(adapter, failure(Source.ADF, RUN_ID, labels={"factory": "SECOND"}))

    assert all(path.startswith(second) for path in server.paths())


@pytest.mark.parametrize(
    "labels",
    [
        {"factory": "unknown"},
        {"resource_id": f"{FACTORY}-other"},
        {"factory": "../adf-data-prod/x"},
        {},
    ],
)
def test_a_factory_that_is_not_listed_is_not_asked(
    server: ScriptedServer, tools: Tools, ask: Ask, labels: dict[str, str]
) -> None:
    adapter = DataFactory(server.url, (FACTORY, f"{FACTORY}-2"), dict, tools)

    with pytest.raises(RefusedError):
        ask(adapter, failure(Source.ADF, RUN_ID, labels=labels))

    assert server.asked == []


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_is_told(
    server: ScriptedServer, adapter: DataFactory, failed: Failure, ask: Ask, status: int
) -> None:
    server.on(RUN, Answer({"error": {"code": "AuthorizationFailed", "message": "no"}}, status))

    with pytest.raises(AnswerError, match="AuthorizationFailed"):
        ask(adapter, failed)


def test_throttling_is_waited_out_and_an_outage_told(
    server: ScriptedServer, adapter: DataFactory, failed: Failure, ask: Ask
) -> None:
    server.on(RUN, Answer({}, 429, {"Retry-After": "3"}), pipeline())
    server.on(ACTIVITIES, Answer({}, 500), method="POST")

    with pytest.raises(UnavailableError, match="500"):
        ask(adapter, failed)


@pytest.mark.parametrize("junk", [[], "text", {"value": 7}, {"value": [None, 7, {"error": []}]}])
def test_odd_shapes_do_no_harm(
    server: ScriptedServer, adapter: DataFactory, failed: Failure, ask: Ask, junk: Any
) -> None:
    server.on(RUN, Answer(json.dumps(junk)))
    server.on(ACTIVITIES, Answer(json.dumps(junk)), method="POST")

    items, _ = ask(adapter, failed)

    assert items


def test_what_is_no_pipeline_run_is_not_asked_about(adapter: DataFactory) -> None:
    assert not adapter.applies(failure(Source.ADF, RUN_ID, kind=Kind.CONDITION))
    assert not adapter.applies(failure(Source.ADF, RUN_ID, identity=f"alert:{RUN_ID}@{AT}"))
    assert not adapter.applies(failure(Source.ADF, "../x"))
    synapse = "/subscriptions/s/providers/Microsoft.Synapse/workspaces/w"
    assert not adapter.applies(failure(Source.ADF, RUN_ID, labels={"resource_id": synapse}))


def test_the_managed_identity_is_used(tools: Tools) -> None:
    built = build(EvidenceSettings(adf_resource_ids=(FACTORY,)), tools)

    assert built is not None
    assert built._headers() == {"Authorization": "Bearer token-for-https://management.azure.com/.default"}
