"""Only the answer that was asked for is taken."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rca.analysis.answer import LONGEST_ANSWER, SCHEMA, Answer, parse
from rca.analysis.providers.port import InvalidAnswerError
from tests.unit.analysis_llm.support import answer


def test_good() -> None:
    assert parse("m", json.dumps(answer())).category == "resource_missing"


def test_a_code_fence_round_it_is_forgiven() -> None:
    assert parse("m", f"```json\n{json.dumps(answer())}\n```").error_type == "UserErrorSourceBlobNotExist"


@pytest.mark.parametrize(
    "changes",
    [
        {"severity": "high"},
        {"severity": "Catastrophic"},
        {"category": "other"},
        {"confidence": 1},
        {"cause": []},
        {"cause": "It broke."},
        {"cause": [{"statement": "x"}]},
        {"cause": [{"statement": "x", "evidence": "E1"}]},
        {"recommendations": []},
        {"recommendations": [1]},
        {"affected_entity": None},
        {"error_type": "two words"},
        {"error_type": "x" * 200},
        {"remediable": True},
        {"action": "restart_cluster"},
        {"priority": "P4"},
        {"documentation": "https://evil.example"},
        {"max_retries": 99},
    ],
    ids=str,
)
def test_schema_violations(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidAnswerError):
        parse("m", json.dumps(answer(**changes)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "I can't.",
        "{",
        "{" * 50_000,
        "[" * 50_000,
        json.dumps(answer())[:-5],
        "NaN",
        "\ud800",
    ],
    ids=lambda text: text[:10].encode("unicode_escape").decode(),
)
def test_what_is_no_answer(text: str) -> None:
    with pytest.raises(InvalidAnswerError):
        parse("m", text)


def test_too_long() -> None:
    with pytest.raises(InvalidAnswerError, match="more than"):
        parse("m", json.dumps(answer()) + " " * LONGEST_ANSWER)


def test_cut_off() -> None:
    with pytest.raises(InvalidAnswerError, match="cut off"):
        parse("m", json.dumps(answer()), "length")


def test_the_problem_names_fields_and_repeats_no_values() -> None:
    with pytest.raises(InvalidAnswerError) as caught:
        parse("m", json.dumps(answer(severity="planted-value", category="other")))
    assert "severity" in caught.value.detail
    assert "planted-value" not in caught.value.detail


def test_schema_and_model_say_the_same() -> None:
    properties = SCHEMA["properties"]
    assert isinstance(properties, dict)
    assert set(properties) == set(Answer.model_fields) == set(SCHEMA["required"])  # type: ignore[call-overload]


@given(st.text(max_size=200))
def test_any_text_is_an_answer_or_an_error(text: str) -> None:
    try:
        parse("m", text)
    except InvalidAnswerError:
        return
