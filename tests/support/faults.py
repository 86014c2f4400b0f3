"""Faults at a chosen write: the process dies before it or after it, or its answer is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import requests
from azure.core.exceptions import ServiceRequestError, ServiceResponseError
from azure.core.pipeline.transport import RequestsTransport

READS = {"GET", "HEAD"}


class Killed(BaseException):
    """The process died here; no handler may catch it."""


class Mode(StrEnum):
    DIES_BEFORE = "dies before"
    DIES_AFTER = "dies after"
    LOSES_ANSWER = "loses the answer"


class Faults:
    """Counts writes and strikes at the n-th."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.writes: list[str] = []
        self.requests: list[str] = []
        self.strike_at: int | None = None
        self.mode = Mode.DIES_BEFORE
        self.struck = False
        self.down = False

    def arm(self, at: int, mode: Mode) -> None:
        self.writes.clear()
        self.strike_at, self.mode, self.struck = at, mode, False

    def write(self, name: str, do: Callable[[], Any]) -> Any:
        """Do a write, with the fault if it is this one's turn."""
        with self._lock:
            self.writes.append(name)
            turn = self.strike_at is not None and not self.struck and len(self.writes) == self.strike_at
            self.struck = self.struck or turn
        if not turn:
            return do()
        if self.mode is Mode.DIES_BEFORE:
            raise Killed(name)
        result = do()
        if self.mode is Mode.DIES_AFTER:
            raise Killed(name)
        if name.startswith("send "):
            # A lost answer of a queue makes the SDK send again: the message is there twice.
            return do()
        del result
        raise ServiceResponseError("the connection broke before the answer came")


def faulty_transport(faults: Faults) -> RequestsTransport:
    """A transport that asks the faults before each write, and counts every request."""

    class Transport(RequestsTransport):
        def send(self, request: Any, **kwargs: Any) -> Any:
            name = f"{request.method} {request.url.partition('?')[0].rsplit('/', 1)[-1][:60]}"
            faults.requests.append(name)
            if faults.down:
                raise ServiceRequestError("connection refused")
            if request.method in READS:
                return super().send(request, **kwargs)
            send = super().send
            return faults.write(name, lambda: send(request, **kwargs))

    session = requests.Session()
    session.trust_env = False
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=64))
    return Transport(session=session, session_owner=False, connection_timeout=2, read_timeout=10)
