"""What operators tell the analysis."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from rca.analysis.context import Context, ContextError, Guidance
from rca.analysis.prices import Prices, PricesError
from rca.domain.times import iso
from tests.unit.analysis_llm.support import AT, FAILURE

ROOT = Path(__file__).parents[3]
EXAMPLE = """
company: We sell things.
components:
  - name: orders
    source: adf
    resource: orders
    labels: {team: '^commerce$'}
    instructions: Loads are idempotent.
    runbook: https://wiki.example.com/orders
  - name: payments
    resource: payments
    runbook: https://wiki.example.com/payments
"""


def test_the_shipped_files_are_good() -> None:
    assert Context.read((ROOT / "config/context.yaml").read_text()).guidance(FAILURE) == Guidance()
    prices = Prices.read((ROOT / "config/llm-prices.yaml").read_text())
    assert prices.cost("models/gemini-2.5-flash", 1_000_000, 1_000_000) == 2_800_000


def test_the_commented_example_is_good() -> None:
    text = (ROOT / "config/context.yaml").read_text()
    start = text.index("components: []")
    example = text[start:].split("\n\n")[0].replace("components: []", "components:").replace("\n#", "\n")
    assert len(Context.read(example).components) == 2


def test_components_that_fit() -> None:
    guidance = Context.read(EXAMPLE).guidance(FAILURE)
    assert guidance.instructions == ("Loads are idempotent.",)
    assert guidance.runbooks == ("https://wiki.example.com/orders",)
    assert Context.read(EXAMPLE).guidance(replace(FAILURE, labels={})).runbooks == ()


@pytest.mark.parametrize(
    ("ago", "hinted"),
    [(timedelta(minutes=10), True), (timedelta(hours=3), False), (-timedelta(minutes=1), False)],
)
def test_rollback_hint_after_a_recent_deployment(ago: timedelta, hinted: bool) -> None:
    failure = replace(FAILURE, labels={"deployed_at": iso(AT - ago)})
    assert bool(Context().guidance(failure).rollback) is hinted


@pytest.mark.parametrize("told", ["yesterday", "", "9" * 500, "2026-11-20T02:10:00"])
def test_odd_deployment_times_do_no_harm(told: str) -> None:
    Context().guidance(replace(FAILURE, labels={"deployed_at": told}))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("components: [{name: a, resource: '('}]", "resource"),
        ("components: [{name: a, runbook: 'http://x'}]", "runbook"),
        ("components: [{name: a, source: mainframe}]", "source"),
        ("colour: blue", "colour"),
        ("[", "YAML"),
        ("deployments: {within_minutes: 0}", "within_minutes"),
    ],
)
def test_bad_files_name_the_field(text: str, named: str) -> None:
    with pytest.raises(ContextError, match=named):
        Context.read(text)


def test_prices() -> None:
    prices = Prices.read("models: {a: {input: 1, output: 2}, a-mini: {input: 0.1, output: 0.2}}")
    assert prices.cost("a-mini-2026-01", 1_000, 1_000) == 300
    assert prices.cost("a-large", 1_000, 1_000) == 3_000
    assert prices.cost("b", 1, 1) is None
    with pytest.raises(PricesError, match="output"):
        Prices.read("models: {a: {input: 1}}")
