"""The Databricks adapter against a server that speaks Jobs 2.2 and Clusters 2.1."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rca.domain.evidence import EvidenceKind
from rca.domain.failure import Failure
from rca.domain.vocabulary import Source
from rca.errors import UnavailableError
from rca.evidence.databricks import Databricks, build
from rca.evidence.errors import AnswerError, RefusedError
from rca.evidence.ports import Tools
from rca.evidence.settings import EvidenceSettings
from tests.integration.evidence.conftest import Ask, failure
from tests.support.scripted_http import Answer, ScriptedServer

RUN = "/api/2.2/jobs/runs/get"
OUTPUT = "/api/2.2/jobs/runs/get-output"
EVENTS = "/api/2.1/clusters/events"
CLUSTER = "1120-020007-k3j9wq2a"


def run(**changes: Any) -> dict[str, Any]:
    return {
        "run_id": 871264093315582,
        "run_name": "orders_silver_refresh",
        "run_page_url": "https://adb-1.2.azuredatabricks.net/?o=1#job/6/run/8",
        "state": {
            "life_cycle_state": "INTERNAL_ERROR",
            "result_state": "FAILED",
            "state_message": "Task silver failed with message: Workload failed, see run output for details.",
        },
        "status": {"termination_details": {"code": "RUN_EXECUTION_ERROR", "type": "CLIENT_ERROR"}},
        "end_time": 1795140819003,
        **changes,
    }


def task(key: str, run_id: int, result: str = "FAILED", **changes: Any) -> dict[str, Any]:
    return {
        "task_key": key,
        "run_id": run_id,
        "state": {
            "life_cycle_state": "TERMINATED",
            "result_state": result,
            "state_message": f"{key} says so",
        },
        "status": {"termination_details": {"code": "RUN_EXECUTION_ERROR", "type": "CLIENT_ERROR"}},
        "end_time": 1795140000000 + run_id,
        "attempt_number": 0,
        **changes,
    }


@pytest.fixture
def adapter(server: ScriptedServer, tools: Tools) -> Databricks:
    built = build(EvidenceSettings(databricks_host=server.url, databricks_token="dapi-test"), tools)  # type: ignore[arg-type]
    assert built is not None
    return built


@pytest.fixture
def failed() -> Failure:
    return failure(Source.DATABRICKS_JOB, "871264093315582", labels={"workspace_id": "4820197736510284"})


def test_the_error_of_the_failed_task_comes_first(
    server: ScriptedServer, adapter: Databricks, failed: Failure, ask: Ask
) -> None:
    server.on(RUN, run(tasks=[task("bronze", 11, "SUCCESS"), task("silver", 12)]))
    trace = "Traceback …\nAnalysisException: [UNRESOLVED_COLUMN] discount_pct"
    server.on(
        OUTPUT,
        {
            "error": "AnalysisException: [UNRESOLVED_COLUMN] discount_pct",
            "error_trace": trace,
            "logs": "line\n",
        },
    )

    items, notes = ask(adapter, failed)

    assert [item.kind for item in items] == ["error", "trace", "log", "run"]
    assert items[0].text == "AnalysisException: [UNRESOLVED_COLUMN] discount_pct"
    assert items[0].code == "AnalysisException"
    assert "silver" in items[0].title
    assert "bronze: SUCCESS" in items[-1].text
    assert notes == []
    assert [asked.query["run_id"] for asked in server.asked] == ["871264093315582", "12"]
    assert {asked.headers["Authorization"] for asked in server.asked} == {"Bearer dapi-test"}


@pytest.mark.parametrize(
    ("output", "changes", "told"),
    [
        ({"error": "the output"}, {"exception": {"message": "the exception"}}, "the output"),
        ({}, {"run_output": {"error": "inline"}, "exception": {"message": "the exception"}}, "inline"),
        ({}, {"exception": {"message": "the exception"}}, "the exception"),
        ({}, {}, "silver says so"),
        ({}, {"state": {"result_state": "FAILED"}}, "Task silver failed with message"),
    ],
)
def test_errors_are_told_by_priority(
    server: ScriptedServer,
    adapter: Databricks,
    failed: Failure,
    ask: Ask,
    output: dict[str, str],
    changes: dict[str, Any],
    told: str,
) -> None:
    server.on(RUN, run(tasks=[task("silver", 12, **changes)]))
    server.on(OUTPUT, output)

    items, _ = ask(adapter, failed)

    error = next(item for item in items if item.kind is EvidenceKind.ERROR)
    assert error.text.startswith(told)


def test_tasks_beyond_the_first_page_are_read(
    server: ScriptedServer, adapter: Databricks, failed: Failure, ask: Ask
) -> None:
    pages = [[task(f"t{n}", n, "SUCCESS") for n in range(100 * p + 1, 100 * p + 101)] for p in range(2)]
    server.on(
        RUN,
        run(tasks=pages[0], next_page_token="second"),
        {"run_id": 1, "tasks": pages[1], "next_page_token": "third"},
        {"run_id": 1, "tasks": [task("last", 999)]},
    )
    server.on(OUTPUT, {"error": "KeyError: 'x'"})

    items, _ = ask(adapter, failed)

    assert "last" in items[0].title
    tokens = [asked.query.get("page_token") for asked in server.asked if asked.path == RUN]
    assert tokens == [None, "second", "third"]


def test_endless_pages_end(server: ScriptedServer, adapter: Databricks, failed: Failure, ask: Ask) -> None:
    server.on(RUN, run(tasks=[task("a", 1, "SUCCESS")], next_page_token="again"))

    _, notes = ask(adapter, failed)

    assert len(server.asked) == 20
    assert any("more tasks" in note for note in notes)


def test_only_the_latest_attempt_counts_and_consequences_are_left_out(
    server: ScriptedServer, adapter: Databricks, failed: Failure, ask: Ask
) -> None:
    tasks = [
        task("flaky", 11),
        task("flaky", 12, "SUCCESS", attempt_number=1),
        task("cause", 13),
        task("after", 14, "UPSTREAM_FAILED"),
    ]
    server.on(RUN, run(tasks=tasks))
    server.on(OUTPUT, {"error": "ValueError: no"})

    items, _ = ask(adapter, failed)

    assert [item.title for item in items if item.kind is EvidenceKind.ERROR] == ["Error of task cause"]


def test_the_number_of_outputs_is_bounded(
    server: ScriptedServer, adapter: Databricks, failed: Failure, ask: Ask
) -> None:
    server.on(RUN, run(tasks=[task(f"t{n}", n) for n in range(1, 80)]))
    server.on(OUTPUT, {"error": "no"})

    items, notes = ask(adapter, failed)

    assert sum(asked.path == OUTPUT for asked in server.asked) == 5
    assert [item.title for item in items][:1] == ["Error of task t1"]
    assert any("79 tasks failed" in note for note in notes)


def test_a_run_of_one_task_in_the_old_format_has_its_own_output(
    server: ScriptedServer, adapter: Databricks, failed: Failure, ask: Ask
) -> None:
    server.on(RUN, run())
    server.on(OUTPUT, {"error": "java.lang.OutOfMemoryError: Java heap space"})

    items, _ = ask(adapter, failed)

    assert items[0].code == "OutOfMemoryError"


@pytest.mark.parametrize("status", [401, 403, 404])
def test_an_output_that_is_refused_costs_only_itself(
    server: ScriptedServer, adapter: Databricks, failed: Failure, ask: Ask, status: int
) -> None:
    server.on(RUN, run(tasks=[task("silver", 12)]))
    server.on(OUTPUT, Answer({"error_code": "X", "message": "no"}, status))

    items, notes = ask(adapter, failed)

    assert items[0].text == "silver says so"
    assert any(str(status) in note for note in notes)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_run_that_is_refused_is_told(
    server: ScriptedServer, adapter: Databricks, failed: Failure, ask: Ask, status: int
) -> None:
    server.on(RUN, Answer({}, status))

    with pytest.raises(AnswerError):
        ask(adapter, failed)


def test_throttling_is_waited_out(
    server: ScriptedServer, adapter: Databricks, failed: Failure, ask: Ask
) -> None:
    server.on(RUN, Answer({}, 429, {"Retry-After": "2"}), run(tasks=[task("silver", 12)]))
    server.on(OUTPUT, Answer("oops", 500), {"error": "KeyError: 'x'"})

    items, _ = ask(adapter, failed)

    assert items[0].text == "KeyError: 'x'"


def test_an_outage_is_a_passing_failure(
    server: ScriptedServer, adapter: Databricks, failed: Failure, ask: Ask
) -> None:
    server.on(RUN, Answer("down", 503))

    with pytest.raises(UnavailableError):
        ask(adapter, failed)


@pytest.mark.parametrize("junk", [[], "text", 7, {"tasks": "x"}, {"tasks": [7, None, []], "state": []}])
def test_odd_shapes_do_no_harm(
    server: ScriptedServer, adapter: Databricks, failed: Failure, ask: Ask, junk: Any
) -> None:
    server.on(RUN, Answer(json.dumps(junk)))

    items, _ = ask(adapter, failed)

    assert [item.kind for item in items] == ["run"]


def test_another_workspace_is_not_asked_for_the_run(server: ScriptedServer, tools: Tools, ask: Ask) -> None:
    adapter = Databricks("https://adb-1111.2.azuredatabricks.net", dict, tools)

    with pytest.raises(RefusedError, match="2222"):
        ask(adapter, failure(Source.DATABRICKS_JOB, "8", labels={"workspace_id": "2222"}))


def test_a_dead_cluster_is_asked_about(
    server: ScriptedServer, adapter: Databricks, failed: Failure, ask: Ask
) -> None:
    lost = task("silver", 12, cluster_instance={"cluster_id": CLUSTER})
    server.on(RUN, run(tasks=[lost]))
    server.on(
        OUTPUT, {"error": "Run failed: Could not reach driver of cluster, driver stopped unexpectedly."}
    )
    server.on(EVENTS, cluster_events(), method="POST")

    items, notes = ask(adapter, failed)

    assert [item.kind for item in items] == ["error", "run", "error", "event"]
    assert items[2].code == "CLOUD_PROVIDER_SHUTDOWN"
    assert "SpotEvicted" in items[2].text
    assert any("older events" in note for note in notes)


def test_a_cluster_failure_is_asked_about(server: ScriptedServer, adapter: Databricks, ask: Ask) -> None:
    server.on(EVENTS, cluster_events(), method="POST")
    ended = failure(Source.DATABRICKS_CLUSTER, f"{CLUSTER}_X_2026", labels={"cluster_id": CLUSTER})

    items, _ = ask(adapter, ended)

    asked = server.asked[0].json
    assert asked["cluster_id"] == CLUSTER
    assert asked["start_time"] < ended.occurred_at.timestamp() * 1000 < asked["end_time"]
    lines = items[1].text.splitlines()
    assert "DRIVER_NOT_RESPONDING" in lines[0]
    assert "TERMINATING" in lines[-1]


def test_what_has_no_usable_id_is_not_asked_about(adapter: Databricks) -> None:
    assert not adapter.applies(failure(Source.DATABRICKS_JOB, "3f9e/../../2.1/secrets"))
    assert not adapter.applies(failure(Source.DATABRICKS_CLUSTER, "c", entity="my cluster"))
    assert not adapter.applies(failure(Source.ADF, "871264093315582"))


def test_the_managed_identity_is_used_without_a_token(tools: Tools) -> None:
    settings = EvidenceSettings(databricks_host="adb-1.2.azuredatabricks.net")
    built = build(settings, tools)

    assert built is not None
    assert built._headers() == {
        "Authorization": "Bearer token-for-2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default"
    }


def cluster_events() -> dict[str, Any]:
    ending = {"code": "CLOUD_PROVIDER_SHUTDOWN", "type": "CLOUD_FAILURE"}
    parameters = {"azure_error_code": "SpotEvicted"}
    return {
        "events": [
            {
                "timestamp": 1795140818441,
                "type": "TERMINATING",
                "details": {"reason": {**ending, "parameters": parameters}},
            },
            {"timestamp": 1795140813221, "type": "DRIVER_NOT_RESPONDING", "details": {}},
        ],
        "next_page": {"offset": 2},
        "total_count": 41,
    }
