import pytest

from rca.domain.vocabulary import Severity, Source
from rca.errors import ShapeError
from tests.unit.sources.payloads import RECEIVED, RUN, custom, failure, read

ROUTE = "alerts/custom"


def test_minimal_alert():
    found = failure(custom(), ROUTE)
    assert (found.source, found.resource, found.run_id, found.identity) == (
        Source.AZURE_MONITOR,
        "db",
        "r1",
        "run:r1",
    )
    assert (found.message, found.occurred_at) == ("it broke", RECEIVED)


def test_all_fields():
    extra = {
        "code": 7,
        "severity": "high",
        "time": "2026-11-20T09:00:00+01:00",
        "labels": {"team": "x", "n": 1},
    }
    found = failure(custom(source="airflow", **extra), ROUTE)
    assert (found.source, found.code, found.severity) == (Source.AIRFLOW, "7", Severity.HIGH)
    assert found.occurred_at.isoformat() == "2026-11-20T08:00:00+00:00"
    assert found.labels == {"team": "x", "n": "1"}


def test_unreadable_options_are_remarked_not_refused():
    reading = read(custom(severity="awful", time="soon"), ROUTE)
    assert reading.notes == (
        "time can't be read and was left out: soon",
        "severity can't be read and was left out: awful",
    )


def test_pipeline_runs_have_no_case():
    assert failure(custom(source="adf", run_id=RUN.upper()), ROUTE).run_id == RUN


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        (custom(source="mainframe"), ("source",)),
        (custom(run_id=None), ("run_id",)),
        (custom(resource="", run_id="none", message=" "), ("resource", "run_id", "message")),
        ({"resource": "db", "message": []}, ("run_id", "message")),
    ],
)
def test_what_is_missing_is_named(payload, fields):
    with pytest.raises(ShapeError) as raised:
        read(payload, ROUTE)
    assert raised.value.fields == fields
