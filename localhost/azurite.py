"""Azurite, Microsoft's storage emulator, as a child process that stops softly.

Azurite keeps acknowledged writes only when it ends by SIGTERM. So a persistent one runs in a session of its own,
outlives a host that is killed, and the next host on the same data folder finds it by `azurite.json`.
"""

import contextlib
import json
import re
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from localhost import processes
from localhost.errors import HostError

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
WATCHDOG = Path(__file__).with_name("watchdog.cjs")
ACCOUNT = "devstoreaccount1"
# the key that every storage emulator has, published by Microsoft
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
LISTENING = re.compile(r"successfully listening at http://127\.0\.0\.1:(\d+)")
START_SECONDS = 60.0
STOP_SECONDS = 15.0
# longer than an SDK's pooled connection rests in practice: a connection closed at that moment costs a retry
KEEP_ALIVE_SECONDS = "120"

type Ports = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Record:
    """A running persistent Azurite, as its data folder remembers it."""

    pid: int
    ports: Ports


class Azurite:
    """One Azurite: `with Azurite(in_memory=True) as azurite: … azurite.connection_string`.

    `data` keeps what is stored (default: a temporary folder, removed at the end); `ports` are blob, queue and table,
    0 for any free one, and stay the same over `stop` and `start`. `outlive`: go on when the starting process dies
    (else it stops softly with it); needs `data`.
    """

    def __init__(
        self,
        data: Path | None = None,
        *,
        in_memory: bool = False,
        ports: Ports = (0, 0, 0),
        outlive: bool = False,
    ) -> None:
        self._data = data
        self._in_memory = in_memory
        self._ports = ports
        self._outlive = outlive
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._pid = 0

    @property
    def ports(self) -> Ports:
        """Blob, queue and table port."""
        return self._ports

    @property
    def pid(self) -> int:
        """Process id, 0 while it does not run."""
        return self._pid

    @property
    def connection_string(self) -> str:
        """For the Azure SDKs and the settings."""
        return connection_string(self._ports)

    def start(self) -> Self:
        """Start and wait until all three services listen, or take over the one that runs on this data folder.

        Raises HostError when node or Azurite is missing, a port is taken, or it does not come up.
        """
        node = _node()
        folder = self._folder()
        if self._outlive and (found := _running(folder)):
            self._pid, self._ports = found.pid, found.ports
            return self
        command = [node, *self._command(folder)]
        log = folder / "azurite.log"
        try:
            # A signal between the fork and here would leave a process that nobody knows.
            with processes.signals_deferred(), log.open("wb") as output:
                self._process = self._spawn(command, output)
                self._pid = self._process.pid
            self._ports = _wait_for_ports(self._process, log)
        except BaseException:
            self.kill()
            self._clean()
            raise
        if self._outlive:
            _write_record(folder, Record(self._pid, self._ports))
        return self

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """End softly, so that all that was acknowledged is on disk; hard after `seconds`."""
        self._end(signal.SIGTERM, seconds)

    def kill(self) -> None:
        """End at once, as a power cut would: writes of the last seconds are lost."""
        self._end(signal.SIGKILL, STOP_SECONDS)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._clean()

    def terminate(self) -> None:
        """Ask it to end softly and do not wait."""
        if self._pid:
            processes.send(self._pid, signal.SIGTERM)

    def _folder(self) -> Path:
        if self._data is None:
            self._temporary = self._temporary or tempfile.TemporaryDirectory(prefix="azurite-")
            return Path(self._temporary.name)
        self._data.mkdir(parents=True, exist_ok=True)
        return self._data

    def _clean(self) -> None:
        if self._temporary:
            self._temporary.cleanup()
            self._temporary = None

    def _command(self, folder: Path) -> list[str]:
        blob, queue, table = map(str, self._ports)
        watch = [] if self._outlive else ["--require", str(WATCHDOG)]
        return [
            *watch,
            str(SCRIPT),
            *(["--inMemoryPersistence"] if self._in_memory else ["--location", str(folder)]),
            *("--blobPort", blob, "--queuePort", queue, "--tablePort", table),
            *("--disableTelemetry", "--skipApiVersionCheck", "--silent"),
            *("--blobKeepAliveTimeout", KEEP_ALIVE_SECONDS, "--queueKeepAliveTimeout", KEEP_ALIVE_SECONDS),
            *("--tableKeepAliveTimeout", KEEP_ALIVE_SECONDS),
        ]

    def _spawn(self, command: list[str], output: IO[bytes]) -> subprocess.Popen[bytes]:
        """In a session of its own: Ctrl-C in the terminal must reach the host alone, which stops us last."""
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if self._outlive else subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _end(self, how: signal.Signals, seconds: float) -> None:
        if not self._pid:
            return
        if self._process or processes.command_contains(self._pid, SCRIPT.name):
            processes.end(self._pid, self._process, how, seconds)
        if self._process and self._process.stdin:
            self._process.stdin.close()
        if self._outlive:
            _record_path(self._folder()).unlink(missing_ok=True)
        self._process, self._pid = None, 0


def connection_string(ports: Ports) -> str:
    """Make the connection string of an Azurite on these blob, queue and table ports."""
    blob, queue, table = (f"http://127.0.0.1:{port}/{ACCOUNT}" for port in ports)
    return (
        f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
        f"BlobEndpoint={blob};QueueEndpoint={queue};TableEndpoint={table};"
    )


def stop_recorded(data: Path) -> None:
    """Softly stop the Azurite that a killed host left behind on `data`, if there is one."""
    if found := _running(data):
        processes.end(found.pid, None, signal.SIGTERM, STOP_SECONDS)
    _record_path(data).unlink(missing_ok=True)


def _node() -> str:
    node = shutil.which("node")
    if not node:
        raise HostError("node is not on the PATH: install Node.js 20 or newer, then run `make setup`")
    if not SCRIPT.exists():
        raise HostError(f"Azurite is not installed in {ROOT / 'node_modules'}: run `make setup`")
    return node


def _running(folder: Path) -> Record | None:
    """Return the recorded Azurite if it is alive and answers; end it if it is alive and does not answer."""
    record = _read_record(folder)
    if not record or not processes.command_contains(record.pid, SCRIPT.name):
        return None
    if processes.all_listen(record.ports, seconds=3.0):
        return record
    processes.end(record.pid, None, signal.SIGTERM, STOP_SECONDS)
    return None


def _record_path(folder: Path) -> Path:
    return folder / "azurite.json"


def _read_record(folder: Path) -> Record | None:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        data = json.loads(_record_path(folder).read_text())
        blob, queue, table = (int(port) for port in data["ports"])
        return Record(int(data["pid"]), (blob, queue, table))
    return None


def _write_record(folder: Path, record: Record) -> None:
    temporary = folder / "azurite.json.new"
    temporary.write_text(json.dumps({"pid": record.pid, "ports": record.ports}))
    temporary.replace(_record_path(folder))


def _wait_for_ports(process: subprocess.Popen[bytes], log: Path) -> Ports:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        text = log.read_text("utf-8", "replace")
        ports = [int(port) for port in LISTENING.findall(text)]
        if len(ports) == 3:
            return ports[0], ports[1], ports[2]
        if process.poll() is not None:
            raise HostError(f"Azurite ended at once: {_complaint(text)}")
        time.sleep(0.02)
    raise HostError(f"Azurite did not start within {START_SECONDS:.0f} s")


def _complaint(text: str) -> str:
    """Pick the line that names the error; of a Node.js crash it is not the last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["no output"]
    return next((line for line in lines if "error" in line.lower()), lines[-1])
