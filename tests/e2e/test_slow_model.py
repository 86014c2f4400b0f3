"""A model that takes its time holds up neither intake nor the people who read."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from tests.e2e.support import Client, Site, custom, until
from tests.support.chat import chat
from tests.support.scripted_http import Answer, ScriptedServer

CHAT = "/v1/chat/completions"
THINGS = ("mirror", "archive", "ledger", "calendar", "exporter", "dictionary", "snapshot", "register")
ILLS = ("is stale", "lacks a manifest", "was replaced", "is half written", "disagrees", "is locked")


def answer() -> dict[str, Any]:
    told = {
        "error_type": "StaleInput",
        "category": "dependency",
        "severity": "High",
        "cause": [{"statement": "The input is not ready.", "evidence": ["E0"]}],
        "recommendations": ["Ask its owner."],
        "confidence": "High",
        "affected_entity": "input",
    }
    return chat(told, tokens=(9, 9))


def test_intake_goes_on_while_a_model_thinks(new_site: Callable[[], Site]) -> None:
    gate = threading.Event()
    site = new_site()
    with ScriptedServer() as model:
        model.on(CHAT, Answer(answer(), gate=gate), method="POST")
        env = {
            "LLM_PROVIDERS": "openai",
            "OPENAI_BASE_URL": f"{model.url}/v1",
            "OPENAI_MODEL": "m",
            "LLM_TIMEOUT_SECONDS": "60",
        }
        with site.host(env=env) as host, site.client(host) as client:
            client.sign_in()
            causes = [f"InputException: the {thing} {ill}" for thing in THINGS for ill in ILLS]
            for number, cause in enumerate(causes):
                client.accepted("alerts/custom", custom(f"slow-{number}", message=cause))
            # More questions than newBatchThreshold: the host takes no more of that queue while they hang.
            until(lambda: len(model.asked) > 8, what="the questions")
            late = [client.accepted("alerts/custom", custom(f"late-{number}")) for number in range(20)]
            fates = client.all_settled(late, 30)
            assert {fate["status"] for fate in fates} == {"processed"}
            assert client.get("summary")["total_tickets"] >= 0
            assert not gate.is_set()
            gate.set()
            until(lambda: answered(client) >= len(causes), 120, "the analyses")


def answered(client: Client) -> int:
    """How many tickets carry a model's analysis."""
    return int(client.get("summary")["llm_tokens"]) // 18
