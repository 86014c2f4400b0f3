"""Azurite as a child process: what it keeps, and what it says when it can't start."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from localhost import azurite as module
from localhost import processes
from localhost.azurite import Azurite
from localhost.errors import HostError
from tests.integration.localhost.stage import Stage


def test_azurite_keeps_what_it_acknowledged_over_a_soft_stop(tmp_path: Path) -> None:
    with Azurite(tmp_path / "data") as azurite:
        ports = azurite.ports
        stage = Stage(tmp_path, "kept", azurite.connection_string)
        stage.queue("q").create_queue()
        stage.queue("q").send_message("here")
        azurite.stop()
        azurite.start()
        assert azurite.ports == ports
        assert stage.bodies("q") == ["here"]
        azurite.kill()
        assert not processes.all_listen(ports, 0)


def test_a_stale_record_of_a_strangers_process_is_ignored(tmp_path: Path) -> None:
    record = tmp_path / "azurite.json"
    record.write_text(json.dumps({"pid": os.getpid(), "ports": [1, 2, 3]}))
    with Azurite(tmp_path, outlive=True) as azurite:
        assert azurite.pid != os.getpid()
        assert json.loads(record.read_text())["pid"] == azurite.pid
    assert processes.alive(os.getpid())


def test_an_azurite_that_hangs_is_replaced(tmp_path: Path) -> None:
    hung = Azurite(tmp_path, outlive=True).start()
    record = json.loads((tmp_path / "azurite.json").read_text())
    record["ports"] = [1, 2, 3]  # none answers
    (tmp_path / "azurite.json").write_text(json.dumps(record))
    with Azurite(tmp_path, outlive=True) as azurite:
        assert azurite.pid != hung.pid
        assert not processes.alive(hung.pid)
    hung.stop()


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(HostError, match=rf"Azurite ended at once: .*EADDRINUSE.*{port}"):
            Azurite(in_memory=True, ports=(0, port, 0)).start()


def test_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "SCRIPT", tmp_path / "azurite.js")
    with pytest.raises(HostError, match=r"Azurite is not installed in .*: run `make setup`"):
        Azurite(in_memory=True).start()
