"""The Prometheus adapter against a server that speaks its HTTP API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rca.domain.failure import Failure, Kind
from rca.domain.vocabulary import Source
from rca.evidence.ports import Deadline, LateError, Tools
from rca.evidence.prometheus import Prometheus, build
from rca.evidence.settings import EvidenceSettings
from tests.integration.evidence.conftest import AT, Ask, Clock, failure
from tests.support.scripted_http import Answer, ScriptedServer

RANGE = "/api/v1/query_range"
START = int(AT.timestamp())


def series(*values: str, **metric: str) -> dict[str, Any]:
    points = [[START + 60 * n, value] for n, value in enumerate(values)]
    return {"metric": metric, "values": points}


def matrix(*found: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": "matrix", "result": list(found)}, **more}


def firing(**labels: str) -> Failure:
    given = {"alertname": "DiskFull", "job": "node", "instance": "db-1:9100"}
    return failure(Source.PROMETHEUS, "f@x", kind=Kind.CONDITION, labels={**given, **labels})


@pytest.fixture
def adapter(server: ScriptedServer, tools: Tools) -> Prometheus:
    settings = EvidenceSettings(prometheus_url=server.url, prometheus_token="prom-token")  # type: ignore[arg-type]
    built = build(settings, tools)
    assert built is not None
    return built


def test_series_are_told_by_their_course(server: ScriptedServer, adapter: Prometheus, ask: Ask) -> None:
    server.on(RANGE, matrix(series("1", "0", "NaN", "0", instance="db-1:9100"), warnings=["partial"]))

    items, notes = ask(adapter, firing())

    assert len(items) == 1
    assert items[0].kind == "metric"
    assert items[0].text.startswith(
        'up{job="node",instance="db-1:9100"}\n{instance=db-1:9100} first 1, last 0'
    )
    assert "min 0, max 1" in items[0].text
    assert "nan" not in items[0].text.lower()
    assert notes == ["Whether the target could be scraped: partial"]
    asked = server.asked[0]
    assert asked.headers["Authorization"] == "Bearer prom-token"
    assert int(asked.query["start"]) <= START - 1800
    assert START <= int(asked.query["end"]) <= START + 60
    assert (int(asked.query["end"]) - int(asked.query["start"])) / int(asked.query["step"]) <= 60


HOSTILE = [
    'x"} or vector(1) or up{job="',
    'x\\"} or vector(1) #',
    "x\\",
    "x`}",
    'x\n"} or vector(1)',
    "}{",
    "\x00\x1b",
    "é\u2028😀",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_label_can_not_break_out_of_its_string(
    server: ScriptedServer, adapter: Prometheus, ask: Ask, value: str
) -> None:
    server.on(RANGE, matrix())

    ask(adapter, firing(job=value))

    query = server.asked[0].query["query"]
    assert query.startswith('up{job="')
    assert query.endswith('",instance="db-1:9100"}')
    inside = query.removeprefix("up{job=").removesuffix(',instance="db-1:9100"}')
    assert json.loads(inside.replace("\\x", "\\u00")) == value


def test_a_long_label_is_not_asked_by(adapter: Prometheus) -> None:
    assert not adapter.applies(firing(job="x" * 251))


def test_the_same_question_is_asked_once_a_minute(
    server: ScriptedServer, adapter: Prometheus, ask: Ask, clock: Clock
) -> None:
    server.on(RANGE, matrix(series("1")))

    first, second = ask(adapter, firing()), ask(adapter, firing())
    assert first == second
    assert len(server.asked) == 1

    clock.now += 61
    with pytest.raises(LateError):
        ask(adapter, firing())


def test_series_and_points_are_bounded(server: ScriptedServer, adapter: Prometheus, ask: Ask) -> None:
    server.on(RANGE, matrix(*[series(*map(str, range(500)), n=str(n)) for n in range(50)]))

    items, notes = ask(adapter, firing())

    assert len(items[0].text.splitlines()) == 11
    assert len(items[0].text) < 4_000
    assert any("50 series" in note for note in notes)


@pytest.mark.parametrize(
    "answer",
    [
        Answer({"status": "error", "errorType": "bad_data", "error": "parse error"}, 400),
        Answer({}, 401),
        Answer({}, 403),
        Answer({}, 404),
        Answer({"status": "error", "errorType": "timeout", "error": "too slow"}, 503),
        Answer({}, 429, {"Retry-After": "60"}),
        Answer({}, 500),
        Answer("<html>"),
        Answer({"status": "error"}),
        Answer(matrix(series("1")), cut=20),
        Answer(b" " * 9_000_000),
        Answer("", 302, {"Location": "https://evil.example/"}),
    ],
)
def test_a_failing_query_is_a_note(
    server: ScriptedServer, adapter: Prometheus, ask: Ask, answer: Answer
) -> None:
    server.on(RANGE, answer)

    items, notes = ask(adapter, firing())

    assert items == []
    assert len(notes) == 1


def test_a_failure_is_not_remembered(server: ScriptedServer, adapter: Prometheus, ask: Ask) -> None:
    server.on(RANGE, Answer({}, 400), matrix(series("1")))

    assert ask(adapter, firing())[0] == []
    assert len(ask(adapter, firing())[0]) == 1


@pytest.mark.parametrize(
    "junk",
    [{"data": 7}, {"data": {"result": [7, None, {"values": [[1], [1, 2], ["a", "b"], [1e300, "1"]]}]}}],
)
def test_odd_shapes_do_no_harm(server: ScriptedServer, adapter: Prometheus, ask: Ask, junk: Any) -> None:
    server.on(RANGE, {"status": "success", **junk})

    assert ask(adapter, firing()) == ([], ["Whether the target could be scraped: no data"])


def test_a_late_adapter_stops(server: ScriptedServer, adapter: Prometheus, clock: Clock) -> None:
    with pytest.raises(LateError):
        list(adapter.gather(firing(), Deadline.after(0, clock.monotonic)))
    assert server.asked == []


def test_what_is_no_alert_of_prometheus_is_not_asked_about(adapter: Prometheus) -> None:
    assert not adapter.applies(failure(Source.ADF, "r", labels={"job": "a", "instance": "b"}))
    assert not adapter.applies(failure(Source.PROMETHEUS, "r", labels={"alertname": "A"}))


def test_azure_s_managed_prometheus_is_asked_as_the_managed_identity(tools: Tools) -> None:
    url = "https://amw-x.westeurope.prometheus.monitor.azure.com"
    built = build(EvidenceSettings(prometheus_url=url), tools)

    assert built is not None
    assert built._headers() == {
        "Authorization": "Bearer token-for-https://prometheus.monitor.azure.com/.default"
    }
