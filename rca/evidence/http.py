"""The one HTTP client of the adapters: bounded in where it goes, how long it takes and how much it reads."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cached_property
from http.cookiejar import DefaultCookiePolicy
from typing import Final
from urllib.parse import urljoin

import requests

from rca.domain.excerpt import excerpt
from rca.domain.redaction import redact
from rca.errors import UnavailableError
from rca.evidence.addresses import origin, shown
from rca.evidence.errors import AnswerError, EvidenceError, OversizeError, RefusedError
from rca.evidence.ports import Deadline, Tools
from rca.evidence.reading import first

_PASSING: Final = frozenset({408, 429, 500, 502, 503, 504})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_ATTEMPTS: Final = 3
_HOPS: Final = 3
_FIRST_WAIT: Final = 0.5
_CHUNK: Final = 65_536
_MOST_BYTES: Final = 8 * 1_048_576
_MOST_OF_TAIL: Final = 64 * 1_048_576
_MOST_OF_ERROR: Final = 16_384
_CONNECT_SECONDS: Final = 3.05
_READ_SECONDS: Final = 10.0
_WHY: Final = {
    401: "does not accept our credential",
    403: "does not let us read this",
    404: "does not know what we ask for",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request that changes nothing, so that it may be repeated; `body` is sent as JSON."""

    url: str
    method: str = "GET"
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None


class _Session(requests.Session):
    """Leaves redirects to us: requests would read their whole body, and stumble over odd addresses."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Say of every response that it redirects nowhere."""
        del resp
        return None


class Http:
    """Calls the given origins (addresses whose scheme, host and port count) and no other.

    Passing failures are retried within the deadline, as Retry-After asks. Every method raises RefusedError before
    any request to another origin, AnswerError or OversizeError for an answer that is of no use, and
    UnavailableError where a later call may succeed.
    """

    def __init__(self, origins: Iterable[str], tools: Tools, *, most_bytes: int = _MOST_BYTES) -> None:
        self._origins = frozenset(map(origin, origins))
        self._tools = tools
        self._most_bytes = most_bytes
        self._lock = threading.Lock()

    def json(self, request: Request, deadline: Deadline) -> object:
        """Return the JSON that the request is answered with."""
        body = self._retried(request, deadline, self._whole)
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise EvidenceError(f"{shown(request.url)} answered with something that is not JSON") from None

    def tail(self, request: Request, deadline: Deadline, keep: int) -> tuple[str, bool]:
        """Return the last `keep` bytes of a text, and whether there was more before them."""
        body, cut = self._retried(request, deadline, lambda response, due: _tail(response, due, keep))
        return body.decode("utf-8", "replace"), cut

    def _whole(self, response: requests.Response, deadline: Deadline) -> bytes:
        return _read(response, deadline, self._most_bytes)

    def _retried[T](
        self, request: Request, deadline: Deadline, read: Callable[[requests.Response, Deadline], T]
    ) -> T:
        for attempt in range(_ATTEMPTS):
            try:
                return self._asked(request, deadline, read)
            except UnavailableError as error:
                told = error.retry_after
                wait = _FIRST_WAIT * 2**attempt if told is None else told
                if attempt == _ATTEMPTS - 1 or wait >= deadline.left():
                    raise
            self._tools.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _asked[T](
        self, request: Request, deadline: Deadline, read: Callable[[requests.Response, Deadline], T]
    ) -> T:
        try:
            with closing(self._response(request, deadline)) as response:
                return read(response, deadline)
        except requests.Timeout:
            raise UnavailableError(f"{shown(request.url)} did not answer in time") from None
        except requests.RequestException as error:
            # Its own message may quote the address with its query.
            raise UnavailableError(f"{shown(request.url)}: {type(error).__name__}") from None

    def _response(self, request: Request, deadline: Deadline) -> requests.Response:
        """Send, follow redirects that stay on the origin, and return a successful response."""
        home, url, params = origin(request.url), request.url, request.params
        if home not in self._origins:
            raise RefusedError(f"{home} is not among the addresses that the settings allow")
        for _ in range(_HOPS):
            response = self._send(request, url, params, deadline)
            if response.status_code not in _REDIRECTS:
                return self._checked(response, url, deadline)
            response.close()
            url, params = _location(url, response), {}
            if request.method != "GET" or origin(url) != home:
                raise RefusedError(
                    f"{shown(request.url)} redirects to another address, which we do not follow"
                )
        raise EvidenceError(f"{shown(request.url)} redirects too often")

    def _send(
        self, request: Request, url: str, params: Mapping[str, str], deadline: Deadline
    ) -> requests.Response:
        deadline.check()
        with self._lock:
            session = self._session
        return session.request(
            request.method,
            url,
            params=dict(params),
            # A compressed answer could be small on the wire and huge in memory.
            headers={"Accept": "application/json", "Accept-Encoding": "identity", **request.headers},
            json=request.body,
            timeout=(min(_CONNECT_SECONDS, deadline.left()), min(_READ_SECONDS, deadline.left())),
            allow_redirects=False,
            stream=True,
        )

    def _checked(self, response: requests.Response, url: str, deadline: Deadline) -> requests.Response:
        status = response.status_code
        if 200 <= status < 300:
            return response
        with closing(response):
            if status in _PASSING:
                retry_after = self._retry_after(response)
                later = f", to be asked again in {retry_after:.0f} s" if retry_after is not None else ""
                raise UnavailableError(f"{shown(url)} answered {status}{later}", retry_after)
            why = _WHY.get(status, "answered with an error")
            raise AnswerError(f"{shown(url)} {why} ({status}){_said(response, deadline)}", status)

    def _retry_after(self, response: requests.Response) -> float | None:
        """Read Retry-After, seconds or a date (RFC 9110 §10.2.3)."""
        told = response.headers.get("Retry-After", "").strip()
        if told.isascii() and told.isdigit() and len(told) < 10:
            return float(told)
        try:
            at = parsedate_to_datetime(told)
        except ValueError:
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(0.0, (at - self._tools.now()).total_seconds())

    @cached_property
    def _session(self) -> requests.Session:
        session = _Session()
        # No proxies and no .netrc from the environment, and no cookies kept from one failure to the next.
        session.trust_env = False
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = requests.adapters.HTTPAdapter(pool_connections=4, pool_maxsize=16, max_retries=0)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session


