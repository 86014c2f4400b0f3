"""The host as a subprocess, for tests and the demo."""

import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from localhost import processes
from localhost.azurite import ROOT, stop_recorded
from localhost.errors import HostError

READY = r"(?m)^ready on http://127\.0\.0\.1:(\d+)$"
START_SECONDS = 90.0
STOP_SECONDS = 60.0


class HostProcess:
    """`python -m localhost` in a process of its own: `with HostProcess(app) as host: … host.url`.

    `app` is the function app's folder; `data` keeps storage (default: in memory); `connection` names storage that
    runs already; `arguments` are further options; `env` goes over this process's environment. The port is a free one
    unless given, and stays the same over `kill` and `start`. All that the host prints is in the file `log`
    (default: a temporary one).
    """

    def __init__(
        self,
        app: Path = ROOT,
        *,
        data: Path | None = None,
        connection: str | None = None,
        arguments: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        log: Path | None = None,
        port: int = 0,
    ) -> None:
        self._app = app
        self._data = data
        self._connection = connection
        self._arguments = list(arguments)
        self._env = dict(env or {})
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._own_log = log is None
        self.log = log or Path(tempfile.gettempdir()) / f"localhost-{secrets.token_hex(8)}.log"
        self._log_start = 0

    @property
    def url(self) -> str:
        """Base URL, such as http://127.0.0.1:7071."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """Process id, 0 while it does not run."""
        return self._process.pid if self._process else 0

    def start(self, seconds: float = START_SECONDS) -> Self:
        """Start and wait until it serves; raises HostError with the end of the log if it does not."""
        self.spawn()
        self._port = int(self.wait_for_output(READY, seconds)[1])
        return self

    def spawn(self) -> None:
        """Start and do not wait."""
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command(),
                cwd=ROOT,
                env={**os.environ, **self._env},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_for_output(self, pattern: str, seconds: float) -> re.Match[str]:
        """Wait until something since the latest start matches; HostError when the host ends or time is up."""
        deadline = time.monotonic() + seconds
        while True:
            ended = self._process is None or self._process.poll() is not None
            if found := re.search(pattern, self.output()):
                return found
            if ended or time.monotonic() > deadline:
                why = "the host ended" if ended else f"{seconds:.0f} s passed"
                raise HostError(f"{why} before {pattern!r}: {self.output()[-2_000:]}")
            time.sleep(0.02)

    def output(self) -> str:
        """Return all that was printed since the latest start."""
        if not self.log.exists():
            return ""
        return self.log.read_bytes()[self._log_start :].decode("utf-8", "replace")

    def stop(self, seconds: float = STOP_SECONDS) -> int:
        """Stop softly, Azurite included; returns the exit code."""
        return self._end(signal.SIGTERM, seconds)

    def kill(self) -> None:
        """End with SIGKILL. An Azurite on a data folder goes on, the next `start` finds it."""
        self._end(signal.SIGKILL, STOP_SECONDS)

    def wait(self, seconds: float = STOP_SECONDS) -> int:
        """Wait for the end; returns the exit code."""
        if not self._process:
            return 0
        code = self._process.wait(seconds)
        if self._process.stdin:
            self._process.stdin.close()
        self._process = None
        return code

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._data:
            stop_recorded(self._data)
        if self._own_log:
            self.log.unlink(missing_ok=True)

    def _command(self) -> list[str]:
        storage = ["--data", str(self._data)] if self._data else ["--in-memory"]
        connection = ["--connection", self._connection] if self._connection else storage
        base = [sys.executable, "-m", "localhost", "--stop-with-stdin"]
        return [*base, "--app", str(self._app), "--port", str(self._port), *connection, *self._arguments]

    def _end(self, how: signal.Signals, seconds: float) -> int:
        if not self._process:
            return 0
        processes.end(self._process.pid, self._process, how, seconds)
        return self.wait()
