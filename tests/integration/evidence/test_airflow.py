"""The Airflow adapter against a server that speaks both REST APIs."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from rca.domain.failure import Failure
from rca.domain.vocabulary import Source
from rca.errors import UnavailableError
from rca.evidence.airflow import Airflow, build
from rca.evidence.errors import AnswerError, RefusedError
from rca.evidence.ports import Tools
from rca.evidence.settings import EvidenceSettings
from tests.integration.evidence.conftest import Ask, failure
from tests.support.scripted_http import Answer, ScriptedServer

RUN = "scheduled__2026-11-20T02:00:00+00:00"
V1, V2 = (f"/api/v{n}/dags/orders_daily/dagRuns/{quote(RUN, safe='')}/taskInstances" for n in (1, 2))
RECORD = {
    "timestamp": "2026-11-20T02:21:47Z",
    "event": "Task failed with exception",
    "level": "error",
    "error_detail": [
        {
            "exc_type": "airflow.exceptions.AirflowException",
            "exc_value": "Job run failed",
            "frames": [{"filename": "/opt/airflow/dags/orders.py", "lineno": 61, "name": "execute"}],
        },
        {"exc_type": "KeyError", "exc_value": "'discount'", "is_cause": True, "frames": []},
    ],
}
PLAIN = """[2026-11-20T02:14:09.118+0000] {taskinstance.py:1} INFO - Starting attempt 2 of 3
[2026-11-20T02:21:47.881+0000] {taskinstance.py:2} ERROR - Task failed with exception
Traceback (most recent call last):
  File "/opt/airflow/dags/orders.py", line 61, in execute
    row["discount"]
