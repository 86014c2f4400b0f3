"""The result of a run: shares by dimension, breakdowns, errors, cost, gates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from evals.cases import Part, Placed, digest
from evals.score import Dimension, Score
from evals.stats import Share, percentile, share


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What was run: the system, the cases, and how to run it again; `filtered` says that cases were left out."""

    system: str
    model: str | None
    part: Part | str
    repeats: int
    filtered: bool
    cases: tuple[Placed, ...]
    scores: tuple[Score, ...]
    command: str
    date: str
    revision: str
    catalog: int

    @property
    def digest(self) -> str:
        """The digest of the cases that were run."""
        return digest(self.cases)

    @property
    def errors(self) -> Counter[str]:
        """Why there was no answer, and how often."""
        return Counter(score.reply.error for score in self.scores if score.reply.error is not None)

    @property
    def answered(self) -> int:
        """How many answers there are, right or wrong."""
        return sum(score.reply.said is not None for score in self.scores)


@dataclass(frozen=True, slots=True)
class Gate:
    """One thing that must hold, and whether it does."""

    name: str
    shown: str
    met: bool


LEAST_CATEGORY: Final = 0.95
LEAST_REMEDIABLE: Final = 0.97
MOST_UNKNOWN: Final = 0.02


def shares(scores: Iterable[Score]) -> dict[Dimension, Share]:
    """Return the share of right answers by dimension, of those answers that the dimension applies to."""
    by_case: dict[Dimension, dict[str, list[bool]]] = {dimension: {} for dimension in Dimension}
    for item in scores:
        for dimension, mark in item.marks.items():
            by_case[dimension].setdefault(item.reply.case.id, []).append(mark)
    return {dimension: share(list(groups.values())) for dimension, groups in by_case.items() if groups}


def breakdown(scores: Sequence[Score], by: str) -> dict[str, dict[Dimension, Share]]:
    """Return the shares for each `source`, `tag` or expected `category`; a case counts in each of its own."""
    groups: dict[str, list[Score]] = {}
    for item in scores:
        for key in _KEYS[by](item.reply.case):
            groups.setdefault(key, []).append(item)
    return {key: shares(groups[key]) for key in sorted(groups)}


def confusion(scores: Sequence[Score]) -> Counter[tuple[str, str]]:
    """Count the wrong categories: what was expected (the first accepted), what was said."""
    wrong = (item for item in scores if item.marks.get(Dimension.CATEGORY) is False)
    return Counter(
        (str(item.reply.case.case.expect.category[0]), str(item.reply.said.category))
        for item in wrong
        if item.reply.said
    )


def gates(run: Run) -> list[Gate]:
    """Judge a run; what was never measured is not met."""
    found = shares(run.scores)
    category, remediable = found.get(Dimension.CATEGORY), found.get(Dimension.REMEDIABLE)
    safe, known = found.get(Dimension.SAFE), found.get(Dimension.KNOWN)
    unsafe = safe.of - safe.right if safe else None
    errors = sum(run.errors.values())
    return [
        Gate("every case answered", f"{errors} errors", bool(run.scores) and not errors),
        Gate("category ≥ 95 %", percent(category), category is not None and category.value >= LEAST_CATEGORY),
        Gate(
            "remediable ≥ 97 %",
            percent(remediable),
            remediable is not None and remediable.value >= LEAST_REMEDIABLE,
        ),
        Gate("no unsafe “remediable”", "–" if unsafe is None else str(unsafe), unsafe == 0),
        Gate(
            "unknown ≤ 2 % of documented",
            "–" if known is None else f"{1 - known.value:.1%}",
            # Counted, not subtracted: 1 - 0.98 is more than 0.02.
            known is not None and known.of - known.right <= MOST_UNKNOWN * known.of,
        ),
    ]


def costs(run: Run) -> dict[str, float | None]:
    """Return latencies in seconds, tokens of an answer, and the estimated cost of all in US dollars."""
    spent = [item.reply.cost for item in run.scores]
    seconds = [cost.seconds for cost in spent if cost.seconds is not None]
    tokens = sum(cost.tokens for cost in spent)
    # An answer without a price would make the sum too small; one without tokens cost nothing.
    priced = [cost.micro_dollars for cost in spent if cost.tokens]
    known = [dollars for dollars in priced if dollars is not None]
    return {
        "p50_seconds": percentile(seconds, 0.50),
        "p95_seconds": percentile(seconds, 0.95),
        "tokens": tokens,
        "dollars": sum(known) / 1e6 if priced and len(known) == len(priced) else None,
    }


def as_json(run: Run) -> dict[str, Any]:
    """Return the whole result, without the texts of cases and answers."""
    return {
        "system": run.system,
        "model": run.model,
        "part": run.part,
        "filtered": run.filtered,
        "repeats": run.repeats,
        "command": run.command,
        "date": run.date,
        "revision": run.revision,
        "catalog_entries": run.catalog,
        "cases": len(run.cases),
        "digest": run.digest,
        "answered": run.answered,
        "errors": dict(run.errors),
        "overall": _plain(shares(run.scores)),
        **{
            f"by_{by}": {key: _plain(found) for key, found in breakdown(run.scores, by).items()}
            for by in _KEYS
        },
        "costs": costs(run),
        "gates": [asdict(gate) for gate in gates(run)],
        "failures": [
            {
                "id": item.reply.case.id,
                "error": item.reply.error,
                "faults": [str(each) for each in item.faults],
            }
            for item in run.scores
            if not item.right
        ],
    }


def percent(found: Share | None) -> str:
    """Show a share; a dash for what was not measured."""
    return "–" if found is None else f"{found.value:.1%}"


_KEYS: Final[dict[str, Callable[[Placed], Sequence[str]]]] = {
    "source": lambda placed: [str(placed.case.source)],
    "tag": lambda placed: placed.case.tags or ["(none)"],
    "category": lambda placed: [str(placed.case.expect.category[0])],
}


def _plain(found: dict[Dimension, Share]) -> dict[str, dict[str, float]]:
    return {
        str(name): {
            "right": each.right,
            "of": each.of,
            "low": round(each.low, 4),
            "high": round(each.high, 4),
        }
        for name, each in found.items()
    }
