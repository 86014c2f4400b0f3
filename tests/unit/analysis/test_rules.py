import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.analysis.rules import analyse
from rca.catalog.loader import load_directory
from rca.domain.failure import Activity, Failure, Kind
from rca.domain.vocabulary import Category, Confidence, Severity, Source


def failure(message="", code=None, source=Source.AIRFLOW, **changes):
    return Failure(
        **{
            "source": source,
            "resource": "orders_daily",
            "run_id": "run-1",
            "identity": "run-1",
            "occurred_at": datetime(2026, 11, 20, tzinfo=UTC),
            "message": message,
            "code": code,
        }
        | changes
    )


def test_a_known_failure_is_told_with_the_names_in_its_message():
    found = analyse(
        failure(
            "ErrorCode=UserErrorFileNotFound,'Type=Microsoft.DataTransfer.Common.Shared.HybridDeliveryException,"
            "Message=The required Blob is missing. ContainerName: landing, path: orders/2026/11/20/orders.parquet.,"
            "Source=Microsoft.DataTransfer.ClientLibrary,'",
            "2200",
            Source.ADF,
        )
    )
    assert found.error_type == "UserErrorFileNotFound"
    assert found.category is Category.RESOURCE_MISSING
    assert found.severity is Severity.HIGH
    assert found.confidence is Confidence.VERY_HIGH
    assert "orders/2026/11/20/orders.parquet is not in landing" in found.root_cause
    assert found.affected_entity == "file: orders/2026/11/20/orders.parquet"
    assert any("orders_daily" in text for text in found.recommendations)
    assert 3 <= len(found.recommendations) <= 5
    assert found.documentation is not None
    assert found.documentation.startswith("https://learn.microsoft.com/")
    assert (found.remediable, found.action, found.max_retries, found.provider) == (False, None, 0, "rules")


@pytest.mark.parametrize(
    ("message", "code", "source", "confidence"),
    [
        ("The driver is gone", "DRIVER_NOT_RESPONDING", Source.DATABRICKS_CLUSTER, Confidence.VERY_HIGH),
        ("", "DRIVER_NOT_RESPONDING", Source.DATABRICKS_CLUSTER, Confidence.HIGH),
        ("FileNotFoundError: '/data/x.csv' not found", None, Source.AIRFLOW, Confidence.HIGH),
        ("it says: no space left on device", None, Source.AIRFLOW, Confidence.HIGH),
        ("the timeout was reached", None, Source.AIRFLOW, Confidence.MEDIUM),
        ("Pod etl-1 returned a failure", None, Source.AIRFLOW, Confidence.LOW),
        ("Test failure", "2200", Source.ADF, Confidence.LOW),
        ("qwzx vrrmp", None, Source.AIRFLOW, Confidence.LOW),
    ],
)
def test_confidence_reflects_the_evidence(message, code, source, confidence):
    assert analyse(failure(message, code, source)).confidence is confidence


SPECIFIC = [
    ("Authentication failed: no answer from the identity provider, connection timeout", Category.AUTHENTICATION),
    ("ConnectionError: API returned 401 Unauthorized: token expired, timeout after 30 s", Category.AUTHENTICATION),
    ("connection error: permission denied for schema gold, request timed out", Category.AUTHORIZATION),
    ("The request timed out: No space left on device", Category.CAPACITY),
    ("Connection failed with timeout: certificate verify failed: certificate has expired", Category.NETWORK),
    ("connection error while reading: relation \"stg.orders\" does not exist (timeout)", Category.RESOURCE_MISSING),
    ("requests timed out: 429 Client Error: Too Many Requests", Category.QUOTA),
]  # fmt: skip


@pytest.mark.parametrize(("message", "category"), SPECIFIC)
@pytest.mark.parametrize("source", [Source.ADF, Source.DATABRICKS_JOB, Source.AIRFLOW, Source.AZURE_MONITOR])
def test_generic_words_never_beat_a_specific_sign(message, category, source):
    assert analyse(failure(message, None, source)).category is category


def test_the_root_of_a_trace_decides_not_its_wrapper():
    message = """Py4JJavaError: An error occurred while calling o455.save.
: org.apache.spark.SparkException: Job aborted.
Caused by: org.apache.spark.SparkException: Task failed while writing rows, connection timeout
Caused by: java.lang.OutOfMemoryError: Java heap space"""
    found = analyse(failure(message, "RUN_EXECUTION_ERROR", Source.DATABRICKS_JOB))
    assert found.category is Category.CAPACITY
    assert not found.remediable


