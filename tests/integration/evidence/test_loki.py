"""The Loki adapter against a server that speaks its HTTP API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rca.domain.failure import Failure, Kind
from rca.domain.vocabulary import Source
from rca.evidence.loki import Loki, build
from rca.evidence.ports import Tools
from rca.evidence.settings import EvidenceSettings
from tests.integration.evidence.conftest import AT, Ask, failure
from tests.support.scripted_http import Answer, ScriptedServer

RANGE = "/loki/api/v1/query_range"
START = int(AT.timestamp()) * 1_000_000_000


def streams(*values: list[Any]) -> dict[str, Any]:
    result = [{"stream": {"pod": "p"}, "values": [value]} for value in values]
    return {"status": "success", "data": {"resultType": "streams", "result": result}}


def firing(**labels: str) -> Failure:
    given = {"alertname": "ManyErrors", "namespace": "shop", "deployment": "cart"}
    return failure(Source.PROMETHEUS, "f@x", kind=Kind.CONDITION, labels={**given, **labels})


@pytest.fixture
def adapter(server: ScriptedServer, tools: Tools) -> Loki:
    settings = EvidenceSettings(
        loki_url=server.url,
        loki_username="reader",
        loki_password="pa55",  # type: ignore[arg-type]
        loki_tenant="team-a",
    )
    built = build(settings, tools)
    assert built is not None
    return built


def test_lines_of_all_streams_stand_in_order(server: ScriptedServer, adapter: Loki, ask: Ask) -> None:
    later = [str(START + 2_000_000_000), "ERROR second\n", {"trace": "x"}]
    server.on(RANGE, streams(later, [str(START), "ERROR first"]))

    items, notes = ask(adapter, firing())

    assert [item.kind for item in items] == ["log"]
    assert items[0].text.splitlines()[1:] == [
        "2026-11-20T02:17:43Z ERROR first",
        "2026-11-20T02:17:45Z ERROR second",
    ]
    assert notes == []
    asked = server.asked[0]
    assert asked.query["query"].startswith('{namespace="shop", pod=~"cart-.*"}')
    assert (asked.query["direction"], asked.query["limit"]) == ("backward", "100")
    assert len(asked.query["start"]) == 19
    assert asked.headers["X-Scope-OrgID"] == "team-a"
    assert asked.headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    "value", ['cart"} |= "x', "cart\\", '.*"} or {a="', "ca.rt(a|b)[c]{2}^$*+?", "cart\n"]
)
def test_a_label_can_not_break_out_of_its_string_or_widen_its_expression(
    server: ScriptedServer, adapter: Loki, ask: Ask, value: str
) -> None:
    import re

    server.on(RANGE, streams())

    ask(adapter, firing(deployment=value))

    query = server.asked[0].query["query"]
    inside = query.removeprefix('{namespace="shop", pod=~').partition('-.*"} |~ ')[0]
    expression = json.loads(f'{inside}"')
    assert re.fullmatch(expression, value)
    assert not re.fullmatch(expression, "cart")


def test_lines_are_bounded(server: ScriptedServer, adapter: Loki, ask: Ask) -> None:
    server.on(RANGE, streams(*[[str(START + n), f"{n} " + "x" * 5_000] for n in range(300)]))

    items, notes = ask(adapter, firing())

    assert len(items[0].text) < 25_000
    assert server.asked[0].query["limit"] == "100"
    assert "299 x" in items[0].text
    assert any("only the latest" in note for note in notes)


@pytest.mark.parametrize(
    "answer",
    [
        Answer("parse error at line 1", 400),
        Answer({}, 401),
        Answer({}, 403),
        Answer({}, 404),
        Answer({}, 429, {"Retry-After": "60"}),
        Answer({}, 500),
        Answer("<html>"),
        Answer({"status": "success", "data": {"resultType": "matrix", "result": []}}),
        Answer(streams([str(START), "x"]), cut=20),
        Answer(b" " * 9_000_000),
    ],
)
def test_a_failing_query_is_a_note(server: ScriptedServer, adapter: Loki, ask: Ask, answer: Answer) -> None:
    server.on(RANGE, answer)

    items, notes = ask(adapter, firing())

    assert items == []
    assert len(notes) == 1


@pytest.mark.parametrize("junk", [7, [7, {"values": [7, [], ["x", "y"], [1, "a"], ["9" * 40, "a"]]}]])
def test_odd_shapes_do_no_harm(server: ScriptedServer, adapter: Loki, ask: Ask, junk: Any) -> None:
    server.on(RANGE, {"status": "success", "data": {"resultType": "streams", "result": junk}})

    assert ask(adapter, firing()) == ([], ["Errors of the deployment's pods: no lines"])
