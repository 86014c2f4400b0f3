"""Runs the adapters that apply side by side within one time budget, and makes one evidence of what they say."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from rca.domain.evidence import Evidence, EvidenceItem, Note
from rca.domain.excerpt import excerpt
from rca.domain.failure import Failure
from rca.domain.redaction import redact_tree
from rca.errors import RcaError
from rca.evidence.ports import Deadline, Enricher
from rca.evidence.reading import first_words, last_lines

_log = logging.getLogger(__name__)

MOST_ITEMS: Final = 40
MOST_TEXT: Final = 8_000
"""UTF-16 units of one item's text."""
MOST_ALL_TEXT: Final = 80_000
"""UTF-16 units of all texts together."""
_MOST_RAW: Final = 100_000
"""Characters of a text that are looked at; adapters keep theirs well below."""
_MOST_TITLE: Final = 200
_MOST_LINK: Final = 2_000
_MOST_NOTES: Final = 40
_MOST_NOTE: Final = 500


@dataclass(slots=True)
class _Work:
    """What one adapter has said so far; its thread may still be writing when the time is up."""

    adapter: Enricher
    said: list[EvidenceItem | Note] = field(default_factory=list)
    fault: str | None = None
    done: bool = False


class Gather:
    """Gathers evidence on a failure; always returns, and tells in notes what it could not have.

    `monotonic` is the clock that the budget is measured by.
    """

    def __init__(
        self,
        adapters: Sequence[Enricher],
        budget_seconds: float,
        monotonic: Callable[[], float],
    ) -> None:
        self._adapters = tuple(adapters)
        self._budget = budget_seconds
        self._monotonic = monotonic

    def __call__(self, failure: Failure) -> Evidence:
        """Ask every adapter that applies; items stand in the order of the adapters, whoever answers first."""
        deadline = Deadline.after(self._budget, self._monotonic)
        works = [_Work(adapter) for adapter in self._adapters if adapter.applies(failure)]
        # Daemons: an adapter that hangs in a library must not keep the process from ending.
        threads = [
            threading.Thread(
                target=_run, args=(work, failure, deadline), name=f"evidence-{work.adapter.name}", daemon=True
            )
            for work in works
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(deadline.left())
        return _assembled(works)


def _run(work: _Work, failure: Failure, deadline: Deadline) -> None:
    try:
        for said in work.adapter.gather(failure, deadline):
            work.said.append(said)
            if len(work.said) > 2 * MOST_ITEMS:
                break
    except RcaError as error:
        work.fault = error.detail
    except Exception as error:  # noqa: BLE001 - a bug in one adapter must not cost the analysis
        _log.warning("evidence adapter failed", extra={"adapter": work.adapter.name}, exc_info=error)
        work.fault = f"failed unexpectedly ({type(error).__name__})"
    work.done = True


def _assembled(works: Sequence[_Work]) -> Evidence:
    items: list[EvidenceItem] = []
    notes: list[str] = []
    for work in works:
        late = not work.done
        said = tuple(work.said)
        items += [item for item in said if isinstance(item, EvidenceItem)]
        told = [note.text for note in said if isinstance(note, Note)]
        told += ["did not finish in time"] if late else [work.fault] if work.fault else []
        notes += [f"{work.adapter.name}: {text}" for text in told]
    if len(items) > MOST_ITEMS:
        notes.append(f"{len(items) - MOST_ITEMS} more items were left out")
    kept, cut = _bounded(items[:MOST_ITEMS])
    if cut:
        notes.append(f"long texts were cut: {', '.join(cut)}")
    unique = dict.fromkeys(excerpt(_clean(first_words(note, _MOST_RAW)), _MOST_NOTE) for note in notes)
    return Evidence(kept, tuple(unique)[:_MOST_NOTES])


def _bounded(items: Sequence[EvidenceItem]) -> tuple[tuple[EvidenceItem, ...], list[str]]:
    """Redact before cutting: half a secret would no longer be known for one."""
    share = min(MOST_TEXT, MOST_ALL_TEXT // max(1, len(items)))
    kept: list[EvidenceItem] = []
    cut: list[str] = []
    for number, item in enumerate(items, 1):
        text = _clean(last_lines(item.text, _MOST_RAW)[0])
        short = excerpt(text, share)
        if len(item.text) > _MOST_RAW or short != text:
            cut.append(f"E{number}")
        kept.append(
            replace(
                item,
                id=f"E{number}",
                title=excerpt(_clean(first_words(item.title, _MOST_RAW)), _MOST_TITLE),
                text=short,
                link=_link(item.link),
                code=excerpt(_clean(first_words(item.code, _MOST_RAW)), _MOST_TITLE) if item.code else None,
            )
        )
    return tuple(kept), cut


def _link(link: str | None) -> str | None:
    """Keep a link that a page may show: http(s), and whole once redacted."""
    if link is None or len(link) > _MOST_LINK or not link.startswith(("https://", "http://")):
        return None
    return _clean(link)


def _clean(text: str) -> str:
    """Redact, and replace what no store takes."""
    return str(redact_tree(text))
