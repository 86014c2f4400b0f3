"""What holds for the whole built-in catalog."""

import subprocess
import sys
import time

import pytest

from rca.catalog.actions import Action, action_on
from rca.catalog.expressions import compile_check
from rca.catalog.loader import load_directory
from rca.catalog.matcher import group_of
from rca.domain.vocabulary import Category, Severity, Source
from tests.support.signs import signs

GROUPS = {group_of(source): source for source in Source}
ENTRIES = load_directory()
EXAMPLES = [
    pytest.param(entry, example, id=f"{entry.group}-{entry.error_type}-{number}")
    for entry in ENTRIES
    for number, example in enumerate(entry.examples, start=1)
]


@pytest.mark.parametrize(("entry", "example"), EXAMPLES)
def test_each_example_is_read_as_its_entry(entry, example):
    finding = signs().read(GROUPS[entry.group], example.message, example.code).finding
    assert finding is not None
    assert (finding.entry.group, finding.entry.error_type) == (entry.group, entry.error_type)


def test_it_covers_what_was_asked_for():
    assert len(ENTRIES) >= 120
    assert {entry.group for entry in ENTRIES} == set(GROUPS)
    assert sum(entry.group == "prometheus" for entry in ENTRIES) >= 15


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.group}-{entry.error_type}")
def test_every_expression_compiles(entry):
    for expression in (*entry.patterns, *entry.captures, *entry.counter_patterns):
        compile_check(expression.text)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.group}-{entry.error_type}")
def test_actions_fit_the_source(entry):
    if entry.group == "general":
        assert entry.action in {Action.NONE, Action.RETRY}
    else:
        assert entry.action in {Action.NONE, action_on(GROUPS[entry.group])}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.group}-{entry.error_type}")
def test_what_a_retry_can_not_mend_is_never_retried(entry):
    """DESIGN §5 and decision 2: see docs/decisions/0002-remediable-errors.md."""
    hopeless = {
        Category.AUTHENTICATION, Category.AUTHORIZATION, Category.RESOURCE_MISSING, Category.SCHEMA,
        Category.DATA_QUALITY, Category.CONFIGURATION, Category.CANCELLED, Category.UNKNOWN,
    }  # fmt: skip
    assert not (entry.remediable and entry.category in hopeless)
    if entry.remediable:
        assert entry.severity is not Severity.CRITICAL


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.group}-{entry.error_type}")
def test_cancelled_is_no_incident(entry):
    if entry.category is Category.CANCELLED:
        assert entry.severity is Severity.LOW


@pytest.mark.parametrize(
    ("source", "code", "message", "error_type", "remediable"),
    [
        # the tables of requirements/integrations.md, with what DESIGN changes in them
        (Source.ADF, "UserErrorSourceBlobNotExists", "x", "UserErrorSourceBlobNotExists", False),
        (Source.ADF, "GatewayTimeout", "x", "GatewayTimeout", True),
        (Source.ADF, "HttpConnectionFailed", "x", "HttpConnectionFailed", True),
        (Source.ADF, "InternalServerError", "x", "InternalServerError", True),
        (Source.ADF, "UserErrorInvalidDataType", "x", "UserErrorInvalidDataType", False),
        (Source.ADF, "UserErrorColumnNameInvalid", "x", "UserErrorColumnNameInvalid", False),
        (Source.ADF, "AuthenticationError", "x", "AuthenticationError", False),
        (
            Source.DATABRICKS_CLUSTER,
            "CLOUD_PROVIDER_LAUNCH_FAILURE",
            "x",
            "CLOUD_PROVIDER_LAUNCH_FAILURE",
            True,
        ),
        (
            Source.DATABRICKS_CLUSTER,
            "CLOUD_PROVIDER_RESOURCE_STOCKOUT",
            "",
            "CLOUD_PROVIDER_RESOURCE_STOCKOUT",
            True,
        ),
        (Source.DATABRICKS_CLUSTER, "DRIVER_NOT_RESPONDING", "x", "DRIVER_NOT_RESPONDING", True),
        (Source.DATABRICKS_CLUSTER, "BOOTSTRAP_TIMEOUT", "x", "BOOTSTRAP_TIMEOUT", True),
        (Source.DATABRICKS_CLUSTER, "SPOT_INSTANCE_TERMINATION", "x", "SPOT_INSTANCE_TERMINATION", True),
        (Source.DATABRICKS_JOB, "LIBRARY_INSTALLATION_FAILED", "x", "LIBRARY_INSTALLATION_FAILED", False),
        (Source.DATABRICKS_JOB, "PERMISSION_DENIED", "x", "PERMISSION_DENIED", False),
        (Source.DATABRICKS_JOB, "SPARK_EXCEPTION", "x", "SPARK_EXCEPTION", False),
        (Source.AIRFLOW, None, "connection error", "ConnectionError", True),
        (Source.AIRFLOW, None, "the timeout was reached", "TimeoutError", False),
        (Source.AIRFLOW, None, "process ran out of memory", "OutOfMemory", False),
        (Source.AIRFLOW, None, "sensor timeout", "SensorTimeout", True),
        (Source.AIRFLOW, None, "file not found", "FileNotFound", False),
        (Source.AIRFLOW, None, "API error", "APIError", True),
        (Source.AIRFLOW, None, "authentication failed", "AuthenticationError", False),
    ],
)
def test_the_error_types_of_the_requirements(source, code, message, error_type, remediable):
    finding = signs().read(source, message, code).finding
    assert finding is not None
    assert (finding.error_type, finding.entry.remediable) == (error_type, remediable)


def test_every_termination_code_of_the_clusters_api_is_known():
    """Read from the enum TerminationReasonCode of databricks-sdk 0.162."""
    known = {code for entry in ENTRIES if entry.group == "databricks_cluster" for code in entry.codes}
    asked = {
        "AZURE_RESOURCE_MANAGER_THROTTLING",
        "CONTROL_PLANE_REQUEST_FAILURE",
        "DBFS_COMPONENT_UNHEALTHY",
        "DRIVER_UNREACHABLE",
        "GLOBAL_INIT_SCRIPT_FAILURE",
        "INACTIVITY",
        "INIT_SCRIPT_FAILURE",
        "METASTORE_COMPONENT_UNHEALTHY",
        "NETWORK_CONFIGURATION_FAILURE",
        "SPARK_STARTUP_FAILURE",
        "SUBNET_EXHAUSTED_FAILURE",
        "TRIAL_EXPIRED",
        "WORKSPACE_CONFIGURATION_ERROR",
    }
    assert asked <= known
    assert len(known) > 180


def test_importing_the_package_reads_nothing():
    script = "import sys, rca.catalog; print(sorted({'yaml', 'pydantic', 'rca.catalog.loader'} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_messages_are_read_by_the_thousand():
    messages = [example.message for entry in ENTRIES for example in entry.examples]
    book = signs()
    for message in messages:
        book.read(Source.AIRFLOW, message)  # compiles what is needed
    started = time.process_time()
    for message in messages:
        book.read(Source.AIRFLOW, message)
    assert len(messages) / (time.process_time() - started) > 500
