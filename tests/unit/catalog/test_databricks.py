"""How messages of Databricks jobs and clusters are read: category, retry, and what goes before what."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from rca.analysis.rules import analyse
from rca.catalog import catalog
from rca.catalog.coverage import references
from rca.domain.failure import Failure
from rca.domain.vocabulary import Category, Severity, Source
from tests.support.signs import signs

JOB, CLUSTER = Source.DATABRICKS_JOB, Source.DATABRICKS_CLUSTER
MESSAGES = yaml.safe_load(Path(__file__).with_name("databricks_messages.yaml").read_text(encoding="utf-8"))
SPARK_WRAPPERS = """---------------------------------------------------------------------------
\x1b[0;31mPy4JJavaError\x1b[0m                             Traceback (most recent call last)
File <command-4172>, line 12
---> 12 joined.write.mode("overwrite").saveAsTable("silver.order_lines")

Py4JJavaError: An error occurred while calling o512.saveAsTable.
: org.apache.spark.SparkException: Job aborted due to stage failure: Task 31 in stage 18.0 failed 4 times
\tat org.apache.spark.scheduler.DAGScheduler.failJobAndIndependentStages(DAGScheduler.scala:3908)
Caused by: org.apache.spark.SparkException: [TASK_WRITE_FAILED] Task failed while writing rows. SQLSTATE: 58030
\tat org.apache.spark.sql.errors.QueryExecutionErrors$.taskFailedWhileWritingRowsError(QueryExecutionErrors.scala:1)
"""


def read(message, code=None, source=JOB):
    finding = signs().read(source, message, code).finding
    assert finding is not None, message
    return finding


def told(message, code=None, source=JOB):
    return analyse(
        Failure(
            source=source,
            resource="orders_silver",
            run_id="8812",
            identity="8812",
            occurred_at=datetime(2026, 11, 20, tzinfo=UTC),
            message=message,
            code=code,
        )
    )


@pytest.mark.parametrize(("source", "code", "category", "remediable", "message"), MESSAGES)
def test_a_message_is_read_by_its_meaning(source, code, category, remediable, message):
    """By its signs, or by its words where they see what the signs do not."""
    assert (category, remediable) in {taken(book, source, message, code) for book in (signs(), catalog())}


def test_signs_and_words_together_read_nearly_all_of_them():
    right = [
        (category, remediable) == taken(catalog(), source, message, code)
        for source, code, category, remediable, message in MESSAGES
    ]
    assert sum(right) / len(right) > 0.96


def taken(book, source, message, code):
    finding = book.read(Source(source), message, code).finding
    return finding and (str(finding.entry.category), finding.entry.remediable)


@pytest.mark.parametrize(
    ("cause", "category", "remediable"),
    [
        ("java.lang.OutOfMemoryError: Java heap space", Category.CAPACITY, False),
        ("java.io.IOException: No space left on device", Category.CAPACITY, False),
        ('java.nio.file.AccessDeniedException: Operation failed: "This request is not authorized to perform this '
         'operation using this permission.", 403, PUT, https://stlake.dfs.core.windows.net/silver',
         Category.AUTHORIZATION, False),
        ("java.net.UnknownHostException: stlakee.dfs.core.windows.net", Category.NETWORK, False),
        ("org.apache.spark.SparkNumberFormatException: [CAST_INVALID_INPUT] The value 'n/a' of the type \"STRING\" "
         "cannot be cast to \"INT\" because it is malformed. SQLSTATE: 22018", Category.DATA_QUALITY, False),
        ("com.databricks.sql.transaction.tahoe.ConcurrentAppendException: Files were added by a concurrent update.",
         Category.CODE, True),
        ("org.apache.spark.shuffle.FetchFailedException: Connection from /10.0.0.4:4048 closed",
         Category.PLATFORM, True),
    ],
)  # fmt: skip
def test_the_inner_cause_decides_and_no_wrapper(cause, category, remediable):
    entry = read(f"{SPARK_WRAPPERS}Caused by: {cause}\n\t... 12 more", "RUN_EXECUTION_ERROR").entry
    assert (entry.category, entry.remediable) == (category, remediable)


def test_wrappers_alone_say_little_and_are_not_retried():
    entry = read(SPARK_WRAPPERS).entry
    assert entry.error_type in {"SPARK_EXCEPTION", "EngineFault"}
    assert not entry.remediable


@pytest.mark.parametrize("length", range(60, len(SPARK_WRAPPERS), 40))
def test_a_trace_that_was_cut_off_is_never_retried(length):
    finding = signs().read(JOB, SPARK_WRAPPERS[:length], "RUN_EXECUTION_ERROR").finding
    assert finding is not None
    assert not finding.entry.remediable


@pytest.mark.parametrize(
    ("message", "error_type"),
    [
        ("ExecutorLostFailure (executor 3 exited caused by one of the running tasks) Reason: Command exited with "
         "code 137", "ExecutorOutOfMemory"),
        ("ExecutorLostFailure (executor 3 exited unrelated to the running tasks) Reason: worker lost",
         "ExecutorLost"),
        ("ExecutorLostFailure (executor 3 exited caused by one of the running tasks) Reason: spot instance was "
         "preempted; termination reason SPOT_INSTANCE_TERMINATION", "SPOT_INSTANCE_TERMINATION"),
        ("The spark driver has stopped unexpectedly and is restarting.", "DriverOutOfMemory"),
        ("Could not reach driver of cluster 1120-020007-abcd1234.", "DriverError"),
        ("[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column with name `qty` cannot be resolved.", "UNRESOLVED_COLUMN"),
        ("[DELTA_CONCURRENT_APPEND] Files were added by a concurrent update.", "DELTA_CONCURRENT_APPEND"),
        ("[CONCURRENT_STREAM_LOG_UPDATE] Concurrent update to the log. Multiple streaming jobs detected for 4.",
         "CONCURRENT_STREAM_LOG_UPDATE"),
        ("[GROUP_BY_POS_OUT_OF_RANGE] GROUP BY position 9 is not in select list. SQLSTATE: 42805",
         "GROUP_BY_POS_OUT_OF_RANGE"),
    ],
)  # fmt: skip
def test_neighbours_are_kept_apart(message, error_type):
    assert read(message).error_type == error_type


@pytest.mark.parametrize(
    ("state", "category"),
    [
        ("42613", Category.CODE), ("0A000", Category.CODE), ("22546", Category.DATA_QUALITY),
        ("42501", Category.AUTHORIZATION), ("42704", Category.RESOURCE_MISSING), ("42K03", Category.RESOURCE_MISSING),
        ("56038", Category.CONFIGURATION), ("XXKST", Category.PLATFORM), ("54000", Category.CAPACITY),
        ("0AKUC", Category.CONFIGURATION), ("58030", Category.PLATFORM),
    ],
)  # fmt: skip
@pytest.mark.parametrize("raised", ["", "pyspark.errors.exceptions.captured.AnalysisException: "])
def test_a_condition_that_nobody_knows_is_told_by_its_sqlstate(state, category, raised):
    entry = read(f"{raised}[NOT_YET_INVENTED.HERE] It does not go like this. SQLSTATE: {state}").entry
    assert entry.category is category
    assert not entry.remediable


NO_INCIDENT = ["INACTIVITY", "USER_REQUEST", "JOB_FINISHED", "SUCCESS", "RUNNING", "STARTING", "RESIZING"]
NO_FAILED_RUN = [
    "USER_CANCELED", "CANCELED", "UPSTREAM_CANCELED", "DISABLED", "EXCLUDED", "SKIPPED", "SUCCESS", "QUEUED", "BLOCKED",
    "SUCCESS_WITH_FAILURES", "CLUSTER_TERMINATED_BY_USER",
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "code"), [(CLUSTER, code) for code in NO_INCIDENT] + [(JOB, code) for code in NO_FAILED_RUN]
)
def test_what_was_wanted_is_no_incident(source, code):
    found = told("", code, source)
    assert (found.error_type, found.category, found.severity) == (code, Category.CANCELLED, Severity.LOW)
    assert not found.remediable


@pytest.mark.parametrize(
    ("code", "message", "category"),
    [
        ("SKIPPED", "The run was skipped because of an upstream failure.", Category.DEPENDENCY),
        ("SKIPPED", "The job has reached its maximum of 1 active concurrent runs.", Category.QUOTA),
        ("CANCELED", "Run cancelled: exceeded the maximum run duration of 3600 seconds", Category.TIMEOUT),
        ("INTERNAL_ERROR", "Task load failed with message: Workload failed, see run output for details",
         Category.UNKNOWN),
        ("CLIENT_ERROR", "PERMISSION_DENIED: User does not have SELECT on Table 'prod.gold.orders'.",
         Category.AUTHORIZATION),
        ("CLUSTER_ERROR", "Cluster terminated. Reason: AZURE_QUOTA_EXCEEDED_EXCEPTION", Category.QUOTA),
        ("FAILED", "KeyError: 'region'", Category.CODE),
    ],
)  # fmt: skip
def test_a_states_message_says_more_than_the_state(code, message, category):
    assert read(message, code).entry.category is category


@pytest.mark.parametrize(
    ("inner", "category", "remediable"),
    [
        ("SkuNotAvailable", Category.CAPACITY, True),
        ("QuotaExceeded", Category.QUOTA, False),
        ("AuthorizationFailed", Category.AUTHORIZATION, False),
        ("SubnetIsFull", Category.CAPACITY, False),
        ("ReadOnlyDisabledSubscription", Category.CONFIGURATION, False),
        ("NetworkingInternalOperationError", Category.PLATFORM, True),
    ],
)
def test_the_clouds_own_code_decides_a_failed_launch(inner, category, remediable):
    entry = read(f"azure_error_code: {inner}", "CLOUD_PROVIDER_LAUNCH_FAILURE", CLUSTER).entry
    assert (entry.category, entry.remediable) == (category, remediable)


def test_names_in_the_message_are_told():
    found = told(
        "[DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION] The provided timestamp (2026-01-01 00:00) is before the "
        "earliest version available to this table."
    )
    assert "2026-01-01 00:00" in found.root_cause
    found = told("[PATH_NOT_FOUND] Path does not exist: abfss://raw@stlake.dfs.core.windows.net/orders/1120.")
    assert found.affected_entity.startswith("file: abfss://raw@stlake.dfs.core.windows.net/orders")
    found = told("Cluster-scoped init script /Volumes/ops/init/odbc.sh failed: exit code 4", None, CLUSTER)
    assert "/Volumes/ops/init/odbc.sh" in found.root_cause


@pytest.mark.parametrize(
    "message",
    [
        "Copied 81 files to the archive folder",
        "The photon counter of the experiment was read",
        "Broadcast of the town hall starts at nine",
        "Delta of the two invoices is 12 EUR",
        "psycopg2.InternalError: current transaction is aborted, commands ignored until end of transaction block",
        "bash: unrecognized option '--dt'",
        "the ODBC driver unavailable on this host",
        "the server closed the connection after it had been idle for 600 seconds",
        "stockout report of the shop has no rows",
        "Value 9 of column status is not in the allowed set",
        "java.util.ConcurrentModificationException",
    ],
)
@pytest.mark.parametrize("source", [JOB, Source.AIRFLOW, Source.ADF])
def test_words_that_mean_something_else_elsewhere_match_nothing(message, source):
    finding = signs().read(source, message).finding
    assert finding is None or not finding.entry.group.startswith("databricks")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (JOB, "429: monthly token allowance of deployment gpt-eu is exceeded, 10 requests per "
         "minute until upgrade is bought"),
        (JOB, "Connection lost while the JDBC batch of 5000 rows was being committed; commit "
         "outcome unknown. executor 4 lost afterwards"),
        (JOB, "ExecutorLostFailure (executor 2 exited caused by one of the running tasks) "
         "Reason: Executor heartbeat timed out after 180 s, GC overhead 92 %, heap 27.9 "
         "of 28 GB"),
        (JOB, "Run failed: cloud provider failure, disk encryption key disabled in key vault "
         "kv-a"),
        (JOB, "pip: connection broken by ProxyError('Cannot connect to proxy.', 407 Proxy "
         "Authentication Required) while installing library pandas"),
        (JOB, "Too many failed requests per minute, user account svc-x locked out until an "
         "administrator unlocks it"),
        (JOB, "Warehouse was replaced after INSERT INTO main.gold.ledger; statement must be "
         "resubmitted only if rows are absent"),
        (JOB, "MongoTimeoutException while waiting for a server that matches; x509: "
         "certificate has expired on mongo1.example.com"),
        (CLUSTER, "Cloud provider launch failure: Azure says the resource group rg-dbx-mng is "
         "locked (ScopeLocked)"),
        (CLUSTER, "Could not allocate addresses for 12 nodes, subnet snet-a exhausted"),
        (CLUSTER, "Cluster start: capacity reservation group crg-1 is not available to this "
         "subscription, permission missing"),
        (CLUSTER, "Bootstrap timed out: init script /Volumes/ops/slow.sh still running after 600 "
         "s"),
        (CLUSTER, "Driver unhealthy: java.lang.OutOfMemoryError: Java heap space in driver of "
         "etl-9"),
        (CLUSTER, "Instance unreachable, the security group sg-9 dropped all traffic since "
         "yesterday's change"),
        (CLUSTER, "STORAGE_DOWNLOAD_FAILURE: access to dbstorage77 is denied, the firewall "
         "refuses the subnet"),
        (CLUSTER, "SkuNotAvailable: size Standard_M128s is not offered for your subscription in "
         "norwayeast (restricted)"),
    ],
)  # fmt: skip
def test_what_only_looks_passing_is_never_retried(source, message):
    """Words of a passing fault stand beside what a person has to mend."""
    assert not told(message, None, source).remediable


def test_names_of_teams_and_systems_are_told():
    found = told(
        "waited for marker _DONE in /Volumes/main/in/acme/2026-11-19 since 03:00, giving up at 06:30"
    )
    assert "/Volumes/main/in/acme/2026-11-19" in found.root_cause
    found = told("refuse to start: run lock dbfs:/locks/close.lock is held by run 8812 since 23:10 UTC")
    assert "close.lock" in found.root_cause
    found = told(
        "Access to rates.example.com is denied because of serverless network policy default-restricted"
    )
    assert "rates.example.com" in found.root_cause


REFERENCES = [each for each in references() if each.group.startswith("databricks")]


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda reference: reference.name)
def test_every_documented_code_is_recognised_by_itself(reference):
    source = CLUSTER if reference.group == "databricks_cluster" else JOB
    unknown = [name for name in reference.names if signs().read(source, "", name).finding is None]
    assert unknown == []


CONDITIONS = [each for each in REFERENCES if "error conditions" in each.name or "error classes" in each.name]
LONGEST_CODE_IN_TEXT = 80


@pytest.mark.parametrize("reference", CONDITIONS, ids=lambda reference: reference.name)
def test_a_condition_in_brackets_names_the_error(reference):
    """The ticket carries the condition itself, except for memory, wrappers and cancellations, which have one name."""
    shared = {"SparkOutOfMemory", "SPARK_EXCEPTION", "SparkJobGroupCancelled"}
    for name in (name for name in reference.names if len(name) <= LONGEST_CODE_IN_TEXT):
        assert read(f"[{name}] It does not go like this.").error_type in {name} | shared
