import pytest

from localhost.replay import Delivery, Result
from localhost.samples import Expectation, Run, Sample
from localhost.verdict import problems

RUN = Run("adf", "nightly", "42")
TICKET = {
    "source": "adf",
    "pipeline": "nightly",
    "run_id": "42",
    "error_type": "CopyTimeout",
    "occurrences": 3,
}


def sample(outcomes, http=202, status="processed", **fields):
    expect = Expectation(http, status, outcomes, dict.fromkeys(outcomes, fields))
    return Sample("sample", "azure-monitor", b"{}", 1, expect)


def delivery(of, *outcomes, http=202, status="processed"):
    fate = {"status": status, "tickets": [{"ticket_id": ticket, "outcome": way} for ticket, way in outcomes]}
    return Delivery(of, http, fate if http == 202 else None)


def judge(*deliveries, tickets=None, listed=("T1",), dead=0, fresh=True):
    known = {"T1": TICKET} if tickets is None else tickets
    return problems(Result(deliveries, known, set(listed), dead), fresh=fresh)


def test_all_as_expected():
    burst = sample({RUN: "created"}, error_type="CopyTimeout", occurrences=3)
    came = [delivery(burst, ("T1", way)) for way in ("duplicate", "created", "duplicate")]
    refused = sample({}, http=400, status=None)
    assert judge(*came, delivery(refused, http=400)) == []


@pytest.mark.parametrize(
    ("came", "problem"),
    [
        ([], "sample: no ticket for adf nightly 42"),
        ([("T1", "duplicate")], "sample: T1 was duplicate 1 times instead of created"),
    ],
)
def test_a_missing_ticket_or_a_wrong_outcome_is_told(came, problem):
    assert judge(delivery(sample({RUN: "created"}), *came)) == [problem]


def test_two_that_created_the_same_ticket_are_told():
    burst = sample({RUN: "created"})
    assert judge(*[delivery(burst, ("T1", "created"))] * 2) == [
        "sample: T1 was created 2 times instead of created"
    ]


def test_a_wrong_answer_or_fate_is_told():
    wanted = sample({}, http=202, status="ignored")
    assert judge(delivery(wanted, http=500), tickets={}, listed=()) == [
        "sample: answered 500 instead of 202 (1 times)"
    ]
    assert judge(delivery(wanted, status="dead"), tickets={}, listed=()) == [
        "sample: became dead instead of ignored (1 times)"
    ]


def test_a_wrong_field_is_told():
    wanted = sample({RUN: "created"}, error_type="Other", resource="nightly")
    assert judge(delivery(wanted, ("T1", "created"))) == [
        "sample: T1: error_type is 'CopyTimeout' instead of 'Other'"
    ]


def test_tickets_that_nobody_expects_are_told():
    assert judge(delivery(sample({}), ("T1", "created")), listed=("T1", "T2")) == [
        "sample: ticket T1 (adf nightly 42) was not expected",
        "ticket T2 was not expected",
    ]


def test_on_storage_with_a_past_known_tickets_are_fine():
    again = sample({RUN: "created"}, error_type="CopyTimeout", occurrences=1)
    assert judge(delivery(again, ("T1", "duplicate")), listed=("T0", "T1"), fresh=False) == []


def test_equal_samples_one_after_the_other_are_judged_apart():
    first, second = sample({RUN: "created"}), sample({RUN: "created"})
    assert judge(delivery(first, ("T1", "created")), delivery(second, ("T1", "duplicate"))) == [
        "sample: T1 was duplicate 1 times instead of created"
    ]


def test_what_was_refused_must_be_kept_as_a_dead_letter():
    refused = delivery(sample({}, http=422, status=None), http=422)
    assert judge(refused, tickets={}, listed=(), dead=1) == []
    assert judge(refused, tickets={}, listed=()) == ["0 dead letters instead of 1"]
    assert judge(refused, tickets={}, listed=(), dead=7, fresh=False) == []
