"""A case, an answer and a reply to change one thing of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from evals.answers import Cost, Reply, Said
from evals.cases import PARTS, Part, Placed, load
from evals.errors import CaseError
from evals.report import Run
from evals.schema import Case
from evals.score import score
from rca.domain.vocabulary import Category, Severity

CASE: dict[str, Any] = {
    "id": "a-case",
    "source": "adf",
    "message": "the blob orders.csv is missing, key hunter22",
    "evidence": [{"id": "E1", "kind": "log", "title": "log", "text": "no orders.csv"}],
    "tags": ["documented"],
    "expect": {
        "is_failure": True,
        "error_type": ["FileNotFound"],
        "category": ["resource_missing"],
        "remediable": False,
        "severity": ["High", "Critical"],
        "mentions": [["orders.csv"], ["blob", "file"]],
        "absent": ["hunter22"],
        "cites": ["E1"],
    },
    "why": "the blob is absent and stays so",
}
SAID = Said(
    is_failure=True,
    error_type="java.io.FileNotFoundException",
    category=Category.RESOURCE_MISSING,
    severity=Severity.HIGH,
    remediable=False,
    advice="The Blob  Orders.CSV was never written.",
    everything="The Blob Orders.CSV was never written.",
    cited=frozenset({"E1"}),
)


def case(part="test", **changes) -> Placed:
    made = Case.model_validate(CASE | changes)
    return Placed(part, made, made.message or "")


def expecting(**changes) -> Placed:
    return case(expect=CASE["expect"] | changes)


def reply(placed: Placed | None = None, *, cost: Cost | None = None, **changes) -> Reply:
    return Reply(case=placed or case(), said=replace(SAID, **changes), cost=cost or Cost())


def error(placed: Placed | None = None) -> Reply:
    return Reply(case=placed or case(), error="passing: time-out")


def run(*replies: Reply, **changes) -> Run:
    made = {each.case.id: each.case for each in replies}
    facts: dict[str, Any] = {
        "system": "rules",
        "model": None,
        "part": "test",
        "repeats": 1,
        "filtered": False,
        "cases": tuple(made.values()),
        "scores": tuple(score(each) for each in replies),
        "command": "python -m evals --part test",
        "date": "2026-11-21",
        "revision": "abc1234",
        "catalog": 812,
    }
    return Run(**facts | changes)


def published(*parts: Part) -> tuple[Placed, ...]:
    """Load our own cases; a fault is told without a trace, which would show the text of a held-out case."""
    try:
        return load(parts or PARTS)
    except CaseError as error:
        fault = str(error)
    pytest.fail(fault, pytrace=False)


def write_cases(root: Path, **parts: list[dict[str, Any]]) -> Path:
    for part, cases in parts.items():
        (root / part).mkdir(parents=True, exist_ok=True)
        (root / part / "cases.yaml").write_text(yaml.safe_dump(cases), "utf-8")
    return root
