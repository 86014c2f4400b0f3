"""Tells the name of a thing (a table, a host, a file) from the words, codes, classes and times around it."""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 150
_NO_NAME: Final = re.compile(
    r"[\d.,:%+-]+|v?\d[\d.]*\w{0,3}|0x[0-9a-f]+|[0-9a-f]{8}-[0-9a-f]{4}-.*|[0-9a-f]{16,}"
    r"|\d{4}[-/]\d\d[-/]\d\d.*|\d\d?:\d\d.*|[\d.]+(?:k|m|g|t)i?b?(?:/\d+)?|\d+(?:x|ms|s|h|d)?"
    r"|(?:\w+/){1,2}\d+|\d[\d.]*/\w+"
    r"|e\.g\.?|i\.e\.?|a\.k\.a\.?|n\.a\.?|u\.s\.?|and/or|or/and|yes/no|true/false|http/[\d.]+|tcp/ip|i/o|n/a"
    r"|(?:application|text|image)/[\w.+-]+|utf-?\d+(?:-\w+)?|iso-\d.*|tls[v_]?\d.*|sha-?\d+|x-[\w-]+",
    re.IGNORECASE,
)
_CODE: Final = re.compile(
    r"[A-Z]{2,12}-?\d{2,6}|[A-Z]{2,}(?:_[A-Z0-9]+)+(?:\.[A-Z0-9_]+)?|[A-Z]{2,}(?:-[A-Z0-9]{2,})+|AADSTS\d+"
)
_SYSTEM_PATH: Final = re.compile(r"/(?:bin|usr/(?:local/)?(?:s?bin|lib)|sbin|lib|proc|dev)/.*|/+")
_CLASS: Final = re.compile(
    r"(?:[a-z]\w*\.){1,12}(?:\w+[.$])*[A-Z]\w*|(?:org|com|java|javax|scala|py4j|sun|jdk|akka"
    r"|kotlin)\.[a-z][\w.$]+"
    r"|(?:Microsoft|System|Azure|SAP|Newtonsoft)\.\w[\w./]+"
    r"|[\w.$]*(?:Error|Exception|Warning|Interrupt)(?:[.:]\w*)?|\w+(?:::\w+)+|self\..*|\w+_?kwargs"
    r"|_?\w+\.(?:c|cc|cpp|java|scala|go|rs|cs)(?::\d+)?|/src/.*|mscorlib"
    r"|(?:\w*[iI]d|SystemTracker|Timestamp):.+|\d{3}:\w+"
)
_ABROAD: Final = re.compile(
    r"(?:https?://)?(?:www\.)?(?:learn|docs|support|go|aka|developer|help|kb|errors"
    r"|community)\.[\w.]+\.?(?:/.*)?"
    r"|(?:https?://)?(?:[\w-]+\.)?(?:github|stackoverflow|readthedocs|python|w3|rfc-editor|cloud\.google|aka)"
    r"\.(?:com|org|io|ms)(?:/.*)?",
    re.IGNORECASE,
)
_HOST: Final = re.compile(
    r"(?:[a-z0-9](?:[\w-]{0,62})\.){1,8}[a-z]{2,13}(?::\d{2,5})?|\d{1,3}(?:\.\d{1,3}){3}(?::\d{2,5})?"
    r"|[a-z0-9][\w-]{1,60}:\d{2,5}",
    re.IGNORECASE,
)
_URL: Final = re.compile(
    r"(?:jdbc:)?(?:https?|ftps?|sftp|wss?|amqps?|sb|grpcs?|ldaps?|mysql|mariadb|postgres(?:ql)?"
    r"|mongodb(?:\+srv)?|rediss?"
    r"|snowflake|sqlserver|hive2|clickhouse|trino|presto|kafka|thrift)://(?:[^/@\s]*@)?([^/?\s#;]+)",
    re.IGNORECASE,
)
_FILE: Final = re.compile(
    r".{1,140}\.(?:csv|tsv|txt|json|jsonl|ndjson|parquet|avro|orc|xml|xlsx?|xls[mb]|pdf|zip|gz|gzip|bz2"
    r"|zst|snappy|tar"
    r"|py|ipynb|sql|scala|sh|ps1|bat|cmd|r|jar|whl|egg|dtsx|ya?ml|toml|ini|conf|cfg|env|properties|log"
    r"|pem|crt|cer|pfx"
    r"|jks|key|dat|bin|pkl|h5|onnx|pt|db|so(?:\.\d+)*|dll|exe|html?|md|lock|tf|hql|inc|edi|fix|mdf|ldf"
    r"|bak|dump|dbf)",
    re.IGNORECASE,
)
_ORDINARY_LIST: Final = (
    "a an and any are as at auto back based be been built but by can case client cross data day did do"
    " does double"
    " down due east empty end error every fail failed file first for free from full good half hand has"
    " have high host"
    " if in internal into is it key last least level line log long lost low main max min missing more"
    " most multi name"
    " new no non north not null of off old on once one online only open or other out over own per please"
    " post pre"
    " quota read ready real retry role run safe same script second self server service short side sign"
    " single so"
    " south specific start sub system take than that the their then there this three time to too two type"
    " un up"
    " upper used user valid value very via was way well were west when where which while wide with work"
    " write wrong"
    " yet you your zero will would without within since still after before because being cannot could"
    " during each"
    " either exception expected found here instance instead like may might must needs never null now"
    " occurred required"
    " should some such these they unable under unknown until using version access denied timeout account"
    " names list"
    " contains details more info id ids index keys lookup node reached reports request requests response"
    " result row"
    " rows schema secret size state status step stopped table tables task tasks test total update view"
    " warning"
    " columns column database object objects not-null server-side quoted invalid required configured"
    " limit memory"
    " constraint violation refused closed reset exceeded exists called named running started ended killed"
    " added"
    " ssl sql http https json xml none true false get put delete failure errors message code reason"
    " source sink type"
    " input output format string number integer int date decimal double float varchar boolean long text"
    " array struct"
    " already active activity alert assigned attempt available big block busy cache call check choose"
    " command commit"
    " connection container context control count create created current default deadline deployment"
    " description"
    " directory disk driver dropped field fields fires firewall function group handler head health idle"
    " image import"
    " insert job jobs join kernel latest library load local location lock login manager metadata metric"
    " mode model"
    " module network notebook operation option owner package page parameter partition password path"
    " permission pipeline"
    " plan platform pod pods pool port principal process program project property provider query queue"
    " quite range"
    " reader record records region remote replica resource rights root rule scale scheduler scope script"
    " section select"
    " sensor session set setting share shared site slot spec stage stale storage store stream subnet tag"
    " target tenant"
    " text thread throttled token topic trigger upstream usage uses volume volumes wait warehouse worker"
    " workspace"
    " zone unreachable unavailable unhealthy"
)
_ORDINARY: Final = frozenset(_ORDINARY_LIST.split())
_WORD_ENDS: Final = (
    "ed", "ing", "ly", "tion", "sion", "ment", "ance", "ence", "ity", "ness", "ure", "able", "ible", "ful",
    "less", "ive",
)  # fmt: skip
"""How ordinary words end that stand where a name might."""
_PARTS: Final = re.compile(r"[-_./: ]+")
_ORDER_WORDS: Final = re.compile(
    r"\b(?:is|are|was|were|be|not|cannot|could|has|have|will|must|should|please|failed)\b"
)
_FEWEST_PARTS: Final = 3
_LONG_PART: Final = 6
"""`stpublic/exports` names something, `rows/day` does not."""


