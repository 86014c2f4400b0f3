"""What the intake answers to bodies, methods and keys of every kind; whatever it takes in comes to an end."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice, product
from typing import Any

import httpx
import pytest

from tests.e2e.replayed import named_samples
from tests.e2e.support import AT_ONCE, KEY, Client, Json, Site, custom, problem

pytestmark = pytest.mark.xdist_group("busy")

MIB = 1_048_576
ROUTES = (
    "azure-monitor",
    "azure-monitor-alert",
    "databricks-monitor",
    "airflow-monitor",
    "webhook/alerts",
    "logicapp",
    "alerts/custom",
)
NULLS_A_SAMPLE = 5
PLACES_A_SAMPLE = 12


def padded(run_id: str, size: int) -> bytes:
    """A custom alert of exactly `size` bytes."""
    empty = len(json.dumps(custom(run_id, message="")).encode())
    return json.dumps(custom(run_id, message="x" * (size - empty))).encode()


def letters(site: Site) -> int:
    return len([row for row in site.rows("deadletters") if row["PartitionKey"] == "intake"])


def test_one_byte_more_than_a_mebibyte_is_too_large(client: Client) -> None:
    answer = client.post("alerts/custom", padded("too-large", MIB + 1))
    assert answer.status_code == 413
    assert "1048577 bytes; at most 1048576" in problem(answer)["detail"]


def test_a_mebibyte_is_taken(client: Client) -> None:
    body = padded("just-right", MIB)
    assert len(body) == MIB
    assert client.settled(client.accepted("alerts/custom", body))["status"] == "processed"


def test_a_mebibyte_of_wrong_shape_is_kept_whole(client: Client, busy_site: Site) -> None:
    body = json.dumps({"wide": "y" * (MIB - 12)}).encode()
    assert len(body) == MIB
    assert client.post("airflow-monitor", body).status_code == 422
    (letter,) = [each for each in client.get("deadletters")["deadletters"] if "yyyyy" in each["payload"]]
    assert letter["truncated"]
    whole = busy_site.app.letters.payload("intake", letter["at"], letter["id"])
    assert whole is not None
    assert json.loads(whole) == json.loads(body)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "not JSON"),
        (b"{", "line 1, column 2"),
        (b"{}{}", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"resource": NaN}', "NaN is not a JSON number"),
        (b'{"resource": -Infinity}', "-Infinity is not a JSON number"),
        (b'{"resource": "caf\xe9"}', "not UTF-8"),
        (b"\x00", "not JSON"),
        (b"\x1f\x8b\x08\x00", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
        (b'{"resource": ' + b"9" * 5_000 + b"}", "not JSON"),
    ],
    ids=lambda value: value[:12].decode("latin-1") if isinstance(value, bytes) else "",
)
@pytest.mark.parametrize("route", ["alerts/custom", "azure-monitor"])
def test_no_json_is_a_bad_request(client: Client, route: str, body: bytes, detail: str) -> None:
    answer = client.post(route, body)
    assert answer.status_code == 400, answer.text
    assert detail in problem(answer)["detail"]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b"1", b'"text"', b'[{"resource": "a"}]'])
def test_wrong_shape_names_the_fields_and_is_kept(
    client: Client, busy_site: Site, route: str, body: bytes
) -> None:
    before = letters(busy_site)
    answer = client.post(route, body)
    assert answer.status_code == 422
    fields = problem(answer)["fields"]
    assert fields
    assert all(field in problem(answer)["detail"] or field == "$" for field in fields)
    assert letters(busy_site) == before + 1


def test_a_custom_alert_without_its_fields(client: Client) -> None:
    answer = client.post("alerts/custom", {"resource": "payroll", "note": "find me in the dead letters"})
    assert answer.status_code == 422
    assert problem(answer)["fields"] == ["run_id", "message"]
    (letter,) = [
        each for each in client.get("deadletters")["deadletters"] if "find me in the" in each["payload"]
    ]
    assert letter["queue"] == "intake"
    assert letter["error"] == "ShapeError"
    assert "run_id" in letter["reason"]
    assert json.loads(letter["payload"])["resource"] == "payroll"


def test_a_refused_alert_leaves_no_secret_behind(client: Client, busy_site: Site) -> None:
    secrets = ["Sup3r-Secret-Pa55", "dapi0123456789abcdef0123456789abcdef", "kim@example.org"]
    body = {
        "password": secrets[0],
        "note": f"Server=x;Password={secrets[0]}; token {secrets[1]}, ask {secrets[2]}",
        "mark": "refused with secrets",
    }
    assert client.post("alerts/custom", body).status_code == 422
    (letter,) = [
        each for each in client.get("deadletters")["deadletters"] if "refused with" in each["payload"]
    ]
    seen = json.dumps(letter) + busy_site.log()
    assert not [secret for secret in secrets if secret in seen]


@pytest.mark.parametrize(
    ("method", "route"),
    # GET alerts/custom asks for the status of an alert named custom
    sorted(set(product(["GET", "PUT", "DELETE", "PATCH"], ROUTES)) - {("GET", "alerts/custom")}),
)
def test_wrong_method(client: Client, route: str, method: str) -> None:
    answer = client.raw.request(method, route, headers={"x-functions-key": KEY})
    assert answer.status_code in {404, 405}


@pytest.mark.parametrize("route", [*ROUTES, "alerts/01M7YKW9YXD65X9PSMY28F7E7M", "dedup-check"])
def test_key_is_needed(client: Client, route: str) -> None:
    method = "POST" if route in ROUTES else "GET"
    for headers, query in [
        ({}, {}),
        ({"x-functions-key": "wrong"}, {}),
        ({}, {"code": "wrong"}),
        ({"x-functions-key": "wrong"}, {"code": KEY}),
        ({"Authorization": f"Bearer {KEY}"}, {}),
        (client.session, {}),
    ]:
        answer = client.raw.request(method, route, headers=headers, params=query, content=b"{}")
        assert answer.status_code == 401, (headers, query)


@pytest.mark.parametrize("how", ["header", "query"])
def test_key_admits(client: Client, how: str) -> None:
    options: dict[str, Any] = (
        {"headers": {"x-functions-key": KEY}} if how == "header" else {"params": {"code": KEY}}
    )
    answer = client.raw.post("alerts/custom", json=custom(f"key-by-{how}"), **options)
    assert answer.status_code == 202
    assert answer.headers["location"] == answer.json()["status_url"]
    assert answer.json()["status_url"] == f"{client.url}/api/alerts/{answer.json()['alert_id']}"
    assert client.settled(answer.json()["alert_id"])["status"] == "processed"


NESTED: Any = "core"
for _ in range(900):
    NESTED = [NESTED]

ODD: dict[str, Json] = {
    "NUL": custom("nul\x00id", message="before\x00after", labels={"a\x00b": "c\x00d"}),
    "emoji": custom("🔥-42", resource="pipe 🔥", message="💥" * 500),
    "other alphabets": custom("编号-1", resource="поставки", message="فشل التحميل"),
    "lone surrogates": custom("\ud800-1", message="x\udfffy \ud83d", labels={"\udc00": "\ud800"}),
    "deep": custom("deep", labels={"tree": NESTED}),
    "slashes": custom("a/b\\c#d?e%f", resource="../../etc/passwd"),
    "numbers": {"resource": 7, "run_id": 123456789012345678901234567890, "message": 1.5e308},
    "numbers as text": custom("00042", severity="3", time="1795000000"),
    "long names": custom("i" * 5_000, resource="r" * 5_000),
    "many labels": custom("labels", labels={f"label-{n}": "v" * 500 for n in range(500)}),
    "odd time": custom("time", time="yesterday", severity="catastrophic"),
    "far time": custom("far-time", time="9999-12-31T23:59:59.999999Z"),
    "early time": custom("early-time", time="0001-01-01T00:00:00Z"),
    "template": custom("{{7*7}}${jndi:ldap://x}", message="<script>alert(1)</script>"),
    "wrong types": custom("types", labels=[1, {"a": None}], severity=[], time={}, code={"x": 1}),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_but_right_is_processed(client: Client, name: str) -> None:
    alert_id = client.accepted("alerts/custom", json.dumps(ODD[name]).encode())
    fate = client.settled(alert_id)
    assert fate["status"] == "processed", fate
    ticket = client.get(f"tickets/{fate['tickets'][0]['ticket_id']}")["ticket"]
    assert ticket["pipeline"]
    assert ticket["run_id"]


def test_the_odd_ones_are_found_by_their_run_id(client: Client) -> None:
    alert_id = client.accepted("alerts/custom", custom("a/b\\c#d?e%f 🔥"))
    ticket_id = client.settled(alert_id)["tickets"][0]["ticket_id"]
    known = client.raw.get(
        "dedup-check",
        params={"source": "azure_monitor", "run_id": "a/b\\c#d?e%f 🔥"},
        headers={"x-functions-key": KEY},
    )
    assert known.json()["ticket_id"] == ticket_id


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every member and element below a JSON value."""
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in members:
        yield (*path, key)
        yield from places(child, (*path, key))


