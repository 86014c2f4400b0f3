"""`python -m rca analyze --llm` against a model on loopback."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.integration.providers.dialects import OpenAiDialect
from tests.integration.providers.loopback import Loopback
from tests.unit.analysis_llm.support import answer
from tests.unit.cli.support import BARE, ROOT

SECRET = "hunter22x"


def ask(server: Loopback, *options: str) -> subprocess.CompletedProcess[str]:
    settings = {
        "OPENAI_BASE_URL": f"{server.url}/v1",
        "OPENAI_MODEL": "m-1",
        "LLM_MAX_ATTEMPTS": "1",
        "NO_PROXY": "*",
    }
    return subprocess.run(
        [sys.executable, "-m", "rca", "analyze", *options],
        cwd=ROOT,
        env={**BARE, **settings},
        input=f"KeyError: 'customer_id' in step load, password={SECRET}",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_model_answers_and_is_named(server: Loopback) -> None:
    server.script = [OpenAiDialect().answer(json.dumps(answer()))]
    done = ask(server, "--llm", "--json", "--source", "airflow")
    assert done.returncode == 0, done.stderr
    (analysis,) = json.loads(done.stdout)["analyses"]
    assert analysis["provider"] == "openai"
    assert analysis["tokens"] > 0
    assert len(server.seen) == 1
    assert SECRET not in json.dumps(server.seen[0].body)


def test_without_the_option_no_model_is_asked(server: Loopback) -> None:
    done = ask(server, "--json", "--source", "airflow")
    assert json.loads(done.stdout)["analyses"][0]["provider"] == "rules"
    assert server.seen == []
