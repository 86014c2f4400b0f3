"""What we promise of the rules engine, on our own cases."""

from functools import cache

from evals.report import Gate, Run, gates
from evals.systems import Rules
from tests.unit.evals.support import published, run


@cache
def made(part: str) -> Run:
    return run(*map(Rules(), published(part)))


def missed(part: str) -> list[Gate]:
    return [gate for gate in gates(made(part)) if not gate.met]


def test_the_development_part_meets_every_gate():
    assert not [f"{gate.name}: {gate.shown}" for gate in missed("dev")]


def test_the_held_out_part_meets_every_gate():
    assert not [f"{gate.name}: {gate.shown}" for gate in missed("test")]
