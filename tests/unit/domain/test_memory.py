"""What is reused of an answer, and what never is."""

from datetime import UTC, datetime, timedelta

from rca.domain.analysis import Analysis
from rca.domain.basis import Sighting
from rca.domain.memory import Answer, Lease, Memory, adapted, history, with_history
from rca.domain.vocabulary import Category, Confidence, Severity

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
DAY, PASSING = timedelta(days=1), timedelta(minutes=15)


def analysis(**changes):
    given = {
        "error_type": "StaleMirror",
        "category": Category.DEPENDENCY,
        "severity": Severity.MEDIUM,
        "root_cause": "The mirror is stale.",
        "recommendations": ("Refresh it.",),
        "confidence": Confidence.HIGH,
        "provider": "openai",
    }
    return Analysis(**{**given, **changes})


def answer(**changes):
    return Answer(analysis=analysis(**changes), ticket_id="T-1", at=NOW)


def sighting(note=None, **changes):
    given = {"ticket_id": "T-1", "opened_at": "2026-11-20T03:00:00.000Z", "resolution": "user", "note": note}
    return Sighting(**{**given, **changes})


def test_what_acts_and_how_bad_it_is_are_each_failures_own():
    remembered = answer(remediable=True, action="retry_job", max_retries=2, affected_entity="table: a")
    own = analysis(severity=Severity.HIGH, root_cause="?", affected_entity="table: b", provider="rules")
    fitted = adapted(remembered, own)
    assert (fitted.remediable, fitted.action, fitted.max_retries) == (False, None, 0)
    assert (fitted.severity, fitted.affected_entity) == (Severity.HIGH, "table: b")
    assert (fitted.root_cause, fitted.provider) == ("The mirror is stale.", "openai")
    assert adapted(answer(severity=Severity.HIGH), analysis()).severity is Severity.HIGH


def test_an_answer_holds_until_it_is_old_or_judged_wrong_later():
    memory = Memory(answer=answer())
    assert memory.reusable(NOW + DAY - PASSING, DAY, PASSING)
    assert memory.reusable(NOW + DAY, DAY, PASSING) is None
    judged = Memory(answer=answer(), rejected_at=NOW)
    assert judged.reusable(NOW, DAY, PASSING) is None
    assert Memory(answer=answer(), rejected_at=NOW - PASSING).reusable(NOW, DAY, PASSING)


def test_that_the_models_could_not_tell_is_believed_for_a_while_only():
    memory = Memory(answer=answer(provider="rules"))
    assert memory.reusable(NOW + PASSING / 2, DAY, PASSING)
    assert memory.reusable(NOW + PASSING, DAY, PASSING) is None


def test_a_lease_keeps_others_out_until_it_ends():
    memory = Memory(lease=Lease(holder="T-1", until=NOW))
    assert memory.held("T-2", NOW - PASSING)
    assert memory.held("T-1", NOW - PASSING) is None
    assert memory.held("T-2", NOW) is None


def test_notes_of_people_become_advice_once():
    seen = [
        sighting("restarted it"),
        sighting("Restarted it", ticket_id="T-0"),
        sighting("x", resolution="source"),
    ]
    advised = with_history(analysis(), seen)
    assert [step for step in advised.recommendations if "T-" in step] == [
        "T-1 failed the same way and was closed with the note: “restarted it”"
    ]
    assert with_history(advised, seen) == advised


def test_history_tells_verdicts_and_notes_and_is_empty_without_any():
    told = history([sighting("restarted it", helpful=False, comment="wrong host", cause="The mirror.")])
    assert "restarted it" in told
    assert "judged wrong: The mirror." in told
    assert "wrong host" in told
    assert history([sighting(resolution=None)]) == ""
