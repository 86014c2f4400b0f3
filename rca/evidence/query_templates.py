"""Queries for Prometheus and Loki, made from templates of the operator and the labels of an alert.

A template is PromQL or LogQL with places such as `{{namespace}}`, which stand inside a double-quoted string. A
label's value is escaped for that string; `{{pod|regex}}`, the only form where the matcher is `=~`, `!~`, `|~`, is
also escaped for RE2. So no value can end the string or widen the expression.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from rca.domain.failure import Failure
from rca.errors import RcaError
from rca.evidence.settings import EvidenceSettings

_PLACE: Final = re.compile(r"\{\{\s*([A-Za-z_]\w{0,99})\s*(\|\s*regex\s*)?\}\}")
_REGEX_MATCHER: Final = re.compile(r"(?:=~|!~|\|~)\s*\Z")
_SPECIAL: Final = re.compile(r"[\\.+*?()|\[\]{}^$]")
_BUILT_IN: Final = Path(__file__).parents[2] / "config" / "evidence_queries.yaml"
_KEYS: Final = frozenset({"title", "query", "alerts", "without"})
_LONGEST_VALUE: Final = 250
_LONGEST_QUERY: Final = 4_000


class QueriesError(RcaError):
    """The file with the queries can't be used; the message says which entry and why."""

    title = "Unusable evidence queries"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One query; it applies where the alert has all its labels, `alerts` fits and it has no label of `without`."""

    title: str
    query: str
    labels: frozenset[str]
    alerts: re.Pattern[str] | None = None
    without: frozenset[str] = frozenset()

    def applies(self, labels: Mapping[str, str]) -> bool:
        """Whether it can be filled from these labels."""
        if not self.labels <= labels.keys() or self.without & labels.keys():
            return False
        if any(len(labels[name]) > _LONGEST_VALUE for name in self.labels):
            return False
        return self.alerts is None or self.alerts.search(labels.get("alertname", "")[:200]) is not None

    def filled(self, labels: Mapping[str, str]) -> str:
        """Return the query with the labels' values in their places."""
        return _PLACE.sub(lambda place: _escaped(labels[place[1]], regex=bool(place[2])), self.query)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """All templates, and the time around the start of an alert that they look at."""

    before: timedelta = timedelta(minutes=30)
    after: timedelta = timedelta(minutes=10)
    prometheus: tuple[Template, ...] = ()
    loki: tuple[Template, ...] = field(default=())


def matching(templates: tuple[Template, ...], failure: Failure, most: int) -> tuple[Template, ...]:
    """Return the first templates that apply to a failure."""
    return tuple(template for template in templates if template.applies(failure.labels))[:most]


def queries_of(settings: EvidenceSettings) -> Queries:
    """Read the operator's file, or the built-in one; raises QueriesError."""
    return load_queries(settings.queries_file or _BUILT_IN)


def load_queries(path: Path) -> Queries:
    """Read a file of templates; raises QueriesError."""
    import yaml

    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise QueriesError(f"{path.name}: can't be read ({type(error).__name__})") from None
    if not isinstance(read, dict) or read.keys() - {"window", "prometheus", "loki"}:
        raise QueriesError(f"{path.name}: must be a mapping of window, prometheus and loki")
    window = read.get("window") or {}
    return Queries(
        before=_minutes(window, "before_minutes", 30),
        after=_minutes(window, "after_minutes", 10),
        prometheus=_templates(read, "prometheus"),
        loki=_templates(read, "loki"),
    )


def _minutes(window: Any, name: str, default: int) -> timedelta:
    value = window.get(name, default) if isinstance(window, dict) else None
    if not isinstance(value, int) or not 0 <= value <= 1_440:
        raise QueriesError(f"window: {name} must be a number of minutes up to 1440")
    return timedelta(minutes=value)


def _templates(read: Mapping[str, Any], kind: str) -> tuple[Template, ...]:
    entries = read.get(kind) or []
    if not isinstance(entries, list):
        raise QueriesError(f"{kind}: must be a list")
    return tuple(_template(entry, f"{kind}[{number}]") for number, entry in enumerate(entries))


def _template(entry: Any, where: str) -> Template:
    if not isinstance(entry, dict) or entry.keys() - _KEYS:
        raise QueriesError(f"{where}: must have only {', '.join(sorted(_KEYS))}")
    title, query, without = entry.get("title"), entry.get("query"), entry.get("without") or []
    if not isinstance(title, str) or not isinstance(query, str) or len(query) > _LONGEST_QUERY:
        raise QueriesError(f"{where}: needs a title and a query of at most {_LONGEST_QUERY} characters")
    if not isinstance(without, list) or not all(isinstance(name, str) for name in without):
        raise QueriesError(f"{where}: without must be a list of label names")
    try:
        alerts = re.compile(entry["alerts"]) if entry.get("alerts") else None
    except (re.error, TypeError):
        raise QueriesError(f"{where}: alerts must be a regular expression") from None
    _check_places(query, where)
    names = frozenset(place[1] for place in _PLACE.finditer(query))
    return Template(title=title, query=query, labels=names, alerts=alerts, without=frozenset(without))


def _check_places(query: str, where: str) -> None:
    """Refuse a place where escaping would not hold: outside a string, in a raw one, or plain in an expression."""
    places = {place.start(): place for place in _PLACE.finditer(query)}
    quote, opened, index = "", 0, 0
    while index < len(query):
        character = query[index]
        if place := places.get(index):
            regex = _REGEX_MATCHER.search(query[:opened]) is not None
            if quote != '"' or regex != bool(place[2]):
                form = (
                    "|regex after =~, !~ or |~, and only there" if quote == '"' else "a double-quoted string"
                )
                raise QueriesError(f"{where}: {place[0]} must stand in {form}")
            index = place.end()
            continue
        if quote:
            if character == "\\" and quote != "`":
                index += 1
            elif character == quote:
                quote = ""
        elif character in "\"'`":
            quote, opened = character, index
        index += 1
    if quote:
        raise QueriesError(f"{where}: a string is not closed")


def _escaped(value: str, *, regex: bool) -> str:
    """Escape for a double-quoted string of PromQL and LogQL, whose escapes are Go's."""
    if regex:
        value = _SPECIAL.sub(r"\\\g<0>", value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\x{ord(found[0]):02x}", escaped)
