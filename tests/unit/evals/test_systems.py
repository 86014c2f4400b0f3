"""Models behind the app's chain, by script: what counts as an answer, what as an error."""

import pytest

from evals.errors import EvalError
from evals.score import Dimension, score
from evals.systems import Model, Recorder, Rules, evidence_of, failure_of, system
from rca.analysis.chain import Chain
from rca.analysis.prices import Price, Prices
from rca.analysis.providers.port import PassingError, RefusalError
from rca.domain.failure import Kind
from rca.domain.vocabulary import Category, Severity
from tests.unit.analysis_llm.support import UNKNOWN, Scripted, Time, answer, completion, links
from tests.unit.evals.support import case

PRICES = Prices(models={"model-1": Price(input=1, output=10)})


def asked(*script, cases=None, breaker=5):
    provider = Scripted(list(script))
    time = Time()
    heard = Recorder(provider)
    chain = Chain(links([heard], time, failures=breaker), lambda _: UNKNOWN, prices=PRICES, ways=time.ways())
    made = Model(chain, heard.name, heard)
    return [made(each) for each in cases or [case()]], provider, made


def statement(*ids):
    return completion(answer(cause=[{"statement": "It is absent.", "evidence": list(ids)}]))


def test_an_answer_is_the_models_with_its_cost_and_citations():
    (reply,), provider, made = asked(statement("E1"))
    assert reply.error is None
    assert reply.said.category is Category.RESOURCE_MISSING
    assert reply.said.cited == {"E1"}
    assert (reply.cost.tokens, reply.cost.micro_dollars) == (150, 600)
    assert made.model == "model-1"
    assert "no orders.csv" in provider.asked[0].user
    assert score(reply).marks[Dimension.CITATIONS] is True


def test_a_citation_that_is_made_up_is_seen_although_the_chain_drops_it():
    (reply,), _, _ = asked(statement("E1", "E7"))
    assert (reply.said.cited, reply.said.invented) == ({"E1"}, {"E7"})
    assert score(reply).marks[Dimension.CITATIONS] is False


def test_what_the_rules_said_instead_is_an_error_of_the_model():
    for failure in (PassingError("scripted", "time-out"), RefusalError("scripted", "no")):
        (reply,), _, _ = asked(failure)
        assert reply.said is None
        assert reply.error.startswith(("passing", "refused"))


def test_invalid_answers_are_errors_and_still_cost():
    (reply,), provider, _ = asked(completion("no JSON"))
    assert (reply.said, len(provider.asked)) == (None, 2)
    assert reply.error.startswith("invalid")
    assert reply.cost.tokens == 300


def test_a_wrong_answer_is_no_error():
    (reply,), _, _ = asked(completion(answer(category="network")))
    assert reply.error is None
    assert score(reply).marks[Dimension.CATEGORY] is False


def test_errors_of_one_case_leave_the_next_alone():
    cases = [case(), case(id="b-case")]
    (one, other), _, _ = asked(completion("no"), completion("no"), statement("E1", "E9"), cases=cases)
    assert one.error is not None
    assert other.said.invented == {"E9"}


def test_an_open_circuit_is_an_error():
    replies, provider, _ = asked(
        PassingError("scripted", "down"), cases=[case(), case(id="b-case")], breaker=1
    )
    assert [each.error.partition(":")[0] for each in replies] == ["passing", "circuit_open"]
    assert len(provider.asked) == 1


def test_the_rules_answer_from_the_platforms_error_too():
    evidence = [
        {"id": "E1", "kind": "error", "title": "t", "text": "ModuleNotFoundError: No module named 'tides'"}
    ]
    reply = Rules()(case(source="databricks_job", message="Workload failed", evidence=evidence))
    assert reply.said.category is Category.DEPENDENCY
    assert reply.said.cited is None


def test_a_failure_is_made_as_intake_would():
    secret = "Password=Zq8-planted-pw;"
    made = failure_of(
        case(
            source="prometheus",
            message=f"Server=db;User ID=x;{secret}",
            error_code="Alert",
            labels={"severity": "critical", "dsn": f"Server=db;{secret}"},
            evidence=[{"id": "E1", "kind": "log", "title": "t", "text": secret}],
        )
    )
    assert "planted" not in str(made)
    assert (made.code, made.kind, made.severity) == ("Alert", Kind.CONDITION, Severity.CRITICAL)
    assert "planted" not in str(
        evidence_of(case(evidence=[{"id": "E1", "kind": "log", "title": "t", "text": secret}]))
    )


def test_nothing_of_the_id_reaches_the_system():
    """An id such as adf-login-locked would give the answer away."""
    assert "telling" not in str(failure_of(case(id="telling-id")))


def test_an_unknown_provider_and_one_that_is_not_set_up(monkeypatch):
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
    with pytest.raises(EvalError, match="no provider oracle"):
        system("oracle")
    with pytest.raises(EvalError, match="gemini is not set up"):
        system("gemini")
