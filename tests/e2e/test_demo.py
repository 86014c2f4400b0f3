import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from localhost.replay import Patience

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "localhost.demo"]
ALERT = {"resource": "nightly", "run_id": "42", "message": "No space left on device"}
EXPECTED = "{source: azure_monitor, resource: nightly, run_id: '42', outcome: created}"


def demo(*arguments):
    return subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )


@pytest.fixture
def manifest(tmp_path):
    (tmp_path / "alert.json").write_text(json.dumps(ALERT))

    def write(tickets, repeat=1):
        path = tmp_path / "manifest.yaml"
        path.write_text(
            f"- {{file: alert.json, route: alerts/custom, repeat: {repeat}, expect: {{tickets: [{tickets}]}}}}"
        )
        return path

    return write


def test_all_samples_come_out_as_the_manifest_says():
    ran = demo()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "All tickets are as" in ran.stdout
    assert "\x1b" not in ran.stdout


def test_a_missing_and_an_unexpected_ticket_make_it_fail(manifest):
    other = EXPECTED.replace("nightly", "weekly")
    ran = demo("--samples", str(manifest(other)))
    assert ran.returncode == 1
    assert "no ticket for azure_monitor weekly 42" in ran.stdout
    assert "(azure_monitor nightly 42) was not expected" in ran.stdout


def test_a_bad_manifest_is_one_line(tmp_path):
    ran = demo("--samples", str(tmp_path / "none.yaml"))
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert "none.yaml" in ran.stderr


def test_a_taken_port_is_one_line(manifest):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = demo("--samples", str(manifest(EXPECTED)), "--port", str(taken.getsockname()[1]))
    assert ran.returncode == 1
    assert ran.stderr.startswith("demo: port ")
    assert ran.stderr.count("\n") == 1


def test_serving_twice_on_the_same_data_knows_the_tickets_again(manifest, tmp_path):
    samples = manifest(EXPECTED, repeat=4)
    for _ in range(2):
        output = tmp_path / "output.txt"
        with output.open("w") as file:
            running = subprocess.Popen(
                [
                    *COMMAND,
                    "--serve",
                    "--port",
                    "0",
                    "--data",
                    str(tmp_path / "data"),
                    "--samples",
                    str(samples),
                ],
                cwd=ROOT,
                stdout=file,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        patience = Patience(120)
        try:
            while "Serving on" not in output.read_text() and running.poll() is None:
                patience.pause(f"the demo: {output.read_text()}")
        finally:
            running.send_signal(signal.SIGINT)
            try:
                code = running.wait(60)
            finally:
                running.kill()
                running.wait()
        assert code == 0, output.read_text()
        assert "Tickets: 1," in output.read_text()
        assert "not as expected" not in output.read_text()
