"""Start, stop, and what the host says when it can't start."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from localhost import processes
from tests.integration.localhost.stage import Stage, until


def test_a_soft_stop_finishes_what_runs_and_takes_nothing_new(stage: Stage, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with stage.host(data=data) as host:
        answers: list[httpx.Response] = []
        url = f"{host.url}/api/slow?seconds=1.5"
        request = threading.Thread(target=lambda: answers.append(httpx.get(url, timeout=20)))
        request.start()
        until(lambda: stage.events("slow began"))
        azurite = json.loads((data / "azurite.json").read_text())["pid"]
        os.kill(host.pid, signal.SIGTERM)
        host.wait_for_output("stopping", 10)
        until(lambda: not processes.all_listen([int(host.url.rpartition(":")[2])], 0))
        assert host.wait() == 0
        request.join(10)
        assert answers[0].text == "slept"
        assert len(stage.events("slow ended")) == 1
        assert not processes.alive(azurite)
        assert not (data / "azurite.json").exists()


def test_a_soft_stop_finishes_the_message_in_work(stage: Stage) -> None:
    with stage.host() as host:
        stage.queue("work").send_message('{"sleep": 1.5}')
        until(lambda: stage.events("work"))
        assert host.stop() == 0
    assert len(stage.events("worked")) == 1
    assert stage.queue("work").get_queue_properties().approximate_message_count == 0


def test_a_second_signal_stops_at_once(stage: Stage) -> None:
    with stage.host() as host:
        stage.queue("work").send_message('{"sleep": 20}')
        until(lambda: stage.events("work"))
        os.kill(host.pid, signal.SIGINT)
        host.wait_for_output("stopping", 10)
        os.kill(host.pid, signal.SIGINT)
        assert host.wait(5) == 1


def test_first_run_writes_settings_with_fresh_secrets(stage: Stage) -> None:
    example = {"IsEncrypted": False, "Values": {"A": "<random>", "B": "Key=<random>;End", "PREFIX": "unused"}}
    (stage.app / "local.settings.json.example").write_text(json.dumps(example))
    with stage.host() as host:
        assert "wrote local.settings.json with fresh secrets" in host.output()
    written = stage.app / "local.settings.json"
    values = json.loads(written.read_text())["Values"]
    assert len(values["A"]) == 43
    assert values["B"].startswith("Key=")
    assert values["B"].endswith(";End")
    assert values["A"] not in values["B"]
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    with stage.host() as host:
        assert "fresh secrets" not in host.output()
    assert json.loads(written.read_text())["Values"] == values


def test_settings_stand_in_for_the_emulator_and_prepare_runs_once(stage: Stage) -> None:
    values = {
        "DataStorage": "UseDevelopmentStorage=true",
        "EVERY": "not a schedule, and the environment wins",
    }
    (stage.app / "local.settings.json").write_text(json.dumps({"Values": values}))
    with stage.host("--prepare", "function_app:prepare"):
        (event,) = stage.events("prepared")
    assert event["storage"] == stage.storage


def _broken_host_json(stage: Stage) -> None:
    (stage.app / "host.json").write_text('{\n  "version": "2.0"\n  "extensions": {}\n}')


def _wrong_host_json(stage: Stage) -> None:
    (stage.app / "host.json").write_text('{"version": "2.0", "extensions": {"queues": {"batchSize": 40}}}')


def _broken_settings(stage: Stage) -> None:
    (stage.app / "local.settings.json").write_text("{]")


def _append(text: str) -> Callable[[Stage], None]:
    def change(stage: Stage) -> None:
        with (stage.app / "function_app.py").open("a") as file:
            file.write("\n" + text)

    return change


def _nothing(stage: Stage) -> None:
    return None


@pytest.mark.parametrize(
    ("change", "arguments", "env", "code", "message"),
    [
        (_broken_host_json, [], {}, 2, r"host.json:3:3: not valid JSON"),
        (
            _wrong_host_json,
            [],
            {},
            2,
            r"host.json: extensions.queues.batchsize must be a whole number from 1 to 32",
        ),
        (_broken_settings, [], {}, 2, r"local.settings.json:1:2: not valid JSON"),
        (
            _append("import nowhere"),
            [],
            {},
            1,
            r"ModuleNotFoundError: No module named 'nowhere' \(function_app.py:\d+\)",
        ),
        (_append("def broken(:"), [], {}, 1, r"function_app.py:\d+: SyntaxError: "),
        (
            _append("@app.route('x')\ndef twice(req): pass\n" * 2),
            [],
            {},
            1,
            r"function_app.py can't be indexed: .*twice",
        ),
        (
            _nothing,
            [],
            {"PREFIX": ""},
            1,
            r"function send, binding out: '%PREFIX%' does not resolve to a value",
        ),
        (
            _nothing,
            [],
            {"EVERY": "61 * * * * *"},
            1,
            r"function tick: '61 \* \* \* \* \*': 61 is not from 0 to 59",
        ),
        (_nothing, [], {"AzureSignalRConnectionString": ""}, 1, r"AzureSignalRConnectionString' is not set"),
        (_nothing, ["--auth"], {"LOCALHOST_FUNCTION_KEY": ""}, 1, r"--auth needs LOCALHOST_FUNCTION_KEY"),
        (_nothing, ["--prepare", "function_app:nope"], {}, 1, r"--prepare function_app:nope: AttributeError"),
        (_nothing, ["--lease", "0"], {}, 2, r"--lease must be at least 1 second"),
        (_nothing, ["--app", "/nowhere"], {}, 2, r"/nowhere/host.json: not found"),
    ],
)
def test_one_clear_line(
    stage: Stage,
    change: Callable[[Stage], None],
    arguments: list[str],
    env: dict[str, str],
    code: int,
    message: str,
) -> None:
    change(stage)
    host = stage.host(*arguments, **env)
    host.spawn()
    assert host.wait(30) == code
    (line,) = host.output().splitlines()
    assert line.startswith("localhost: ")
    assert re.search(message, line), line


def test_missing_node(stage: Stage, tmp_path: Path) -> None:
    host = stage.host(data=tmp_path / "data", PATH="")
    host.spawn()
    assert host.wait(30) == 1
    assert host.output() == (
        "localhost: node is not on the PATH: install Node.js 20 or newer, then run `make setup`\n"
    )


def test_a_signal_while_starting_leaves_nothing_behind(stage: Stage, tmp_path: Path) -> None:
    data = tmp_path / "data"
    host = stage.host(data=data)
    host.spawn()
    until(lambda: (data / "azurite.log").exists())
    os.kill(host.pid, signal.SIGINT)
    assert host.wait(30) == 130
    assert host.output() == ""
    assert not (data / "azurite.json").exists()


def test_sigint_counts_where_a_background_shell_had_it_ignored(stage: Stage, tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        host = stage.host(data=tmp_path / "data")
        host.spawn()
    finally:
        signal.signal(signal.SIGINT, before)
    until(lambda: (tmp_path / "data" / "azurite.log").exists())
    os.kill(host.pid, signal.SIGINT)
    assert host.wait(30) == 130


def test_port_in_use(stage: Stage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        host = stage.host("--port", str(port))
        host.spawn()
        assert host.wait(30) == 1
    (line,) = host.output().splitlines()
    assert line.startswith(f"localhost: port {port} is taken: choose another with --port")


def test_one_data_folder_has_one_host(stage: Stage, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with stage.host(data=data):
        second = stage.host(data=data)
        second.spawn()
        assert second.wait(30) == 1
        assert f"another host uses {data}" in second.output()
