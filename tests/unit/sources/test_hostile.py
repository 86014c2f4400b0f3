"""Whatever comes in, there is a reading or a ShapeError, never another exception."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rca import sources
from rca.domain.failure import Benign, Failure, Reading, Recovery, identity_hash
from rca.errors import ShapeError
from rca.sources import fields, folding
from tests.unit.sources.payloads import (
    RECEIVED,
    SAMPLES,
    airflow,
    alert,
    custom,
    firing,
    job,
    metric,
    prometheus,
    table,
)

ROUTES = (
    "azure-monitor",
    "azure-monitor-alert",
    "databricks-monitor",
    "airflow-monitor",
    "webhook/alerts",
    "logicapp",
    "alerts/custom",
    "",
)
PAYLOADS = [json.loads(path.read_text("utf-8")) for path in sorted(SAMPLES.glob("*.json"))]
ODD = st.sampled_from(
    [
        None,
        "",
        "null",
        "0",
        "\x00",
        "\ud800",
        "🎉" * 50,
        "x" * 5000,
        "../../etc",
        "{" * 500,
        '{"a": [',
        "https://[",
        "-1",
        True,
        0,
        -1,
        10**30,
        1e308,
        [],
        {},
        [None],
        [[]],
        [{}],
        {"": None},
        {"name": []},
        {"code": {"code": {}}},
        ["text"],
        "2026-11-20T25:61:61Z",
        1795143011000,
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | ODD,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every container with every key or index in it."""
    found: list[tuple[Any, Any]] = []
    stack = [value]
    while stack:
        holder = stack.pop()
        keys = (
            list(holder)
            if isinstance(holder, dict)
            else range(len(holder))
            if isinstance(holder, list)
            else []
        )
        for key in keys:
            found.append((holder, key))
            stack.append(holder[key])
    return found


def check(payload: Any, route: str) -> None:
    refusal = None
    try:
        sound(sources.read(payload, route, RECEIVED))
    except ShapeError as error:
        refusal = error
    assert refusal is None or (refusal.fields and refusal.detail)


def sound(reading: Reading) -> None:
    assert reading.events
    for event in reading.events:
        assert event.resource
        assert len(event.resource) <= 2 * fields.MAX_NAME
        if isinstance(event, Benign):
            assert event.reason.encode()
            continue
        assert event.run_id or event.identity.startswith("alert:")
        assert len(identity_hash(event.source, event.identity)) == 40
        at = event.at if isinstance(event, Recovery) else event.occurred_at
        assert at.utcoffset() is not None
        if isinstance(event, Failure):
            assert event.message.encode()
            assert len(event.activities) <= folding.MAX_ACTIVITIES
            assert len(event.labels) <= fields.MAX_LABELS
            assert all(len(value) <= fields.MAX_LABEL and value.encode() for value in event.labels.values())


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), payload=st.sampled_from(PAYLOADS), route=st.sampled_from(ROUTES))
def test_mutated_samples(data, payload, route):
    mutated = copy.deepcopy(payload)
    for _ in range(data.draw(st.integers(1, 4))):
        spots = places(mutated)
        if not spots:
            break
        holder, key = spots[data.draw(st.integers(0, len(spots) - 1))]
        match data.draw(st.sampled_from(["replace", "drop", "wrap", "number as text"])):
            case "replace":
                holder[key] = data.draw(ODD | JSON)
            case "drop" if isinstance(holder, dict):
                del holder[key]
            case "wrap":
                holder[key] = [holder[key]]
            case _:
                holder[key] = str(holder[key])
    check(mutated, route)


@settings(max_examples=200, deadline=None)
@given(payload=JSON, route=st.sampled_from(ROUTES))
def test_any_json(payload, route):
    check(payload, route)


@pytest.mark.parametrize("odd", [None, "", 0, [], {}, [[]], "text", True, {"a": None}])
@pytest.mark.parametrize("number", range(len(PAYLOADS)))
def test_each_field_of_each_sample_made_odd(number, odd):
    for index in range(len(places(PAYLOADS[number]))):
        mutated = copy.deepcopy(PAYLOADS[number])
        holder, key = places(mutated)[index]
        holder[key] = odd
        check(mutated, "azure-monitor")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_null_everywhere(payload):
    check(dict.fromkeys(payload), "azure-monitor")


@pytest.mark.parametrize("make", [list, dict])
def test_deep_nesting(make):
    deep: Any = "bottom"
    for _ in range(20_000):
        deep = [deep] if make is list else {"run": deep}
    for payload in (
        {"data": deep},
        {"alerts": deep},
        alert(deep),
        alert(table(["PipelineName", "RunId", "Properties"], ["pl", "1", deep])),
        airflow(exception=deep),
        custom(labels=deep),
        job(run=deep),
    ):
        check(payload, "azure-monitor")


@pytest.mark.parametrize(
    "payload",
    [
        custom(message="x" * 900_000),
        custom(resource="x" * 900_000, run_id="y" * 900_000, code="z" * 900_000),
        airflow(dag_id="x" * 900_000, task_id="y" * 900_000, exception="A." * 450_000),
        alert(
            table(["PipelineName", "RunId", "ErrorMessage"], ["x" * 300_000, "y" * 300_000, "E" * 300_000])
        ),
        alert(table(["SearchQuery"], ["x"], query="\n" * 900_000)),
        prometheus(firing(pod="x" * 900_000)),
        metric(alertRule="x" * 900_000),
        job(job={"name": "x" * 900_000}),
    ],
    ids=["message", "names", "airflow", "row", "query", "label", "rule", "job"],
)
def test_huge_strings(payload):
    check(payload, "azure-monitor")


def test_messages_are_kept_whole():
    message = "long " * 180_000 + "end"
    reading = sources.read(custom(message=message), "alerts/custom", RECEIVED)
    assert isinstance(reading.events[0], Failure)
    assert reading.events[0].message == message


def test_many_rows():
    rows = [["pl", f"run-{number % 50}", f"step {number}", "broken"] for number in range(5_000)]
    payload = alert(table(["PipelineName", "RunId", "ActivityName", "ErrorMessage"], *rows))
    reading = sources.read(payload, "azure-monitor", RECEIVED)
    assert len(reading.events) == 50
    sound(reading)