KeyError: 'discount'
[2026-11-20T02:21:48.000+0000] {local_task_job_runner.py:3} INFO - Task exited with return code 1
"""


def make(server: ScriptedServer, tools: Tools, **changes: Any) -> Airflow:
    signing_in = {"airflow_username": "reader", "airflow_password": "pa55-word"}
    built = build(EvidenceSettings(**{"airflow_url": server.url, **signing_in, **changes}), tools)
    assert built is not None
    return built


def failed(**labels: str) -> Failure:
    given = {
        "dag_id": "orders_daily",
        "task_id": "load_silver",
        "try_number": "2",
        "airflow_version": "3.1.0",
    }
    merged = {name: value for name, value in {**given, **labels}.items() if value}
    return failure(Source.AIRFLOW, RUN, identity="x", labels=merged)


def sign_in(server: ScriptedServer, field: str = "access_token") -> None:
    server.on("/auth/token", Answer({field: "jwt-1"}, 201), Answer({field: "jwt-2"}, 201), method="POST")


def log(*records: Any, token: str | None = None) -> dict[str, Any]:
    return {"content": list(records), "continuation_token": token}


@pytest.mark.parametrize("field", ["access_token", "jwt_token"])
def test_v2_tells_the_error_with_its_cause(
    server: ScriptedServer, tools: Tools, ask: Ask, field: str
) -> None:
    sign_in(server, field)
    server.on(f"{V2}/load_silver", {"try_number": 3, "state": "failed"})
    server.on(f"{V2}/load_silver/logs/2", log({"event": "Starting attempt 2 of 3", "level": "info"}, RECORD))

    items, notes = ask(make(server, tools), failed())

    assert [item.kind for item in items] == ["error", "log"]
    assert items[0].code == "AirflowException"
    lines = items[0].text.splitlines()
    assert lines[0] == "KeyError: 'discount'"
    assert lines[-1] == "airflow.exceptions.AirflowException: Job run failed"
    assert 'File "/opt/airflow/dags/orders.py", line 61, in execute' in items[0].text
    assert "Starting attempt 2 of 3" in items[1].text
    assert notes == []
    assert server.asked[0].json == {"username": "reader", "password": "pa55-word"}
    assert server.asked[-1].headers["Authorization"] == "Bearer jwt-1"
    assert server.asked[-1].query["map_index"] == "-1"
    assert all("%2B00%3A00" in path for path in server.paths()[1:])


def test_v2_reads_on_by_token(server: ScriptedServer, tools: Tools, ask: Ask) -> None:
    sign_in(server)
    server.on(f"{V2}/load_silver", {})
    server.on(f"{V2}/load_silver/logs/2", log({"event": "one"}, token="t"), log({"event": "two"}, "three"))

    items, _ = ask(make(server, tools), failed())

    assert items[0].text == "one\ntwo\nthree"
    assert [asked.query.get("token") for asked in server.asked[-2:]] == [None, "t"]


def test_v2_ends_with_a_log_that_goes_on(server: ScriptedServer, tools: Tools, ask: Ask) -> None:
    sign_in(server)
    server.on(f"{V2}/load_silver", {})
    server.on(f"{V2}/load_silver/logs/2", log({"event": "more"}, token="t"))

    _, notes = ask(make(server, tools), failed())

    assert len(server.asked) == 22
    assert any("only the end" in note for note in notes)


def test_v2_reads_the_end_of_a_huge_log_line_by_line(server: ScriptedServer, tools: Tools, ask: Ask) -> None:
    sign_in(server)
    server.on(f"{V2}/load_silver", {})
    lines = [json.dumps({"event": "x" * 1000})] * 300 + [json.dumps(RECORD)]
    server.on(f"{V2}/load_silver/logs/2", Answer(b" " * 9_000_000), Answer("\n".join(lines)))

    items, notes = ask(make(server, tools), failed())

    assert items[0].code == "AirflowException"
    assert server.asked[-1].headers["Accept"] == "application/x-ndjson"
    assert len(items[1].text) <= 24_000
    assert any("only the end" in note for note in notes)


def test_an_expired_jwt_is_renewed_once(server: ScriptedServer, tools: Tools, ask: Ask) -> None:
    sign_in(server)
    server.on(f"{V2}/load_silver", {}, Answer({}, 401), {})
    server.on(f"{V2}/load_silver/logs/2", log(RECORD))
    adapter = make(server, tools)

    ask(adapter, failed())
    items, _ = ask(adapter, failed())

    assert items
    assert server.paths().count("/auth/token") == 2
    assert server.asked[-1].headers["Authorization"] == "Bearer jwt-2"


def test_v1_tells_the_traceback_of_the_plain_log(server: ScriptedServer, tools: Tools, ask: Ask) -> None:
    server.on(f"{V1}/load_silver", {"try_number": 2})
    server.on(f"{V1}/load_silver/logs/2", Answer(PLAIN))

    items, _ = ask(make(server, tools), failed(airflow_version="2.10.4"))

    assert items[0].code == "KeyError"
    assert items[0].text.endswith("KeyError: 'discount'")
    assert "return code 1" in items[1].text
    asked = server.asked[-1]
    assert asked.headers["Accept"] == "text/plain"
    assert asked.headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    "answer", [Answer({}, 404), Answer("", 405), Answer("", 302, {"Location": "/login"}), Answer("<html>")]
)
def test_without_a_told_version_v2_is_tried_before_v1(
    server: ScriptedServer, tools: Tools, ask: Ask, answer: Answer
) -> None:
    server.on("/auth/token", answer, method="POST")
    server.on(f"{V1}/load_silver", {"try_number": 2})
    server.on(f"{V1}/load_silver/logs/2", Answer(PLAIN))

    items, _ = ask(make(server, tools), failed(airflow_version=""))

    assert items[0].code == "KeyError"
    assert server.paths()[0] == "/auth/token"


def test_a_given_token_is_used_as_it_is(server: ScriptedServer, tools: Tools, ask: Ask) -> None:
    server.on(f"{V2}/load_silver", {})
    server.on(f"{V2}/load_silver/logs/2", log(RECORD))

    ask(make(server, tools, airflow_token="given"), failed())

    assert {asked.headers["Authorization"] for asked in server.asked} == {"Bearer given"}


def test_the_try_is_asked_for_where_the_callback_does_not_tell_it(
    server: ScriptedServer, tools: Tools, ask: Ask
) -> None:
    sign_in(server)
    server.on(f"{V2}/load_silver/4", {"try_number": 5})
    server.on(f"{V2}/load_silver/logs/5", log(RECORD))

    ask(make(server, tools), failed(try_number="", map_index="4"))

    assert server.asked[-1].query["map_index"] == "4"


def test_a_dag_run_is_told_by_its_failed_tasks(server: ScriptedServer, tools: Tools, ask: Ask) -> None:
    sign_in(server)
    instances = [
        {
            "task_id": f"t{n}",
            "try_number": 1,
            "state": "failed",
            "map_index": -1,
            "end_date": f"2026-11-20T0{n}",
        }
        for n in range(5, 0, -1)
    ]
    server.on(V2, {"task_instances": [*instances, {"task_id": "ok", "try_number": 1, "state": "success"}]})
    for n in (1, 2):
        server.on(f"{V2}/t{n}/logs/1", log(RECORD))

    items, notes = ask(make(server, tools), failed(task_id=""))

    assert [item.title for item in items if item.kind == "error"] == [
        "Error of task t1, try 1",
        "Error of task t2, try 1",
    ]
    assert any("5 tasks failed" in note for note in notes)
    assert any("no log of task t3" in note for note in notes)


@pytest.mark.parametrize("hostile", ["..", "."])
def test_names_can_not_change_the_path(server: ScriptedServer, tools: Tools, ask: Ask, hostile: str) -> None:
    with pytest.raises(RefusedError):
        ask(make(server, tools), failed(dag_id=hostile))
    assert server.asked == []


def test_names_are_encoded(server: ScriptedServer, tools: Tools, ask: Ask) -> None:
    sign_in(server)
    with pytest.raises(AnswerError):
        ask(make(server, tools), failed(dag_id="../../connections?x#y"))
    assert "/dags/..%2F..%2Fconnections%3Fx%23y/" in server.asked[-1].path


def test_another_airflow_is_not_asked(server: ScriptedServer, tools: Tools, ask: Ask) -> None:
    with pytest.raises(RefusedError, match="AIRFLOW_INSTANCE"):
        ask(make(server, tools), failed(instance="other.example"))
    assert server.asked == []

    sign_in(server)
    server.on(f"{V2}/load_silver", {})
    server.on(f"{V2}/load_silver/logs/2", log(RECORD))
    assert ask(make(server, tools, airflow_instance="other.example"), failed(instance="other.example"))[0]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_is_told(server: ScriptedServer, tools: Tools, ask: Ask, status: int) -> None:
    sign_in(server)
    server.on(f"{V2}/load_silver", Answer({"detail": "no"}, status))

    with pytest.raises(AnswerError, match=str(status)):
        ask(make(server, tools), failed())


def test_a_wrong_password_is_told_without_it(server: ScriptedServer, tools: Tools, ask: Ask) -> None:
    server.on("/auth/token", Answer({"detail": "Invalid credentials"}, 401), method="POST")

    with pytest.raises(AnswerError) as caught:
        ask(make(server, tools), failed())

    assert "pa55-word" not in str(caught.value)


def test_throttling_is_waited_out_and_an_outage_told(server: ScriptedServer, tools: Tools, ask: Ask) -> None:
    sign_in(server)
    server.on(f"{V2}/load_silver", Answer({}, 429, {"Retry-After": "1"}), Answer({}, 500))

    with pytest.raises(UnavailableError, match="500"):
        ask(make(server, tools), failed())


@pytest.mark.parametrize(
    "junk", [{}, [], "text", {"content": 7}, {"content": [7, None, {"error_detail": [7, {}]}]}]
)
def test_odd_shapes_do_no_harm(server: ScriptedServer, tools: Tools, ask: Ask, junk: Any) -> None:
    sign_in(server)
    server.on(f"{V2}/load_silver", {})
    server.on(f"{V2}/load_silver/logs/2", Answer(json.dumps(junk)))

    _, notes = ask(make(server, tools), failed())

    assert notes == ["the log of task load_silver, try 2 is empty"]
