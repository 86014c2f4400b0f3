from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rca.domain.failure import Activity, Benign, Failure, Kind
from rca.domain.vocabulary import Severity, Source
from rca.sources import folding

AT = datetime(2026, 11, 20, 2, tzinfo=UTC)


def failed(name: str = "copy", message: str = "gone", minutes: int = 0, **changes) -> Failure:
    made = Failure(
        source=Source.ADF,
        resource="pl",
        run_id="1",
        identity="run:1",
        occurred_at=AT + timedelta(minutes=minutes),
        message=message,
        code="2200",
        activities=(Activity(name=name, code="2200", message=message),),
        entity=name,
    )
    return replace(made, **changes)


def test_activities_of_one_run_are_one_failure_led_by_the_earliest():
    (joined,) = folding.fold(
        [failed("load", "no input", 5, severity=Severity.CRITICAL), failed("copy", "blob gone")]
    )
    assert isinstance(joined, Failure)
    assert joined.message == "copy (2200): blob gone\nload (2200): no input"
    assert [activity.name for activity in joined.activities] == ["copy", "load"]
    assert joined.entity == "copy"
    assert joined.occurred_at == AT
    assert joined.severity is Severity.CRITICAL


def test_the_same_row_twice_adds_nothing():
    (joined,) = folding.fold([failed(), failed()])
    assert joined == failed()


def test_different_identities_and_other_events_stay_apart():
    benign = Benign(source=Source.ADF, resource="pl", reason="fine")
    found = folding.fold(
        [failed(), benign, failed(identity="run:2"), benign, failed(source=Source.AZURE_MONITOR)]
    )
    assert len(found) == 4
    assert found[1] is benign


def test_activities_are_bounded_and_the_message_is_whole():
    (joined,) = folding.fold(failed(f"step{number}", f"broken {number}") for number in range(1000))
    assert isinstance(joined, Failure)
    assert len(joined.activities) == folding.MAX_ACTIVITIES
    assert "step999 (2200): broken 999" in joined.message


def test_an_alert_identity_is_split_where_it_covers_several_resources():
    rows = [failed(identity="alert:1", resource="a"), failed(identity="alert:1", resource="b"), failed()]
    identities = [event.identity for event in folding.apart(rows, "alert:1")]
    assert identities == ["alert:1/a", "alert:1/b", "run:1"]
    assert folding.apart(rows[:1], "alert:1")[0].identity == "alert:1"


def test_only_the_end_of_a_condition_closes():
    assert not folding.recovery(failed(), AT).closes
    assert folding.recovery(failed(kind=Kind.CONDITION), AT).closes
