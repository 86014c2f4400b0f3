"""Processes that share work: as many as there are cores, started with the first work that is worth it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import batched, repeat
from multiprocessing.connection import wait
from typing import Final, Self

_FEWEST: Final = 100
"""Items below which one process is done before another one has begun."""
_MOST: Final = 8


class Crew:
    """Does work on many items in this process or in several; a context manager that ends what it started."""

    def __init__(self, cores: int | None = None) -> None:
        self._cores = min(cores or os.process_cpu_count() or 1, _MOST)
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def shared[Task, Item, Result](
        self, work: Callable[[Task, Sequence[Item]], Result], task: Task, items: Sequence[Item]
    ) -> Iterable[Result]:
        """Return what `work(task, some)` makes of the parts of `items`, in order. Both must be picklable."""
        if self._cores < 2 or len(items) < _FEWEST:
            # Done before it is asked for, like the rest.
            return [work(task, items)]
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self._cores, initializer=_join)
        parts = list(batched(items, -(-len(items) // self._cores), strict=False))
        return self._pool.map(work, repeat(task, len(parts)), parts)


def _join() -> None:
    """Leave an interrupt to the parent, and end with it: a parent that was killed can't say so."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
