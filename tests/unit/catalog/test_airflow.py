"""What the catalog makes of Airflow's own messages and of those of its providers."""

import pytest

from rca.catalog.coverage import coverage, references
from rca.domain.vocabulary import Category, Severity, Source
from tests.support.signs import signs


def found(message, code=None, source=Source.AIRFLOW):
    finding = signs().read(source, message, code).finding
    assert finding is not None, message
    return finding


@pytest.mark.parametrize(
    ("message", "error_type", "category", "remediable"),
    [
        (
            "Executor CeleryExecutor(parallelism=16) reported that the task instance <TaskInstance: t.f r1 [queued]> "
            "finished with state failed, but the task instance's state attribute is queued. Learn more: https://x",
            "TaskEndedBeforeStart",
            "platform",
            False,
        ),
        (
            "Executor KubernetesExecutor(parallelism=16) reported that the task instance <TaskInstance: tides.fetch r1 "
            "[running]> finished with state failed, but the task instance's state attribute is running.",
            "TaskStateMismatch",
            "platform",
            False,
        ),
        ("Task was requeued more than 3 times and will be failed.", "ExecutorLostTask", "platform", True),
        (
            "airflow.exceptions.AirflowException: Time since last heartbeat(421.08s) exceeded limit (300s).",
            "ZombieTask",
            "platform",
            False,
        ),
        (
            "airflow.exceptions.AirflowException: PID of job runner does not match",
            "TaskStateMismatch",
            "platform",
            False,
        ),
        (
            "Process terminated by signal. Likely out of memory error (OOM). signal=-9 signal_name=SIGKILL",
            "TaskKilledBySigkill",
            "capacity",
            False,
        ),
        (
            "airflow.exceptions.AirflowException: Segmentation Fault detected.",
            "TaskSegmentationFault",
            "dependency",
            False,
        ),
        (
            "AirflowRuntimeError: VARIABLE_NOT_FOUND: {'key': 'harbour'}",
            "AirflowVariableMissing",
            "resource_missing",
            False,
        ),
        (
            "AirflowRuntimeError: CONNECTION_NOT_FOUND: {'conn_id': 'quay_db'}",
            "AirflowConnectionMissing",
            "resource_missing",
            False,
        ),
        ("AirflowRuntimeError: XCOM_NOT_FOUND: {'key': 'return_value'}", "XComNotFound", "dependency", False),
        (
            "AirflowRuntimeError: ASSET_NOT_FOUND: {'name': 'tides'}",
            "ASSET_NOT_FOUND",
            "resource_missing",
            False,
        ),
        (
            "AirflowRuntimeError: PERMISSION_DENIED: {'conn_id': 'quay_db'}",
            "AirflowPermissionDenied",
            "authorization",
            False,
        ),
        (
            "AirflowRuntimeError: API_SERVER_ERROR: {'status_code': 502}",
            "AirflowApiServerError",
            "platform",
            True,
        ),
        (
            "AirflowRuntimeError: DAGRUN_ALREADY_EXISTS: {'dag_id': 'tides'}",
            "AirflowDagRunExists",
            "configuration",
            False,
        ),
        ("AirflowRuntimeError: GENERIC_ERROR: {'error': 'odd'}", "AirflowRuntimeError", "unknown", False),
        (
            "DAG 'tides' for task instance <TaskInstance: tides.fetch r1 [queued]> not found in serialized_dag table",
            "DagMissingOnWorker",
            "configuration",
            False,
        ),
        (
            "Requested pool slots (6) are greater than total pool slots: '2' for pool: quay.",
            "PoolTooSmallForTask",
            "configuration",
            False,
        ),
        (
            "RuntimeError: Database access is disabled from Dags and Triggers",
            "MetadataAccessForbidden",
            "code",
            False,
        ),
        ("airflow.exceptions.TaskDeferralError: Trigger timeout", "TaskDeferralTimeout", "timeout", False),
        ("airflow.exceptions.TaskDeferralError: Trigger failure", "TaskDeferralError", "unknown", False),
        ("unmappable return value length: 2048 > 1024", "TaskMappingTooLong", "quota", False),
        ("Task exited with return code 1", "AirflowTaskExited", "unknown", False),
        (
            "airflow.exceptions.AirflowException: Waiter EmrJob failed: terminal failure",
            "ExternalJobFailed",
            "dependency",
            False,
        ),
        (
            "celery.exceptions.SoftTimeLimitExceeded: SoftTimeLimitExceeded()",
            "SoftTimeLimitExceeded",
            "timeout",
            False,
        ),
        (
            "An error occurred (ConcurrentRunsExceededException) when calling the StartJobRun operation: too many",
            "ConcurrentRunsExceededException",
            "quota",
            True,
        ),
        (
            "An error occurred (InsufficientInstanceCapacity) when calling the RunInstances operation: none left",
            "InsufficientInstanceCapacity",
            "capacity",
            True,
        ),
        (
            "An error occurred (VcpuLimitExceeded) when calling the RunInstances operation: ask for more",
            "VcpuLimitExceeded",
            "quota",
            False,
        ),
        (
            "botocore.exceptions.ClientError: An error occurred (403) when calling the HeadObject operation: Forbidden",
            "AwsObjectForbidden",
            "authorization",
            False,
        ),
        (
            "slack_sdk.errors.SlackApiError: The server responded with: {'ok': False, 'error': 'token_revoked'}",
            "SlackTokenRejected",
            "authentication",
            False,
        ),
        (
            "slack_sdk.errors.SlackApiError: The server responded with: {'ok': False, 'error': 'ratelimited'}",
            "SlackRateLimited",
            "quota",
            True,
        ),
        (
            "smtplib.SMTPServerDisconnected: Connection unexpectedly closed",
            "SMTPServerDisconnected",
            "network",
            True,
        ),
        (
            "paramiko.ssh_exception.SSHException: Server 'sftp.quay.example.net' not found in known_hosts",
            "AirflowSetupInvalid",
            "configuration",
            False,
        ),
        (
            "Pod tides-1: failed to authorize: failed to fetch anonymous token",
            "ImagePullUnauthorized",
            "authentication",
            False,
        ),
        (
            'Back-off pulling image "registry.example.net/tides:9"',
            "PodImagePullFailed",
            "configuration",
            False,
        ),
    ],
)
def test_messages(message, error_type, category, remediable):
    finding = found(message)
    assert (finding.error_type, finding.entry.category, finding.entry.remediable) == (
        error_type,
        Category(category),
        remediable,
    )


