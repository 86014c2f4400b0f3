"""What senders call a severity, in our four words."""

from __future__ import annotations

from rca.domain.vocabulary import Severity
from rca.sources import fields

_WORDS: dict[Severity, tuple[str, ...]] = {
    Severity.CRITICAL: ("critical", "page", "emergency", "fatal", "disaster", "sev0", "p1"),
    Severity.HIGH: ("high", "error", "major", "sev1", "p2"),
    Severity.MEDIUM: ("medium", "warning", "warn", "moderate", "sev2", "p3"),
    Severity.LOW: (
        "low",
        "info",
        "informational",
        "minor",
        "notice",
        "verbose",
        "none",
        "sev3",
        "sev4",
        "p4",
    ),
}
_BY_WORD = {word: severity for severity, words in _WORDS.items() for word in words}


def parse(value: object) -> Severity | None:
    """Read Azure's `Sev0` to `Sev4` and levels, Prometheus labels, `P1` to `P4`, or our own words; else None."""
    return _BY_WORD.get((fields.text(value) or "").lower().replace(" ", ""))
