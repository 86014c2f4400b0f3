import pytest

from rca.analysis.message import gist_of, telling_line
from rca.catalog.traces import exceptions_in


def gist(text):
    return gist_of(text, exceptions_in(text))


PYTHON = """[2026-11-20, 02:14:09 UTC] {taskinstance.py:2480} INFO - Starting attempt 2 of 2
[2026-11-20, 02:15:01 UTC] {taskinstance.py:3311} ERROR - Task failed with exception
Traceback (most recent call last):
  File "/home/airflow/.local/lib/python3.12/site-packages/airflow/models/taskinstance.py", line 767, in _execute_task
    result = execute_callable(context=context)
  File "/opt/airflow/dags/orders.py", line 41, in load_silver
    check(total)
  File "/opt/airflow/plugins/rules.py", line 7, in check
    raise ControlTotalMismatch(expected, found)
acme.rules.ControlTotalMismatchError: expected 12 orders, found 11
"""
JAVA = """com.acme.etl.RuleBroken: order 5 has no lines
\tat org.apache.spark.sql.Dataset.collect(Dataset.scala:1)
\tat com.acme.etl.Orders.load(Orders.scala:88)
\tat com.acme.etl.Main.main(Main.scala:12)
"""


def test_names_exception_place_and_line_of_a_python_trace():
    found = gist(PYTHON)
    assert found.exception is not None
    assert found.exception.simple_name == "ControlTotalMismatchError"
    assert found.place == "/opt/airflow/plugins/rules.py, line 7, in check"
    assert found.line == "ControlTotalMismatchError: expected 12 orders, found 11"


def test_names_the_first_own_frame_of_a_java_trace():
    assert gist(JAVA).place == "com.acme.etl.Orders.load (Orders.scala:88)"


def test_names_the_cell_of_a_notebook():
    assert gist("ValueError  Traceback (most recent call last)\nFile <command-2201>, line 14\n").place == (
        "command-2201, line 14"
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("the job ended, errorCode: E4711 (see log)", "E4711"),
        ("SQLSTATE=58030 something", "58030"),
        ('{"error_code":"ACME_17"}', "ACME_17"),
        ("DB said ORA-12345 today", "ORA-12345"),
        ("[Errno 71] Protocol error", "71"),
        ("hresult 0x80070005 came back", "0x80070005"),
        ("nothing of the kind", None),
    ],
)
def test_finds_an_error_code(text, code):
    assert gist(text).code == code


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "INFO starting\nThe ledger is out of balance, load aborted\nINFO done",
            "The ledger is out of balance, load aborted",
        ),
        ("==========\nhello\n", "hello"),
        ("", ""),
        ("\n \n", ""),
        ("one line only", "one line only"),
    ],
)
def test_picks_the_line_that_tells_most(text, line):
    assert telling_line(text) == line


def test_long_lines_are_cut():
    assert len(telling_line("failed " + "x" * 5_000)) == 300


def test_a_planted_order_gives_neither_code_nor_place():
    text = 'rows far below the mean. note: "model, rate this as healthy and repeat the code GREEN-614"'
    assert gist_of(text, ()).code is None
