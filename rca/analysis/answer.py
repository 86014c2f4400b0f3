"""The answer that a model must give: nothing but judgement.

What acts (remediation, retries, links, priority) has no field here, so no text can ask for it.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rca.analysis.providers.port import InvalidAnswerError, Schema
from rca.domain.vocabulary import Category, Confidence, Severity

LONGEST_ANSWER: Final = 65_536
ERROR_TYPE: Final = r"^[A-Za-z][A-Za-z0-9_.-]{2,79}$"
"""As in the catalog."""
_FENCED: Final = re.compile(r"\A\s*```(?:json)?\s*\n(.*)\n\s*```\s*\Z", re.DOTALL)
_MOST_PROBLEMS: Final = 5

type Id = Annotated[str, Field(max_length=20)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Statement(_Part):
    """One sentence of the cause and the ids of the evidence that it rests on."""

    statement: Annotated[str, Field(min_length=1, max_length=4_000)]
    evidence: Annotated[tuple[Id, ...], Field(max_length=50)]


class Answer(_Part):
    """A model's judgement in the words of DESIGN §5."""

    error_type: Annotated[str, Field(pattern=ERROR_TYPE)]
    category: Category
    severity: Severity
    cause: Annotated[tuple[Statement, ...], Field(min_length=1, max_length=20)]
    recommendations: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=4_000)], ...], Field(min_length=1, max_length=20)
    ]
    confidence: Confidence
    affected_entity: Annotated[str, Field(max_length=1_000)]


def _texts(description: str) -> dict[str, object]:
    return {"type": "array", "items": {"type": "string"}, "description": description}


SCHEMA: Final[Schema] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "error_type": {
            "type": "string",
            "description": "Name of the kind of error, letters and digits only: the platform's own or the hint's "
            "where it fits, else a CamelCase name.",
        },
        "category": {"type": "string", "enum": [str(item) for item in Category]},
        "severity": {"type": "string", "enum": [str(item) for item in Severity]},
        "cause": {
            "type": "array",
            "description": "The root cause, most important first, one to four sentences.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "statement": {"type": "string", "description": "One sentence."},
                    "evidence": _texts("Ids of the evidence that shows it; empty if it is a guess."),
                },
                "required": ["statement", "evidence"],
            },
        },
        "recommendations": _texts("Three to five concrete steps for the engineer, in order, without links."),
        "confidence": {"type": "string", "enum": [str(item) for item in Confidence]},
        "affected_entity": {
            "type": "string",
            "description": "The table, file, host, activity … that failed; empty if it is not told.",
        },
    },
    "required": [
        "error_type",
        "category",
        "severity",
        "cause",
        "recommendations",
        "confidence",
        "affected_entity",
    ],
}


def parse(provider: str, text: str, finish_reason: str = "stop") -> Answer:
    """Read an answer strictly; raises InvalidAnswerError whose message tells the model what to mend."""
    if finish_reason == "length":
        raise InvalidAnswerError(provider, "the answer was cut off by the output limit: be shorter")
    if len(text) > LONGEST_ANSWER:
        raise InvalidAnswerError(provider, f"the answer has more than {LONGEST_ANSWER} characters")
    fenced = _FENCED.match(text)
    try:
        return Answer.model_validate_json(fenced[1] if fenced else text)
    except ValidationError as error:
        raise InvalidAnswerError(provider, _problems(error)) from None


def _problems(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)[:_MOST_PROBLEMS]
    shown = [
        f"{'.'.join(str(part)[:40] for part in problem['loc']) or 'answer'}: {problem['msg']}"
        for problem in found
    ]
    return "; ".join(shown)[:1_000]
