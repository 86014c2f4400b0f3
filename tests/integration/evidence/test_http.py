"""The client against a real server: what it reads, retries, refuses and never tells."""

from __future__ import annotations

import time

import pytest

from rca.errors import UnavailableError
from rca.evidence.errors import AnswerError, EvidenceError, OversizeError, RefusedError
from rca.evidence.http import Http, Request
from rca.evidence.ports import Deadline, LateError, Tools
from tests.integration.evidence.conftest import Clock
from tests.support.scripted_http import Answer, ScriptedServer

SECRET = "dapi0123456789abcdef0123456789abcdef"


def get(server: ScriptedServer, path: str = "/a") -> Request:
    return Request(url=server.url + path, params={"q": "x y"}, headers={"Authorization": f"Bearer {SECRET}"})


@pytest.fixture
def http(server: ScriptedServer, tools: Tools) -> Http:
    return Http([server.url], tools)


def test_reads_json_and_sends_what_was_asked(server: ScriptedServer, http: Http, deadline: Deadline) -> None:
    server.on("/a", {"found": 1})

    assert http.json(get(server), deadline) == {"found": 1}

    asked = server.asked[0]
    assert asked.query == {"q": "x y"}
    assert asked.headers["Authorization"] == f"Bearer {SECRET}"
    assert asked.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 501])
def test_a_lasting_error_is_told_once_and_without_secrets(
    server: ScriptedServer, http: Http, deadline: Deadline, status: int
) -> None:
    server.on("/a", Answer({"error_code": "DENIED", "message": f"no: password={SECRET}"}, status))

    with pytest.raises(AnswerError) as caught:
        http.json(get(server), deadline)

    assert caught.value.code == status
    assert "DENIED" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert "x+y" not in str(caught.value)
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_error_is_retried(
    server: ScriptedServer, http: Http, deadline: Deadline, clock: Clock, status: int
) -> None:
    server.on("/a", Answer("busy", status), {"found": 1})

    assert http.json(get(server), deadline) == {"found": 1}
    assert clock.slept == [0.5]


@pytest.mark.parametrize("told", ["7", "Fri, 20 Nov 2026 02:17:50 GMT"])
def test_retry_after_is_honoured(
    server: ScriptedServer, http: Http, deadline: Deadline, clock: Clock, told: str
) -> None:
    server.on("/a", Answer("slow down", 429, {"Retry-After": told}), {"found": 1})

    assert http.json(get(server), deadline) == {"found": 1}
    assert clock.slept == [7]


def test_a_wait_beyond_the_budget_is_told_at_once(
    server: ScriptedServer, http: Http, deadline: Deadline, clock: Clock
) -> None:
    server.on("/a", Answer("slow down", 429, {"Retry-After": "600"}))

    with pytest.raises(UnavailableError) as caught:
        http.json(get(server), deadline)

    assert caught.value.retry_after == 600
    assert clock.slept == []


def test_gives_up_after_three_attempts(
    server: ScriptedServer, http: Http, deadline: Deadline, clock: Clock
) -> None:
    server.on("/a", Answer("broken", 500))

    with pytest.raises(UnavailableError, match="500"):
        http.json(get(server), deadline)

    assert len(server.asked) == 3
    assert clock.slept == [0.5, 1.0]


def test_nothing_is_asked_after_the_deadline(server: ScriptedServer, http: Http, clock: Clock) -> None:
    with pytest.raises(LateError):
        http.json(get(server), Deadline.after(0, clock.monotonic))
    assert server.asked == []


def test_a_silent_server_times_out(server: ScriptedServer, http: Http) -> None:
    server.on("/a", Answer({}, delay=3))
    started = time.monotonic()

    with pytest.raises(UnavailableError, match="in time"):
        http.json(get(server), Deadline.after(0.3))

    assert time.monotonic() - started < 1.5


def test_a_server_that_sends_a_byte_at_a_time_does_not_outlast_the_deadline(
    server: ScriptedServer, http: Http
) -> None:
    server.on("/a", Answer({"text": "x" * 200}, drip=0.05))
    started = time.monotonic()

    with pytest.raises(UnavailableError):
        http.json(get(server), Deadline.after(0.5))

    assert time.monotonic() - started < 2


def test_a_truncated_body_is_a_passing_failure(
    server: ScriptedServer, http: Http, deadline: Deadline
) -> None:
    server.on("/a", Answer({"text": "x" * 1000}, cut=100))

    with pytest.raises(UnavailableError, match="broke off"):
        http.json(get(server), deadline)


