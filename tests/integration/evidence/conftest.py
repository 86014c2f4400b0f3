"""A server for each test, a clock that sleeping moves, and failures of every source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from rca.domain.evidence import EvidenceItem, Note
from rca.domain.failure import Failure
from rca.domain.vocabulary import Source
from rca.evidence.ports import Deadline, Enricher, Tools
from tests.support.scripted_http import ScriptedServer

AT = datetime(2026, 11, 20, 2, 17, 43, tzinfo=UTC)


class Clock:
    """Time that stands still but for sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def other() -> Iterator[ScriptedServer]:
    """A server that nobody may call."""
    with ScriptedServer() as running:
        yield running
        assert running.asked == []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tools(clock: Clock) -> Tools:
    return Tools(
        tokens=lambda scope: f"token-for-{scope}",
        now=lambda: AT,
        monotonic=clock.monotonic,
        sleep=clock.sleep,
    )


@pytest.fixture
def deadline(clock: Clock) -> Deadline:
    return Deadline.after(20, clock.monotonic)


type Ask = Callable[[Enricher, Failure], tuple[list[EvidenceItem], list[str]]]


@pytest.fixture
def ask(deadline: Deadline) -> Ask:
    """Gather by one adapter; returns items and notes, and raises what it raises."""

    def asking(adapter: Enricher, failure: Failure) -> tuple[list[EvidenceItem], list[str]]:
        assert adapter.applies(failure)
        said = list(adapter.gather(failure, deadline))
        items = [item for item in said if isinstance(item, EvidenceItem)]
        return items, [note.text for note in said if isinstance(note, Note)]

    return asking


def failure(source: Source, run_id: str, **changes: object) -> Failure:
    values: dict[str, object] = {
        "source": source,
        "resource": "thing",
        "run_id": run_id,
        "identity": f"run:{run_id}",
        "occurred_at": AT,
        "message": "it failed",
    }
    return Failure(**{**values, **changes})  # type: ignore[arg-type]
