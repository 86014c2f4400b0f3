"""HTTP routes as ASP.NET matches them: case-insensitive, literals before parameters, next route on a wrong method.

https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-templates
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from localhost.errors import HostError
from localhost.functions import Function

PARAMETER = re.compile(r"\{(\*{0,2})([^}:?=]+)(?::([a-z]+))?(\?)?\}")
CONSTRAINTS = {
    "int": r"-?\d+",
    "long": r"-?\d+",
    "alpha": r"[A-Za-z]+",
    "bool": r"(?:true|false)",
    "guid": r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
}
LITERAL, MIXED, CONSTRAINED, PLAIN, CATCH_ALL = range(1, 6)


@dataclass(frozen=True, slots=True)
class Route:
    """One HTTP function's path pattern."""

    function: Function
    template: str
    methods: frozenset[str]
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    precedence: tuple[int, ...]

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """Return the route parameters if this route serves the request."""
        if self.methods and method not in self.methods:
            return None
        found = self.pattern.fullmatch(path)
        if not found:
            return None
        values = zip(self.names, found.groups(), strict=True)
        return {name: value for name, value in values if value is not None}


class Router:
    """The app's HTTP functions by route, under `prefix`."""

    def __init__(self, functions: Iterable[Function], prefix: str) -> None:
        http = (each for each in functions if each.trigger.type == "httptrigger")
        self.routes = sorted((_route(each, prefix) for each in http), key=lambda route: route.precedence)

    def find(self, method: str, path: str) -> tuple[Function, dict[str, str]] | None:
        """Find the function for this request and its route parameters; None is a 404, for a wrong method as well."""
        trimmed = path.strip("/")
        for route in self.routes:
            values = route.match(method, trimmed)
            if values is not None:
                return route.function, values
        return None


def _route(function: Function, prefix: str) -> Route:
    own = function.trigger.text("route", function.name).strip("/")
    template = "/".join(part for part in (prefix, own) if part)
    regex, names, precedence = "", [], []
    for segment in template.split("/"):
        part, found, rank = _segment(function, segment)
        optional = segment.endswith("?}") or rank == CATCH_ALL
        slash = "/" if regex else ""
        regex += f"(?:{slash}{part})?" if optional else slash + part
        names += found
        precedence.append(rank)
    methods = frozenset(method.upper() for method in function.trigger.texts("methods"))
    pattern = re.compile(regex, re.IGNORECASE | re.DOTALL)
    return Route(function, template, methods, pattern, tuple(names), tuple(precedence))


def _segment(function: Function, segment: str) -> tuple[str, list[str], int]:
    """Regular expression, parameter names and rank of one segment of a template."""
    regex, names, last = "", [], 0
    rank = LITERAL
    for match in PARAMETER.finditer(segment):
        star, name, constraint, _ = match.groups()
        if constraint and constraint not in CONSTRAINTS:
            raise HostError(
                f"function {function.name}: the local host has no route constraint '{constraint}'"
            )
        names.append(name)
        regex += re.escape(segment[last : match.start()])
        regex += "(.*)" if star else f"({CONSTRAINTS.get(constraint, '[^/]+')})"
        rank = CATCH_ALL if star else CONSTRAINED if constraint else PLAIN
        last = match.end()
    tail = segment[last:]
    if "{" in tail or "}" in tail:
        raise HostError(f"function {function.name}: can't read the route segment '{segment}'")
    mixed = names and not PARAMETER.fullmatch(segment)
    return regex + re.escape(tail), names, MIXED if mixed else rank
