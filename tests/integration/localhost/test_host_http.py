"""HTTP triggers: routing, conversion both ways, failures, the host's own pages."""

from __future__ import annotations

import socket
from http.client import HTTPConnection

import httpx
import pytest

from localhost.process import HostProcess
from tests.integration.localhost.stage import Stage


@pytest.fixture(scope="module")
def http(shared_host: HostProcess):
    with httpx.Client(base_url=shared_host.url) as client:
        yield client


def test_request_reaches_the_function_whole(http: httpx.Client) -> None:
    answer = http.post(
        "/api/echo/42?a=1&a=2&b=%C3%A9%20x&empty=",
        content="{ä}".encode(),
        headers=[("X-Some", "one"), ("x-some", "two")],
    )
    seen = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert seen["method"] == "POST"
    assert seen["url"] == f"{http.base_url}/api/echo/42?a=1&a=2&b=%C3%A9%20x&empty=".replace("//api", "/api")
    assert seen["headers"]["x-some"] == "one,two"
    assert seen["query"] == {"a": "1,2", "b": "é x"}
    assert seen["route"] == {"id": "42"}
    assert seen["body"] == "{ä}"


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/api/echo/fixed", 200, "the literal route"),
        ("GET", "/API/Echo/FIXED/", 200, "the literal route"),
        ("GET", "/api/files/a/b%20c.txt", 200, "a/b c.txt"),
        ("GET", "/api/files", 200, "nothing"),
        ("GET", "/api/async", 200, "awaited"),
        ("GET", "/api/secret", 200, "in"),
        ("GET", "/api/echo/letters", 404, ""),
        ("DELETE", "/api/echo/42", 404, ""),
        ("GET", "/api/unknown", 404, ""),
        ("GET", "/api", 404, ""),
        ("GET", "/favicon.ico", 404, ""),
        ("GET", "/admin/unknown", 404, ""),
    ],
)
def test_routing(http: httpx.Client, method: str, path: str, status: int, text: str) -> None:
    answer = http.request(method, path)
    assert (answer.status_code, answer.text) == (status, text)


def test_optional_parameter_may_be_absent(http: httpx.Client) -> None:
    assert http.get("/api/echo").json()["route"] == {}


def test_response_keeps_status_headers_cookies_and_bytes(http: httpx.Client) -> None:
    answer = http.post("/api/teapot")
    assert answer.status_code == 418
    assert answer.content == b"\x00short"
    assert answer.headers["x-kind"] == "pot"
    assert answer.headers.get_list("set-cookie") == ["a=1; HttpOnly; Path=/", "b=2; SameSite=Strict"]


def test_a_raising_function_is_an_empty_500_and_one_line_with_its_place(
    http: httpx.Client, shared_host: HostProcess
) -> None:
    answer = http.get("/api/fail")
    assert (answer.status_code, answer.content) == (500, b"")
    (line,) = [line for line in shared_host.output().splitlines() if "function fail" in line]
    assert r"function fail failed: ValueError('two\nlines') (function_app.py:" in line
    assert "Traceback" not in shared_host.output()


def test_one_connection_serves_many_requests(shared_host: HostProcess) -> None:
    connection = HTTPConnection(shared_host.url.removeprefix("http://"), timeout=10)
    connection.connect()
    connected = connection.sock
    for _ in range(3):
        connection.request("GET", "/api/echo/fixed")
        assert connection.getresponse().read() == b"the literal route"
    assert connection.sock is connected
    connection.close()


def test_a_body_cut_off_never_reaches_a_function(shared_host: HostProcess, shared_stage: Stage) -> None:
    host, _, port = shared_host.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"POST /api/send HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
    assert httpx.post(f"{shared_host.url}/api/send", content="whole").status_code == 200
    assert shared_stage.bodies("sent") == ["whole"]


def test_admin_pages(http: httpx.Client) -> None:
    assert http.get("/admin/host/status").json()["state"] == "Running"
    listed = {each["name"]: each for each in http.get("/admin/functions").json()}
    assert listed["secret"]["invoke_url_template"] == "/api/secret"
    assert listed["secret"]["config"]["bindings"][0]["type"] == "httpTrigger"
    assert listed["work"]["invoke_url_template"] is None


def test_start_page_lists_the_functions(http: httpx.Client) -> None:
    assert "GET,POST /api/echo/{id:int?}" in http.get("/").text


def test_keys_limit_prefix_and_dashboard(stage: Stage) -> None:
    built = stage.app / "dashboard" / "dist"
    built.mkdir(parents=True)
    (built / "index.html").write_text("<p>dashboard</p>")
    (built / "app.js").write_text("run()")
    settings = {
        "AzureFunctionsJobHost__extensions__http__routePrefix": "v1",
        "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "1000",
        "LOCALHOST_FUNCTION_KEY__secret": "own-key",
    }
    with stage.host("--auth", **settings) as host, httpx.Client(base_url=host.url) as http:
        _check_keys(http)
        assert http.post("/v1/echo", content=b"x" * 1000).status_code == 200
        assert http.post("/v1/echo", content=b"x" * 1001).status_code == 413
        assert http.post("/v1/echo", content=iter([b"x" * 600] * 2)).status_code == 413
        assert http.get("/api/echo/fixed").text == "<p>dashboard</p>"
        assert http.get("/").text == "<p>dashboard</p>"
        assert http.get("/tickets/ADF-1").text == "<p>dashboard</p>"
        assert http.get("/app.js").text == "run()"
        assert http.get("/gone.js").status_code == 404


def _check_keys(http: httpx.Client) -> None:
    cases = [
        ("secret", {}, {}, 401),
        ("secret", {"x-functions-key": "wrong"}, {}, 401),
        ("secret", {"x-functions-key": "the-key"}, {}, 200),
        ("secret", {}, {"code": "the-key"}, 200),
        ("secret", {"x-functions-key": "wrong"}, {"code": "the-key"}, 401),
        ("secret", {"x-functions-key": "own-key"}, {}, 200),
        ("chief", {"x-functions-key": "own-key"}, {}, 401),
        ("chief", {"x-functions-key": "the-key"}, {}, 200),
        ("echo/fixed", {}, {}, 200),
    ]
    for path, headers, query, status in cases:
        answer = http.get(f"/v1/{path}", headers=headers, params=query)
        assert (path, headers, query, answer.status_code) == (path, headers, query, status)
    assert http.get("/admin/functions").status_code == 401
    assert http.get("/admin/functions", headers={"x-functions-key": "the-key"}).status_code == 200
