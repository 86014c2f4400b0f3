"""Adapters side by side: order, budget, failures, redaction and bounds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from rca.domain.evidence import Evidence, EvidenceItem, EvidenceKind, Note
from rca.domain.failure import Failure
from rca.domain.vocabulary import Source
from rca.errors import UnavailableError
from rca.evidence.errors import AnswerError
from rca.evidence.gather import MOST_ALL_TEXT, MOST_ITEMS, MOST_TEXT, Gather
from rca.evidence.ports import Deadline, Enricher

type Says = Callable[[], Iterator[EvidenceItem | Note]]
FAILURE = Failure(
    source=Source.ADF,
    resource="p",
    run_id="r",
    identity="run:r",
    occurred_at=datetime(2026, 11, 20, tzinfo=UTC),
    message="it failed",
)
SECRET = "ghp_" + "a1B2" * 9


@dataclass(frozen=True)
class Fake:
    name: str
    says: Says
    able: bool = True

    def applies(self, failure: Failure) -> bool:
        return self.able

    def gather(self, failure: Failure, deadline: Deadline) -> Iterator[EvidenceItem | Note]:
        return self.says()


def item(text: str, **changes: str) -> EvidenceItem:
    kind = EvidenceKind(changes.pop("kind", "log"))
    return EvidenceItem(adapter="fake", kind=kind, title=changes.pop("title", "t"), text=text, **changes)


def gathered(*adapters: Enricher, budget: float = 5) -> Evidence:
    return Gather(adapters, budget, time.monotonic)(FAILURE)


def saying(*said: EvidenceItem | Note) -> Says:
    return lambda: iter(said)


def test_nothing_applies() -> None:
    assert gathered(Fake("a", saying(item("x")), able=False)) == Evidence()


def test_ids_follow_the_order_of_the_adapters_whoever_is_first() -> None:
    def slow() -> Iterator[EvidenceItem | Note]:
        time.sleep(0.1)
        yield item("one")

    evidence = gathered(Fake("a", slow), Fake("b", saying(item("two"), item("three"))))

    assert [(found.id, found.text) for found in evidence.items] == [
        ("E1", "one"),
        ("E2", "two"),
        ("E3", "three"),
    ]


def test_adapters_run_side_by_side() -> None:
    meeting = threading.Barrier(3, timeout=2)

    def meet() -> Iterator[EvidenceItem | Note]:
        meeting.wait()
        yield item("met")

    assert len(gathered(*[Fake(name, meet) for name in "abc"]).items) == 3


def test_a_late_adapter_is_a_note_and_what_it_said_stays() -> None:
    release = threading.Event()

    def hanging() -> Iterator[EvidenceItem | Note]:
        yield item("early")
        release.wait(5)
        yield item("late")

    started = time.monotonic()
    evidence = gathered(Fake("slow", hanging), Fake("quick", saying(item("quick"))), budget=0.2)
    release.set()

    assert time.monotonic() - started < 1
    assert [found.text for found in evidence.items] == ["early", "quick"]
    assert evidence.notes == ("slow: did not finish in time",)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (AnswerError("it does not let us read this (403)", 403), "x: it does not let us read this (403)"),
        (UnavailableError("it answered 503"), "x: it answered 503"),
        (KeyError(SECRET), "x: failed unexpectedly (KeyError)"),
        (RecursionError(), "x: failed unexpectedly (RecursionError)"),
    ],
)
def test_a_failing_adapter_is_a_note(error: Exception, told: str) -> None:
    def failing() -> Iterator[EvidenceItem | Note]:
        yield item("before")
        raise error

    evidence = gathered(Fake("x", failing), Fake("y", saying(item("other"))))

    assert [found.text for found in evidence.items] == ["before", "other"]
    assert evidence.notes == (told,)


def test_every_text_is_redacted_before_it_is_cut() -> None:
    found = item(f"token {SECRET} " * 600, title=f"t {SECRET}", link=f"https://h/?code={SECRET}", code=SECRET)

    evidence = gathered(Fake("a", saying(found, Note(f"note {SECRET}"))))

    assert SECRET not in str(evidence)
    assert SECRET[:20] not in str(evidence)


@pytest.mark.parametrize("gap", [" ", "\n"])
@pytest.mark.parametrize("shift", range(0, 40, 7))
def test_a_secret_at_the_very_cut_does_not_survive(gap: str, shift: int) -> None:
    text = "y" * shift + gap + (SECRET + gap) * 9_000

    assert "a1B2a1B2" not in gathered(Fake("a", saying(item(text)))).items[0].text


def test_what_no_store_takes_is_replaced() -> None:
    text = gathered(Fake("a", saying(item("a\x00b\ud800c")))).items[0].text

    assert text.encode()
    assert "\x00" not in text


def test_texts_and_items_are_bounded() -> None:
    many = [item("x" * 50_000) for _ in range(70)]

    evidence = gathered(Fake("a", saying(*many)))

    assert len(evidence.items) == MOST_ITEMS
    assert max(len(found.text) for found in evidence.items) <= MOST_TEXT
    assert sum(len(found.text) for found in evidence.items) <= MOST_ALL_TEXT
    assert any("left out" in note for note in evidence.notes)
    assert any("were cut" in note for note in evidence.notes)


def test_an_endless_adapter_is_stopped() -> None:
    def endless() -> Iterator[EvidenceItem | Note]:
        while True:
            yield item("again")

    assert len(gathered(Fake("a", endless)).items) == MOST_ITEMS


@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/passwd", "https://h/" + "x" * 3_000])
def test_only_links_that_a_page_may_show_stay(link: str) -> None:
    assert gathered(Fake("a", saying(item("x", link=link)))).items[0].link is None


def test_the_first_error_is_what_to_analyse() -> None:
    evidence = gathered(Fake("a", saying(item("a log"), item("the error", kind="error", code="E7"))))

    assert evidence.error is not None
    assert (evidence.error.text, evidence.error.code) == ("the error", "E7")
