"""What stands between a model and a ticket.

Remediation, action, retries and documentation come from the catalog alone; the severity does not fall below the
catalog's, and rises by one step at most. A confident finding keeps its classification. Text of the model is
redacted, bounded and rid of links, since it may repeat what an attacker wrote into a log.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from rca.analysis.answer import Answer, Statement
from rca.analysis.context import Guidance
from rca.domain.analysis import Analysis
from rca.domain.redaction import redact
from rca.domain.vocabulary import Category, Confidence, Severity

LONGEST_CAUSE: Final = 4_000
LONGEST_STEP: Final = 600
LONGEST_ENTITY: Final = 300
MOST_STATEMENTS: Final = 6
MOST_STEPS: Final = 6
REMOVED: Final = "[link removed]"

_DATA_HOSTS: Final = (
    ".windows.net",
    ".amazonaws.com",
    ".googleapis.com",
    ".azuredatabricks.net",
    ".snowflakecomputing.com",
)
_DATA_SCHEMES: Final = re.compile(
    r"abfss?|adl|amqps?|dbfs|gs|hdfs|jdbc|kafka|mongodb|mysql|oracle|postgres(?:ql)?|rediss?|s3[an]?|snowflake"
    r"|sqlserver|volumes|wasbs?"
)
_MARKDOWN: Final = re.compile(r"!?\[([^\[\]\n]{0,300})\]\([^()\n]{0,2000}\)")
_ANGLED: Final = re.compile(r"<(https?://[^<>|\s]{1,2000})(?:\|[^<>\n]{0,300})?>", re.IGNORECASE)
_URL: Final = re.compile(r"\b([a-z][a-z0-9+.-]{0,30}):(?:\[?/){2}[^\s<>\"'`]*", re.IGNORECASE)
_OTHER: Final = re.compile(
    r"\b(?:mailto|javascript|data|tel|vbscript):[^\s<>\"'`]+|\bwww\.[^\s<>\"'`]+", re.I
)
_BARE: Final = re.compile(
    r"(?<![\w/@.:-])((?:[a-z0-9-]{1,63}\.){1,6}(?:com|net|org|io|dev|app|info|biz|xyz|site|online|top|cloud|link|click"
    r"|ru|cn|tk|co|me|sh|gg|to|ly))/[^\s<>\"'`]*",
    re.IGNORECASE,
)
_CITATION: Final = re.compile(r"\s?\[E\d{1,3}(?:\s?,\s?E\d{1,3}){0,20}\]")
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_TRAILING: Final = ".,;:!?)]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The analysis that a ticket may show, and the ids of the evidence that its cause cites."""

    analysis: Analysis
    cited: tuple[str, ...]


def merge(
    answer: Answer, finding: Analysis, guidance: Guidance, *, known: Collection[str], provider: str
) -> Judged:
    """Take a model's answer as far as it may be trusted; `finding` is the catalog's, `known` the ids of evidence."""
    links = frozenset(filter(None, (finding.documentation, *guidance.runbooks)))
    keeps = _keeps_classification(answer, finding)
    agrees = answer.category is finding.category
    statements = answer.cause[:MOST_STATEMENTS]
    steps = tuple(filter(None, (clean(step, LONGEST_STEP, links) for step in answer.recommendations)))
    analysis = replace(
        finding,
        error_type=finding.error_type if keeps else answer.error_type,
        category=finding.category if keeps else answer.category,
        severity=_severity(answer, finding.severity),
        root_cause=_cause(statements, known, links) or finding.root_cause,
        recommendations=steps[:MOST_STEPS] or finding.recommendations,
        confidence=_confidence(answer, known, disputed=keeps and not agrees),
        affected_entity=clean(answer.affected_entity, LONGEST_ENTITY, links) or finding.affected_entity,
        provider=provider,
    )
    cited = dict.fromkeys(key for part in statements for key in part.evidence if key in known)
    return Judged(analysis=analysis, cited=tuple(cited))


