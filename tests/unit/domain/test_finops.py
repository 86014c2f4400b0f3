from datetime import UTC, datetime
from pathlib import Path

import pytest

from rca.domain.failure import Failure
from rca.domain.finops import FinOpsRulesError, Owner, load_rules
from rca.domain.vocabulary import Source

EXAMPLE = Path(__file__).parents[3] / "config" / "finops.yaml"


def failure(resource="pl_misc", source=Source.ADF, **labels):
    return Failure(
        source=source,
        resource=resource,
        run_id="r1",
        identity="r1",
        occurred_at=datetime(2026, 11, 20, tzinfo=UTC),
        message="boom",
        labels=labels,
    )


RULES = """
default: {team: Platform, owner: platform@example.com, cost_center: CC-0}
rules:
  - {resource: '^pl_sales', team: Sales, owner: sales@example.com, cost_center: CC-1}
  - {resource: 'sales', team: Second}
  - {source: airflow, labels: {env: '^prod$'}, team: Scheduling}
"""


def test_the_first_rule_that_fits_wins():
    owner = load_rules(RULES).owner_of(failure("PL_SALES_daily"))
    assert owner == Owner("Sales", "sales@example.com", "CC-1")


def test_what_a_rule_leaves_out_comes_from_the_default():
    assert load_rules(RULES).owner_of(failure("load_sales")) == Owner(
        "Second", "platform@example.com", "CC-0"
    )


def test_a_rule_fits_only_where_source_and_labels_do():
    rules = load_rules(RULES)
    assert rules.owner_of(failure(source=Source.AIRFLOW, env="prod")).team == "Scheduling"
    assert rules.owner_of(failure(source=Source.AIRFLOW, env="production")).team == "Platform"
    assert rules.owner_of(failure(source=Source.AIRFLOW)).team == "Platform"
    assert rules.owner_of(failure(source=Source.ADF, env="prod")).team == "Platform"


def test_labels_of_the_failure_win_over_names():
    owner = load_rules(RULES).owner_of(failure("pl_sales", team="Own", cost_center="CC-9", owner=" "))
    assert owner == Owner("Own", "sales@example.com", "CC-9")


@pytest.mark.parametrize("text", ["", "rules:", "rules: {}", "default:", "# nothing"])
def test_without_rules_every_failure_is_unassigned(text):
    assert load_rules(text).owner_of(failure()) == Owner("Unassigned", "", "")


@pytest.mark.parametrize(
    ("resource", "team"),
    [
        ("pl_ingest_orders", "Commerce Data"),
        ("orders_daily", "Commerce Data"),
        ("reorder_items", "Data Platform"),
        ("crm-sync", "Customer Data"),
        ("feature store refresh", "Machine Learning"),
        ("something_else", "Data Platform"),
    ],
)
def test_the_shipped_example_assigns_by_words_of_the_name(resource, team):
    assert load_rules(EXAMPLE.read_text(encoding="utf-8")).owner_of(failure(resource)).team == team


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rules: [", "not valid YAML"),
        ("- 1", "the document must be a mapping"),
        ("rule: []", "unknown rule; known are default, rules"),
        ("rules: 3", "must be a list"),
        ("rules: [x]", "rule 1 must be a mapping"),
        ("rules: [{resource: a}]", "rule 1 names neither"),
        ("rules: [{team: a}]", "rule 1 needs `resource`"),
        ("rules: [{resource: a, team: a}, {resource: '(', team: a}]", "rule 2, `resource` is not a regular"),
        ("rules: [{resource: 5, team: a}]", "must be a regular expression in quotes"),
        ("rules: [{source: jenkins, team: a}]", "`source` must be one of adf"),
        ("rules: [{resource: a, team: 5}]", "`team` must be a text"),
        ("rules: [{resource: a, team: a, colour: red}]", "unknown colour"),
        ("rules: [{labels: [a], team: a}]", "`labels` must be a mapping"),
        ("default: {team: ''}", "`team` must be a text"),
        ("default: {1: a}", "must be a mapping of names"),
    ],
)
def test_errors_name_the_rule_and_the_field(text, says):
    with pytest.raises(FinOpsRulesError, match="finops rules: ") as caught:
        load_rules(text)
    assert says in str(caught.value)