def without(body: Any, path: tuple[Any, ...], value: object = None) -> Any:
    """A copy of `body` in which `path` holds null."""
    copy = json.loads(json.dumps(body))
    holder = copy
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return copy


def changed_samples(value: object, most: int | None) -> list[tuple[str, tuple[Any, ...], str, Any]]:
    """For each sample some copies, each with `value` in one place; the places are spread evenly over the sample."""
    changed = []
    for name, sample in named_samples().items():
        if sample.expect.http == 400:
            continue
        body = json.loads(sample.body)
        paths = list(places(body))
        step = max(len(paths) // most, 1) if most else 1
        for path in islice(paths, None, None, step):
            changed.append((name, path, sample.route, without(body, path, value)))
    return changed


def check_all(site: Site, client: Client, changed: list[tuple[str, tuple[Any, ...], str, Any]]) -> None:
    """Nothing is answered by a 5xx; what was accepted ends well, what was refused is a dead letter."""
    before = letters(site)

    def post(each: tuple[str, tuple[Any, ...], str, Any]) -> httpx.Response:
        return client.post(each[2], each[3])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(post, changed))
    odd = [
        (each[:2], answer.status_code)
        for each, answer in zip(changed, answers, strict=True)
        if answer.status_code not in {202, 422}
    ]
    assert odd == []
    refused = [answer for answer in answers if answer.status_code == 422]
    assert letters(site) == before + len(refused)
    accepted = [
        (each[:2], answer.json()["alert_id"])
        for each, answer in zip(changed, answers, strict=True)
        if answer.status_code == 202
    ]
    fates = client.all_settled(alert_id for _, alert_id in accepted)
    bad = [
        (where, fate)
        for (where, _), fate in zip(accepted, fates, strict=True)
        if fate["status"] not in {"processed", "ignored"}
    ]
    assert bad == []
    site.wait_until_quiet()
    assert [row for row in site.rows("deadletters") if row["PartitionKey"] != "intake"] == []


def test_null_anywhere(client: Client, busy_site: Site) -> None:
    check_all(busy_site, client, changed_samples(None, NULLS_A_SAMPLE))


@pytest.mark.heavy
@pytest.mark.parametrize("value", [None, 0, "", [], {}, "\ud800\x00", {"a": [None]}, 10**300, True], ids=repr)
def test_anything_anywhere(client: Client, busy_site: Site, value: object) -> None:
    check_all(busy_site, client, changed_samples(value, PLACES_A_SAMPLE))


def test_all_of_it_added_up(client: Client, busy_site: Site) -> None:
    """Last in this file: whatever came in above, nothing died on the way, and the read models tell the truth."""
    busy_site.wait_until_quiet()
    queues = Counter(row["PartitionKey"] for row in busy_site.rows("deadletters"))
    assert set(queues) == {"intake"}
    findings = busy_site.app.recount.check()
    assert findings.clean, findings
    assert " failed: " not in busy_site.log()
