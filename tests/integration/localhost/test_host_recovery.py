"""What a killed host, a stale Azurite and an outage of the storage leave behind: nothing lost, nothing in the way."""

from __future__ import annotations

import json
from pathlib import Path

import httpx

from localhost import processes
from localhost.azurite import Azurite, connection_string
from localhost.process import HostProcess
from tests.integration.localhost.stage import Stage, until


def test_a_killed_hosts_message_comes_back_when_its_lease_ends(stage: Stage) -> None:
    with stage.host("--lease", "3") as host:
        stage.queue("work").send_message('{"sleep": 2}')
        until(lambda: stage.events("work"))
        host.kill()
        host.start()
        until(lambda: stage.events("worked"))
    first, second = stage.events("work")
    assert (first["attempt"], second["attempt"]) == (1, 2)
    assert first["pid"] != second["pid"]
    assert second["at"] - first["at"] > 2


def test_a_restarted_host_goes_on_with_the_running_azurite(stage: Stage, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with HostProcess(stage.app, data=data, env=stage.env) as host:
        azurite = json.loads((data / "azurite.json").read_text())["pid"]
        url = host.url
        assert httpx.post(f"{url}/api/send", content="kept").status_code == 200
        host.kill()
        assert processes.alive(azurite)
        host.start()
        assert host.url == url
        assert json.loads((data / "azurite.json").read_text())["pid"] == azurite
        assert host.stop() == 0
        assert not processes.alive(azurite)
        host.start()
        assert json.loads((data / "azurite.json").read_text())["pid"] != azurite
        assert _sent(stage, data) == ["kept"]


def test_an_in_memory_azurite_ends_with_its_host(stage: Stage) -> None:
    with HostProcess(stage.app, env=stage.env) as host:
        (azurite,) = _children(host.pid)
        host.kill()
        until(lambda: not processes.alive(azurite))


def test_storage_outage_is_waited_out_with_one_line_each_way(stage: Stage, tmp_path: Path) -> None:
    with Azurite(tmp_path / "data") as azurite:
        own = Stage(stage.app, stage.prefix, azurite.connection_string)
        with own.host() as host:
            queue = f"queue {own.prefix}-work:"
            azurite.stop()
            host.wait_for_output(f"{queue} storage is out of reach", 20)
            assert httpx.post(f"{host.url}/api/send", content="x", timeout=30).status_code == 500
            azurite.start()
            own.queue("work").send_message('{"case": "after"}')
            until(lambda: own.events("worked"))
            host.wait_for_output(f"{queue} reachable again", 20)
            assert host.output().count(f"{queue} storage is out of reach") == 1
            assert host.output().count(f"{queue} reachable again") == 1


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def _sent(stage: Stage, data: Path) -> list[str]:
    ports = json.loads((data / "azurite.json").read_text())["ports"]
    return Stage(stage.app, stage.prefix, connection_string(tuple(ports))).bodies("sent")
