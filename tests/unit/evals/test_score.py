"""Each dimension is green for a right answer and red for one that is wrong in just that."""

import pytest

from evals.score import Dimension, score
from rca.domain.vocabulary import Category, Severity
from tests.unit.evals.support import case, error, expecting, reply


def test_a_right_answer_is_right_in_every_dimension():
    judged = score(reply())
    assert set(judged.marks) == set(Dimension)
    assert judged.right


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"is_failure": False}, {Dimension.IS_FAILURE}),
        ({"error_type": "PathNotFound"}, {Dimension.ERROR_TYPE}),
        ({"category": Category.NETWORK}, {Dimension.CATEGORY}),
        ({"category": Category.UNKNOWN}, {Dimension.CATEGORY, Dimension.KNOWN}),
        ({"remediable": True}, {Dimension.REMEDIABLE, Dimension.SAFE}),
        ({"severity": Severity.MEDIUM}, {Dimension.SEVERITY}),
        ({"advice": "the blob was never written"}, {Dimension.MENTIONS}),
        ({"advice": "orders.csv was never written"}, {Dimension.MENTIONS}),
        ({"everything": "the key is HUNTER22"}, {Dimension.ABSENT}),
        ({"cited": frozenset()}, {Dimension.CITATIONS}),
        ({"invented": frozenset({"E9"})}, {Dimension.CITATIONS}),
    ],
)
def test_one_fault_turns_its_own_dimension_red(changes, faults):
    assert set(score(reply(**changes)).faults) == faults


def test_a_retry_that_was_missed_is_wrong_but_not_unsafe():
    judged = score(reply(expecting(remediable=True), remediable=False))
    assert judged.faults == [Dimension.REMEDIABLE]
    assert Dimension.SAFE not in judged.marks


def test_either_is_not_scored():
    for remediable in (True, False):
        judged = score(reply(expecting(remediable="either"), remediable=remediable))
        assert not {Dimension.REMEDIABLE, Dimension.SAFE} & set(judged.marks)


def test_what_is_not_asked_for_is_not_scored():
    plain = case(
        tags=[],
        evidence=[],
        expect={"is_failure": True, "category": ["code"], "remediable": False, "severity": ["High"]},
    )
    asked = {
        Dimension.IS_FAILURE,
        Dimension.CATEGORY,
        Dimension.REMEDIABLE,
        Dimension.SAFE,
        Dimension.SEVERITY,
    }
    assert set(score(reply(plain)).marks) == asked


def test_citations_are_asked_of_models_only():
    assert Dimension.CITATIONS not in score(reply(cited=None)).marks


def test_an_error_has_no_marks_and_is_not_right():
    judged = score(error())
    assert judged.marks == {}
    assert not judged.right


@pytest.mark.parametrize(
    ("told", "expected", "same"),
    [
        ("FileNotFoundError", "FileNotFound", True),
        ("System.NullReferenceException", "NullReference", True),
        ("UNRESOLVED_COLUMN.WITH_SUGGESTION", "WITH_SUGGESTION", False),
        ("PathNotFound", "FileNotFound", False),
        ("Error", "Exception", False),
    ],
)
def test_error_types_are_compared_by_what_tells_them_apart(told, expected, same):
    judged = score(reply(expecting(error_type=[expected]), error_type=told))
    assert judged.marks[Dimension.ERROR_TYPE] is same
