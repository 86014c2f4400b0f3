import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time

import pytest

from rca.cli.classify import finding
from tests.unit.cli.support import BARE, ROOT, answers, lines, run, start

MISSING = "ErrorCode=UserErrorFileNotFound,'Type=X,Message=The required Blob is missing. path: a/b.parquet.'"
FIELDS = [
    "id", "is_failure", "error_type", "error_code", "category", "severity", "priority", "remediable", "action",
    "root_cause", "recommendations", "confidence", "signature",
]  # fmt: skip


def classified(*values):
    status, out, err = run("classify", "--jsonl", given=lines(*values))
    return status, answers(out), err


def test_a_line_for_each_line_in_order():
    status, found, err = classified(
        {"id": "one", "source": "adf", "message": MISSING},
        {"id": 2, "source": "databricks_cluster", "message": "x", "error_code": "INACTIVITY"},
        {"source": "airflow", "message": ""},
    )
    assert (status, err) == (0, "")
    assert [list(line) for line in found] == [FIELDS] * 3
    assert [line["id"] for line in found] == ["one", 2, None]
    one = found[0]
    assert (one["error_type"], one["error_code"]) == ("UserErrorFileNotFound", "UserErrorFileNotFound")
    assert (one["category"], one["severity"], one["priority"]) == ("resource_missing", "High", "P2")
    assert (one["is_failure"], one["remediable"], one["action"]) == (True, False, None)
    assert "a/b.parquet" in one["root_cause"]
    assert len(one["signature"]) == 32
    benign = found[1]
    assert (benign["is_failure"], benign["category"], benign["error_code"]) == (
        False,
        "cancelled",
        "INACTIVITY",
    )
    assert (benign["severity"], benign["priority"]) == ("Low", "P4")
    assert (found[2]["category"], found[2]["is_failure"], found[2]["error_code"]) == ("unknown", True, None)


def test_the_answer_is_the_same_every_time():
    line = {"id": 1, "source": "adf", "message": MISSING}
    assert classified(line)[1] == classified(line)[1]


def test_a_bad_line_is_answered_in_its_place():
    good = json.dumps({"id": "g", "source": "airflow", "message": "boom"})
    bad = [
        '{"id": 1, "source": "mainframe", "message": "x"}',
        '{"id": 2, "message": "x"}',
        '{"id": 3, "source": "adf", "message": ["x"]}',
        '{"id": 4, "source": "adf", "message": "x", "error_code": {}}',
        "{",
        "[]",
        '{"id": 7, "source": "adf", "message": NaN}',
        "[" * 100_000,
    ]
    given = "\n".join([good, *(line for each in bad for line in (each, good)), ""])
    status, out, err = run("classify", "--jsonl", given=given.encode() + b'{"id": "\xff"}\n\n')
    found = answers(out)
    assert status == 1
    assert err == f"rca: {len(bad) + 1} bad lines\n"
    assert [line["id"] for line in found[::2]] == ["g"] * (len(bad) + 1)
    errors = found[1::2]
    assert [line["id"] for line in errors] == [1, 2, 3, 4, *[None] * 5]
    assert [line["error"]["field"] for line in errors[:4]] == ["source", "source", "message", "error_code"]
    assert [line["error"]["line"] for line in errors[:2]] == [2, 4]
    assert "databricks_job" in errors[0]["error"]["detail"]
    assert "UTF-8" in errors[-1]["error"]["detail"]


def test_a_bad_line_repeats_nothing_that_may_be_secret():
    _, found, err = classified({"id": 1, "source": "password=hunter22", "message": "x"})
    assert "hunter22" not in json.dumps(found) + err


@pytest.mark.parametrize(
    ("name", "as_"),
    [
        ("databricks", "databricks_job"),
        ("Synapse", "adf"),
        ("AIRFLOW", "airflow"),
        ("azure-monitor", "azure_monitor"),
    ],
)
def test_other_names_of_a_source_mean_the_same(name, as_):
    told = {"message": "java.lang.OutOfMemoryError: Java heap space"}
    assert finding({"source": name, **told}) == finding({"source": as_, **told})


def test_secrets_are_not_told_again():
    _, found, _ = classified(
        {
            "id": 1,
            "source": "airflow",
            "message": "no luck with password=hunter22x for ana@example.com: KeyError: 'a'",
        },
        {"id": 2, "source": "adf", "message": "x", "error_code": "token=abc123def456ghi7"},
    )
    told = json.dumps(found)
    assert "hunter22x" not in told
    assert "ana@example.com" not in told
    assert "abc123def456" not in told


def test_a_huge_message_is_one_message(tmp_path):
    path = tmp_path / "in.jsonl"
    huge = "INFO all is well\n" * 400_000 + "ValueError: bad row"
    too_long = {"id": "b", "source": "airflow", "message": "x" * 17 * 1_048_576}
    path.write_text(
        lines({"id": "a", "source": "airflow", "message": huge}, too_long, {"id": "c", "source": "adf"})
    )
    status, out, _ = run("classify", "--jsonl", str(path))
    a, b, c = answers(out)
    assert status == 1
    assert a["id"] == "a"
    assert a["category"] != "unknown" or a["error_type"] == "ValueError"
    assert "16 MiB" in b["error"]["detail"]
    assert c["id"] == "c"


