from rca.domain.vocabulary import Source
from tests.unit.sources.payloads import alert, dimensions, events, failure, table

COLUMNS = ["TimeGenerated", "AppRoleName", "FunctionName", "OperationId", "ExceptionType", "OuterMessage"]


def test_azure_functions_failures():
    rows = [
        ["2026-11-20T03:24:18Z", "func-app", "load", "op1", "System.TimeoutException", "too slow"],
        [
            "2026-11-20T03:25:18Z",
            "func-app",
            "save",
            "op2",
            "System.IO.IOException",
            "System.IO.IOException: gone",
        ],
    ]
    one, other = events(alert(table(COLUMNS, *rows, query="AppExceptions")))
    assert one.source is Source.AZURE_MONITOR
    assert (one.resource, one.run_id, one.identity) == ("func-app/load", "op1", "run:op1")  # type: ignore[union-attr]
    assert (one.message, one.code) == ("System.TimeoutException: too slow", "TimeoutException")  # type: ignore[union-attr]
    assert other.message == "System.IO.IOException: gone"  # type: ignore[union-attr]


def test_rows_without_run_id_are_one_failure_of_the_alert():
    found = failure(
        alert(table(["Computer", "ErrorMessage"], ["vm1", "disk full"], ["vm1", "disk still full"]))
    )
    assert found.message == "disk full\ndisk still full"
    assert found.resource == "vm1"
    assert found.identity.startswith("alert:")


def test_unknown_dimensions_are_told_in_the_message():
    found = failure(alert(dimensions("Heartbeat", Zone="west", Count=3, Empty=None)))
    assert "Zone: west, Count: 3." in found.message
    assert found.resource == "law"
