"""Work that several processes share: same answers, same order, nobody left behind."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rca.cli.crew import Crew

ROOT = Path(__file__).parents[3]
ORPHANS = """
import time
from rca.cli.crew import Crew
from tests.unit.cli.test_crew import who
with Crew(2) as crew:
    print(*{pid for part in crew.shared(who, None, range(200)) for pid in part}, flush=True)
    time.sleep(60)
"""


def who(_, items):
    return [os.getpid() for _ in items]


def doubled(factor, items):
    return [factor * item for item in items]


def failing(_, items):
    raise ValueError(f"no {items[0]}")


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 1_000])
def test_the_parts_come_back_in_order(count):
    with Crew(3) as crew:
        for _ in range(2):
            parts = crew.shared(doubled, 2, range(count))
            assert [item for part in parts for item in part] == [2 * item for item in range(count)]


def test_little_work_stays_here_and_much_is_shared():
    with Crew(2) as crew:
        assert {pid for part in crew.shared(who, None, range(10)) for pid in part} == {os.getpid()}
        workers = {pid for part in crew.shared(who, None, range(500)) for pid in part}
    assert workers
    assert os.getpid() not in workers
    with Crew(1) as alone:
        assert {pid for part in alone.shared(who, None, range(500)) for pid in part} == {os.getpid()}


def test_a_fault_of_the_work_is_raised_here():
    with Crew(2) as crew, pytest.raises(ValueError, match="no 0"):
        list(crew.shared(failing, None, range(500)))


def test_the_workers_of_a_killed_process_end():
    process = subprocess.Popen([sys.executable, "-c", ORPHANS], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    workers = [int(pid) for pid in process.stdout.readline().split()]
    assert workers
    handles = [os.pidfd_open(pid) for pid in workers]
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)
    for handle in handles:
        assert select.select([handle], [], [], 30)[0], "a worker outlived its parent"
        os.close(handle)
