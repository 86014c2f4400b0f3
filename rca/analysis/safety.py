"""Decides whether the retry that an entry allows is safe for this very message; in doubt it is not."""

from __future__ import annotations

from typing import Final

from rca.catalog.breadth import Breadth
from rca.catalog.finding import Finding, Sign
from rca.catalog.matcher import Reading
from rca.catalog.phrases import Phrases
from rca.domain.vocabulary import Category, Source

_CLOSED: Final = frozenset(
    {
        Category.AUTHENTICATION, Category.AUTHORIZATION, Category.RESOURCE_MISSING, Category.SCHEMA,
        Category.DATA_QUALITY, Category.CODE, Category.CONFIGURATION,
    }
)  # fmt: skip
"""What no retry mends."""
_HARD_LIMIT: Final = Phrases(
    r"\b(?:daily|monthly|plan|licen[cs]e|billing|budget|credit)s?[ -](?:\w+ )?(?:quota|limit|cap|allowance)\b"
    r"|\b(?:subscription|account|storage|disk)[ -]quota\b|\bor higher required\b|\blimit for bytes billed"
    r"|\bbytes ?billed"
    r"|\bmax(?:imum)? (?:value|number) .{0,30}\breached\b.{0,60}\b(?:increase|raise|request)\b"
    r"|\b(?:statement|query) memory limit|\bcannot allocate enough memory|\bunblock\b|\bflush-hosts\b"
)
_SIGN_IN: Final = Phrases(
    r"\b(?:unauthori[sz]ed|unauthenticated|authentication (?:is )?required|multi-?factor|\bmfa\b"
    r"|invalid (?:credential|token"
    r"|password|signature|api key)|(?:token|password|secret|certificate|credentials?|key) (?:has |have "
    r"|is |was |are )?expired"
    r"|kerberos|gss ?initiate|gssapi|kinit|clock skew|access (?:is )?denied|permission denied"
    r"|not authorized|forbidden)\b"
)
_REFUSED_BEFORE: Final = Phrases(
    r"clock skew|gss initiate failed|\bkinit\b|authentication failed|\b401 unauthorized\b"
)
"""A sign-in that was refused counts even where it is only a warning before the last error."""
_WRITES: Final = Phrases(
    r"\b(?:insert into|insert|merge into|merge|upsert|commit(?:ting|ted)?|copy into|update|delete|put"
    r"|post|patch|posting"
    r"|writes?|writing|write_type|payment|transfer|booking|createtransaction|executebatch|save"
    r"|publish(?:ing)?)\b"
)
_ANSWER_LOST: Final = Phrases(
    r"timed?[ -]?out|no (?:response|answer|reply)|did not (?:respond|answer|reply)"
    r"|without (?:a )?(?:response|answer|reply)"
    r"|connection (?:was |has been |is )?(?:lost|dropped|broken|closed)|\blost connection|gateway time"
    r"|\b504\b|deadline exceeded"
    r"|server closed the connection"
)
_NOTHING_DONE: Final = Phrases(
    r"\bconnect(?:ion)? ?(?:attempt )?timed? ?out|connecttimeout|(?:could not|cannot|can't|failed to"
    r"|unable to) connect"
    r"|server ?selection|no primary|before (?:the )?(?:write|commit|statement)|failed to establish"
    r"|rolled back|rollback|was not (?:applied|committed|executed)|nothing was written"
    r"|\bread(?: |-)only\b"
)
_UNCERTAIN: Final = Phrases(
    r"(?:commit|transaction|write|update)\b.{0,40}\b(?:state|status|outcome|result) (?:is )?(?:unknown"
    r"|uncertain|in doubt)"
    r"|\bin-doubt\b|\bpartially (?:applied|written|committed)|may (?:or may not )?have been (?:applied"
    r"|written|committed)"
    r"|\bafter (?:the )?(?:submission|submit|(?:body|request) was sent)\b|\bid (?:was )?not returned\b"
    r"|\bhalf[- ](?:written|done)\b|\bafter (?:the )?commit\b|\b(?:while|during) (?:the )?commit"
)
_METRIC: Final = Phrases(
    r"\balerts?\b|\bprobes?\b|\bprobefailed\b|\bresource health\b|\b(?:greaterthan"
    r"|lessthan)(?:orequal)?\b|\bpt\d{1,3}[mh]\b"
    r"|\b(?:average|total|count|maximum|minimum) [\d.]{1,12}\b|\bstatuscode=\d{3}\b|\bqps\b|utili[sz]ation"
    r"|\b[\d.,]{1,9} (?:calls|requests|failures|hits|exceptions|errors|times)\b|\b(?:in|within"
    r"|since) \d{1,4} ?min|\d ?%"
)
"""What an alert on a metric or a log says, rather than a run that failed."""
_PROMPT: Final = frozenset({Category.NETWORK, Category.TIMEOUT, Category.PLATFORM})
_LOOKED_AT: Final = 6_000


def is_safe(source: Source, reading: Reading, finding: Finding) -> bool:
    """Whether nothing in the message speaks against the same try once more.

    Its words must not be like those of a cause that only a person mends. It must tell of no such cause, of no limit
    that is used up, and of no write whose end is unknown. And it must be of a run: a metric over its threshold has
    nothing to start again.
    """
    text = _ends(reading.stated)
    if finding.likelier in _CLOSED:
        return False
    if source is Source.AZURE_MONITOR and _METRIC.found_in(text):
        return False
    if any(_is_closed(rival, finding) for rival in reading.rivals):
        return False
    if _UNCERTAIN.found_in(text) or _HARD_LIMIT.found_in(text):
        return False
    told_by_platform = finding.sign is Sign.CODE or finding.entry.category is Category.QUOTA
    if not told_by_platform and (
        _SIGN_IN.found_in(text) or _REFUSED_BEFORE.found_in(_ends(reading.text.lower()))
    ):
        return False
    return not _may_have_written(finding, text)


def _is_closed(rival: Finding, finding: Finding) -> bool:
    """Whether another finding, which says no less, speaks for a cause that no retry mends."""
    if rival.entry.remediable or rival.entry.category not in _CLOSED or rival.breadth is Breadth.HINT:
        return False
    return rival.weight >= finding.weight


def _may_have_written(finding: Finding, text: str) -> bool:
    """Whether the answer to a write was lost: it may have taken effect."""
    if (
        finding.entry.category not in _PROMPT
        or not _ANSWER_LOST.found_in(text)
        or _NOTHING_DONE.found_in(text)
    ):
        return False
    return _WRITES.found_in(text)


def _ends(text: str) -> str:
    return text if len(text) <= 2 * _LOOKED_AT else f"{text[:_LOOKED_AT]}\n{text[-_LOOKED_AT:]}"
