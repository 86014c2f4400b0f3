"""Prometheus: metrics around the start of an alert, by templates.

GET /api/v1/query_range: prometheus.io/docs/prometheus/latest/querying/api. Thanos, Mimir and Azure Monitor
workspaces answer the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
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
from rca.evidence.query_templates import Queries, Template, matching, queries_of
from rca.evidence.settings import EvidenceSettings
from rca.evidence.window import Window

NAME: Final = "prometheus"
_AZURE_SCOPE: Final = "https://prometheus.monitor.azure.com/.default"
_AZURE_HOST: Final = ".prometheus.monitor.azure.com"
_MOST_QUERIES: Final = 8
_MOST_POINTS: Final = 60
_MOST_SERIES: Final = 10
_SHOWN_POINTS: Final = 12
_CACHE_SECONDS: Final = 60
_MOST_CACHED: Final = 256

type _Answer = tuple[str | None, tuple[str, ...]]
"""What the series say, if there are any, and warnings."""


class Prometheus:
    """Asks one Prometheus for the metrics that belong to an alert's labels."""

    name = NAME

    def __init__(self, address: str, headers: Headers, queries: Queries, tools: Tools) -> None:
        self._address = address
        self._headers = headers
        self._queries = queries
        self._now = tools.now
        self._http = Http([address], tools)
        self._cache = Cache[_Answer](_CACHE_SECONDS, _MOST_CACHED, tools.monotonic)

    def applies(self, failure: Failure) -> bool:
        """Whether it is a Prometheus alert, from Azure's managed one too, that a template knows labels of."""
        return "alertname" in failure.labels and bool(matching(self._queries.prometheus, failure, 1))

    def gather(self, failure: Failure, deadline: Deadline) -> Iterator[EvidenceItem | Note]:
        """Yield one item for each query that has series."""
        queries = self._queries
        window = Window.around(failure.occurred_at, queries.before, queries.after, self._now())
        for template in matching(queries.prometheus, failure, _MOST_QUERIES):
            try:
                told, warnings = self._ask(template.filled(failure.labels), window, deadline)
            except LateError:
                raise
            except RcaError as error:
                yield Note(f"{template.title}: {error.detail}")
                continue
            yield from (Note(f"{template.title}: {warning}") for warning in warnings)
            yield from self._items(template, failure, told)

    def _items(self, template: Template, failure: Failure, told: str | None) -> Iterator[EvidenceItem | Note]:
        if told is None:
            yield Note(f"{template.title}: no data")
            return
        yield EvidenceItem(
            adapter=NAME,
            kind=EvidenceKind.METRIC,
            title=template.title,
            text=f"{template.filled(failure.labels)}\n{told}",
            at=failure.occurred_at,
        )

    def _ask(self, query: str, window: Window, deadline: Deadline) -> _Answer:
        params = {
            "query": query,
            "start": str(window.start),
            "end": str(window.end),
            "step": str(window.step(_MOST_POINTS)),
            "limit": str(_MOST_SERIES),
        }

        def ask() -> _Answer:
            url = f"{self._address}/api/v1/query_range"
            return _read(self._http.json(Request(url=url, params=params, headers=self._headers()), deadline))

        return self._cache.get(f"{query}\n{window}", ask)


def _read(answer: object) -> _Answer:
    if reading.first(answer, "status") != "success":
        raise EvidenceError(f"Prometheus answered {reading.first(answer, 'errorType', 'status') or 'oddly'}")
    series = reading.items(reading.at(answer, "data.result"))
    warnings = [
        told[:200]
        for item in reading.items(reading.at(answer, "warnings"))[:3]
        if (told := reading.text(item))
    ]
    if len(series) > _MOST_SERIES:
        warnings.append(f"{len(series)} series; the first {_MOST_SERIES} were kept")
    lines = [line for item in series[:_MOST_SERIES] if (line := _series(item))]
    return "\n".join(lines) or None, tuple(warnings)


def _series(item: object) -> str | None:
    points = [point for sent in reading.items(reading.at(item, "values")) if (point := _point(sent))]
    points = points[-10 * _MOST_POINTS :]
    if not points:
        return None
    values = [value for _, value in points]
    labels = ", ".join(
        f"{name}={value}"[:200]
        for name, value in sorted(reading.mapping(reading.at(item, "metric")).items())[:20]
    )
    every = max(1, math.ceil(len(points) / _SHOWN_POINTS))
    # From the last point backwards: the latest is always shown.
    shown = points[::-1][::every][::-1]
    told = " ".join(f"{datetime.fromtimestamp(at, UTC):%H:%M}={_number(value)}" for at, value in shown)
    return (
        f"{{{labels}}} first {_number(values[0])}, last {_number(values[-1])}, min {_number(min(values))}, "
        f"max {_number(max(values))}, mean {_number(sum(values) / len(values))}; {told}"
    )


def _point(sent: object) -> tuple[float, float] | None:
    """Read `[1435781430.781, "1"]`; NaN and infinities, which say nothing here, are left out."""
    pair: Sequence[object] = reading.items(sent)
    if len(pair) != 2 or not isinstance(pair[0], int | float) or not isinstance(pair[1], str):
        return None
    try:
        value = float(pair[1])
        datetime.fromtimestamp(pair[0], UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return (pair[0], value) if math.isfinite(value) else None


def _number(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1_000_000 else f"{value:.4e}"


def build(settings: EvidenceSettings, tools: Tools) -> Prometheus | None:
    """Build the adapter where PROMETHEUS_URL is set; raises QueriesError where the queries can't be used."""
    address = settings.prometheus_url
    if address is None:
        return None
    host = address.partition("://")[2].partition("/")[0].partition(":")[0]
    if host.endswith(_AZURE_HOST) and settings.prometheus_token is None:
        headers = credentials.entra(tools.tokens, _AZURE_SCOPE, address)
    else:
        headers = credentials.fixed(
            settings.prometheus_token, settings.prometheus_username, settings.prometheus_password
        )
    return Prometheus(address, headers, queries_of(settings), tools)
