"""What the catalog makes of whole task logs of Airflow 2 and of the structured ones of Airflow 3."""

import json

import pytest

from rca.domain.vocabulary import Category, Source
from tests.support.signs import signs


def found(message, code=None, source=Source.AIRFLOW):
    finding = signs().read(source, message, code).finding
    assert finding is not None, message
    return finding


def task_log(*traces):
    """Write the log of a failed task as Airflow 2 does, the cause first."""
    parts = [
        f'Traceback (most recent call last):\n  File "/opt/airflow/dags/tides.py", line {10 + number}, in load\n'
        f"    step()\n{trace}\n"
        for number, trace in enumerate(traces)
    ]
    chain = "\nThe above exception was the direct cause of the following exception:\n\n".join(parts)
    return (
        "[2026-11-20, 02:11:01 UTC] {local_task_job_runner.py:123} INFO - ::group::Pre task execution logs\n"
        "[2026-11-20, 02:11:03 UTC] {taskinstance.py:3313} ERROR - Task failed with exception\n"
        f"{chain}"
        "[2026-11-20, 02:11:03 UTC] {taskinstance.py:1226} INFO - Marking task as FAILED. dag_id=tides\n"
        "[2026-11-20, 02:11:04 UTC] {local_task_job_runner.py:266} INFO - Task exited with return code 1\n"
    )


def event_line(*raised):
    """Write the log line of a failed task as Airflow 3 does, one item for each exception of the chain."""
    detail = [
        {"exc_type": name, "exc_value": value, "is_cause": number > 0, "frames": []}
        for number, (name, value) in enumerate(raised)
    ]
    return json.dumps(
        {
            "timestamp": "2026-11-20T02:11:03Z",
            "event": "Task failed with exception",
            "level": "error",
            "error_detail": detail,
        }
    )


ROOTS = [
    ("KeyError: 'berth'", "KeyError", False),
    ("ModuleNotFoundError: No module named 'pandera'", "ModuleNotFoundError", False),
    ("ConnectionRefusedError: [Errno 111] Connection refused", "ConnectionRefused", True),
    ('psycopg2.errors.UndefinedTable: relation "stg.berths" does not exist', "TableNotFound", False),
    (
        "airflow.exceptions.AirflowNotFoundException: The conn_id `quay_db` isn't defined",
        "AirflowConnectionMissing",
        False,
    ),
    ("jinja2.exceptions.UndefinedError: 'execution_date' is undefined", "UndefinedError", False),
]


@pytest.mark.parametrize(("root", "error_type", "remediable"), ROOTS)
def test_the_root_of_a_task_log_wins_over_what_wraps_it(root, error_type, remediable):
    finding = found(task_log(root, "airflow.exceptions.AirflowException: loading the berths failed"))
    assert (finding.error_type, finding.entry.remediable) == (error_type, remediable)


def test_an_error_while_another_one_was_handled_is_told_by_one_of_both():
    message = (
        'Traceback (most recent call last):\n  File "x.py", line 3, in f\nFileNotFoundError: [Errno 2] No such file '
        "or directory: '/data/tides.csv'\n\nDuring handling of the above exception, another exception occurred:\n\n"
        'Traceback (most recent call last):\n  File "x.py", line 9, in g\n'
        "airflow.exceptions.AirflowException: cannot go on\n"
    )
    assert found(message).error_type == "FileNotFound"


@pytest.mark.parametrize(
    ("raised", "category"),
    [
        ([("AirflowRuntimeError", "VARIABLE_NOT_FOUND: {'key': 'harbour'}")], Category.RESOURCE_MISSING),
        ([("ModuleNotFoundError", "No module named 'pandera'")], Category.DEPENDENCY),
        (
            [
                ("AirflowException", "loading failed"),
                ("ConnectionRefusedError", "[Errno 111] Connection refused"),
            ],
            Category.NETWORK,
        ),
    ],
)
def test_structured_log_lines_of_airflow_3(raised, category):
    assert found(event_line(*raised)).entry.category is category


def test_what_a_command_logged_is_not_its_cause():
    """Figures that a healthy step prints are no reason, where the log ends in a mere exit code."""
    message = (
        "[2026-11-20, 02:11:02 UTC] {subprocess.py:93} INFO - memory usage 3.1 GB, cpu load 40 %\n"
        "[2026-11-20, 02:11:03 UTC] {taskinstance.py:3313} ERROR - Task failed with exception\n"
        'Traceback (most recent call last):\n  File "bash.py", line 3, in execute\n'
        "airflow.exceptions.AirflowException: Bash command failed. The command returned a non-zero exit code 1.\n"
    )
    finding = signs().read(Source.AIRFLOW, message, None).finding
    assert finding is None or finding.entry.group != "prometheus"
