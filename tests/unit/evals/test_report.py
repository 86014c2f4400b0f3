"""Totals, gates and breakdowns of a run."""

import pytest

from evals.answers import Cost
from evals.report import as_json, breakdown, confusion, costs, gates, shares
from evals.score import Dimension
from rca.domain.vocabulary import Category
from tests.unit.evals.support import CASE, case, error, expecting, reply, run


def many(count, **changes):
    return [reply(case(id=f"case-{number}", **changes)) for number in range(count)]


def missed(made):
    return [gate.name for gate in gates(made) if not gate.met]


def test_errors_are_no_wrong_answers():
    made = run(*many(9), error(case(id="case-down")))
    assert shares(made.scores)[Dimension.CATEGORY].of == 9
    assert shares(made.scores)[Dimension.CATEGORY].right == 9
    assert (made.answered, made.errors["passing: time-out"]) == (9, 1)


def test_all_gates_hold_for_right_answers():
    assert missed(run(*many(100))) == []


@pytest.mark.parametrize(
    ("wrong", "changes", "expected"),
    [
        (5, {"category": Category.NETWORK}, []),
        (6, {"category": Category.NETWORK}, ["category ≥ 95 %"]),
        (2, {"category": Category.UNKNOWN}, []),
        (3, {"category": Category.UNKNOWN}, ["unknown ≤ 2 % of documented"]),
        (1, {"remediable": True}, ["no unsafe “remediable”"]),
        (4, {"remediable": True}, ["remediable ≥ 97 %", "no unsafe “remediable”"]),
    ],
)
def test_each_gate_stands_where_it_should(wrong, changes, expected):
    faulty = [reply(case(id=f"wrong-{number}"), **changes) for number in range(wrong)]
    assert missed(run(*many(100 - wrong), *faulty)) == expected


def test_missed_retries_count_for_remediable_but_are_safe():
    faulty = [reply(case(id=f"wrong-{n}", expect=CASE["expect"] | {"remediable": True})) for n in range(4)]
    assert missed(run(*many(96), *faulty)) == ["remediable ≥ 97 %"]


def test_an_error_misses_a_gate_and_an_empty_run_meets_none():
    assert missed(run(*many(99), error(case(id="case-down")))) == ["every case answered"]
    assert len(missed(run())) == 5


def test_breakdown_by_source_tag_and_category():
    made = run(
        reply(),
        reply(case(id="air-one", source="airflow", tags=["wrapped", "rare"]), category=Category.CODE),
    )
    sources = breakdown(made.scores, "source")
    assert {key: found[Dimension.CATEGORY].right for key, found in sources.items()} == {
        "adf": 1,
        "airflow": 0,
    }
    assert set(breakdown(made.scores, "tag")) == {"documented", "wrapped", "rare"}
    assert breakdown(made.scores, "category")["resource_missing"][Dimension.CATEGORY].of == 2
    assert confusion(made.scores) == {("resource_missing", "code"): 1}


def test_costs():
    spent = [Cost(seconds=s, tokens=100, micro_dollars=50) for s in (0.1, 0.2, 0.9)]
    found = costs(run(*(reply(case(id=f"case-{n}"), cost=each) for n, each in enumerate(spent))))
    assert found == {"p50_seconds": 0.2, "p95_seconds": 0.9, "tokens": 300, "dollars": pytest.approx(150e-6)}


def test_a_sum_with_an_unknown_price_is_unknown():
    known, unknown = Cost(tokens=1, micro_dollars=5), Cost(tokens=1)
    assert costs(run(reply(cost=known), reply(case(id="case-b"), cost=unknown)))["dollars"] is None


def test_the_json_lists_faults_without_texts():
    shown = as_json(run(reply(everything="hunter22"), error(case(id="case-down")), reply(expecting())))
    assert shown["failures"] == [
        {"id": "a-case", "error": None, "faults": ["absent"]},
        {"id": "case-down", "error": "passing: time-out", "faults": []},
    ]
    assert "hunter22" not in str(shown)
