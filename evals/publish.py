"""Writes the result of a run into the results of `evals/README.md`, and nothing else of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from evals.cases import HERE
from evals.errors import PublishError
from evals.report import Run, breakdown, costs, gates, percent, shares
from evals.score import Dimension
from evals.stats import Share

README: Final = HERE / "README.md"
BEGIN: Final = "<!-- results: written by `python -m evals --publish`, do not edit -->"
END: Final = "<!-- end of results -->"
_BLOCK: Final = re.compile(
    r"<!-- result (?P<key>\S{1,100} \S{1,10} \S{1,20}) -->\n.*?<!-- /result -->", re.DOTALL
)


def check(run: Run) -> None:
    """Raise PublishError for a run whose numbers would mislead."""
    if not run.cases or not run.scores:
        raise PublishError("nothing was run")
    if not run.answered:
        raise PublishError(f"none of {len(run.scores)} questions was answered")
    if run.filtered:
        raise PublishError("the run leaves cases out; publish whole parts only")


def publish(run: Run, current: Mapping[str, str], readme: Path = README) -> None:
    """Put a run into the readme in place of the last one of the same system and part; raises PublishError.

    `current` gives the digest of each part as it is now: results over other cases are dropped.
    """
    check(run)
    text = readme.read_text("utf-8")
    head, begin, rest = text.partition(BEGIN)
    table, end, tail = rest.partition(END)
    if not begin or not end:
        raise PublishError(f"{readme.name} has no markers for the results")
    blocks = {match["key"]: match[0] for match in _BLOCK.finditer(table)}
    kept = {key: block for key, block in blocks.items() if _current(key, current)}
    kept[_key(run)] = _block(run)
    shown = "\n\n".join(kept[key] for key in sorted(kept))
    readme.write_text(f"{head}{BEGIN}\n\n{shown}\n\n{END}{tail}", "utf-8")


def _key(run: Run) -> str:
    return f"{run.system} {run.part} {run.digest}"


def _current(key: str, digests: Mapping[str, str]) -> bool:
    _, part, over = key.split(" ")
    return digests.get(part) == over


def _block(run: Run) -> str:
    name = f"{run.system}, {run.model}" if run.model else run.system
    facts = [
        f"`{run.command}`, {run.date}, revision `{run.revision}`, {run.catalog} catalog entries,",
        f"{len(run.cases)} cases (digest `{run.digest}`) × {run.repeats}: {run.answered} answers,",
        f"{sum(run.errors.values())} errors. {_spent(run)}",
    ]
    totals = [
        f"| {dimension} | {each.right} | {each.of} | {percent(each)} | {each.low:.1%} – {each.high:.1%} |"
        for dimension, each in shares(run.scores).items()
    ]
    sources = [
        f"| {source} | {_cell(found, Dimension.CATEGORY)} | {_cell(found, Dimension.REMEDIABLE)} "
        f"| {_cell(found, Dimension.SEVERITY)} |"
        for source, found in breakdown(run.scores, "source").items()
    ]
    judged = "; ".join(
        f"{gate.name}: {gate.shown}, {'met' if gate.met else '**missed**'}" for gate in gates(run)
    )
    return "\n".join(
        [
            f"<!-- result {_key(run)} -->",
            f"### {name} on the part {run.part}",
            "",
            *facts,
            "",
            "| dimension | right | of | share | 95 % interval |",
            "|---|---:|---:|---:|---|",
            *totals,
            "",
            "| source | category | remediable | severity |",
            "|---|---:|---:|---:|",
            *sources,
            "",
            f"Gates: {judged}.",
            "<!-- /result -->",
        ]
    )


def _cell(found: Mapping[Dimension, Share], dimension: Dimension) -> str:
    each = found.get(dimension)
    return f"{each.right}/{each.of}" if each else "–"


def _spent(run: Run) -> str:
    spent = costs(run)
    parts: list[str] = []
    if spent["p50_seconds"] is not None and spent["p95_seconds"] is not None:
        parts.append(
            f"Latency p50 {1000 * spent['p50_seconds']:.1f} ms, p95 {1000 * spent['p95_seconds']:.1f} ms."
        )
    if spent["tokens"]:
        dollars = "price unknown" if spent["dollars"] is None else f"about ${spent['dollars']:.3f}"
        parts.append(f"{spent['tokens']:,.0f} tokens, {dollars}.")
    return " ".join(parts)
