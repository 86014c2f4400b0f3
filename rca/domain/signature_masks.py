"""Masks for the parts of a message that change from run to run; the order of the steps matters."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Final, NamedTuple

type _Replacement = str | Callable[[re.Match[str]], str]

_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_DAY: Final = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?\s)?"
_CLOCK: Final = (
    r"\d{1,2}:\d{2}(?::\d{2}(?:[.,:]\d{1,9})?)?(?:\s?[ap]m\b)?(?:\s?(?:z|utc|gmt)\b|\s?[+-]\d{2}:?\d{2}\b)?"
)
_UNIT: Final = (
    r"(?:ns|us|µs|ms|msec|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?"
    r"|[kmgtp]i?b|bytes?|[kmg]b/s)"
)
_HOST: Final = (
    r"(?:worker|node|host|server|srv|executor|exec|vm|vmss|pod|shir|agent|runner|broker|replica|instance|container"
    r"|driver|core|slave|master|nodepool)"
)
_NAMED_HOST: Final = r"(?:host|hostname|server|node|machine|instance|vm|pod|worker|executor|broker)"
_COUNTED: Final = (
    r"(?:attempt|try|retry|retries|task|stage|tid|job|run|batch|chunk|thread|worker|pool|process|pid|shard|rdd|epoch"
    r"|offset|line|row|record|port|executor|partition|part|spid|session|statement|query|step|iteration|char|pos"
    r"|position|byte)"
)
_CODED: Final = (
    r"(?:error|err|errno|ora|code|errorcode|error_code|status|statuscode|status_code|http|https|sqlstate|sqlcode|(?:sql)?error\s?number"
    r"|exit|returned|signal|hresult|msg|category|column|col|field|ordinal|response|rc)"
)
_K8S: Final = "bcdfghjklmnpqrstvwxz2456789"
"""Letters of generated pod names (`SafeEncodeString`, apimachinery/pkg/util/rand)."""

_GUID: Final = r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
_IP4: Final = r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}"
_DATA_TYPE: Final = r"(?:decimal|numeric|n?varchar2?|n?char|varbinary|binary|number|timestamp|datetime2)"


def _keys_only(match: re.Match[str]) -> str:
    names = [re.split("[=:]", part, maxsplit=1)[0].strip(" '") for part in match[1].split(",")]
    return f"partition ({', '.join(names)})"


def _without_digits(match: re.Match[str]) -> str:
    return re.sub(r"\d+", "#", match[0].translate(_UNSHIELD))


def _identifier(match: re.Match[str]) -> str:
    """Mask a word that mixes letters and digits as only generated ids do; keep names such as `utf8` or `s3a`."""
    word = match[0]
    digits = sum(map(str.isdigit, word))
    if not 0 < digits < len(word):
        return word
    turns = sum(one.isdigit() != other.isdigit() for one, other in pairwise(word))
    is_hex = len(word) >= 8 and set(word) <= _HEX_DIGITS
    return "#" if turns >= 4 or is_hex or (len(word) >= 16 and digits >= 4) else word


_DIGIT: Final = re.compile("[\\d\ue000-\ue009]")
_HEX_DIGITS: Final = frozenset("0123456789abcdef")


def _number(match: re.Match[str]) -> str:
    return match[0] if match["code"] or match["version"] or match["type"] or match["kept"] else "#"


_CODES: Final = re.compile(
    rf"(?<![A-Za-z0-9_/.-])(?!(?i:{_HOST}|ip|tid|pid|run|job|task|part|attempt)[-_]?\d)"
    r"[A-Z]{1,12}(?:-[A-Z]{2,12}){0,3}-?\d{2,7}(?![A-Za-z0-9_.-])"
    r"|\b0[xX]8[0-9A-Fa-f]{7}\b"
    r"|(?<=\()[1-5]\d\d(?=\))"
    r"|(?:\b\d{6}\s)?\((?=[0-9A-Z]{0,4}\d)[0-9A-Z]{5}\)"
)
"""Codes told by their form: ORA-00942, AADSTS50126, DF-SYS-01, HRESULTs, `(404)`, SQLSTATEs; digits are shielded."""
_SHIELD: Final = {ord("0") + digit: 0xE000 + digit for digit in range(10)}
_UNSHIELD: Final = {0xE000 + digit: ord("0") + digit for digit in range(10)}

_MONTH_NAMES: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HOST_NAMES: Final = tuple(_NAMED_HOST[3:-1].split("|"))
_HOST_WORDS: Final = tuple(_HOST[3:-1].split("|"))


class _Mask(NamedTuple):
    """What is replaced by what; only in lines that have one of `needs` and, if `digits`, a digit."""

    expression: re.Pattern[str]
    replacement: _Replacement
    needs: tuple[str, ...] = ()
    digits: bool = False


_MASKS: Final = (
    _Mask(re.compile(r"[\"`\u2018\u2019\u201c\u201d\u00b4]"), "'"),
    # Times and dates, in text, names and paths
    _Mask(
        re.compile(
            r"(?<!\d)\d{4}-\d{2}-\d{2}[t _]\d{2}[:_-]?\d{2}(?:[:_-]?\d{2})?(?:[.,]\d{1,9})?"
            r"(?:z\b|\s?[+-]\d{2}:?\d{2}\b|\s?utc\b)?"
        ),
        "<t>",
        ("-",),
        digits=True,
    ),
    _Mask(re.compile(r"(?<!\d)\d{8}t\d{4,6}(?:\.\d{1,9})?z?(?![0-9])"), "<t>", ("t",), digits=True),
    _Mask(
        re.compile(
            rf"(?<![a-z0-9]){_DAY}(?:{_MONTH}\s\d{{1,2}},?|\d{{1,2}}[- ]{_MONTH}[- ,])\s?(?:\d{{4}}\s)?(?:\d{{4}}\b)?"
            rf"(?:{_CLOCK})?(?:\s\d{{4}}\b)?"
        ),
        "<t>",
        _MONTH_NAMES,
        digits=True,
    ),
    _Mask(
        re.compile(
            rf"(?<!\d)(?:19|20)\d{{2}}([-/._])\d{{1,2}}\1\d{{1,2}}(?:[/ ]\d{{1,2}}(?=/)|\s{_CLOCK})?(?!\d)"
        ),
        "<t>",
        ("19", "20"),
        digits=True,
    ),
    _Mask(
        re.compile(rf"(?<!\d)\d{{1,2}}([-/.])\d{{1,2}}\1(?:19|20)\d{{2}}(?:,?\s{_CLOCK})?(?!\d)"),
        "<t>",
        ("19", "20"),
        digits=True,
    ),
    _Mask(
        re.compile(r"(?<=/)(?:19|20)\d{2}/(?:0[1-9]|1[0-2])(?:/\d{1,2}){0,2}(?=/)"),
        "<t>",
        ("/19", "/20"),
        digits=True,
    ),
    _Mask(re.compile(rf"(?<![\d.:]){_CLOCK}(?![\d:])"), "<t>", (":",), digits=True),
    _Mask(
        re.compile(r"\b(?:manual|scheduled|backfill|dataset_triggered|asset_triggered)__"), "run__", ("__",)
    ),
    # Partition values: Hive path segments and SQL clauses
    _Mask(re.compile(r"(?<=/)([a-z_]\w{0,63})=[^/\s'\",;)]+"), r"\1=*", ("=",)),
    _Mask(re.compile(r"\bpartitions?\s?[(\[{]([^()\[\]{}]{1,500})[)\]}]"), _keys_only, ("partition",)),
    _Mask(re.compile(r"\b(partition\s'?[a-z_]\w{0,63})=[^\s,;]+"), r"\1=*", ("partition",)),
    # Ids
    _Mask(re.compile(rf"(?<![0-9a-f]){_GUID}(?![0-9a-f])"), "#", digits=True),
    _Mask(re.compile(r"(?<![0-9a-z])\d{4}-\d{6}-[0-9a-z]{4,12}\b"), "#", ("-",), digits=True),
    _Mask(re.compile(r"(?<=[a-z\w]@)[0-9a-f]{4,16}\b"), "#", ("@",)),
    _Mask(re.compile(r"\b0x(?!8[0-9a-f]{7}\b)[0-9a-f]+\b"), "#", ("0x",)),
    _Mask(re.compile(r"(?<=/tmp/)[\w.-]{6,}"), "#", ("tmp/",)),
    _Mask(re.compile(r"(?<=://)([^\s'<>?]{1,1000})\?[^\s'<>]*"), r"\1", ("?",)),
    _Mask(re.compile(rf"-(?=[a-z]{{0,9}}\d)[{_K8S}]{{6,10}}-[{_K8S}]{{5}}\b"), "-#", ("-",), digits=True),
    _Mask(re.compile(rf"-(?=[a-z]{{0,4}}\d)[{_K8S}]{{5}}\b"), "-#", ("-",), digits=True),
    _Mask(re.compile(r"\bo\d+(?=\.\w)"), "o#", (".",), digits=True),
    # Addresses
    _Mask(re.compile(rf"(?<![\d.])(?:{_IP4})(?::\d{{1,5}})?(?![\d.]\d)"), "<ip>", (".",), digits=True),
    _Mask(re.compile(r"(?<![0-9a-z:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,8}(?![0-9a-z:])"), "<ip>", (":",)),
    _Mask(re.compile(r"(?<![a-z0-9])ip(?:-\d{1,3}){4}(?![0-9])"), "<ip>", ("ip-",), digits=True),
    _Mask(re.compile(r"(?<=[a-z0-9>\]]:)\d{2,5}(?![\w.])"), "#", (":",), digits=True),
    # Hosts and counters with a number of their own
    _Mask(re.compile(r"vmss[0-9a-z]{6}\b"), "vmss#", ("vmss",)),
    _Mask(
        re.compile(rf"\b{_NAMED_HOST}['\s:=]{{1,3}}(?!error|code|msg)[a-z][\w.\ue000-\ue009-]{{1,100}}"),
        _without_digits,
        _HOST_NAMES,
        digits=True,
    ),
    _Mask(
        re.compile(rf"(?<![a-z0-9]){_HOST}[-_ #:]{{0,2}}(?:id\s)?\d+[a-z0-9]{{0,8}}(?![a-z0-9])"),
        "<host>",
        _HOST_WORDS,
        digits=True,
    ),
    _Mask(
        re.compile(r"(?<![\w.-])([a-z][a-z-]{1,30})\d{1,5}(?=(?:\.[a-z0-9-]{1,63}){2,6}(?![\w.]))"),
        r"\1#",
        (".",),
        digits=True,
    ),
    _Mask(
        re.compile(
            rf"(?<![a-z])({_COUNTED})(?:\s?(?:[-_#:=]|no\.|id|number))?\s?\d+(?:[._-]\d+)*(?![a-z0-9])"
        ),
        r"\1 #",
        digits=True,
    ),
    _Mask(re.compile(r"\b(line #(?:[,:]|\s)\s?(?:column|col)\.?)\s\d+"), r"\1 #", ("line #",), digits=True),
    # Measures: number and unit together, so that `120 s` and `2 minutes` are alike
    _Mask(
        re.compile(
            rf"(?<![\w.])\d+(?:[.,]\d+)*\s?{_UNIT}(?:,?\s?(?:and\s)?\d+(?:\.\d+)?\s?{_UNIT})*(?![a-z0-9])"
        ),
        "<n>",
        digits=True,
    ),
    _Mask(re.compile(r"(?<![0-9a-z])(?=[a-z]*\d)[0-9a-z]{5,}"), _identifier, digits=True),
    # What is left of the digits: codes, versions, type lengths and short numbers within names stay
    _Mask(
        re.compile(
            rf"(?P<code>(?<![a-z]){_CODED}(?:/\d\.\d)?[\s:=#_'(\[-]{{0,4}}(?:is\s|was\s|code\s)?[:=]?\s?'?"
            r"(?:0x[0-9a-f]{1,8}|-?\d{1,7})(?![\w.]\d)(?!\d)(?!\sof\s#|\sof\s\d))"
            r"|(?P<version>(?<=[=<>~:v-])\d+(?:\.\d+){1,3}(?![\w.]\d))"
            rf"|(?P<type>(?<![a-z]){_DATA_TYPE}\s?\(\d{{1,5}}(?:,\s?\d{{1,3}})?\))"
            r"|(?P<kept>(?<=[a-z_])\d{1,3}(?!\d)|(?<![a-z0-9_.-])\d{1,3}(?=[a-z_]{1,40}\b))"
            r"|[+-]?\d+(?:[.,]\d+)*%?"
        ),
        _number,
        digits=True,
    ),
    _Mask(re.compile(r"#(?:[\s,:;/._-]{1,2}#)+"), "#", ("#",)),
    _Mask(re.compile(r"<t>(?:[\s,/._-]{0,2}(?:<t>|#(?=[\s/_.-])))+"), "<t>", ("<t>",)),
    _Mask(re.compile(r"\s{2,}|[^\S ]"), " "),
)


def mask(line: str) -> str:
    """Return one line in lower case with everything masked that changes from run to run."""
    line = _CODES.sub(lambda match: match[0].translate(_SHIELD), line).lower()
    numbered = _DIGIT.search(line) is not None
    for expression, replacement, needs, digits in _MASKS:
        if (numbered or not digits) and (not needs or _has_any(needs, line)):
            line = expression.sub(replacement, line)
    return line.translate(_UNSHIELD).strip(" .,;:!-")


def _has_any(texts: tuple[str, ...], line: str) -> bool:
    for text in texts:  # noqa: SIM110 - a generator takes twice as long
        if text in line:
            return True
    return False