def test_a_counter_sign_keeps_an_entry_out():
    message = "Azure error code: QuotaExceeded. Exceeding approved Cores quota. Current Limit: 10"
    found = analyse(failure(message, "CLOUD_PROVIDER_LAUNCH_FAILURE", Source.DATABRICKS_CLUSTER))
    assert found.category is Category.QUOTA
    assert not found.remediable


@pytest.mark.parametrize(
    ("source", "action"),
    [
        (Source.ADF, "retry_pipeline"),
        (Source.DATABRICKS_JOB, "retry_job"),
        (Source.DATABRICKS_CLUSTER, "restart_cluster"),
        (Source.AIRFLOW, "retry_task"),
    ],
)
def test_a_retry_is_that_of_the_platform_that_failed(source, action):
    found = analyse(failure("Connection refused", None, source))
    assert (found.remediable, found.action, found.max_retries) == (True, action, 2)


def test_another_platforms_failure_is_retried_where_it_was_started():
    found = analyse(
        failure("Cluster terminated: CLOUD_PROVIDER_RESOURCE_STOCKOUT", None, Source.DATABRICKS_JOB)
    )
    assert (found.error_type, found.action) == ("CLOUD_PROVIDER_RESOURCE_STOCKOUT", "retry_job")


@pytest.mark.parametrize(
    "changes",
    [
        {"source": Source.PROMETHEUS, "kind": Kind.CONDITION},
        {"source": Source.AZURE_MONITOR, "kind": Kind.CONDITION},
        {"kind": Kind.CONDITION},
    ],
)
def test_what_is_no_run_is_never_retried(changes):
    found = analyse(failure("Connection refused", **changes))
    assert (found.remediable, found.action, found.max_retries) == (False, None, 0)


ACTIVITIES = (
    Activity(name="cp_orders", code="2200", message="ErrorCode=UserErrorFileNotFound,Message=The Blob is missing."),
    Activity(name="nb_silver", code="3204", message="Databricks execution failed with error state: Terminated"),
)  # fmt: skip


def test_the_activity_that_explains_most_decides_and_is_named():
    message = "Operation on target cp_orders failed: see activity"
    for activities in (ACTIVITIES, ACTIVITIES[::-1]):
        found = analyse(failure(message, "ActionFailed", Source.ADF, activities=activities))
        assert found.error_type == "UserErrorFileNotFound"
        assert "step cp_orders" in found.root_cause


def test_of_equals_the_upstream_activity_decides():
    missing, invalid = (
        Activity(name="first", message="no space left on device"),
        Activity(name="second", message="permission denied"),
    )
    assert analyse(failure(activities=(missing, invalid))).category is Category.CAPACITY
    assert analyse(failure(activities=(invalid, missing))).category is Category.AUTHORIZATION


def test_a_stopped_activity_explains_nothing_where_another_failed():
    activities = (Activity(name="a", code="Cancelled"), Activity(name="b", message="the timeout was reached"))
    assert analyse(failure("", None, Source.ADF, activities=activities)).category is Category.TIMEOUT


def test_a_run_that_a_person_cancelled_is_no_incident_whatever_its_log_says():
    found = analyse(
        failure("Run cancelled; last line: OutOfMemoryError", "USER_CANCELED", Source.DATABRICKS_JOB)
    )
    assert (found.category, found.severity, found.remediable) == (Category.CANCELLED, Severity.LOW, False)


@pytest.mark.parametrize(
    ("kind", "told", "severity"),
    [
        (Kind.CONDITION, Severity.CRITICAL, Severity.HIGH),
        (Kind.CONDITION, Severity.LOW, Severity.HIGH),
        (Kind.CONDITION, None, Severity.HIGH),
        (Kind.RUN, Severity.CRITICAL, Severity.HIGH),
    ],
)
def test_only_its_effect_makes_a_condition_critical(kind, told, severity):
    assert analyse(failure("no space left on device", kind=kind, severity=told)).severity is severity


def test_the_sender_lifts_a_condition_to_high_at_most():
    for told, severity in ((Severity.CRITICAL, Severity.HIGH), (Severity.LOW, Severity.MEDIUM)):
        found = analyse(failure("Connection refused", kind=Kind.CONDITION, severity=told))
        assert found.severity is severity