def advise(analysis: Analysis, guidance: Guidance) -> Analysis:
    """Add what the operators' context says for this failure: runbooks and the rollback hint, in their own words."""
    extra = [f"Runbook: {link}" for link in guidance.runbooks]
    if guidance.rollback:
        extra.insert(0, guidance.rollback)
    missing = [step for step in extra if step not in analysis.recommendations]
    return replace(analysis, recommendations=(*analysis.recommendations, *missing))


def clean(text: str, limit: int, links: Collection[str] = ()) -> str:
    """Make a model's text fit to show: redacted, on one line, at most `limit` characters, no links but `links`."""
    text = text[: 4 * limit + 4_000]
    text = redact(_INVISIBLE.sub("", text))
    text = _MARKDOWN.sub(r"\1", text)
    text = _ANGLED.sub(r"\1", text)
    text = _URL.sub(lambda match: _kept(match, links), text)
    text = _BARE.sub(_kept_bare, _OTHER.sub(REMOVED, text))
    text = " ".join(_CITATION.sub("", text).split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _kept(match: re.Match[str], links: Collection[str]) -> str:
    """Keep links of the catalog; show data on cloud storage without the scheme that makes it a link."""
    whole = match[0]
    url = whole.rstrip(_TRAILING)
    rest = whole[len(url) :]
    if url in links:
        return whole
    scheme = match[1].lower()
    if _DATA_SCHEMES.fullmatch(scheme):
        return whole
    if scheme in ("http", "https"):
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return REMOVED + rest
        if host.endswith(_DATA_HOSTS):
            return f"{host}{parts.path}{rest}"
    return REMOVED + rest


def _kept_bare(match: re.Match[str]) -> str:
    return match[0] if match[1].lower().endswith(_DATA_HOSTS) else REMOVED


def _keeps_classification(answer: Answer, finding: Analysis) -> bool:
    """Whether the catalog's error type and category stand.

    They do where it is sure, and where they carry a remediation: else the ticket would show one thing and do another.
    A model may not call off an incident.
    """
    sure = finding.confidence in (Confidence.VERY_HIGH, Confidence.HIGH)
    told = finding.category is not Category.UNKNOWN
    calls_off = answer.category is Category.CANCELLED
    return (told and sure) or finding.remediable or calls_off or answer.category is Category.UNKNOWN


def _severity(answer: Answer, floor: Severity) -> Severity:
    if answer.severity.rank >= floor.rank or answer.confidence is Confidence.LOW:
        return floor
    return list(Severity)[floor.rank - 1]


def _confidence(answer: Answer, known: Collection[str], *, disputed: bool) -> Confidence:
    """Lower what the model claims: no evidence named means Low, unknown ids or a dispute cost a step."""
    ids = [set(part.evidence) for part in answer.cause]
    if not ids[0] & set(known):
        return Confidence.LOW
    order = list(Confidence)
    steps = 0
    steps += any(not cited & set(known) for cited in ids)
    steps += any(cited - set(known) for cited in ids)
    rank = min(order.index(answer.confidence) + steps, len(order) - 1)
    return order[max(rank, order.index(Confidence.MEDIUM))] if disputed else order[rank]


def _cause(statements: tuple[Statement, ...], known: Collection[str], links: Collection[str]) -> str:
    """Write the statements as one text, each with the ids that it rests on: `The table is gone. [E1, E2]`."""
    written: list[str] = []
    room = LONGEST_CAUSE
    for part in statements:
        ids = dict.fromkeys(key for key in part.evidence if key in known)
        marks = f" [{', '.join(ids)}]" if ids else ""
        text = clean(part.statement, max(room - len(marks) - 1, 1), links)
        if not text or room < LONGEST_CAUSE // 20:
            continue
        written.append(text + marks)
        room -= len(written[-1]) + 1
    return " ".join(written)
