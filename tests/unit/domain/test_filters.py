"""Which failures the rules ignore, and which files they refuse."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rca.domain.failure import Activity, Failure
from rca.domain.filters import Filters, FiltersError, fits
from rca.domain.vocabulary import Severity, Source
from rca.errors import NotConfiguredError

SHIPPED = Path(__file__).parents[3] / "config" / "filters.yaml"
AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)  # a Friday, 04:00 in Berlin
OFFICE = """
hours:
  office: {timezone: Europe/Berlin, weekdays: [mon, tue, wed, thu, fri], from: 08:00, to: 18:00}
"""


def failure(resource: str = "pl_orders", **fields: object) -> Failure:
    given_fields: dict[str, object] = {
        "source": Source.ADF,
        "resource": resource,
        "run_id": "r1",
        "identity": "r1",
        "occurred_at": AT,
        "message": "boom",
        **fields,
    }
    return Failure(**given_fields)  # type: ignore[arg-type]


def silent(_: Failure) -> Severity | None:
    return None


def rule(conditions: str, of: Failure, estimate: Severity | None = None, head: str = "") -> str | None:
    text = f"{head}\nrules:\n  - {{name: it, {conditions}}}\n"
    return Filters.read(text, "filters").rule_for(of, lambda _: estimate)


@pytest.mark.parametrize(
    ("conditions", "of"),
    [
        ("sources: [airflow, adf]", failure()),
        ("sources: adf", failure()),
        ("resources: ['PL_*']", failure("pl_orders")),
        ("resources: [other, pl_orders]", failure("PL_Orders")),
        ("environments: [test]", failure(labels={"Environment": "Test"})),
        ("environments: ['dev-*']", failure(labels={"env": "dev-7"})),
        ("alerts: [KubePod*]", failure(labels={"alertname": "KubePodNotReady"})),
        ("alerts: ['nightly *']", failure(labels={"alert_rule": "Nightly load failed"})),
        ("labels: {tier: ['3', gold]}", failure(labels={"Tier": "GOLD"})),
        ("labels: {tier: '*'}", failure(labels={"tier": "anything"})),
        ("without_labels: [team]", failure(labels={"tier": "x"})),
        ("without_labels: team", failure()),
        ("message_contains: [MAINTENANCE]", failure(message="in a Maintenance window")),
        (
            "message_contains: maintenance",
            failure(activities=(Activity(name="copy", message="maintenance"),)),
        ),
        ("sources: [adf], resources: ['*orders'], labels: {a: b}", failure(labels={"a": "b"})),
    ],
)
def test_what_a_rule_ignores(conditions: str, of: Failure) -> None:
    assert rule(conditions, of) == "it"


@pytest.mark.parametrize(
    ("conditions", "of"),
    [
        ("sources: [airflow]", failure()),
        ("resources: ['orders']", failure("pl_orders")),
        ("resources: ['pl_?rders']", failure("pl_orders")),
        ("resources: ['pl.orders']", failure("pl_orders")),
        ("resources: ['[p]l_orders']", failure("pl_orders")),
        ("environments: [test]", failure(labels={"environment": "prod", "env": "test"})),
        ("environments: ['*']", failure()),
        ("environments: ['*']", failure(labels={"environment": " "})),
        ("alerts: ['*']", failure(labels={"tier": "x"}, code="KubePodNotReady")),
        ("labels: {tier: '*'}", failure(labels={"team": "x"})),
        ("labels: {tier: gold, team: x}", failure(labels={"tier": "gold"})),
        ("without_labels: [TEAM, tier]", failure(labels={"team": "x"})),
        ("message_contains: [maintenance]", failure(message="main tenance")),
        ("sources: [adf], resources: [other]", failure()),
    ],
)
def test_what_a_rule_leaves_alone(conditions: str, of: Failure) -> None:
    assert rule(conditions, of) is None


def test_the_labels_that_tell_the_environment_can_be_named() -> None:
    of = failure(labels={"stage": "qa", "environment": "prod"})
    assert rule("environments: [qa]", of, head="environment_labels: [Stage, environment]") == "it"
    assert rule("environments: [qa]", of) is None


def test_the_first_rule_that_fits_is_named() -> None:
    text = """
    rules:
      - {name: one, resources: [other]}
      - {name: two, resources: ['pl_*']}
      - {name: three, resources: ['*']}
    """
    filters = Filters.read(text, "filters")
    assert filters.rule_for(failure("pl_orders"), silent) == "two"
    assert filters.rule_for(failure("x"), silent) == "three"


@pytest.mark.parametrize(
    ("stated", "estimated", "ignored"),
    [
        (Severity.MEDIUM, None, True),
        (Severity.LOW, Severity.MEDIUM, True),
        (None, Severity.LOW, True),
        (Severity.HIGH, None, False),
        (Severity.LOW, Severity.HIGH, False),
        (Severity.HIGH, Severity.LOW, False),
        (None, None, False),
    ],
)
def test_a_floor_goes_by_the_worse_word_and_never_by_none(
    stated: Severity | None, estimated: Severity | None, ignored: bool
) -> None:
    assert rule("below: high", failure(severity=stated), estimated) == ("it" if ignored else None)


@pytest.mark.parametrize(
    ("stated", "estimated"),
    [(Severity.CRITICAL, None), (None, Severity.CRITICAL), (Severity.LOW, Severity.CRITICAL)],
)
def test_critical_failures_are_ignored_only_where_the_rule_says_so(
    stated: Severity | None, estimated: Severity | None
) -> None:
    of = failure(severity=stated)
    assert rule("resources: ['*']", of, estimated) is None
    assert rule("resources: ['*'], even_critical: true", of, estimated) == "it"


def test_a_later_rule_may_take_the_critical_failure_that_an_earlier_one_leaves() -> None:
    text = """
    rules:
      - {name: one, resources: ['*']}
      - {name: two, resources: ['*'], even_critical: true}
    """
    filters = Filters.read(text, "filters")
    assert filters.rule_for(failure(severity=Severity.CRITICAL), silent) == "two"
    assert filters.rule_for(failure(severity=Severity.LOW), silent) == "one"


def test_the_severity_is_only_estimated_where_a_rule_fits_otherwise() -> None:
    def never(_: Failure) -> Severity | None:
        raise AssertionError

    assert (
        Filters.read("rules: [{name: it, resources: other, below: High}]", "filters").rule_for(
            failure(), never
        )
        is None
    )


def test_working_hours_count_at_the_time_of_the_failure() -> None:
    noon = failure(occurred_at=AT.replace(hour=11))
    assert rule("outside: office", failure(), head=OFFICE) == "it"
    assert rule("outside: office", noon, head=OFFICE) is None
    assert rule("inside: office", failure(), head=OFFICE) is None
    assert rule("inside: office", noon, head=OFFICE) == "it"


@pytest.mark.parametrize("side", ["inside", "outside"])
def test_a_time_that_no_zone_can_show_is_not_ignored(side: str) -> None:
    end = failure(occurred_at=datetime.max.replace(tzinfo=UTC))
    assert rule(f"{side}: office", end, head=OFFICE) is None


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("2026-11-20", datetime(2026, 11, 21, tzinfo=UTC)),
        ("'2026-11-20'", datetime(2026, 11, 21, tzinfo=UTC)),
        ("2026-11-20T18:00:00Z", datetime(2026, 11, 20, 18, tzinfo=UTC)),
        ("'2026-11-20T18:00:00+01:00'", datetime(2026, 11, 20, 17, tzinfo=UTC)),
    ],
)
def test_a_rule_ends_by_the_time_of_the_failure(until: str, last: datetime) -> None:
    conditions = f"resources: ['*'], until: {until}"
    assert rule(conditions, failure(occurred_at=last - timedelta(milliseconds=1))) == "it"
    assert rule(conditions, failure(occurred_at=last)) is None


def test_the_last_day_there_is_may_be_named() -> None:
    assert rule("resources: ['*'], until: 9999-12-31", failure()) == "it"


@pytest.mark.parametrize("text", ["", "# nothing", "rules: []", SHIPPED.read_text()])
def test_without_rules_nothing_is_ignored(text: str) -> None:
    assert Filters.read(text, "filters").rule_for(failure(), silent) is None


def test_the_examples_of_the_shipped_file_are_a_file_that_works() -> None:
    lines = SHIPPED.read_text().replace("hours: {}", "hours:").replace("rules: []", "rules:").splitlines()
    body = next(number for number, line in enumerate(lines) if line.startswith("environment_labels"))
    text = "\n".join(line.replace("#", "", 1) if line.startswith("#") else line for line in lines[body:])
    assert len(yaml.safe_load(text)["rules"]) >= 6
    filters = Filters.read(text, "filters")
    assert filters.rule_for(failure(labels={"env": "dev-1"}), silent) == "test-environments"
    assert filters.rule_for(failure(severity=Severity.LOW), silent) is None
    assert filters.rule_for(failure("dev-x", severity=Severity.LOW), silent) == "dev-nights"
    assert filters.rule_for(failure("x", labels={"alertname": "KubeQuotaFull"}), silent) == "known-noise"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("rules: [{name: a, resources: '*'}, {name: nights, belo: High}]", ["rule 2 'nights'", "belo"]),
        ("rules: [{name: nights, sources: [adff]}]", ["rule 1 'nights'", "sources"]),
        ("rules: [{name: nights, below: Urgent}]", ["rule 1 'nights'", "below"]),
        ("rules: [{name: nights, below: Low}]", ["rule 1 'nights'", "nothing is below Low"]),
        ("rules: [{name: nights}]", ["rule 1 'nights'", "would ignore everything"]),
        ("rules: [{name: nights, until: 2026-12-31}]", ["would ignore everything"]),
        ("rules: [{name: nights, resources: []}]", ["rule 1 'nights'", "resources"]),
        ("rules: [{name: nights, resources: ['']}]", ["rule 1 'nights'", "resources"]),
        ("rules: [{name: nights, labels: {country: no}}]", ["rule 1 'nights'", "labels.country"]),
        ("rules: [{name: nights, labels: {team: }}]", ["rule 1 'nights'", "labels.team"]),
        ("rules: [{name: nights, resources: x, until: soon}]", ["rule 1 'nights'", "until"]),
        ("rules: [{name: nights, resources: x, until: 2026-12-31T10:00:00}]", ["until", "offset"]),
        ("rules: [{name: nights, inside: office}]", ["nights", "office", "hours"]),
        ("rules: [{resources: x}]", ["rule 1", "name"]),
        ("rules: [{name: a, resources: x}, {name: a, resources: y}]", ["two rules are called a"]),
        ("rules: [just text]", ["rule 1"]),
        ("rules: {}", ["rules"]),
        ("rule: []", ["rule"]),
        ("[]", ["filters.yaml"]),
        ("hours: {office: {timezone: Europe/Atlantis, from: '08:00', to: '18:00'}}", ["hours", "timezone"]),
        (f"{OFFICE}rules: [{{name: n, inside: office, outside: office}}]", ["exclude each other"]),
        ("rules: [{name: nights, message_contains: ' '}]", ["rule 1 'nights'", "message_contains"]),
        ("rules: [{name: nights, resources: x, until: 2026-02-30}]", ["day"]),
        ("rules: [", ["not valid YAML", "line 1"]),
        ("[" * 5_000, ["not valid YAML"]),
    ],
)
def test_a_file_that_cant_be_used_is_told_by_file_rule_and_field(text: str, names: list[str]) -> None:
    with pytest.raises(FiltersError) as caught:
        Filters.read(text, "filters.yaml")
    for name in ["filters.yaml", *names]:
        assert name in caught.value.detail
    assert "\n" not in caught.value.detail


def test_alerts_wait_for_a_file_that_is_mended() -> None:
    """NotConfiguredError is what the queues' wrapper waits for; any other one would end in a dead letter at once."""
    assert issubclass(FiltersError, NotConfiguredError)


@given(
    parts=st.lists(st.text("ab", max_size=4), min_size=1, max_size=4),
    gaps=st.lists(st.text("ab", max_size=3), max_size=3),
    other=st.text("ab", max_size=8),
)
def test_a_star_stands_for_any_characters(parts: list[str], gaps: list[str], other: str) -> None:
    pattern = "*".join(parts)
    filled = parts[0] + "".join(gap + part for gap, part in zip([*gaps, "", "", ""], parts[1:], strict=False))
    assert fits(pattern, filled)
    assert fits(pattern, other) == _slow(pattern, other)


def _slow(pattern: str, text: str) -> bool:
    """The definition, letter by letter."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_slow(pattern[1:], text[at:]) for at in range(len(text) + 1))
    return bool(text) and text[0] == pattern[0] and _slow(pattern[1:], text[1:])


def test_a_hostile_name_costs_no_time() -> None:
    pattern, name = "*a" * 100 + "*c*b", "a" * 200_000 + "b"
    started = time.perf_counter()
    assert not fits(pattern, name)
    assert time.perf_counter() - started < 0.5
