"""A lean HTTP client for load: threads with one kept connection each."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import count
from urllib.parse import urlsplit

from localhost.errors import HostError

_ATTEMPTS = 8


def post_all(url: str, path: str, bodies: Sequence[bytes], threads: int = 8) -> float:
    """Post every body once and return how many seconds that took; raises HostError on any answer but 202."""
    turns: Iterator[int] = count()
    failures: list[str] = []
    host = urlsplit(url)

    def work() -> None:
        connection = http.client.HTTPConnection(host.hostname or "", host.port, timeout=60)
        while (turn := next(turns)) < len(bodies) and not failures:
            for attempt in range(_ATTEMPTS):
                connection.request("POST", path, bodies[turn], {"Content-Type": "application/json"})
                response = connection.getresponse()
                text = response.read()
                if response.status != http.client.SERVICE_UNAVAILABLE:
                    break
                # As any sender does: an overloaded emulator answers late, and what was not queued comes again.
                time.sleep(attempt + 1)
            if response.status != http.client.ACCEPTED:
                failures.append(f"{path} answered {response.status}: {text[:200]!r}")
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(threads)]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failures:
        raise HostError(failures[0])
    return time.perf_counter() - started
