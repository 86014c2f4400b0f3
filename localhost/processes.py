"""Small facts about other processes: alive, what it runs, whether its ports answer, end it."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path


def stop_on_signals() -> None:
    """Let SIGINT and SIGTERM raise KeyboardInterrupt until something better handles them.

    A shell without job control starts what it puts in the background with SIGINT ignored, and Python leaves it so.
    """
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)


@contextlib.contextmanager
def signals_deferred() -> Iterator[None]:
    """Hold SIGINT and SIGTERM back until the end of a block; in other threads Python raises nothing anyway."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []
    stops = (signal.SIGINT, signal.SIGTERM)
    before = {each: signal.signal(each, lambda number, _: caught.append(number)) for each in stops}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        if caught:
            signal.raise_signal(caught[0])


def send(pid: int, how: signal.Signals) -> None:
    """Signal a process that may be gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, how)


def alive(pid: int) -> bool:
    """Whether `pid` runs; a zombie, which a container without an init never reaps, does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def command_contains(pid: int, text: str) -> bool:
    """Whether `pid` runs a command line with `text`: ids are reused, so a recorded one may be a stranger's."""
    if not alive(pid):
        return False
    proc = Path(f"/proc/{pid}/cmdline")
    if proc.exists():
        return text.encode() in proc.read_bytes()
    shown = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return text in shown.stdout


def end(pid: int, child: subprocess.Popen[bytes] | None, how: signal.Signals, seconds: float) -> None:
    """Signal `pid` and wait for its end; SIGKILL when it takes longer than `seconds`."""
    send(pid, how)
    if not _gone(pid, child, seconds):
        send(pid, signal.SIGKILL)
        _gone(pid, child, seconds)


def all_listen(ports: Iterable[int], seconds: float) -> bool:
    """Whether something accepts connections on each of these local ports within `seconds`."""
    deadline = time.monotonic() + seconds
    return all(_listens(port, deadline) for port in ports)


def _listens(port: int, deadline: float) -> bool:
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)


def _gone(pid: int, child: subprocess.Popen[bytes] | None, seconds: float) -> bool:
    if child:
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True
    deadline = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.02)
    return True