@pytest.mark.parametrize(
    "message",
    [
        "Pausing task as DEFERRED. dag_id=tides task_id=wait",
        "Rescheduling task, marking task as UP_FOR_RESCHEDULE",
        '{"event":"Skipping task.","reason":"no new files"}',
        "State of this instance has been externally set to success. Terminating instance.",
        "airflow.sdk.api.client.ServerResponseError: TI is no longer in the running state and task should terminate",
    ],
)
def test_what_is_no_incident(message):
    entry = found(message).entry
    assert (entry.category, entry.severity) == (Category.CANCELLED, Severity.LOW)


@pytest.mark.parametrize(
    "state", ["removed", "skipped", "success", "deferred", "up_for_reschedule", "restarting"]
)
def test_states_that_are_no_failure(state):
    assert found("", state).entry.category is Category.CANCELLED


@pytest.mark.parametrize(
    ("message", "category"),
    [
        # the words of another error stand in the message, but not as its cause
        (
            "airflow.exceptions.AirflowTaskTimeout: DagBag import timeout for /dags/a.py after 30.0s",
            Category.CODE,
        ),
        (
            "paramiko.ssh_exception.AuthenticationException: Authentication failed: transport timeout",
            Category.AUTHENTICATION,
        ),
        (
            "airflow.exceptions.AirflowException: Pod tides-1 returned a failure. {'reason': 'OOMKilled'}",
            Category.CAPACITY,
        ),
        (
            "billiard.exceptions.WorkerLostError: Worker exited prematurely: signal 9 (SIGKILL) Job: 3.",
            Category.CAPACITY,
        ),
        (
            "billiard.exceptions.WorkerLostError: Worker exited prematurely: signal 15 (SIGTERM) Job: 3.",
            Category.PLATFORM,
        ),
        (
            "snowflake.connector.errors.ProgrammingError: 000904 (42000): invalid identifier 'BERTH_ID'",
            Category.SCHEMA,
        ),
    ],
)
def test_precedence(message, category):
    assert found(message).entry.category is category


