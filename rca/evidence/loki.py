"""Loki: log lines around the start of an alert, by templates.

GET /loki/api/v1/query_range: grafana.com/docs/loki/latest/reference/loki-http-api.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from rca.domain.evidence import EvidenceItem, EvidenceKind, Note
from rca.domain.failure import Failure
from rca.errors import RcaError
from rca.evidence import credentials, reading
from rca.evidence.cache import Cache
from rca.evidence.credentials import Headers
from rca.evidence.errors import EvidenceError
from rca.evidence.http import Http, Request
from rca.evidence.ports import Deadline, LateError, Tools
from rca.evidence.query_templates import Queries, matching, queries_of
from rca.evidence.settings import EvidenceSettings
from rca.evidence.window import Window

NAME: Final = "loki"
_MOST_QUERIES: Final = 5
_MOST_LINES: Final = 100
_LONGEST_LINE: Final = 4_000
_LONGEST: Final = 24_000
_NANO: Final = 1_000_000_000
_CACHE_SECONDS: Final = 60
_MOST_CACHED: Final = 256

type _Line = tuple[int, str]
"""Nanoseconds since 1970, and the text."""


class Loki:
    """Asks one Loki for the logs that belong to an alert's labels."""

    name = NAME

    def __init__(self, address: str, headers: Headers, queries: Queries, tools: Tools) -> None:
        self._address = address
        self._headers = headers
        self._queries = queries
        self._now = tools.now
        self._http = Http([address], tools)
        self._cache = Cache[tuple[_Line, ...]](_CACHE_SECONDS, _MOST_CACHED, tools.monotonic)

    def applies(self, failure: Failure) -> bool:
        """Whether it is a Prometheus alert that a template knows labels of."""
        return "alertname" in failure.labels and bool(matching(self._queries.loki, failure, 1))

    def gather(self, failure: Failure, deadline: Deadline) -> Iterator[EvidenceItem | Note]:
        """Yield one item for each query that found lines, in the order in which they were written."""
        queries = self._queries
        window = Window.around(failure.occurred_at, queries.before, queries.after, self._now())
        for template in matching(queries.loki, failure, _MOST_QUERIES):
            query = template.filled(failure.labels)
            try:
                lines = self._ask(query, window, deadline)
            except LateError:
                raise
            except RcaError as error:
                yield Note(f"{template.title}: {error.detail}")
                continue
            if not lines:
                yield Note(f"{template.title}: no lines")
                continue
            text, cut = reading.last_lines("\n".join(map(_shown, lines)), _LONGEST)
            yield EvidenceItem(
                adapter=NAME,
                kind=EvidenceKind.LOG,
                title=template.title,
                text=f"{query}\n{text}",
                at=_time(lines[-1][0]),
            )
            if cut or len(lines) == _MOST_LINES:
                yield Note(f"{template.title}: only the latest lines were kept")

    def _ask(self, query: str, window: Window, deadline: Deadline) -> tuple[_Line, ...]:
        params = {
            "query": query,
            "start": str(window.start * _NANO),
            "end": str(window.end * _NANO),
            "limit": str(_MOST_LINES),
            "direction": "backward",
        }

        def ask() -> tuple[_Line, ...]:
            url = f"{self._address}/loki/api/v1/query_range"
            return _read(self._http.json(Request(url=url, params=params, headers=self._headers()), deadline))

        return self._cache.get(f"{query}\n{window}", ask)


def _read(answer: object) -> tuple[_Line, ...]:
    if reading.first(answer, "status") != "success" or reading.first(answer, "data.resultType") != "streams":
        raise EvidenceError("Loki answered with something other than log lines")
    lines = {
        line
        for stream in reading.items(reading.at(answer, "data.result"))
        for sent in reading.items(reading.at(stream, "values"))
        if (line := _line(sent))
    }
    return tuple(sorted(lines)[-_MOST_LINES:])


def _line(sent: object) -> _Line | None:
    """Read `["1569266497240578000", "text"]`, maybe followed by structured metadata."""
    parts = reading.items(sent)
    if len(parts) < 2 or not isinstance(parts[0], str) or not isinstance(parts[1], str):
        return None
    if not (parts[0].isascii() and parts[0].isdigit() and len(parts[0]) <= 19):
        return None
    return int(parts[0]), reading.first_words(parts[1].rstrip(), _LONGEST_LINE)


def _shown(line: _Line) -> str:
    return f"{_time(line[0]):%Y-%m-%dT%H:%M:%SZ} {line[1]}"


def _time(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds // _NANO, UTC)


def build(settings: EvidenceSettings, tools: Tools) -> Loki | None:
    """Build the adapter where LOKI_URL is set; raises QueriesError where the queries can't be used."""
    address = settings.loki_url
    if address is None:
        return None
    authorize = credentials.fixed(settings.loki_token, settings.loki_username, settings.loki_password)
    tenant = {"X-Scope-OrgID": settings.loki_tenant} if settings.loki_tenant else {}
    return Loki(address, lambda: {**authorize(), **tenant}, queries_of(settings), tools)
