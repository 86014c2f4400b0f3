"""The sample alerts of samples/manifest.yaml and what is expected of each."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from localhost.errors import UsageError


@dataclass(frozen=True, slots=True)
class Run:
    """What a ticket stands for, as the manifest names it."""

    source: str
    resource: str
    run_id: str

    def __str__(self) -> str:
        return f"{self.source} {self.resource} {self.run_id}"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must come of one sample: the answer, the fate of the alert, its tickets with their outcome and fields."""

    http: int
    status: str | None
    outcomes: dict[Run, str]
    fields: dict[Run, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Sample:
    """One alert to post, `repeat` times at once."""

    title: str
    route: str
    body: bytes
    repeat: int
    expect: Expectation


def read_samples(manifest: Path) -> list[Sample]:
    """Read the manifest and the files it names; raises UsageError that says which entry is wrong."""
    try:
        document = yaml.safe_load(manifest.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise UsageError(f"{manifest}: can't be read: {error}") from error
    entries = document.get("samples") if isinstance(document, dict) else document
    if not isinstance(entries, list) or not entries:
        raise UsageError(f"{manifest}: must list samples")
    return [_sample(entry, manifest, number) for number, entry in enumerate(entries, 1)]


def _sample(entry: Any, manifest: Path, number: int) -> Sample:
    try:
        expect = entry.get("expect", {})
        tickets = expect.get("tickets") or []
        return Sample(
            title=entry.get("title", entry["file"]),
            route=entry["route"],
            body=(manifest.parent / entry["file"]).read_bytes(),
            repeat=int(entry.get("repeat", 1)),
            expect=Expectation(
                http=int(expect.get("http", 202)),
                status=expect.get("status"),
                outcomes={_run(ticket): ticket.get("outcome", "created") for ticket in tickets},
                fields={_run(ticket): ticket for ticket in tickets},
            ),
        )
    except (AttributeError, KeyError, TypeError, ValueError, OSError) as error:
        raise UsageError(f"{manifest}: entry {number}: {type(error).__name__}: {error}") from error


def _run(ticket: dict[str, Any]) -> Run:
    return Run(str(ticket["source"]), str(ticket["resource"]), str(ticket["run_id"]))
