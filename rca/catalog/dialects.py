"""Error numbers in the notations of the systems that report them, written as one kind of code.

Numbers are the same in every language and wrapper, but mean something only together with their notation: 1205 is a
deadlock of SQL Server and a lock wait of MySQL. A catalog entry lists them as `MSSQL-1205`, `MYSQL-1205`,
`SQLSTATE-28P01` (or the class, `SQLSTATE-28`), `HTTP-503`, `ERRNO-ENOSPC`, `GRPC-UNAVAILABLE`, `EXIT-137`,
`SNOWFLAKE-390144`, `TERADATA-3807`, `ORA-01017`, `AADSTS50126` (or `AADSTS` for the rest).
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rca.catalog.anchors import has_any

_MOST_EACH: Final = 20


@dataclass(frozen=True, slots=True)
class _Notation:
    """How one system writes its codes: `cues`, one of which is always there, the expression, and the family name."""

    family: str
    cues: tuple[str, ...]
    expression: re.Pattern[str]
    class_length: int = 0
    """Where a code begins with the name of its class: that many characters."""


def _notation(family: str, cues: tuple[str, ...], expression: str, class_length: int = 0) -> _Notation:
    return _Notation(family, cues, re.compile(expression, re.VERBOSE), class_length)


_ERRNO_NAMES: Final = (
    "e(?:nospc|dquot|acces|perm|noent|connrefused|connreset|pipe|connaborted|timedout|hostunreach|netunreach|mfile|nfile"
    "|nomem|rofs|exist|addrinuse|io|stale|nametoolong|notfound|notconn|sockettimedout|isdir|notdir)"
)
_NOTATIONS: Final = (
    _notation(
        "sqlstate",
        ("sqlstate", "sql state", "pgcode", "('", "error: ", ") sql", "error [", "]"),
        r"""(?:sql\ ?state|pgcode)["']?[\s:=\[(]{1,4}["']?([0-9a-z]{5})\b
        |\('([0-9][0-9a-z]{4}|hy[0-9t]\d\d|im\d{3})',|(?<!\w)error:?\ {1,3}([0-9][0-9a-z]{4}):
        |error\ \[([0-9a-z]{5})\]|\[([0-9][0-9a-z]{4}|hy[0-9t]\d\d|im\d{3})\]\ ?\[
        |error\ \d{4}\ \(([0-9a-z]{5})\)""",
        class_length=2,
    ),
    _notation(
        "mssql",
        (
            "sqlerrornumber",
            "msg ",
            "error number",
            "(sql",
            "severity",
            "sql server",
            "sqlserver",
            "sqlclient",
            "nummer",
            "sql error",
            "sqlexception",
            "sql database",
        ),
        r"""sqlerrornumber["']?\ ?[=:]\ ?["']?(\d{2,5})\b|\bmsg\ (\d{2,5}),\ (?:level|ebene|niveau|nivel)
        |error\ number\ ?[:=]\ ?(\d{2,5})\b|sql\ error\ number["']?\ ?[:=]\ ?["']?(\d{2,5})\b
        |\((\d{2,5})\)\ \(sql\w{3,20}\)|\berror:?\ (\d{2,5}),\ (?:severity|sev)|fehlernummer:?\ (\d{2,5})\b
        |(?:sql\ server|sqlserver)\ (?:error|fehler)(?:\ code)?:?\ ?(\d{2,5})\b
        |\(microsoft\ sql\ server,\ [^\d\n)]{1,20}(\d{2,5})\)
        |\bsql\ error\ ?(?:code)?[:=]?\ ?(\d{3,5})\b(?!.{0,40}sqlstate)|\(error:\ ?(\d{3,5})\b""",
    ),
    _notation(
        "mysql",
        (
            "mysql",
            "mariadb",
            "error 1",
            "error 2",
            "operationalerror: (",
            "programmingerror: (",
            "integrityerror: (",
            "dataerror: (",
            "internalerror: (",
        ),
        r"""\b(?:operational|programming|integrity|data|internal|interface|notsupported)error:?\ \((\d{4}),
        |\berror\ (\d{4})\ \([0-9a-z]{5}\)
        |(?:mysql|mariadb)[^\n]{0,80}?(?:errno|error(?:\ code)?)[:=\ ]{1,3}\(?(\d{4})\b
        |\berror\ code:\ (\d{4})\.""",
    ),
    _notation("ora", ("ora-",), r"\bora-(\d{5})\b"),
    _notation("aadsts", ("aadsts",), r"\baadsts(\d{5,8})\b"),
    _notation(
        "snowflake",
        ("snowflake", "sql compilation", "sql execution", "): "),
        r"""(?:^|[\s:])0{0,3}(\d{3,6})\ \([0-9a-z]{5}\):
        |snowflake[^\n]{0,80}?\b0{0,3}(\d{3,6})\ \([0-9a-z]{5}\)
        |snowflake[^\n]{0,60}?(?:error\ ?code|errno|code)["']?\ ?[:=]\ ?["']?0{0,3}(\d{3,6})\b""",
    ),
    _notation(
        "teradata",
        ("teradata",),
        r"\[error\ (\d{4,5})\]|teradata[^\n]{0,120}?(?:error|failure)\ (\d{4,5})\b",
    ),
    _notation(
        "sqlcode",
        ("sqlcode", "sql0", "sql1", "sql3"),
        r"\bsqlcode[\"']?\ ?[=:]\ ?(-?\d{3,5})\b|\b(sql\d{4,5}n)\b",
    ),
    _notation(
        "http",
        (
            "http",
            "status",
            "returned",
            "client error",
            "server error",
            "response",
            "statuscode",
            " (4",
            " (5",
            "error 4",
            "error 5",
            "[4",
            "[5",
            "code",
            "answer",
            "antwort",
            "répond",
            "repond",
            "respondi",
            "got 4",
            "got 5",
            ": 4",
            ": 5",
        ),
        r"""(?<![\w.])(?:http(?:\ ?error|/[\d.]{1,3}"?|\ status(?:\ code)?|\ code|\ response(?:\ code)?)?
        |status\ ?code|statuscode|status_code|response\ code
        |httpstatuscode|response\ status(?:\ code)?|\bstatus|returned(?:\ error)?|server\ (?:error|returned
        |responded\ with))
        (?:\ (?:of|is|was|code|error|with))?["']{0,2}[\s:=(\[]{1,4}(?:http\ )?["']?([45]\d\d)\b
        (?!\.\d|\ (?:\w{1,20}\ )?(?:rows?|records?|results?|items?|files?|lines?|bytes|messages|entries
        |times))
        |\b(?:answer(?:s|ed)|r[ée]pond(?:u|it)|antwortete?|respondi[oó]|got)\ (?:with\ |mit\ |avec\ |con\ )?([45]\d\d)\b
        |(?<![\w.-])([45]\d\d)\ (?:client|server)\ error|(?:error|\berr)[:\ ]{1,3}\(([45]\d\d)\)
        |^([45]\d\d)[\ :]{1,2}(?=not|bad|un|forbid|too|internal|service|gateway|conflict|precond|request
        |method|access|quota|exceeded|get|post|put)
        |(?<=exceptions\.)\w{3,40}:\ ([45]\d\d)\ |\bapierror[:(\ ]{1,3}([45]\d\d)\b
        |\(([45]\d\d)\)\ ?(?:reason|forbidden|not\ found|unauthorized|bad|too|internal|service|gateway
        |conflict)
        |"(?:code|status)"\ ?:\ ?([45]\d\d)\b""",
    ),
    _notation(
        "grpc",
        ("statuscode.", "rpc error", "statusruntimeexception", "grpc"),
        r"statuscode\.([a-z_]{5,25})\b|rpc\ error:\ code\ =\ (\w{5,25})\b"
        r"|statusruntimeexception:\ ([a-z_]{5,25})\b"
        r"|grpc[^\n]{0,40}?status[:=\ ]{1,3}([a-z_]{5,25})\b",
    ),
    _notation(
        "exit",
        ("exit", "return code", "returncode", "retcode", "signal", "exited"),
        r"""(?:exit|return)[\s_-]?(?:code|status)["']?(?:\ of|\ is|\ was)?[\s:=]{0,4}["']?(-?\d{1,5})\b
        |exited\ with\ (?:code|status|exit\ code):?\ (-?\d{1,5})\b
        |exitcode["']?[\s:=]{1,3}(-?\d{1,5})\b|retcode[:=\ ]{1,2}(-?\d{1,5})\b|(signal\ ?\d{1,2}|sigkill
        |sigterm|sigsegv|sigabrt)\b""",
    ),
    _notation("errno", ("errno",), r"errno[\s:=]{1,3}(-?\d{1,5})\b"),
    _notation("errno", ("e",), rf"(?<![\w-])({_ERRNO_NAMES})(?![\w-])"),
)
_SIGNALS: Final = {"sigkill": "137", "sigterm": "143", "sigsegv": "139", "sigabrt": "134"}
_BY_SIGNAL_NUMBER: Final = 128
_PLACE_OF_AN_ERROR: Final = "06512"
"""Oracle names the lines of a procedure by a number of their own, behind the error itself."""
_SEPARATOR: Final = {"aadsts": ""}


def codes_in(lowered: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield the codes of a lower-case text with their position, each with the class that it belongs to, if any."""
    for notation in _NOTATIONS:
        if not has_any(notation.cues, lowered):
            continue
        for number, match in enumerate(notation.expression.finditer(lowered)):
            if number == _MOST_EACH:
                break
            value = next(group for group in match.groups() if group)
            if value == _PLACE_OF_AN_ERROR and lowered.count("ora-") > lowered.count("ora-06512"):
                continue
            yield tuple(_written(notation, value)), match.start()


def _written(notation: _Notation, value: str) -> Iterator[str]:
    family = notation.family
    if family == "errno":
        value = _errno_name(value)
    elif family == "exit":
        value = _exit_code(value)
    elif family == "grpc":
        value = value.replace("_", "")
    yield f"{family}{_SEPARATOR.get(family, '-')}{value}"
    if notation.class_length:
        yield f"{family}-{value[: notation.class_length]}"
    if family == "aadsts":
        yield family


def _errno_name(value: str) -> str:
    """Name an error number; negative ones are those of the name resolver, which other signs tell."""
    return errno.errorcode.get(int(value), value).lower() if value.isdigit() else value


def _exit_code(value: str) -> str:
    """Write a signal as the exit code that a shell makes of it: 9, -9 and SIGKILL are 137."""
    if value in _SIGNALS:
        return _SIGNALS[value]
    if value.startswith("signal"):
        return str(_BY_SIGNAL_NUMBER + int(value.removeprefix("signal")))
    return str(_BY_SIGNAL_NUMBER - int(value)) if value.startswith("-") else value
