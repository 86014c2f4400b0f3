"""What a system said of a case, however it was asked, in one shape."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from evals.cases import Placed
from evals.errors import EvalError
from rca.domain.analysis import Analysis
from rca.domain.vocabulary import Category, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What an answer took: seconds, tokens, and millionths of a US dollar where the price is known."""

    seconds: float | None = None
    tokens: int = 0
    micro_dollars: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer. `everything` is all of its text; `cited` and `invented` are evidence ids, of models only."""

    is_failure: bool
    error_type: str
    category: Category
    severity: Severity
    remediable: bool
    advice: str
    everything: str
    cited: frozenset[str] | None = None
    invented: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One attempt at one case: an answer, or why there is none (`error`); never both."""

    case: Placed
    said: Said | None = None
    error: str | None = None
    cost: Cost = Cost()


def said(
    analysis: Analysis, *, cited: frozenset[str] | None = None, invented: frozenset[str] = frozenset()
) -> Said:
    """Put an analysis of ours into the common shape."""
    texts = [analysis.root_cause, *analysis.recommendations]
    entity, link = analysis.affected_entity or "", analysis.documentation or ""
    return Said(
        is_failure=analysis.is_failure,
        error_type=analysis.error_type,
        category=analysis.category,
        severity=analysis.severity,
        remediable=analysis.remediable,
        advice="\n".join(texts),
        everything="\n".join([analysis.error_type, *texts, entity, link]),
        cited=cited,
        invented=invented,
    )


class _Line(BaseModel):
    """A line of `python -m rca classify --jsonl`; further fields count as text of the answer."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    is_failure: bool
    error_type: str
    category: Category
    severity: Severity
    remediable: bool
    root_cause: str = ""
    recommendations: tuple[str, ...] = ()


def lines_for(cases: Sequence[Placed]) -> list[str]:
    """Write the inputs as `python -m rca classify --jsonl` reads them."""
    return [
        json.dumps(
            {
                "id": item.id,
                "source": str(item.case.source),
                "message": item.question,
                **({"error_code": item.case.error_code} if item.case.error_code else {}),
                **({"resource": item.case.resource} if item.case.resource else {}),
            },
            ensure_ascii=False,
        )
        for item in cases
    ]


def read_answers(path: Path, cases: Sequence[Placed]) -> list[Reply]:
    """Read what a tool wrote, one line a case; a missing or unusable line is an error, not a wrong answer.

    Raises EvalError for a file without a single line that names one of the cases.
    """
    found: dict[str, Mapping[str, Any] | str] = {}
    for number, text in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if text.strip():
            name, line = _parsed(text, number)
            if name in found:
                raise EvalError(f"{path.name}: line {number}: a second answer for {name}")
            found[name] = line
    if not {item.id for item in cases} & found.keys():
        raise EvalError(f"{path.name}: answers none of the cases")
    return [_reply(item, found.get(item.id)) for item in cases]


def _parsed(text: str, number: int) -> tuple[str, Mapping[str, Any] | str]:
    try:
        line = json.loads(text)
    except ValueError:
        return f"(line {number})", "is no JSON"
    if not isinstance(line, dict) or not isinstance(line.get("id"), str):
        return f"(line {number})", "has no id"
    return line["id"], line


def _reply(item: Placed, line: Mapping[str, Any] | str | None) -> Reply:
    if not isinstance(line, Mapping):
        return Reply(case=item, error=line or "no answer")
    if "error" in line and "category" not in line:
        return Reply(case=item, error="the tool reports an error")
    try:
        read = _Line.model_validate(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        return Reply(case=item, error=f"invalid answer: {field}: {first['msg']}")
    # The id is our own word and may name what the answer must not.
    texts = {name: value for name, value in line.items() if name != "id"}
    answer = Said(
        is_failure=read.is_failure,
        error_type=read.error_type,
        category=read.category,
        severity=read.severity,
        remediable=read.remediable,
        advice="\n".join([read.root_cause, *read.recommendations]),
        everything="\n".join(_strings(texts)),
    )
    return Reply(case=item, said=answer)


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for pair in value.items() for part in pair for text in _strings(part)]
    return [text for part in value for text in _strings(part)] if isinstance(value, list) else []
