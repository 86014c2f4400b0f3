"""What is a failure and what is not, whatever words stand in the message."""

import time
from datetime import UTC, datetime

import pytest

from rca.analysis.health import health_of
from rca.analysis.rules import analyse
from rca.catalog.matcher import Catalog
from rca.domain.failure import Activity, Failure
from rca.domain.vocabulary import Category, Severity, Source


def read(message, code=None, source=Source.AIRFLOW, **changes):
    return analyse(
        Failure(
            source=source, resource="orders_daily", run_id="run-1", identity="run-1",
            occurred_at=datetime(2026, 11, 20, tzinfo=UTC), message=message, code=code, **changes,
        )
    )  # fmt: skip


BENIGN = [
    ("Pipeline load_orders completed successfully with 0 errors", "Succeeded"),
    ("Task load_silver: state: SUCCESS", "Succeeded"),
    ("error_handler_task succeeded", "Succeeded"),
    ("Table errors_log loaded: 1200 rows, failed: 0", "Succeeded"),
    ('{"status":"Succeeded","error_count":0,"errors":[]}', "Succeeded"),
    ("Run finished: no failures, 12 tasks passed", "Succeeded"),
    ("Done. PASS=10 WARN=0 ERROR=0 SKIP=0 TOTAL=10", "Succeeded"),
    ("Job load_failures_report completed successfully", "Succeeded"),
    ("Data quality checks passed: 0 of 12 rules violated", "Succeeded"),
    ("Process exited with code 0", "Succeeded"),
    ("on_failure_callback registered; job completed", "Succeeded"),
    ("The previous run failed; this run succeeded", "Succeeded"),
    ("Job erfolgreich abgeschlossen, keine Fehler", "Succeeded"),
    ("El trabajo se completó con éxito", "Succeeded"),
    ("Le traitement s'est terminé avec succès sans erreur", "Succeeded"),
    ("O trabalho foi concluído com sucesso", "Succeeded"),
    ("Il processo è terminato con successo", "Succeeded"),
    ("ジョブは正常に完了しました", "Succeeded"),
    ("任务已完成，没有错误", "Succeeded"),  # noqa: RUF001
    ("[RESOLVED] KubePodCrashLooping in namespace data", "Recovered"),
    ("Alert HighLatency resolved: latency is back to normal", "Recovered"),
    ("Connection lost to db-prod; reconnected after 3 s, all tasks succeeded", "Recovered"),
    ("Attempt 1 failed with connection reset; attempt 2 succeeded", "Recovered"),
    ("DAG run state changed from failed to success", "Recovered"),
    ("DeprecationWarning: the timeout parameter is deprecated and will be removed in version 3", "WarningOnly"),
    ("INFO - Starting task load_silver", "InformationOnly"),
    ("No new files to process", "Skipped"),
    ("healthy", "Succeeded"),
    ("Job was paused by schedule", "StoppedByPolicy"),
    ("Run superseded by newer run 1234", "StoppedByPolicy"),
    ("Stopped for the planned maintenance window", "StoppedByPolicy"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "error_type"), BENIGN)
def test_what_reports_no_failure_is_no_incident(message, error_type):
    found = read(message)
    assert not found.is_failure
    assert (found.category, found.severity) == (Category.CANCELLED, Severity.LOW)
    assert (found.remediable, found.action, found.max_retries) == (False, None, 0)
    assert len(found.recommendations) >= 3
    # Without a catalog, the words alone must tell as well.
    assert health_of(Catalog(()).read(Source.AIRFLOW, message)) == error_type


@pytest.mark.parametrize(
    "message",
    [
        "Run was cancelled by user jane@example.com",
        "Cluster terminated due to inactivity after 30 minutes",
        "The job was aborted manually by the operator",
        "Task skipped: branch not taken",
        "Der Lauf wurde vom Benutzer abgebrochen",
        "Exécution annulée par l'utilisateur",
    ],
)
def test_stops_on_purpose_are_no_incident(message):
    found = read(message)
    assert (found.is_failure, found.severity, found.remediable) == (False, Severity.LOW, False)


