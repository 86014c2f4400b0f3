"""What every sample is read as, word for word. UPDATE_GOLDEN=1 writes the files anew; look at the difference."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import datetime
from typing import Any

import pytest
import yaml

from rca.errors import ShapeError
from tests.unit.sources.payloads import ROOT, SAMPLES, read

GOLDEN = ROOT / "tests" / "golden" / "readings"
ROUTES = {
    entry["file"]: entry["route"] for entry in yaml.safe_load((SAMPLES / "manifest.yaml").read_text("utf-8"))
}
NAMES = sorted(path.name for path in SAMPLES.glob("*.json"))


def reading(name: str) -> dict[str, Any]:
    payload = json.loads((SAMPLES / name).read_text("utf-8"))
    try:
        found = read(payload, ROUTES[name])
    except ShapeError as error:
        return {"error": error.detail, "fields": error.fields}
    events = [{"event": type(event).__name__} | asdict(event) for event in found.events]
    return {"events": events, "notes": found.notes}


def written(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=datetime.isoformat) + "\n"


@pytest.mark.parametrize("name", NAMES)
def test_sample_is_read_as_before(name):
    path = GOLDEN / name
    found = written(reading(name))
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(found, "utf-8")
    assert path.is_file(), "no golden file; write it with UPDATE_GOLDEN=1 and look at it"
    assert found == path.read_text("utf-8")


def test_no_golden_file_is_left_over():
    assert sorted(path.name for path in GOLDEN.glob("*.json")) == NAMES
