"""Reads the cases: YAML files under `cases/<part>/`, long messages under `fixtures/`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Final, Literal, get_args

import yaml
from pydantic import ValidationError

from evals.errors import CaseError
from evals.schema import Case
from rca.domain.signature import template

HERE: Final = Path(__file__).parent
CASES: Final = HERE / "cases"
FIXTURES: Final = HERE / "fixtures"

type Part = Literal["dev", "test"]
PARTS: Final[tuple[Part, ...]] = get_args(Part.__value__)


@dataclass(frozen=True, slots=True)
class Placed:
    """A case, the part that it belongs to, and its message, which may come from a fixture."""

    part: Part
    case: Case
    message: str

    @property
    def id(self) -> str:
        """The case's id, unique over all files."""
        return self.case.id

    @property
    def question(self) -> str:
        """What rules and other classifiers are given: the message, and the platform's error text where it tells more.

        The workflow does the same with gathered evidence, since many alerts carry no error of their own.
        """
        error = next((item for item in self.case.evidence if item.kind == "error"), None)
        if error is None or error.text in self.message:
            return self.message
        return f"{self.message}\n{error.text}"


def load(
    parts: Sequence[Part] = PARTS, *, root: Path = CASES, fixtures: Path = FIXTURES
) -> tuple[Placed, ...]:
    """Load and check the cases of some parts, by file and order in it. Raises CaseError."""
    placed: list[Placed] = []
    seen: dict[str, str] = {}
    for part in parts:
        for path in sorted((root / part).glob("*.yaml")):
            name = f"{part}/{path.name}"
            for item in _file(path, name, part, fixtures):
                if item.id in seen:
                    raise CaseError(name, item.id, "id", f"stands in {seen[item.id]} already")
                seen[item.id] = name
                placed.append(item)
    return tuple(placed)


def digest(cases: Sequence[Placed]) -> str:
    """Return 12 hex digits that change with any input or expectation of the cases, whatever their order."""
    shown = sorted(
        json.dumps([item.part, item.message, item.case.model_dump(mode="json", exclude={"why"})])
        for item in cases
    )
    return hashlib.sha256("\n".join(shown).encode()).hexdigest()[:12]


def same_messages(cases: Sequence[Placed]) -> list[tuple[str, str]]:
    """Return the pairs of ids, across parts, whose inputs are the same but for blanks and case."""
    return _pairs(cases, lambda item: " ".join(item.question.lower().split()) + (item.case.error_code or ""))


def near_duplicates(cases: Sequence[Placed]) -> list[tuple[str, str]]:
    """Return the pairs of ids, across parts, whose messages differ only in what signatures mask."""
    return _pairs(cases, lambda item: template(item.question) + (item.case.error_code or ""))


def _pairs(cases: Sequence[Placed], key: Any) -> list[tuple[str, str]]:
    groups: dict[tuple[str, str], list[Placed]] = {}
    for item in cases:
        groups.setdefault((str(item.case.source), key(item)), []).append(item)
    return [
        (one.id, other.id)
        for group in groups.values()
        for one, other in combinations(group, 2)
        if one.part != other.part
    ]


def _file(path: Path, name: str, part: Part, fixtures: Path) -> list[Placed]:
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark else ""
        raise CaseError(name, "?", "?", f"is not valid YAML{line}") from None
    if not isinstance(document, list):
        raise CaseError(name, "?", "?", "must be a list of cases")
    return [_placed(item, number, name, part, fixtures) for number, item in enumerate(document, start=1)]


def _placed(item: Any, number: int, name: str, part: Part, fixtures: Path) -> Placed:
    told = str(item.get("id", f"#{number}")) if isinstance(item, dict) else f"#{number}"
    try:
        case = Case.model_validate(item)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "(the whole case)"
        raise CaseError(name, told, field, first["msg"]) from None
    if case.fixture is None:
        return Placed(part, case, (case.message or "").rstrip("\n"))
    path = fixtures / case.fixture
    if not path.is_file():
        raise CaseError(name, told, "fixture", f"evals/fixtures/{case.fixture} does not exist")
    return Placed(part, case, path.read_text("utf-8").rstrip("\n"))
