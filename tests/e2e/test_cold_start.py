"""Indexing the app must stay cheap: nothing that only some request needs is imported with it."""

from __future__ import annotations

import subprocess
import sys

from tests.e2e.support import ROOT

LAZY = (
    "google.generativeai",
    "openai",
    "slack_sdk",
    "azure.data.tables",
    "azure.storage",
    "azure.identity",
    "azure.keyvault",
    "pydantic",
    "requests",
    "yaml",
    "jwt",
    "bcrypt",
)


def test_import_loads_no_sdk() -> None:
    code = f"import sys, function_app; print(*(name for name in {LAZY!r} if name in sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.split() == []