@pytest.mark.parametrize(
    "body", ["<html>sign in</html>", '{"a":', "", "[" * 100_000, "9" * 10_000, b"\xff\xfe{"]
)
def test_what_is_not_json_is_told_as_such(
    server: ScriptedServer, http: Http, deadline: Deadline, body: str | bytes
) -> None:
    server.on("/a", Answer(body))

    with pytest.raises(EvidenceError, match="not JSON"):
        http.json(get(server), deadline)


def test_a_huge_body_is_not_read_to_its_end(server: ScriptedServer, tools: Tools, deadline: Deadline) -> None:
    server.on("/a", Answer(b"[" + b"1," * 5_000_000 + b"1]"))

    with pytest.raises(OversizeError):
        Http([server.url], tools, most_bytes=100_000).json(get(server), deadline)


def test_of_a_huge_text_the_end_is_kept(server: ScriptedServer, http: Http, deadline: Deadline) -> None:
    server.on("/a", Answer(b"a" * 3_000_000 + b"the end"), Answer("short"))

    assert http.tail(get(server), deadline, 10) == ("aaathe end", True)
    assert http.tail(get(server), deadline, 10) == ("short", False)


def test_a_compressed_answer_is_refused(server: ScriptedServer, http: Http, deadline: Deadline) -> None:
    server.on("/a", Answer(b"\x1f\x8b", headers={"Content-Encoding": "gzip"}))

    with pytest.raises(EvidenceError, match="compressed"):
        http.json(get(server), deadline)


def test_another_host_is_not_asked(
    server: ScriptedServer, other: ScriptedServer, http: Http, deadline: Deadline
) -> None:
    with pytest.raises(RefusedError):
        http.json(get(other), deadline)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_not_followed(
    server: ScriptedServer, other: ScriptedServer, http: Http, deadline: Deadline, status: int
) -> None:
    server.on("/a", Answer("", status, {"Location": f"{other.url}/a"}))

    with pytest.raises(RefusedError, match="redirects"):
        http.json(get(server), deadline)


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:99999/",
        "//evil.example/a",
        "https:\\\\evil.example",
        "http://[::1",
        "file:///etc/passwd",
    ],
)
def test_a_redirect_to_anything_odd_is_not_followed(
    server: ScriptedServer, http: Http, deadline: Deadline, location: str
) -> None:
    server.on("/a", Answer("", 302, {"Location": location}))

    with pytest.raises(EvidenceError):
        http.json(get(server), deadline)


def test_a_redirect_on_the_same_host_is_followed(
    server: ScriptedServer, http: Http, deadline: Deadline
) -> None:
    server.on("/a", Answer("", 302, {"Location": "/b"}))
    server.on("/b", {"found": 1})

    assert http.json(get(server), deadline) == {"found": 1}


def test_a_loop_of_redirects_ends(server: ScriptedServer, http: Http, deadline: Deadline) -> None:
    server.on("/a", Answer("", 302, {"Location": "/a"}))

    with pytest.raises(EvidenceError, match="too often"):
        http.json(get(server), deadline)


def test_a_post_is_not_redirected(server: ScriptedServer, http: Http, deadline: Deadline) -> None:
    server.on("/a", Answer("", 307, {"Location": "/b"}), method="POST")

    with pytest.raises(RefusedError):
        http.json(Request(url=f"{server.url}/a", method="POST", body={"secret": SECRET}), deadline)

    assert server.paths() == ["/a"]


def test_proxies_netrc_and_cookies_play_no_part(
    server: ScriptedServer,
    other: ScriptedServer,
    http: Http,
    deadline: Deadline,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", other.url)
    monkeypatch.setenv("http_proxy", other.url)
    server.on("/a", Answer({}, headers={"Set-Cookie": "session=abc"}))

    for _ in range(2):
        http.json(Request(url=f"{server.url}/a"), deadline)

    assert all("Authorization" not in asked.headers for asked in server.asked)
    assert all("Cookie" not in asked.headers for asked in server.asked)


def test_a_closed_port_is_a_passing_failure(tools: Tools, deadline: Deadline) -> None:
    with ScriptedServer() as gone:
        url = gone.url

    with pytest.raises(UnavailableError, match="ConnectionError"):
        Http([url], tools).json(Request(url=f"{url}/a"), deadline)