@pytest.mark.parametrize(
    "message",
    [
        "AirflowException: the manifest was refused by customs",
        "Task harbour_dues.calculate failed (try 2)",
        "airflow.exceptions.AirflowException: the queue at the pier is served by two ferries",
    ],
)
def test_near_misses_claim_no_cause(message):
    finding = signs().read(Source.AIRFLOW, message).finding
    assert finding is None or finding.entry.category is Category.UNKNOWN


def test_a_lost_task_is_only_retried_where_no_worker_took_it():
    for state in ("queued", "running", "restarting"):
        message = f"finished with state failed, but the task instance's state attribute is {state}."
        assert not found(message).entry.remediable
    assert found("Task stuck in queued; Task requeue attempts exceeded max (2)").entry.remediable


def test_names_are_captured():
    captured = found("AirflowRuntimeError: CONNECTION_NOT_FOUND: {'conn_id': 'quay_db'}").captured
    assert captured["connection"] == "quay_db"
    assert found("AirflowRuntimeError: VARIABLE_NOT_FOUND: {'key': 'pier'}").captured["variable"] == "pier"
    captured = found(
        "Requested pool slots (6) are greater than total pool slots: '2' for pool: quay."
    ).captured
    assert (captured["requested"], captured["limit"], captured["pool"]) == ("6", "2", "quay")
    assert found("unmappable return type 'DataFrame'").captured["type"] == "DataFrame"


def test_airflows_own_names_are_all_known():
    rows = [row for row in coverage(signs().entries, references()) if row.reference.group == "airflow"]
    assert len(rows) >= 5
    assert {row.reference.name: row.missing for row in rows if row.missing} == {}


@pytest.mark.parametrize(
    ("message", "error_type", "category", "remediable"),
    [
        ("Task stuck in queued. Task requeue attempts exceeded max (2)", "ExecutorLostTask", "platform", True),
        ("{'reason': 'not_running', 'current_state': 'queued'} Task killed!", "TaskDisowned", "platform", False),
        ("Error sending Celery task: Timeout, PID: 311", "CeleryBrokerUnreachable", "network", True),
        ("kombu.exceptions.OperationalError: NOAUTH Authentication required.", None, "authentication", False),
        ("ApiException: (410) Gone: too old resource version: 1 (2)", "KubernetesWatchExpired", "platform", False),
        ("POST /v2/payouts batch PO-3310 got no answer", "HttpWriteUnanswered", "timeout", False),
        ("Warehouse 'W' cannot be resumed because resource monitor 'M' has exceeded its quota.",
         "SnowflakeResourceMonitor", "quota", False),
        ("Pod took too long to start. FailedMount: secret \"bq-key\" not found", None,
         "configuration", False),
        ("jinja2.exceptions.TemplateNotFound: sql/x.sql", "TemplateNotFound", "resource_missing", False),
        ("gate 'finance-signoff' is closed: not yet approved", "ApprovalMissing", "dependency", False),
        ("sanity gate 'drift': 18 % moved, allowed 5 % NOT OK", "DataGateRefused", "data_quality", False),
    ],
)  # fmt: skip
def test_more_of_what_tasks_say(message, error_type, category, remediable):
    entry = found(message).entry
    assert (entry.category, entry.remediable) == (Category(category), remediable)
    assert error_type in (None, entry.error_type)


def test_tasks_pods_and_files_are_captured():
    captured = found("Executor X finished with state failed, but the task instance's state attribute is queued. "
                     "<TaskInstance: crm.upsert r1 [queued]>").captured  # fmt: skip
    assert captured["task"] == "crm.upsert"
    captured = found('pods is forbidden: User "system:serviceaccount:a:w" cannot create resource "pods" in API group '
                     '"" in the namespace "ml"').captured  # fmt: skip
    assert (captured["verb"], captured["kind"], captured["namespace"]) == ("create", "pods", "ml")
    captured = found("Numeric value 'x' is not recognized File 'a/o.csv', line 9, character 1 "
                     'column "T"["QTY":3]').captured  # fmt: skip
    assert (captured["file"], captured["column"]) == ("a/o.csv", "QTY")
