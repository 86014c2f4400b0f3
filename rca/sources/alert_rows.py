"""Rows of a log alert, wherever its version of the schema puts them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from rca.sources import fields
from rca.sources.azure_alert import Alert, Record, fold

# Senders that leave the column names out send these, in this order.
_BARE_RUN = ("TimeGenerated", "PipelineName", "PipelineRunId", "ActivityName", "ErrorCode", "ErrorMessage")
_BARE_CLUSTER = ("TimeGenerated", "ClusterId", "ClusterName", "ClusterState", "TerminationCode")
_CLUSTER_ID = re.compile(r"\d{4}-\d{6}-[a-z0-9]{4,}")
_NESTED = ("requestparams", "response", "properties")
_NESTED_LONGEST = 200_000


def records(alert: Alert) -> tuple[Record, ...]:
    """Make a record of each row of `SearchResults`, or else of each set of dimensions or properties."""
    rows = tuple(_table_rows(alert))
    return rows or tuple(_dimension_sets(alert))


def left_out(alert: Alert) -> str | None:
    """Return a remark where the alert counts more rows than it carries."""
    counted = fields.first(alert.context, "ResultCount") or ""
    carried = sum(1 for _ in _table_rows(alert))
    if carried and counted.isascii() and counted.isdigit() and len(counted) < 10 and int(counted) > carried:
        return f"The alert counts {int(counted)} rows but carries {carried}"
    return None


def _table_rows(alert: Alert) -> Iterator[Record]:
    context = alert.context
    results = fields.mapping(context.get("SearchResults") or context.get("searchResults"))
    for table in map(fields.mapping, fields.items(results.get("tables"))):
        columns = tuple(map(_column, fields.items(table.get("columns"))))
        for row in fields.items(table.get("rows")):
            if values := _named(row, columns):
                yield Record(_unfolded(values), alert.link)


def _column(column: object) -> str:
    return fields.text(column) or fields.first(column, "name", "Name", "ColumnName", "columnName") or ""


def _named(row: object, columns: tuple[str, ...]) -> Mapping[str, object]:
    if isinstance(row, Mapping):
        return row
    cells = fields.items(row)
    if not any(columns):
        columns = _BARE_CLUSTER if _is_cluster(cells) else _BARE_RUN
    return {column: cell for column, cell in zip(columns, cells, strict=False) if column and cell is not None}


def _is_cluster(cells: object) -> bool:
    found = fields.items(cells)
    return len(found) > 1 and bool(_CLUSTER_ID.fullmatch(fields.text(found[1]) or ""))


def _unfolded(values: Mapping[str, object]) -> Mapping[str, object]:
    """Add the members of JSON columns as columns of their own, where the row has none of that name."""
    merged = dict(values)
    taken = {fold(column) for column in values}
    for column, value in values.items():
        if fold(column) in _NESTED:
            for key, inner in _json(value).items():
                if fold(key) not in taken:
                    merged[key] = inner
    return merged


def _json(value: object) -> Mapping[str, object]:
    if isinstance(value, str) and value.lstrip().startswith("{") and len(value) <= _NESTED_LONGEST:
        try:
            return fields.mapping(json.loads(value))
        except (ValueError, RecursionError):
            return {}
    return fields.mapping(value)


def _dimension_sets(alert: Alert) -> Iterator[Record]:
    for item in map(fields.mapping, fields.items(fields.at(alert.context, "condition.allOf"))):
        link = fields.link(item.get("linkToFilteredSearchResultsUI"), item.get("linkToSearchResultsUI"))
        if values := dimensions(item.get("dimensions")):
            yield Record(values, link or alert.link)
    if values := dimensions(alert.context.get("Dimensions")):
        yield Record(values, alert.link)
    if values := properties(alert):
        yield Record(values, alert.link)


def dimensions(value: object) -> Mapping[str, object]:
    """Dimensions as a mapping, whether sent as a list of name and value or as an object."""
    if isinstance(value, Mapping):
        return value
    pairs = ((fields.first(item, "name", "Name"), item) for item in fields.items(value))
    return {
        key: fields.mapping(item).get("value", fields.mapping(item).get("Value"))
        for key, item in pairs
        if key
    }


def properties(alert: Alert) -> Mapping[str, object]:
    """Return the `properties` object of an alert, where older rules put the run."""
    return fields.mapping(alert.context.get("properties"))


def link(alert: Alert) -> str | None:
    """Return the portal page with the rows of an alert that carries none."""
    found = (
        fields.link(
            fields.at(item, "linkToFilteredSearchResultsUI"), fields.at(item, "linkToSearchResultsUI")
        )
        for item in fields.items(fields.at(alert.context, "condition.allOf"))
    )
    return next((address for address in found if address), alert.link)
