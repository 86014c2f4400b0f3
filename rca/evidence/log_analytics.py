"""Azure Monitor logs: the rows behind an alert that carries only a link to them.

Query API: learn.microsoft.com/azure/azure-monitor/logs/api/request-format. Such a link holds a query in KQL that
would run as our identity, so host, workspace, time span and what the query reaches are checked before it is sent, and
it is sent to the address in the settings, never to the link's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qs, urlsplit

from rca.evidence import credentials, reading
from rca.evidence.addresses import origin
from rca.evidence.credentials import Headers
from rca.evidence.errors import EvidenceError, OversizeError, RefusedError
from rca.evidence.http import Http, Request
from rca.evidence.ports import Deadline, Tools
from rca.evidence.settings import EvidenceSettings

type Table = dict[str, object]

_HOSTS: Final = ("https://api.loganalytics.io", "https://api.loganalytics.azure.com")
_MOST_ROWS: Final = 500
_LONGEST_QUERY: Final = 20_000
_LONGEST_SPAN: Final = timedelta(days=7)
_SPAN_UNTOLD: Final = "P1D"
_DURATION: Final = re.compile(r"P[1-7]D|PT\d{1,3}[MH]")
_PATH: Final = re.compile(r"/v1(?:/workspaces)?(/[\w./()-]{1,500})/query")
_FOREIGN: Final = re.compile(
    r"\b(?:workspace|app|resource|adx|arg|cluster|database|externaldata|external_table"
    r"|http_request(?:_post)?|(?:cosmosdb_sql|sql|mysql|postgresql|azure_digital_twins_query)_request|python)"
    r"['\"\]]{0,2}\s*+(?:\(|//)",
    re.IGNORECASE,
)
"""Functions by which a query reaches beyond its workspace, also with a comment before the bracket."""
_FILTERED: Final = ("linkToFilteredSearchResultsAPI", "LinkToFilteredSearchResultsAPI")
_LINKS: Final = (*_FILTERED, "linkToSearchResultsAPI", "LinkToSearchResultsAPI")


@dataclass(frozen=True, slots=True)
class _Query:
    """A link, taken apart and checked."""

    path: str
    query: str
    timespan: str


class LogAnalytics:
    """Reads rows of the listed workspaces and no other."""

    def __init__(self, address: str, allowed: Sequence[str], headers: Headers, tools: Tools) -> None:
        self._address = address
        self._allowed = frozenset(scope.strip("/").lower() for scope in allowed)
        self._hosts = frozenset(map(origin, (*_HOSTS, address)))
        self._headers = headers
        self._http = Http([address], tools)

    def filled(self, payload: Mapping[str, object], deadline: Deadline) -> Mapping[str, object]:
        """Return the alert with its rows put in as `SearchResults`, as alerts of version 1 carry them.

        An alert that has rows, no link, or no rows behind its link comes back as it is. A row gains the dimensions
        that the alert names and the row does not. Raises EvidenceError for good, UnavailableError in passing.
        """
        data = reading.mapping(payload.get("data")) or payload
        context = reading.mapping(data.get("alertContext"))
        if context.get("SearchResults") or context.get("searchResults"):
            return payload
        tables: list[Table] = []
        for criterion in (
            *map(reading.mapping, reading.items(reading.at(context, "condition.allOf"))),
            context,
        ):
            link = reading.first(criterion, *_LINKS)
            if link:
                tables += _with_dimensions(self.rows(link, deadline), criterion, link)
        if not any(table["rows"] for table in tables):
            return payload
        filled = {**data, "alertContext": {**context, "SearchResults": {"tables": tables}}}
        return {**payload, "data": filled} if "data" in payload else filled

    def rows(self, link: str, deadline: Deadline) -> list[Table]:
        """Return the tables, of at most 500 rows together, that an alert's API link stands for.

        Raises RefusedError, before any request, for another host or workspace, or a query that reaches beyond it.
        """
        asked = self._checked(link)
        try:
            answer = self._ask(asked, asked.query, deadline)
        except OversizeError:
            # Not at once, as nothing may follow a query that ends in `render`.
            answer = self._ask(asked, f"{asked.query}\n| take {_MOST_ROWS // 5}", deadline)
        return _tables(answer)

    def _checked(self, link: str) -> _Query:
        if origin(link) not in self._hosts:
            raise RefusedError("the alert's link leads to another host than Azure Monitor's query API")
        parts = urlsplit(link)
        path = _PATH.fullmatch(parts.path)
        scope = path[1].strip("/").lower() if path else ""
        if path is None or ".." in scope or scope not in self._allowed:
            raise RefusedError("the alert's link leads to a workspace outside LOG_ANALYTICS_WORKSPACE_IDS")
        sent = parse_qs(parts.query, max_num_fields=20)
        query = next(iter(sent.get("query", [])), "").strip()
        if not query or query.startswith(".") or len(query) > _LONGEST_QUERY:
            raise RefusedError("the alert's link holds no query that we run")
        if _FOREIGN.search(query):
            raise RefusedError("the query of the alert's link reaches beyond its workspace")
        return _Query(parts.path, query, _timespan(next(iter(sent.get("timespan", [])), _SPAN_UNTOLD)))

    def _ask(self, asked: _Query, query: str, deadline: Deadline) -> object:
        wait = max(1, min(30, int(deadline.left())))
        request = Request(
            url=self._address + asked.path,
            method="POST",
            headers={**self._headers(), "Prefer": f"wait={wait}"},
            body={"query": query, "timespan": asked.timespan},
        )
        return self._http.json(request, deadline)


def _timespan(told: str) -> str:
    """Return the time span, `start/end` or a duration; raises RefusedError for one of more than a week."""
    start, _, end = told.partition("/")
    since, until = reading.moment(start), reading.moment(end)
    if since and until and timedelta(0) <= until - since <= _LONGEST_SPAN:
        return told
    if _DURATION.fullmatch(told):
        return told
    raise RefusedError("the alert's link asks for a time span that is unreadable or longer than a week")


def _tables(answer: object) -> list[Table]:
    """Read the tables; a partial error comes with status 200."""
    found = [reading.mapping(table) for table in reading.items(reading.at(answer, "tables"))]
    if not found:
        told = reading.first(answer, "error.message", "error.code") or "it holds no table"
        raise EvidenceError(f"the answer of Azure Monitor logs is of no use: {told[:200]}")
    tables: list[Table] = []
    left = _MOST_ROWS
    for table in found:
        rows = [row for row in reading.items(table.get("rows"))[:left] if isinstance(row, list)]
        left -= len(rows)
        tables.append({"name": table.get("name"), "columns": list(_columns(table)), "rows": rows})
    return tables


def _columns(table: Mapping[str, object]) -> Sequence[object]:
    return reading.items(table.get("columns"))


def _with_dimensions(tables: list[Table], criterion: Mapping[str, object], link: str) -> list[Table]:
    """Add the dimensions as columns; only the filtered link's rows are sure to have these values."""
    if link != reading.first(criterion, *_FILTERED):
        return tables
    pairs = {
        name: reading.at(item, "value")
        for item in reading.items(criterion.get("dimensions"))
        if (name := reading.first(item, "name"))
    }
    return [_widened(table, pairs) for table in tables]


def _widened(table: Table, pairs: Mapping[str, object]) -> Table:
    columns = _columns(table)
    taken = {(reading.first(column, "name") or "").lower() for column in columns}
    new = {name: value for name, value in pairs.items() if name.lower() not in taken}
    rows = [[*reading.items(row), *new.values()] for row in reading.items(table["rows"])]
    return {**table, "columns": [*columns, *({"name": name, "type": "string"} for name in new)], "rows": rows}


def build(settings: EvidenceSettings, tools: Tools) -> LogAnalytics | None:
    """Build the reader where LOG_ANALYTICS_WORKSPACE_IDS is set."""
    if not settings.log_analytics_workspaces:
        return None
    address = settings.log_analytics_url
    headers = credentials.entra(tools.tokens, f"{address}/.default", address)
    return LogAnalytics(address, settings.log_analytics_workspaces, headers, tools)
