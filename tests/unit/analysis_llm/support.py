"""Failures, findings and a provider by script."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from rca.analysis.breaker import Breaker
from rca.analysis.chain import Link, Ways
from rca.analysis.providers.port import Completion, Request
from rca.domain.analysis import Analysis
from rca.domain.evidence import Evidence, EvidenceItem, EvidenceKind
from rca.domain.failure import Failure
from rca.domain.vocabulary import Category, Confidence, Severity, Source

AT = datetime(2026, 11, 20, 2, 17, 43, tzinfo=UTC)
BOUNDARY = "b0b0b0b0b0b0b0b0b0b0b0b0"

FAILURE = Failure(
    source=Source.ADF,
    resource="load_orders",
    run_id="run-1",
    identity="run-1",
    occurred_at=AT,
    message="Operation on target Copy failed: the blob raw/orders.csv does not exist",
    code="2200",
    labels={"team": "commerce"},
)
FINDING = Analysis(
    error_type="UserErrorSourceBlobNotExist",
    category=Category.RESOURCE_MISSING,
    severity=Severity.HIGH,
    root_cause="The source blob raw/orders.csv is absent.",
    recommendations=("Check the upstream export.",),
    confidence=Confidence.VERY_HIGH,
    documentation="https://learn.microsoft.com/azure/data-factory/connector-troubleshoot-azure-blob-storage",
)
UNKNOWN = Analysis(
    error_type="UnknownError",
    category=Category.UNKNOWN,
    severity=Severity.MEDIUM,
    root_cause="The message does not say.",
    recommendations=("Look into the log.",),
    confidence=Confidence.LOW,
)
EVIDENCE = Evidence(
    items=(
        EvidenceItem(
            id="E1",
            adapter="adf",
            kind=EvidenceKind.ERROR,
            title="activity Copy",
            text="blob not found",
            at=AT,
        ),
        EvidenceItem(
            id="E2", adapter="adf", kind=EvidenceKind.LOG, title="log", text="reading raw/orders.csv"
        ),
    )
)


def answer(**changes: Any) -> dict[str, Any]:
    """Make a good answer as a JSON object."""
    good = {
        "error_type": "UserErrorSourceBlobNotExist",
        "category": "resource_missing",
        "severity": "High",
        "cause": [{"statement": "The blob raw/orders.csv was never written.", "evidence": ["E1"]}],
        "recommendations": ["Run the export again.", "Add a check.", "Tell the owner."],
        "confidence": "Very High",
        "affected_entity": "raw/orders.csv",
    }
    return good | changes


def completion(value: object, finish: str = "stop", prompt: int = 100, output: int = 50) -> Completion:
    text = value if isinstance(value, str) else json.dumps(value)
    return Completion(
        text=text, finish_reason=finish, prompt_tokens=prompt, completion_tokens=output, model="model-1"
    )


@dataclass
class Scripted:
    """A provider that answers by script; the last step repeats."""

    script: list[Completion | Exception]
    name: str = "scripted"
    model: str = "model-1"
    asked: list[Request] = field(default_factory=list)

    def complete(self, request: Request) -> Completion:
        self.asked.append(request)
        step = self.script[min(len(self.asked), len(self.script)) - 1]
        if isinstance(step, Exception):
            raise step
        return step


@dataclass
class Time:
    """A clock that sleeping moves."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def ways(self) -> Ways:
        return Ways(sleep=self.sleep, jitter=lambda _least, most: most, boundary=lambda: BOUNDARY)


def links(providers: Iterable[Scripted], time: Time, failures: int = 5) -> list[Link]:
    return [Link(each, Breaker(failures=failures, seconds=60, clock=time.clock)) for each in providers]


def with_message(message: str) -> Failure:
    return replace(FAILURE, message=message)
