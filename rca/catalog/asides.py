"""Tells what a message states from what it only mentions.

Advice, possible causes, links, earlier tries and instructions to the reader stand in many messages beside the error
itself. They count only where nothing else does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from rca.catalog.anchors import has_any

_CUES: Final = (
    "check", "verify", "ensure", "make sure", "confirm", "consider", "try ", "see ", "refer to",
    "for more", "for details",
    "learn more", "hint", "tip:", "suggest", "recommend", "possibl", "common ", "perhaps", "maybe",
    "probably", "likely",
    "usually", "often ", "typically", "to fix", "to resolve", "to solve", "if ",
    "is the server running", "did you",
    "you can", "you may", "you might", "troubleshoot", "may ", "might ", "could be", "can be", "retry",
    "retried",
    "attempt", "not due to", "not caused", "not related", "nothing to do with", "unrelated", "ignore",
    "disregard",
    "system prompt", "you are ", "mark ", "classify", "treat this", "respond with", "remediable",
    "http", "info", "warn",
    "debug", "trace", "überprüfen", "bitte", "vérifie", "compruebe", "verifique", "controlla",
    "solution", "runbook",
    "to avoid", "potential", "prompt", "instructions", "previous", "last run", "earlier", "yesterday",
    "can happen",
    "assistant", "expected behavior", "no longer", "next step", "ai:", "ai ", "llm", "reply", "answer", "model,",
    "model:", "triage", "root_cause", "chatbot",
)  # fmt: skip
"""Plain texts, one of which stands in every aside: messages without them are not looked at any further."""

_ADVICE: Final = re.compile(
    r"""^[\W\d]{0,8}(?:please|kindly|check|verify|ensure|make\ sure|confirm|consider|try\ (?:again|to|the
    |using|re|with|a)
      |see\ (?:https?|the|also|more|our|your|docs|documentation|troubleshoot)|refer\ to|for\ (?:more
      |details|additional|further)
      |(?:learn|read)\ more|hints?\b|tips?\b|suggest|recommend|possible\ (?:causes?|reasons?|solutions?
      |fix)|common\ causes?
      |next\ steps?|potential\ (?:cause|reason)|to\ (?:fix|resolve|solve|work\ around|mitigate|avoid
      |troubleshoot)
      |if\ |is\ the\ server\ running|did\ you|you\ (?:can|may|might|should|could)\ |troubleshoot|solution
      |runbook|action\ required
      |bitte|überprüfen|vérifie|veuillez|compruebe|verifique|controlla|also\ check|then\ check
      |expected\ behavio)
    |\b(?:may|might)\ (?:also\ )?(?:be|have|happen|indicate|mean|result|occur|cause|point)\b|\b(?:can
    |could)\ be\ (?:due|caused|because|that|a\b|an\b)
    |\b(?:possibly|perhaps|maybe|probably|potentially|usually|typically)\b|\bmost\ likely
    |\blikely\ (?:because|due|cause)
    |\b(?:it\ is|it's)\ possible|\bcan\ happen|\boften\ (?:means?|caused|happens?|due|indicates?|a\ sign)
    |\bplease\ (?:check|verify|make|ensure|confirm|contact|try|retry|refer|see|review)|\b(?:check|verify
    |make\ sure|ensure|confirm)\ (?:whether|if|that|the|your)\b
    |\bnot\ (?:caused\ by|due\ to|related\ to|because\ of)\b|\bnothing\ to\ do\ with\b|(?<!exited\ )\bunrelated\b
    |\bretrying\b|\bwill\ (?:be\ )?retr(?:y|ied)\b|\battempt\ \d{1,3}\ ?(?:of|/)\ ?\d{1,3}\ failed
    |\b(?:the\ )?(?:previous|last|earlier)\ (?:run|attempt|try|execution)
    """,
    re.VERBOSE,
)
_ORDER: Final = re.compile(
    r"(?:ignore|disregard|forget) (?:all |any |the |your |every )?(?:of )?(?:the |your )?(?:previous"
    r"|prior|above|earlier|other|instructions|rules|guidelines|everything|error above)"
    r"|system (?:prompt|override)|\byou are (?:now |an? (?:ai|assistant|helpful|language|expert))"
    r"|\b(?:respond|reply|answer) (?:only )?(?:only|with)\b|\b(?:assistant|system|chatbot) ?:(?=\s)"
    r"|\bassistant(?:,| instructions)|\bnew (?:system )?(?:instructions?|prompt)\b|<{1,2}/?(?:assistant"
    r"|system|user|developer)>"
    r"|\bthe correct (?:category|severity|root cause|answer|priority|verdict)\b|\badd the (?:hashtag|word"
    r"|code|line)\b"
    r"|(?<!azure )(?<!vertex )(?<![\w.-])(?:ais?|llms?)(?: (?:agents?|assistants?|reviewers?|readers?"
    r"|models?|bots?"
    r"|should|must)\b| ?[:,](?=\s))"
    r"|\b(?:note|message|instructions?|dear|hint) (?:to |for )?(?:the |our |all |any )?(?:ai|llm|models?"
    r"|assistants?"
    r"|bots?|agents?|reviewers?|analysts?|triage)\b"
    r"|\bmodel[,:] (?:ignore|rate|reply|answer|say|treat|mark|set|repeat|respond|report|classify|tell"
    r"|output)\b"
    r"|\btell the (?:operator|user|engineer|on-?call)\b|\b(?:do not|don't) analy[sz]e\b|\btriage bot\b"
    r"|\b(?:mark|classify|treat|label|report|rate|categori[sz]e) (?:this|it|the (?:ticket|failure"
    r"|incident|error|alert))\b|\bclassify (?:as|everything)\b|\bfinal answer\b"
    r"|\b(?:set|change|make) (?:the )?(?:severity|remediable|category|confidence|priority|status"
    r"|error_type)\b|\bseverity must be\b"
    r"|\bremediable\b ?(?:=|:|is|to|should)|\"(?:is_failure|root_cause|remediable)\""
)
_ORDER_CUES: Final = (
    "ignore", "disregard", "forget", "prompt", "you are ", "respond", "reply", "answer", "assistant", "system",
    "chatbot", "mark ", "classify", "treat ", "label", "report ", "rate ", "categor", "set ", "change ", "make ",
    "remediable", "ai ", "ai:", "ai,", "llm", "instruction", "model", "tell the", "analy", "bot", "severity must",
    "reviewer", "agent", "the correct", "add the", "developer>", "_failure\"", "root_cause", "<user>", "</user>",
)  # fmt: skip
_LIST_CUES: Final = (
    "cause",
    "reason",
    "solution",
    "fix",
    "troubleshoot",
    "recommend",
    "next step",
    "suggestion",
    "ursache",
)
_LIST_OPENER: Final = re.compile(
    r"(?:possible|common|potential|likely|mögliche) (?:causes?|reasons?|solutions?|fix(?:es)?|ursachen?)"
    r"|troubleshooting|recommend(?:ed|ations?)|next steps?|suggestions?|causes possibles|posibles causas"
)
_BULLET: Final = re.compile(r"[ \t]{0,20}(?:[-*•·]|\(?(?:\d{1,2}|[a-z])[.)])[ \t]")
_RESUMES: Final = re.compile(
    r"^\W{0,4}(?:actual|root|error|caused?\b|details?\b|inner|message|sqlstate|exception|traceback"
    r"|activity|type=|source=)"
)
_SENTENCE_END: Final = re.compile(r"[.!?;](?=\s|$)|[.;](?=,)|\n|,(?=\s?'?(?:type|message|source)=)")
_LINK: Final = re.compile(r"(https?://[^\s/'\"<>]{1,200})(/[^\s'\"<>)]{1,500})")
_QUIET_LINE: Final = re.compile(r"(?:^|[\s\[\]{}:|\"-])(?:info|debug|trace|warn|warning)(?=[\s\]:\"|,-])")
_LOUD: Final = re.compile(
    r"\b(?:error|fatal|critical|traceback|caused by|exception)\b|[a-z](?:error|exception)\b"
)
_LEVEL_WITHIN: Final = 70
_LONGEST_SENTENCE: Final = 600


def stated(lowered: str) -> str:
    """Return a text in lower case with its asides blanked out, position by position; as it is where all is aside."""
    cues = [cue for cue in _CUES if cue in lowered]
    if not cues:
        return lowered
    rest = _blanked(lowered, _spans(lowered, cues))
    return rest if any(map(str.isalpha, rest)) else lowered


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    kept: list[str] = []
    at = 0
    for start, end in spans:
        if end > at:
            kept += (text[at : max(start, at)], " " * (end - max(start, at)))
            at = end
    return "".join((*kept, text[at:])) if kept else text


def _spans(lowered: str, cues: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the asides by position; they come in order of their start."""
    found = [*_sentences(lowered, cues), *_quiet_lines(lowered)]
    found += [match.span(2) for match in _LINK.finditer(lowered)] if "http" in lowered else []
    yield from sorted(found)


@lru_cache(maxsize=4)
def without_hearsay(text: str) -> str:
    """Blank what a text only quotes, position by position: orders to its reader, possible causes, paths of links.

    Other advice stays: what a platform suggests tells much of what it found.
    """
    lowered = text.lower()
    if len(lowered) != len(text):
        return text
    spans: list[tuple[int, int]] = []
    if has_any(_ORDER_CUES, lowered) or has_any(_LIST_CUES, lowered):
        spans += _sentences(lowered, ())
    if "http" in lowered:
        spans += [match.span(2) for match in _LINK.finditer(lowered)]
    rest = _blanked(text, sorted(spans))
    return rest if any(map(str.isalpha, rest)) else text


@lru_cache(maxsize=4)
def without_orders(text: str) -> str:
    """Blank what tells the reader of a text what to do, up to the end of its line, position by position.

    Such text was planted: none of it, and none of the names in it, belongs into an analysis.
    """
    lowered = text.lower()
    if not has_any(_ORDER_CUES, lowered) or len(lowered) != len(text):
        return text
    at = 0
    kept: list[str] = []
    for match in _ORDER.finditer(lowered):
        if match.start() < at:
            continue
        start = max(match.start(), at)
        end = lowered.find("\n", match.end())
        end = end if end >= 0 else len(text)
        kept += (text[at:start], " " * (end - start))
        at = end
    return "".join((*kept, text[at:])) if kept else text


def _sentences(lowered: str, cues: Sequence[str]) -> Iterator[tuple[int, int]]:
    in_list = at_order = False
    orders, lists = has_any(_ORDER_CUES, lowered), has_any(_LIST_CUES, lowered)
    start = 0
    while start < len(lowered):
        match = _SENTENCE_END.search(lowered, start)
        end = match.end() if match else len(lowered)
        sentence = lowered[start : min(end, start + _LONGEST_SENTENCE)]
        if in_list and (_RESUMES.match(sentence) or (not _goes_on(lowered, start))):
            in_list = False
        if orders and (order := _ORDER.search(sentence)):
            at_order = True
            yield start + order.start(), end
        elif at_order or in_list:
            yield start, end
        elif has_any(cues, sentence) and (advice := _ADVICE.search(sentence)):
            yield start + _begins(sentence, advice.start()), end
            in_list = lists and _LIST_OPENER.search(sentence) is not None
        elif lists and (opener := _LIST_OPENER.search(sentence)):
            yield start + opener.start(), end
            in_list = True
        at_order = at_order and lowered[end - 1] != "\n"
        start = end


def _begins(sentence: str, advice: int) -> int:
    """Say where the aside begins: what is stated before a comma and “please …” stays."""
    polite = sentence.find("please ", max(advice - 1, 0), advice + len("please "))
    return polite if polite > 0 and sentence[:polite].rstrip().endswith((",", ";", ":", "-")) else 0


def _goes_on(lowered: str, start: int) -> bool:
    """Whether a list of possibilities goes on here: on the same line, or with a bullet."""
    return lowered[start - 1] != "\n" or _BULLET.match(lowered, start) is not None


def _quiet_lines(lowered: str) -> Iterator[tuple[int, int]]:
    """Yield lines below the level of an error, where others speak of one."""
    if "\n" not in lowered:
        return
    at = 0
    quiet: list[tuple[int, int]] = []
    loud = False
    for line in lowered.splitlines(keepends=True):
        if _QUIET_LINE.search(line[:_LEVEL_WITHIN]):
            quiet.append((at, at + len(line)))
        else:
            loud = loud or _LOUD.search(line[:_LONGEST_SENTENCE]) is not None
        at += len(line)
    if loud:
        yield from quiet
