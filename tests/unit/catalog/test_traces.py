import time

import pytest

from rca.catalog.traces import exceptions_in

CHAIN = """Traceback (most recent call last):
  File "/opt/dags/orders.py", line 12, in load
    connect()
{first}

{link}

Traceback (most recent call last):
  File "/opt/dags/orders.py", line 20, in run
    load()
{second}
"""
CAUSE = "The above exception was the direct cause of the following exception:"
CONTEXT = "During handling of the above exception, another exception occurred:"


def names(text):
    return [raised.simple_name for raised in exceptions_in(text)]


def test_the_last_caused_by_is_the_root():
    text = """org.apache.spark.SparkException: Job aborted.
\tat org.apache.spark.sql.execution.X.run(X.scala:1)
Caused by: org.apache.spark.SparkException: Task failed
\tat a.b.C.d(C.java:1)
Caused by: java.lang.OutOfMemoryError: Java heap space
\t... 12 more"""
    assert names(text)[0] == "OutOfMemoryError"
    assert exceptions_in(text)[0].message == "Java heap space"


def test_python_raised_from_names_the_cause_first():
    text = CHAIN.format(
        first="ConnectionRefusedError: [Errno 111] refused", link=CAUSE, second="RuntimeError: load failed"
    )
    assert names(text)[:2] == ["ConnectionRefusedError", "RuntimeError"]


def test_python_error_in_a_handler_comes_before_what_was_handled():
    text = CHAIN.format(
        first="KeyError: 'cache'", link=CONTEXT, second="psycopg2.OperationalError: no server"
    )
    assert names(text)[:2] == ["OperationalError", "KeyError"]


def test_a_java_root_inside_a_python_trace_wins():
    text = CHAIN.format(first="ValueError: x", link=CONTEXT, second="Py4JJavaError: An error occurred") + (
        "Caused by: java.io.FileNotFoundException: dbfs:/x"
    )
    assert names(text)[0] == "FileNotFoundException"


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("[Task: validation] FileNotFoundError: '/data/x.csv' not found", "FileNotFoundError"),
        ("RuntimeError: could not load: ValueError: bad row", "ValueError"),
        ("ErrorCode=X,'Type=System.Net.WebException,Message=(403) Forbidden.'", "WebException"),
        ("google.api_core.exceptions.Forbidden: 403 POST https://x", "Forbidden"),
        ("psycopg2.errors.UniqueViolation: duplicate key", "UniqueViolation"),
        ("a.b.Outer$InnerException: nested", "InnerException"),
        ("---\nAnalysisException   Traceback (most recent call last)\nFile <command-1>, line 14\n\n"
         "AnalysisException: [X] y", "AnalysisException"),
    ],
)  # fmt: skip
def test_one_line_mentions(text, root):
    assert names(text)[0] == root


@pytest.mark.parametrize(
    "text",
    [
        "",
        "all is well",
        "Error",
        "no exception here",
        "http://x.y/Exception.html",
        "FailureType SystemError, 3 runs",
        "state: InternalError, see there",
    ],
)
def test_words_are_not_exceptions(text):
    assert exceptions_in(text) == ()


@pytest.mark.parametrize(
    "unit",
    ["a.", "A", "aError", "a.b.CError: ", "Caused by: ", "Caused by: a.b.C: x\n", "Traceback (most recent call last)\n",
     "Traceback (most recent call last):\nA: b\n", ".", "$", "a$b.", "exceptions.A"],
)  # fmt: skip
def test_hostile_text_takes_linear_time(unit):
    text = (unit * (49_152 // len(unit) + 1))[:49_152]
    started = time.process_time()
    exceptions_in(text)
    assert time.process_time() - started < 0.5
