"""What both providers promise, against a server that speaks their protocols."""

from __future__ import annotations

import time
import traceback
from email.utils import formatdate

import pytest

from rca.analysis.providers.port import (
    InvalidAnswerError,
    PassingError,
    Provider,
    ProviderError,
    RefusalError,
    RejectedError,
    Request,
)
from tests.integration.providers.dialects import KEY, Dialect
from tests.integration.providers.loopback import Loopback, Reply

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "error_type": {"type": "string"},
        "severity": {"type": "string", "enum": ["High", "Low"]},
        "evidence": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["error_type", "severity", "evidence"],
}


def request(timeout: float = 10) -> Request:
    return Request(
        system="You analyse.", user="It broke: E1", schema=SCHEMA, max_output_tokens=512, timeout=timeout
    )


def test_success(server: Loopback, dialect: Dialect, provider: Provider) -> None:
    server.script = [dialect.answer('{"error_type": "X"}')]
    completion = provider.complete(request())
    assert completion.text == '{"error_type": "X"}'
    assert completion.finish_reason == "stop"
    assert (completion.prompt_tokens, completion.completion_tokens) == (100, 70)
    assert completion.model
    (seen,) = server.seen
    assert dialect.system(seen) == "You analyse."
    assert dialect.user(seen) == "It broke: E1"
    assert list(dialect.schema(seen)["properties"])
    assert KEY not in seen.path


def test_cut_off_by_the_limit(server: Loopback, dialect: Dialect, provider: Provider) -> None:
    server.script = [dialect.answer('{"error_ty', finish="length")]
    assert provider.complete(request()).finish_reason == "length"


def test_refusal(server: Loopback, dialect: Dialect, provider: Provider) -> None:
    server.script = [dialect.refusal()]
    with pytest.raises(RefusalError):
        provider.complete(request())


def test_blocked_question(server: Loopback, dialect: Dialect, provider: Provider) -> None:
    server.script = [dialect.blocked_question()]
    with pytest.raises(RefusalError):
        provider.complete(request())


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 529])
def test_passing_statuses(server: Loopback, dialect: Dialect, provider: Provider, status: int) -> None:
    server.script = [dialect.error(status)]
    with pytest.raises(PassingError) as caught:
        provider.complete(request())
    assert caught.value.retry_after is None
    assert len(server.seen) == 1  # no retries behind the chain's back


def test_retry_after_in_seconds(server: Loopback, dialect: Dialect, provider: Provider) -> None:
    server.script = [dialect.error(429, **{"Retry-After": "7"})]
    with pytest.raises(PassingError) as caught:
        provider.complete(request())
    assert caught.value.retry_after == 7


def test_retry_after_as_a_date(server: Loopback, dialect: Dialect, provider: Provider) -> None:
    server.script = [dialect.error(503, **{"Retry-After": formatdate(time.time() + 60, usegmt=True)})]
    with pytest.raises(PassingError) as caught:
        provider.complete(request())
    assert caught.value.retry_after is not None
    assert 50 < caught.value.retry_after <= 60


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_permanent_statuses(server: Loopback, dialect: Dialect, provider: Provider, status: int) -> None:
    server.script = [dialect.error(status)]
    with pytest.raises(RejectedError, match=str(status)):
        provider.complete(request())


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_the_key_is_in_no_error(
    server: Loopback, dialect: Dialect, provider: Provider, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    server.script = [dialect.error(status)]
    caplog.set_level("DEBUG")
    with pytest.raises(ProviderError) as caught:
        provider.complete(request())
    shown = "".join(traceback.format_exception(caught.value)) + caught.value.detail + repr(caught.value)
    assert KEY not in shown
    assert KEY not in caplog.text


def test_time_out(server: Loopback, dialect: Dialect, provider: Provider) -> None:
    server.script = [Reply(hang=True)]
    start = time.monotonic()
    with pytest.raises(PassingError, match="time-out"):
        provider.complete(request(timeout=0.5))
    assert time.monotonic() - start < 5


def test_dropped_connection(server: Loopback, dialect: Dialect, provider: Provider) -> None:
    server.script = [Reply(drop=True)]
    with pytest.raises(PassingError, match="connection"):
        provider.complete(request())


def test_truncated_body(server: Loopback, dialect: Dialect, provider: Provider) -> None:
    reply = dialect.answer('{"error_type": "X"}')
    reply.cut = 40
    server.script = [reply]
    with pytest.raises(PassingError):
        provider.complete(request())


def test_no_server(dialect: Dialect) -> None:
    with pytest.raises(PassingError):
        dialect.provider("http://127.0.0.1:9").complete(request(timeout=3))


@pytest.mark.parametrize("raw", [b"<html>hello</html>", b"", b"[]", b'"text"', b"{", b"[" * 100_000], ids=str)
def test_a_body_that_is_something_else(
    server: Loopback, dialect: Dialect, provider: Provider, raw: bytes
) -> None:
    server.script = [Reply(raw=raw)]
    with pytest.raises(ProviderError) as caught:
        provider.complete(request())
    assert not isinstance(caught.value, RejectedError)


@pytest.mark.parametrize(
    "raw", [b"<html>down</html>", b"", b'[{"error": {"code": 503}}]', b'"down"'], ids=str
)
def test_an_error_whose_body_is_something_else(
    server: Loopback, dialect: Dialect, provider: Provider, raw: bytes
) -> None:
    server.script = [Reply(503, raw=raw)]
    with pytest.raises(ProviderError) as caught:
        provider.complete(request())
    assert isinstance(caught.value, PassingError | InvalidAnswerError)


def test_a_redirect_is_not_followed(server: Loopback, dialect: Dialect, provider: Provider) -> None:
    server.script = [Reply(307, {}, {"Location": f"{server.url}/elsewhere"}), dialect.answer("{}")]
    with pytest.raises(ProviderError):
        provider.complete(request())
    assert [seen.path for seen in server.seen if seen.path == "/elsewhere"] == []


def test_huge_answer(server: Loopback, dialect: Dialect, provider: Provider) -> None:
    server.script = [dialect.answer("x" * 5_000_000)]
    with pytest.raises(InvalidAnswerError):
        provider.complete(request())