def shown(value: str) -> str:
    """Return a name as it is shown: without the marks around it, an address without path, query and sign-in."""
    if "[redacted" in value or "redacted:" in value:
        return ""
    value = value.strip(" \t'\"`.,;:()[]{}<>|=*“”«»").removesuffix("\\").removesuffix(":line")
    if match := _URL.match(value):
        return match[1].rstrip(".,;:")
    value = value.split("?", 1)[0] if "://" in value else value
    if "=" in value and "/" not in value:
        value = value.rsplit("=", 1)[1]
    return value if len(value) <= _LONGEST else f"…{value[-_LONGEST:]}"


def is_name(value: str, *, named: bool = False) -> bool:
    """Whether a token with marks inside (dots, slashes, dashes) is the name of a thing, not a code, class or time.

    `named` says that the word before it tells what it is the name of.
    """
    if not 3 <= len(value) <= _LONGEST + 1 or " " in value or not any(map(str.isalnum, value)):
        return False
    if _ABROAD.fullmatch(value) or _SYSTEM_PATH.fullmatch(value):
        return False
    if _FILE.fullmatch(value) or "://" in value:
        return not value.lower().startswith("self.")
    if _NO_NAME.fullmatch(value) and not _HOST_NUMBER.fullmatch(value):
        return False
    if (_CODE.fullmatch(value) and not named) or _CLASS.fullmatch(value):
        return False
    if value[0] in "/\\~" or value[1:3] == ":\\":
        return any(map(str.isalpha, value))
    if _HOST.fullmatch(value) and ("." in value or ":" in value):
        return not all(part in _ORDINARY for part in _PARTS.split(value.lower()) if part)
    return _is_compound(value)


_HOST_NUMBER: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?::\d{2,5})?")


def _is_compound(value: str) -> bool:
    """Whether parts joined by marks make up a name: `sales.orders`, `kv-core`, but not `read-only` or `and/or`."""
    parts = [part for part in _PARTS.split(value.lower()) if part]
    if len(parts) < 2 or any(character in value for character in "(){}<>$%=,;|"):
        return False
    if "_" in value or any(character.isdigit() for character in value):
        return any(part not in _ORDINARY for part in parts)
    if "/" in value and "-" not in value and "." not in value:
        return any(part not in _ORDINARY and len(part) >= _LONG_PART for part in parts)
    ordinary = sum(part in _ORDINARY or len(part) < 2 for part in parts)
    return ordinary == 0 or (
        len(parts) >= _FEWEST_PARTS and ordinary < len(parts) - 1 and parts[1] not in {"to", "of"}
    )


def is_plain_name(value: str, *, named: bool = False, strict: bool = False) -> bool:
    """Whether a quoted word is a name; several only where the word before them says so (`named`).

    `strict` is for a word that is not quoted and only stands where a name would.
    """
    if not 2 <= len(value) <= 60 or value.lower() in _ORDINARY or _NO_NAME.fullmatch(value):
        return False
    words = value.split()
    if len(words) > (_FEWEST_PARTS if named else 1) or not any(map(str.isalpha, value)):
        return False
    if any(character in value for character in "(){}[]<>=;|,:!?\\/") or _CLASS.fullmatch(value):
        return False
    if _CODE.fullmatch(value) and not named:
        return False
    if _ORDER_WORDS.search(value.lower()):
        return False
    if not strict:
        return True
    return value.lower() == value and not value.endswith(_WORD_ENDS) and not value.isdigit()