MEASURED = """
import resource, runpy, sys
sys.argv = ["rca", "classify", "--jsonl"]
try:
    runpy.run_module("rca", run_name="__main__")
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def test_ten_thousand_lines_take_no_more_memory_than_a_thousand():
    texts = [f"KeyError: 'column_{number % 7}' in step {number % 11}: " + "x" * 100 for number in range(100)]
    peaks = []
    for count in (1_000, 10_000):
        given = lines(
            *({"id": number, "source": "airflow", "message": texts[number % 100]} for number in range(count))
        )
        done = subprocess.run(
            [sys.executable, "-c", MEASURED],
            cwd=ROOT,
            env=BARE,
            input=given.encode(),
            capture_output=True,
            check=True,
        )
        found = answers(done.stdout.decode())
        assert [line["id"] for line in found] == list(range(count))
        peaks.append(int(done.stderr.split()[-1]))
    # The lines that come in and go out are 8 MB longer; what they become in memory is several times as much.
    assert peaks[1] - peaks[0] < 4_000, "kilobytes"


def test_each_answer_comes_before_the_next_line_is_there():
    process = start("classify", "--jsonl")
    for number in range(3):
        process.stdin.write(lines({"id": number, "source": "adf", "message": "x"}).encode())
        process.stdin.flush()
        assert select.select([process.stdout], [], [], 30)[0], "the answer was held back"
        assert json.loads(process.stdout.readline())["id"] == number
    process.communicate(timeout=30)
    assert process.returncode == 0


def test_many_lines_at_once_are_answered_as_one_by_one():
    given = [{"id": number, "source": "adf", "message": f"login {number} failed"} for number in range(400)]
    given[150:250:10] = [{"id": number} for number in range(150, 250, 10)]
    status, told, _ = classified(*given)
    assert status == 1
    assert [line["id"] for line in told] == list(range(400))
    assert [line["error"]["line"] for line in told if "error" in line] == list(range(151, 251, 10))
    assert [classified(given[number])[1] for number in (0, 399)] == [[told[0]], [told[399]]]


def test_a_reader_that_has_seen_enough_ends_it_quietly():
    given = lines(*({"id": number, "source": "adf", "message": "x"} for number in range(200))).encode()
    with start("classify", "--jsonl", bufsize=0) as process:
        process.stdin.write(given)
        process.stdout.read(1)
        process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            for _ in range(50):
                process.stdin.write(given)
        assert process.stderr.read() == b""
        process.wait(timeout=60)
    assert process.returncode == 141


def test_an_interrupt_ends_it_quietly():
    # Whoever runs the tests in the background of a shell has it ignored, and children inherit that.
    process = start("classify", "--jsonl", preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    process.stdin.write(lines({"id": 1, "source": "adf", "message": "x"}).encode())
    process.stdin.flush()
    process.stdout.readline()
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, b"")


def test_it_is_fast():
    values = [
        {
            "source": "airflow",
            "message": f"requests.exceptions.HTTPError: 50{number % 9} for url: http://10.0.0.{number}/x",
        }
        for number in range(200)
    ]
    for value in values:
        finding(value)
    started = time.process_time()
    for value in values:
        finding(value)
    assert len(values) / (time.process_time() - started) > 300


def test_a_code_in_the_text_is_told_as_it_is_written():
    for source, message, code in (
        ("adf", 'response: {"code": "LinkedServiceNotFound", "message": "gone"}', "LinkedServiceNotFound"),
        ("adf", "ErrorCode=UserErrorX1,... ErrorCode=SqlFailedToConnect,'Type=...", "SqlFailedToConnect"),
        ("databricks_job", "[DELTA_TABLE_NOT_FOUND] it is gone", "DELTA_TABLE_NOT_FOUND"),
        ("databricks_cluster", "termination code: SPOT_INSTANCE_TERMINATION", "SPOT_INSTANCE_TERMINATION"),
        ("airflow", "ORA-01017: invalid username/password", "ORA-01017"),
        ("azure_monitor", "AADSTS7000215: Invalid client secret provided", "AADSTS7000215"),
        ("adf", "error code: 2200", "2200"),
        ("airflow", "Task exited with return code 1", None),
        ("airflow", "HTTP status code: 404 for url", None),
        ("airflow", "[WARNING] the connection was refused", None),
        ("adf", "The pipeline Load_orders failed", None),
    ):
        assert finding({"source": source, "message": message})["error_code"] == code, message


def test_hostile_words_do_not_slow_the_search_for_codes():
    for text in ("aA" * 200_000, "[A_" * 100_000, "error code=" * 50_000, "code: " + "x." * 100_000):
        started = time.process_time()
        finding({"source": "adf", "message": text})
        assert time.process_time() - started < 5
