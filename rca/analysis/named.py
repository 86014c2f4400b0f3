"""Picks the names out of a message that an engineer asks for first: what, where, in which table, on which host.

It sees redacted text only, takes no sentence over, and nothing of what tells the reader what to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rca.analysis.wording import is_name, is_plain_name, shown
from rca.catalog.template import flat

_MOST: Final = 4
_MOST_SEEN: Final = 120
_LOOKED_AT: Final = 4_000
"""Characters of the beginning and of the end of a message: names stand where the error is told."""
_NEAR: Final = 400
_CODE_SCORE: Final = 58
_LABELS: Final = {
    "pod": "pod", "persistentvolumeclaim": "volume claim", "pvc": "volume claim", "node": "node",
    "instance": "instance", "deployment": "deployment", "statefulset": "stateful set", "daemonset": "daemon set",
    "job_name": "job", "cronjob": "cron job", "horizontalpodautoscaler": "autoscaler", "container": "container",
    "topic": "topic", "consumergroup": "consumer group", "queue": "queue", "datname": "database",
    "database": "database", "dataset": "dataset", "table": "table", "column": "column", "dag_id": "DAG",
    "pool": "pool", "connector": "connector", "slot_name": "slot", "server": "server", "host": "host",
    "hostname": "host", "service": "service", "mountpoint": "mount point", "device": "device", "feed": "feed",
    "check": "check", "location": "location", "bucket": "bucket", "name": "", "namespace": "namespace",
    "cluster": "cluster", "job": "job",
}  # fmt: skip
"""Labels of an alert whose values are names, the most specific first, and what they are called in a sentence."""
_NOUN_LIST: Final = (
    "table view column field file path folder directory host server hostname endpoint pod container node"
    " namespace"
    " secret user login account principal role queue topic bucket blob share volume image database schema"
    " catalog"
    " warehouse cluster pool subnet vault keyvault connection variable dag task job pipeline activity"
    " dataset model"
    " index partition key constraint relation sequence function procedure package module library driver"
    " parameter"
    " property setting option workspace project service deployment runtime notebook script stream sensor"
    " broker"
    " registry certificate instance stage object tenant subscription rule feed connector slot store test"
    " branch repository tag zone region device tablespace group replica workflow configmap domain site"
    " circuit"
)
_NOUNS: Final = frozenset(_NOUN_LIST.split())
_BARE_NOUNS: Final = (
    "database|namespace|topic|queue|schema|container|bucket|user|role|warehouse|pool|account|workspace|tablespace"
    "|project|table|column|field|dag|dag_id|job|task|task_id|model|dataset|share|group|host|server|relation|vault"
    "|cluster|secret|image|view|file|module|parameter|variable|service|pipeline|domain|node|pod|activity|broker|app"
)
_QUOTED: Final = re.compile(
    r"(?<!\w)'([^'\n]{2,160})'(?![\w:]| :)|\"([^\"\n]{2,160})\"(?!\s?:)|`([^`\n]{2,160})`"
    r"|[«“„]\s?([^»”\n]{2,160}?)\s?[»”]"
)
"""A text in quotes that is not the name of a field."""
_WORD: Final = re.compile(
    r"(?<![\w.@/\\-])(?:[A-Za-z][\w+.-]{1,20}://[^\s'\"<>|,;`)\]}]{2,300}"
    r"|(?:[A-Za-z]:\\|\\\\|~?/|\.\.?/)[\w$~%@.+=:#\\/-]{2,200}"
    r"|[\w$][\w$~%@+]{0,80}(?:[./\\@:#-]{1,2}[\w$~%@+=]{1,80}){1,14})"
    r"|(?<![\w.@/\\-])[A-Za-z0-9]{1,60}_\w{1,100}"
)
_STATED: Final = re.compile(
    rf"(?<![\w-])(?:({_BARE_NOUNS})[\"']?\s?[:=]\s?[\"'\[(]?"
    r"|(database|namespace|topic|queue|schema|container|bucket|warehouse|pool|user|role|workspace"
    r"|tablespace)\s)"
    r"(\w[\w$-]{1,100})(?![\w@/\\-]|\.\w|\s?[=(])"
    r"(?=[,.;:)\]'\"\n|]|$| (?:in|on|of|at|from|is|has|had|was|to|by|does|failed|cannot|can't)\b)",
    re.IGNORECASE,
)
"""A plain word that only its place tells to be a name."""
_READS: Final = frozenset(
    {
        "in",
        "for",
        "on",
        "by",
        "into",
        "from",
        "reading",
        "writing",
        "join",
        "update",
        "tabla",
        "tabelle",
        "loading",
    }
)
_BEFORE: Final = re.compile(r"([A-Za-z]{2,20})(?: ?name|_id)?[\"']?[\s:=(\[]{1,3}[\"'`«“\[]?$", re.IGNORECASE)
_KIND_BEFORE: Final = re.compile(
    r"(?:code|status|reason|state|type|class|level|severity|version|errno|condition|phase"
    r"|result)[\"']?\s?[:= ]\s?[\"'\[(]?$",
    re.IGNORECASE,
)
"""What stands behind these says what happened, not to what."""
_FIELD_AFTER: Final = re.compile(r"\s?=|[\"']\s?:|\s?: ?[\"'\[{]|\(")
_TRACE: Final = re.compile(
    r"^\s*at [\w$.<>]+\(.*$|^\s*File \"[^\"\n]*(?:site-packages|dist-packages|/lib/python"
    r"|/airflow/(?:models|task|sdk)"
    r"|/databricks/|<frozen)[^\n]*$|\{[\w.-]+\.py:\d+\}|^\s*\.\.\. \d+ more$|Source=Microsoft[\w.]*"
    r"|'?Type=[A-Z][\w.]+|\[redacted:?[\w-]{0,30}\]@",
    re.MULTILINE,
)
_TRACE_CUES: Final = ("\tat ", " at ", 'File "', ".py:", "Type=", "Source=M", "[redacted")


@dataclass(frozen=True, slots=True)
class _Candidate:
    value: str
    noun: str
    score: int


def names_sentence(
    text: str,
    labels: Mapping[str, str],
    already: str,
    *,
    telling: str = "",
    code: str = "",
    aside: Callable[[int], bool] = lambda _: False,
) -> str:
    """Say in one sentence which names stand in a message and in an alert's labels; empty where none is left to tell.

    `already` is what was told so far, `code` the error code it was found by, `telling` the beginning of the line that
    tells most, and `aside` says whether what stands at a position of the text is mere advice.
    """
    told = already.casefold()
    chosen: list[_Candidate] = []
    candidates = [*_of_labels(labels), *_of_text(text, telling, aside)]
    if code:
        candidates.append(_Candidate(code, "code", _CODE_SCORE))
    for candidate in sorted(candidates, key=lambda each: -each.score):
        value = candidate.value.casefold()
        if value in told or any(_overlap(value, other.value.casefold()) for other in chosen):
            continue
        chosen.append(candidate)
        if len(chosen) == _MOST:
            break
    if not chosen:
        return ""
    return f"Named in the message: {', '.join(f'{each.noun} {each.value}'.strip() for each in chosen)}."


def _overlap(value: str, other: str) -> bool:
    return value in other or other in value


def _of_labels(labels: Mapping[str, str]) -> Iterator[_Candidate]:
    for position, (label, noun) in enumerate(_LABELS.items()):
        if label not in labels:
            continue
        value = flat(labels[label])
        if 1 < len(value) <= 120 and " " not in value and "[redacted" not in value:
            yield _Candidate(value, noun, 100 - position)


def _of_text(text: str, telling: str, aside: Callable[[int], bool]) -> Iterator[_Candidate]:
    centre = text.find(telling[:60]) if telling else -1
    seen = 0
    for offset, part in _parts(text):
        for start, value, noun, score in _found(part):
            at = offset + start
            near = 0 <= at - centre <= _NEAR if centre >= 0 else at < _NEAR
            score += 30 * near - 45 * aside(at) - min(seen, 9)
            seen += 1
            yield _Candidate(value, noun, score)
            if seen == _MOST_SEEN:
                return


def _parts(text: str) -> Iterable[tuple[int, str]]:
    if len(text) <= 2 * _LOOKED_AT:
        return ((0, _bare(text)),)
    end = len(text) - _LOOKED_AT
    return ((end, _bare(text[end:])), (0, _bare(text[:_LOOKED_AT])))


def _bare(text: str) -> str:
    """Blank the frames of libraries and the places of log calls, position by position."""
    if not any(cue in text for cue in _TRACE_CUES):
        return text
    return _TRACE.sub(lambda match: " " * len(match[0]), text)


def _found(text: str) -> Iterator[tuple[int, str, str, int]]:
    """Yield position, name, kind and weight of what looks like a name."""
    yield from _quoted(text)
    yield from _tokens(text)
    for match in _STATED.finditer(text):
        if is_plain_name(match[3], strict=True):
            yield match.start(3), match[3], (match[1] or match[2]).lower().removesuffix("_id"), 52


def _quoted(text: str) -> Iterator[tuple[int, str, str, int]]:
    for match in _QUOTED.finditer(text):
        start = match.start()
        name = shown(next(group for group in match.groups() if group))
        if not name or _KIND_BEFORE.search(text, max(0, start - 20), start):
            continue
        noun = _noun(text, start)
        if is_name(name, named=bool(noun)):
            yield start, name, noun, 70 if noun else 60
        elif is_plain_name(name, named=bool(noun)):
            yield start, name, noun, 66 if noun else 40


def _tokens(text: str) -> Iterator[tuple[int, str, str, int]]:
    for match in _WORD.finditer(text):
        start, end = match.span()
        name = shown(match[0])
        if not name or text[end : end + 1] == "(" or _KIND_BEFORE.search(text, max(0, start - 20), start):
            continue
        if "_" in name and _FIELD_AFTER.match(text, end):
            continue
        noun = _noun(text, start)
        if is_name(name, named=bool(noun) or _reads(text, start)):
            yield start, name, noun, 68 if noun else 50


def _noun(text: str, start: int) -> str:
    """Return the word before a name if it says what the name is of."""
    before = _BEFORE.search(text, max(0, start - 30), start)
    if before is None:
        return ""
    word = before[1].lower().removesuffix("name")
    if word == "service" and text[max(0, before.start() - 7) : before.start()].lower() == "linked ":
        return "linked service"
    return word if word in _NOUNS else ""


def _reads(text: str, start: int) -> bool:
    """Whether the word before says that a name follows, be it in capitals as a code is."""
    if text[start - 1 : start] == "=":
        return True
    before = _BEFORE.search(text, max(0, start - 30), start)
    return before is not None and before[1].lower() in _READS
