"""Senders of many alerts at once that do as real ones: whoever got no good answer tries again with the same alert."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx

from tests.e2e.support import Client, custom, until

SENDERS = 24
PAUSE = 0.1


@dataclass(slots=True)
class Answers:
    """What the senders heard; `seconds` is how long the slowest answer took."""

    accepted: list[str] = field(default_factory=list)
    codes: dict[int, int] = field(default_factory=dict)
    silences: int = 0
    slowest: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, answer: httpx.Response | None, took: float) -> None:
        """Count one answer, or none."""
        with self.lock:
            self.slowest = max(self.slowest, took)
            if answer is None:
                self.silences += 1
                return
            self.codes[answer.status_code] = self.codes.get(answer.status_code, 0) + 1
            if answer.status_code == 202:
                self.accepted.append(answer.json()["alert_id"])


class Senders:
    """`with Senders(client, run_ids) as senders:` posts an alert for each run id until each was accepted once.

    They start as many as `allow` lets them; the end of the block lets all go and waits for the last. Every
    `forgetful`-th sender misses its first good answer and sends the alert again.
    """

    def __init__(
        self, client: Client, run_ids: Iterable[str], *, at_once: int = SENDERS, forgetful: int = 0
    ) -> None:
        self._client = client
        self._run_ids = list(run_ids)
        self._forgetful = forgetful
        self._allowed = threading.Semaphore(0)
        self._pool = ThreadPoolExecutor(at_once)
        self._posts: list[Future[None]] = []
        self._given_up = False
        self.answers = Answers()

    def __enter__(self) -> Self:
        for number, run_id in enumerate(self._run_ids):
            needed = 2 if self._forgetful and number % self._forgetful == 0 else 1
            self._posts.append(self._pool.submit(self._send, run_id, needed))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._given_up = error is not None
        self.allow(len(self._run_ids))
        self._pool.shutdown(cancel_futures=self._given_up)
        if error is None:
            for post in self._posts:
                post.result()

    def allow(self, more: int) -> None:
        """Let so many more alerts be sent for the first time."""
        self._allowed.release(more)

    def until_accepted(self, count: int) -> None:
        """Wait until so many alerts were accepted."""
        until(lambda: len(self.answers.accepted) >= count, what=f"{count} accepted alerts")

    def _send(self, run_id: str, needed: int) -> None:
        self._allowed.acquire()
        while needed and not self._given_up:
            start = time.monotonic()
            try:
                answer = self._client.post("alerts/custom", custom(run_id))
            except httpx.HTTPError:
                answer = None
            self.answers.note(answer, time.monotonic() - start)
            if answer is not None and answer.status_code == 202:
                needed -= 1
            else:
                time.sleep(PAUSE)
