"""What we promise of the rules engine, on our own cases."""

from functools import cache

import pytest

from evals.report import Gate, Run, gates, shares
from evals.score import Dimension
from evals.systems import Rules
from tests.unit.evals.support import published, run

REACHED = 0.86
"""Category on the held-out part, less what a few cases more or less may move it; the goal is 95 %."""


@cache
def made(part: str) -> Run:
    return run(*map(Rules(), published(part)))


def missed(part: str) -> list[Gate]:
    return [gate for gate in gates(made(part)) if not gate.met]


def test_the_development_part_meets_every_gate():
    assert not [f"{gate.name}: {gate.shown}" for gate in missed("dev")]


def test_the_held_out_part_meets_every_gate_but_one():
    assert not [
        f"{gate.name}: {gate.shown}" for gate in missed("test") if not gate.name.startswith("category")
    ]


def test_the_held_out_part_does_not_fall_behind_what_was_reached():
    assert shares(made("test").scores)[Dimension.CATEGORY].value >= REACHED


@pytest.mark.xfail(
    reason="the goal of 95 % on unseen messages is not reached; evals/README.md has the figures"
)
def test_the_held_out_part_meets_the_goal_for_categories():
    assert not missed("test")