def test_a_number_in_the_catalogs_own_notation_is_no_error_type():
    found = analyse(failure("pyodbc.Error: Msg 18456, Level 14, State 1: no entry", None, Source.AIRFLOW))
    assert found.category is Category.AUTHENTICATION
    assert not found.error_type.startswith("MSSQL-")


def test_labels_fill_in_names():
    found = analyse(
        failure("Connection refused", labels={"host": "db-prod", "port": "5432"}, source=Source.AZURE_MONITOR)
    )
    assert found.root_cause.startswith("db-prod did not accept the connection on port 5432")


def test_an_unknown_failure_is_told_by_its_message():
    message = """Traceback (most recent call last):
  File "/opt/airflow/dags/orders.py", line 41, in load_silver
    check(total)
acme.rules.ControlTotalMismatchError: expected 12 orders, found 11"""
    found = analyse(failure(message, "ACME-17", severity=Severity.HIGH))
    assert found.error_type == "ControlTotalMismatchError"
    assert found.confidence in {Confidence.LOW, Confidence.MEDIUM}
    assert found.severity is Severity.HIGH
    for told in (
        "orders_daily",
        "ACME-17",
        "expected 12 orders, found 11",
        "/opt/airflow/dags/orders.py, line 41",
    ):
        assert told in found.root_cause
    assert any("line 41" in text for text in found.recommendations)
    assert any("ACME-17" in text for text in found.recommendations)
    assert not found.remediable


@pytest.mark.parametrize(("message", "code"), [("", None), ("", "X9"), ("\n\n", None), ("?", None)])
def test_an_empty_failure_still_gets_an_analysis(message, code):
    found = analyse(failure(message, code))
    assert found.error_type == "UnknownError"
    assert found.severity is Severity.MEDIUM
    assert "orders_daily" in found.root_cause
    assert found.affected_entity == "orders_daily"
    assert len(found.recommendations) >= 3


def test_an_unknown_activity_is_the_affected_entity():
    found = analyse(failure("failed", activities=(Activity(name="cp_x", message="acme.OddError: strange"),)))
    assert (found.error_type, found.affected_entity) == ("OddError", "cp_x")
    assert "step cp_x of orders_daily" in found.root_cause


def test_what_a_message_says_is_quoted_never_interpreted():
    found = analyse(failure("FileNotFoundError: '{resource} {0.__class__} %s <b>' not found"))
    assert "{resource} {0.__class__} %s <b>" in found.root_cause


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400), st.none() | st.text(max_size=20), st.sampled_from(Source))
def test_any_text_gets_a_complete_and_consistent_analysis(message, code, source):
    found = analyse(failure(message, code, source))
    assert found.error_type
    assert 0 < len(found.root_cause) <= 1_000
    assert all(found.recommendations)
    assert found.remediable == (found.action is not None) == (found.max_retries > 0)


MIB = 1 << 20
UNITS = [
    *("a", "a.", "A.aError: ", "Caused by: a.b.CException: x\n", "error "),
    *("'", "\"", "(", "[", "{", "\\n", "\n", "=", " "),
    "Traceback (most recent call last):\n  File \"x.py\", line 1, in f\nValueError: x\n",
    "Traceback (most recent call last):\n",
    "code=UserErrorFileNotFound ",
    "ErrorCode=",
    "could not connect to the server 'x', login failed for user ",
    "table or view not found: ",
    "\tat com.acme.A.b(A.java:1)\n",
    "DELTA_CONCURRENT_APPEND ",
    "\u0130",
]  # fmt: skip


def seconds(failed):
    started = time.process_time()
    analyse(failed)
    return time.process_time() - started


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: repr(unit[:20]))
def test_hostile_messages_take_linear_time(unit):
    text = (unit * (MIB // len(unit) + 1))[:MIB]
    hostile = failure(text, text[:500], Source.ADF, activities=(Activity(name="a", message=text),))
    assert any(seconds(hostile) < 1.0 for _ in range(3))


def test_a_message_that_looks_like_everything_takes_linear_time():
    examples = " ".join(example.message for entry in load_directory() for example in entry.examples)
    text = (examples * (MIB // len(examples) + 1))[:MIB]
    assert any(seconds(failure(text)) < 1.0 for _ in range(3))


def test_the_ends_of_a_long_message_are_read():
    filler = "INFO nothing to see here\n" * 40_000
    assert analyse(failure(f"{filler}OSError: No space left on device\n")).error_type == "DiskFull"
    assert analyse(failure(f"OSError: No space left on device\n{filler}")).error_type == "DiskFull"