@pytest.mark.parametrize(
    "message",
    [
        "Completed with errors",
        "The job succeeded partially: 2 of 10 files failed",
        "Success: false",
        '{"success": false, "message": "x"}',
        "The previous run succeeded, this one failed",
        "Task cleanup completed successfully. Traceback (most recent call last):\n  File \"x\"\nKeyError: 'a'",
        "Pipeline finished with 3 errors",
        "Step 1 succeeded. Step 2 failed: connection refused",
        "status: FAILED",
        "Connection succeeded but login failed for user 'etl'",
        "Upload completed successfully; then java.lang.OutOfMemoryError: Java heap space",
        "The name db-1 could not be resolved",
        "Run terminated: exit code 1",
        "10 succeeded, 2 failed, 0 skipped",
        "Task load failed. Task cleanup completed successfully.",
        "Job cancelled because of a timeout of 3600 s",
        "The statement was not successful",
        "Retry 1 succeeded but the final commit failed",
        "Health check failed: 2 of 5 services healthy",
        "no successful backup since Monday",
        "Les données sont chargées avec succès mais l'export a échoué",
        "Erfolgreich verbunden. Abfrage fehlgeschlagen: Tabelle nicht gefunden",
        "Task did not emit heartbeat within limit (300 seconds) and will be terminated.",
        "Task failed with return code 1",
        "error: 0 rows loaded, expected > 0",
        "",
    ],
)
def test_a_word_of_success_does_not_hide_a_failure(message):
    assert read(message).is_failure


def test_a_documented_code_beats_a_word_of_success():
    found = read("The notebook completed successfully", "DRIVER_NOT_RESPONDING", Source.DATABRICKS_CLUSTER)
    assert found.error_type == "DRIVER_NOT_RESPONDING"


def test_an_alert_that_is_over_is_no_incident_though_its_name_is_known():
    assert read("KubePodCrashLooping is firing", "KubePodCrashLooping", Source.PROMETHEUS).is_failure
    assert not read("[RESOLVED] back to normal", "KubePodCrashLooping", Source.PROMETHEUS).is_failure


def test_a_failed_step_decides_though_the_run_ended_well():
    steps = (
        Activity(name="stage", message="completed successfully"),
        Activity(name="load", message="No space left on device"),
    )
    found = read("Pipeline completed", activities=steps)
    assert (found.category, found.is_failure) == (Category.CAPACITY, True)


@pytest.mark.parametrize(
    "unit", ["a", "(", "\n", "=", "table error", "0 errors ", "user x ", "a_", "succeeded ", "no "]
)
def test_hostile_messages_are_judged_in_linear_time(unit):
    text = (unit * (49_152 // len(unit) + 1))[:49_152]
    reading = Catalog(()).read(Source.AIRFLOW, text)
    started = time.process_time()
    health_of(reading)
    assert time.process_time() - started < 0.25


@pytest.mark.parametrize(
    "message",
    [
        "The overnight refresh ended as planned and every figure agrees with the ledger, nothing left to do for anyone",
        "Consumer group caught up again after the broker rollout, lag back at zero and the queue drained by itself",
        "Nightly export held back on purpose: public holiday in the calendar, next run tomorrow at two as always",
    ],
)
def test_words_that_no_phrase_holds_tell_that_nothing_failed(message):
    found = read(message)
    assert (found.is_failure, found.category, found.severity) == (False, Category.CANCELLED, Severity.LOW)


@pytest.mark.parametrize(
    "message",
    [
        "Waiting for the bank's end-of-day file is over: 96 polls in the window passed, never seen, the step gave up",
        "Login failed for user 'loader': shutdown is in progress, scheduled maintenance of the instance by the cloud",
        "The export completed successfully but 3 of 12 target tables stayed empty since the account was locked",
    ],
)
def test_a_phrase_of_success_or_of_a_stop_does_not_hide_what_the_words_tell(message):
    assert read(message).is_failure


def test_a_failure_among_many_lines_of_success_is_one():
    calm = "INFO all partitions of the table were written and verified, the step is finished\n" * 30
    assert read(f"{calm}OSError: [Errno 28] No space left on device\n{calm}").category is Category.CAPACITY
    quiet = (
        "The refresh ended as planned and every figure agrees with the ledger, nothing left to do for anyone\n"
        * 8
    )
    assert read(f"{quiet}the vendor's gateway would not let us in\n{quiet}").is_failure
