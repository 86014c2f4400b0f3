"""Shows a run on the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from evals.report import Run, breakdown, confusion, costs, gates, percent, shares
from evals.score import Dimension, Score
from evals.stats import Share

_BROKEN_DOWN = (
    Dimension.IS_FAILURE,
    Dimension.CATEGORY,
    Dimension.REMEDIABLE,
    Dimension.SEVERITY,
    Dimension.MENTIONS,
)


def show(run: Run, console: Console) -> None:
    """Print totals, breakdowns, errors, cost and gates."""
    name = f"{run.system} ({run.model})" if run.model else run.system
    asked = len(run.scores)
    console.print(
        f"{name}, part {run.part}: {len(run.cases)} cases × {run.repeats}, {run.answered} of {asked} answered",
        markup=False,
    )
    console.print(_totals(shares(run.scores)))
    for by in ("source", "tag", "category"):
        console.print(_groups(by, breakdown(run.scores, by)))
    for reason, count in run.errors.most_common():
        console.print(f"error × {count}: {reason}", markup=False)
    spent = costs(run)
    if spent["p50_seconds"] is not None and spent["p95_seconds"] is not None:
        console.print(
            f"latency p50 {1000 * spent['p50_seconds']:.2f} ms, p95 {1000 * spent['p95_seconds']:.2f} ms"
        )
    if spent["tokens"]:
        dollars = "unknown" if spent["dollars"] is None else f"${spent['dollars']:.4f}"
        console.print(f"{spent['tokens']:,.0f} tokens, estimated cost {dollars}")
    for gate in gates(run):
        console.print(f"{'met   ' if gate.met else 'NOT MET'} {gate.name}: {gate.shown}", markup=False)


def failures(run: Run, console: Console) -> None:
    """Print each fault with what was expected and said, and which categories are taken for which."""
    for item in run.scores:
        if not item.right:
            console.print(_told(item), markup=False, soft_wrap=True)
    for (expected, told), count in confusion(run.scores).most_common():
        console.print(f"{count} × {expected} taken for {told}", markup=False)


def _told(item: Score) -> str:
    case, said = item.reply.case, item.reply.said
    if said is None:
        return f"{case.id}: error: {item.reply.error}"
    expect = case.case.expect
    details = {
        Dimension.IS_FAILURE: f"{expect.is_failure}, got {said.is_failure}",
        Dimension.ERROR_TYPE: f"{'|'.join(expect.error_type or ())}, got {said.error_type}",
        Dimension.CATEGORY: f"{'|'.join(expect.category)}, got {said.category} ({said.error_type})",
        Dimension.REMEDIABLE: f"{expect.remediable}, got {said.remediable}",
        Dimension.SAFE: "UNSAFE retry",
        Dimension.SEVERITY: f"{'|'.join(expect.severity)}, got {said.severity}",
        Dimension.MENTIONS: _unmentioned(item),
        # What must be absent may be a planted secret: it is not repeated here.
        Dimension.ABSENT: "something stands there that must not",
        Dimension.CITATIONS: f"{'|'.join(expect.cites)}, got {'|'.join(sorted(said.cited or ()))}, "
        f"made up {'|'.join(sorted(said.invented)) or 'none'}",
        Dimension.KNOWN: "documented, got unknown",
    }
    return f"{case.id}: " + "; ".join(f"{fault}: {details[fault]}" for fault in item.faults)


def _unmentioned(item: Score) -> str:
    """Say what is not mentioned; of the held-out part only that, or its texts would soon be known by heart."""
    case, said = item.reply.case, item.reply.said
    if said is None or case.part == "test":
        return "something is not mentioned"
    return f"{[list(group) for group in case.case.expect.mentions]}, got {said.advice[:200]!r}"


def _totals(found: Mapping[Dimension, Share]) -> Table:
    table = Table("dimension", title="Right answers", title_justify="left")
    for column in ("right", "of", "share", "95 % interval"):
        table.add_column(column, justify="right")
    for dimension, each in found.items():
        bounds = f"{each.low:.1%} – {each.high:.1%}"
        table.add_row(str(dimension), str(each.right), str(each.of), percent(each), bounds)
    return table


def _groups(by: str, found: Mapping[str, Mapping[Dimension, Share]]) -> Table:
    table = Table(by, title=f"By {by}", title_justify="left")
    for dimension in _BROKEN_DOWN:
        table.add_column(str(dimension), justify="right")
    for key, parts in found.items():
        cells = (parts.get(dimension) for dimension in _BROKEN_DOWN)
        table.add_row(key, *(f"{each.right}/{each.of}" if each else "–" for each in cells))
    return table
