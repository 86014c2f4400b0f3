import pytest

from rca.domain.vocabulary import Severity
from rca.sources import severities


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Sev0", Severity.CRITICAL),
        ("Sev1", Severity.HIGH),
        ("Sev2", Severity.MEDIUM),
        ("Sev3", Severity.LOW),
        ("Sev4", Severity.LOW),
        ("critical", Severity.CRITICAL),
        ("page", Severity.CRITICAL),
        ("error", Severity.HIGH),
        ("high", Severity.HIGH),
        ("Warning", Severity.MEDIUM),
        ("info", Severity.LOW),
        ("Informational", Severity.LOW),
        ("none", Severity.LOW),
        ("P1", Severity.CRITICAL),
        ("terrible", None),
        ("", None),
        (None, None),
        (["critical"], None),
    ],
)
def test_every_sender_word_has_one_of_ours(word, expected):
    assert severities.parse(word) is expected


@pytest.mark.parametrize("severity", Severity)
def test_our_own_words_are_understood(severity):
    assert severities.parse(severity.value) is severity