def _location(url: str, response: requests.Response) -> str:
    try:
        return urljoin(url, response.headers.get("Location", ""))
    except ValueError:
        raise RefusedError(f"{shown(url)} redirects to something that is no address") from None


def _chunks(response: requests.Response, deadline: Deadline) -> Iterator[bytes]:
    """Yield what arrives as it arrives: a server that sends a byte a second must not outlast the deadline."""
    from urllib3.exceptions import HTTPError

    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise EvidenceError(f"{shown(response.url)} answered compressed although we asked it not to")
    try:
        while chunk := response.raw.read1(_CHUNK, decode_content=False):
            yield chunk
            deadline.check()
    except (HTTPError, OSError) as error:
        raise UnavailableError(f"{shown(response.url)} broke off: {type(error).__name__}") from None


def _read(response: requests.Response, deadline: Deadline, most: int) -> bytes:
    body = bytearray()
    for chunk in _chunks(response, deadline):
        body += chunk
        if len(body) > most:
            raise OversizeError(f"{shown(response.url)} answered with more than {most:,} bytes")
    return bytes(body)


def _tail(response: requests.Response, deadline: Deadline, keep: int) -> tuple[bytes, bool]:
    body, total = bytearray(), 0
    for chunk in _chunks(response, deadline):
        body += chunk
        total += len(chunk)
        if len(body) > keep + _CHUNK * 4:
            del body[:-keep]
        if total > _MOST_OF_TAIL:
            raise OversizeError(f"{shown(response.url)} answered with more than {_MOST_OF_TAIL:,} bytes")
    return bytes(body[-keep:]), total > keep


def _said(response: requests.Response, deadline: Deadline) -> str:
    """Return what an error answer says of itself, redacted and short."""
    try:
        said = json.loads(_read(response, deadline, _MOST_OF_ERROR))
    except (ValueError, RecursionError, EvidenceError, UnavailableError, requests.RequestException):
        return ""
    told = (
        first(said, "error.code", "error_code", "errorType"),
        first(said, "error.message", "message", "detail", "title", "error"),
    )
    words = ": ".join(part for part in told if part)
    return f": {excerpt(redact(words), 300)}" if words else ""
