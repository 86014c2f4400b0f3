import time

import pytest

from rca.sources import messages


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ValueError: no", "ValueError"),
        ("airflow.exceptions.AirflowSensorTimeout: too long", "AirflowSensorTimeout"),
        ("Traceback (most recent call last):\n  File x\nKeyError: 'a'", "KeyError"),
        ("KeyError: 'a'\n\nDuring handling:\n\nValueError: b", "ValueError"),
        ("Caused by: java.io.IOException: gone", "IOException"),
        ("Task failed with exception: org.apache.spark.SparkException: Job aborted", "SparkException"),
        ("FileNotFoundError(2, 'No such file')", "FileNotFoundError"),
        ("the Error was that nothing happened", None),
        ("", None),
    ],
)
def test_exception_class(text, expected):
    assert messages.exception_class(text) == expected


def test_error_code():
    text = "ErrorCode=UserErrorFileNotFound,'Type=Microsoft…"
    assert messages.error_code(text) == "UserErrorFileNotFound"
    assert messages.error_code("no code") is None


@pytest.mark.parametrize("part", ["A", "A.", " ", "\n", "AError", "ErrorCode=", "Caused by: "])
def test_hostile_text_costs_no_time(part):
    text = part * 200_000
    started = time.perf_counter()
    messages.exception_class(text)
    messages.error_code(text)
    assert time.perf_counter() - started < 2
