"""`analyze`: says of a pasted error, a log or an alert's payload what went wrong and what to do."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any, Final

from rca.analysis.names import SOURCES, source_named
from rca.cli.console import Commands, add_input, opened, width, wrapped, write, write_json
from rca.domain.vocabulary import Source
from rca.errors import ShapeError, TooLargeError

_LARGEST: Final = 16 * 1_048_576
_LABEL: Final = 16


def add(commands: Commands) -> None:
    """Register the command."""
    text = "say what went wrong and what to do, of an error text, a log or the payload of an alert"
    parser = commands.add_parser("analyze", help=text, description=text)
    add_input(parser, "text, log or JSON payload")
    parser.add_argument(
        "--source", type=_source, metavar="S", help=f"the platform that failed, if known: {SOURCES}"
    )
    parser.add_argument("--json", action="store_true", help="the same as JSON")
    parser.add_argument("--llm", action="store_true", help="ask the language models of the settings, too")
    parser.set_defaults(command=_analyze)


def _source(name: str) -> Source:
    source = source_named(name)
    if source is None:
        raise argparse.ArgumentTypeError(f"must be one of {SOURCES}")
    return source


def _analyze(options: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from rca.analysis.diagnosis import Diagnosis
    from rca.analysis.rules import analyse
    from rca.workflow.inquiry import Findings, Inquiry, analysed, subject_of

    inquiry = Inquiry(text=_content(options.file), source=options.source)
    subject = subject_of(inquiry, datetime.now(UTC))
    if options.llm:
        from rca.analysis.build import build_chain
        from rca.analysis.settings import AnalysisSettings
        from rca.settings import read

        chain = build_chain(read(AnalysisSettings), analyse)
        analyses, notes = analysed(subject.failures, chain, analyse)
    else:
        analyses, notes = analysed(
            subject.failures, lambda failure: Diagnosis(analysis=analyse(failure)), analyse
        )
    findings = Findings(analyses, subject.harmless, (*subject.notes, *notes))
    if options.json:
        write_json(findings.body())
    else:
        write("\n\n".join(_report(findings.analyses, findings.harmless, findings.notes)))
    return 0


def _content(name: str) -> str:
    with opened(name) as stream:
        raw = stream.read(_LARGEST + 1)
    if len(raw) > _LARGEST:
        raise TooLargeError(
            f"more than {_LARGEST // 1_048_576} MiB: pass on the end of it, as by `tail -n 2000`"
        )
    text = raw.decode("utf-8-sig", "replace")
    if not text.strip():
        raise ShapeError("there is nothing to analyse: the input is empty")
    return text


def _report(
    analyses: Sequence[dict[str, Any]], harmless: Sequence[tuple[str, str]], notes: Sequence[str]
) -> Iterator[str]:
    for number, analysis in enumerate(analyses, start=1):
        if len(analyses) > 1:
            yield f"── {number} of {len(analyses)} ".ljust(width(), "─")
        yield "\n".join(_lines(analysis))
    for resource, reason in harmless:
        yield wrapped(f"{resource}: {reason}", first="No failure: ")
    for note in notes:
        yield wrapped(note, first="Note: ")


def _lines(told: dict[str, Any]) -> Iterator[str]:
    yield wrapped(told["root_cause"])
    yield ""
    yield _row("Error type", _with_code(told))
    yield _row("Where", f"{told['source']}, {told['resource']}, run {told['run_id']}")
    yield _row("Affected", told["affected_entity"] or "not told")
    yield _row("Category", told["category"] if told["is_failure"] else f"{told['category']}: no failure")
    yield _row("Severity", f"{told['severity']}, priority {told['priority']}")
    yield _row("Confidence", f"{told['confidence']}, by {told['model'] or told['provider']}")
    yield _row("Retry", _retry(told))
    yield ""
    yield "What to do"
    for number, text in enumerate(told["recommendations"], start=1):
        yield wrapped(text, first=f"  {number}. ")
    yield ""
    evidence = told["evidence"]
    for label, value in (
        ("Evidence", evidence["line"]),
        ("Exception", evidence["exception"]),
        ("Place", evidence["place"]),
        ("Cited", ", ".join(told["cited"])),
        ("Documentation", told["documentation"]),
        ("Runbooks", " ".join(told["runbooks"])),
        ("Signature", told["signature"]),
        ("Cost", f"{told['tokens']} tokens, ${told['cost_usd']:.4f}" if told["tokens"] else None),
    ):
        if value:
            yield _row(label, value)


def _with_code(told: dict[str, Any]) -> str:
    code = told["error_code"]
    return told["error_type"] if code in (None, told["error_type"]) else f"{told['error_type']} (code {code})"


def _retry(told: dict[str, Any]) -> str:
    if not told["remediable"]:
        return "would not help, or is not known to be safe"
    often = "once" if told["max_retries"] == 1 else f"at most {told['max_retries']} times"
    return f"safe: {told['action']}, {often}"


def _row(label: str, value: str) -> str:
    return wrapped(value, first=f"{label:{_LABEL}}")
