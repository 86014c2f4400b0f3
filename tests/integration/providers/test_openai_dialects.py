"""Where the servers behind the chat-completions endpoint differ."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from rca.analysis.providers.openai_compatible import OpenAiCompatible
from rca.analysis.providers.port import PassingError, RejectedError, Request
from tests.integration.providers.dialects import KEY, OpenAiDialect
from tests.integration.providers.loopback import Loopback, Reply, Seen

REQUEST = Request(system="s", user="u", schema={"type": "object"}, max_output_tokens=64, timeout=10)
ANSWER = OpenAiDialect().answer("{}")


def complaint(message: str) -> Reply:
    return Reply(400, {"error": {"message": message, "type": "invalid_request_error"}})


def provider(server: Loopback, **more: str) -> OpenAiCompatible:
    return OpenAiCompatible(
        **{"name": "openai", "base_url": f"{server.url}/v1", "model": "m", "key": KEY, **more}
    )


def test_openai_sends_a_bearer_key(server: Loopback) -> None:
    server.script = [ANSWER]
    provider(server).complete(REQUEST)
    (seen,) = server.seen
    assert seen.path == "/v1/chat/completions"
    assert seen.headers["Authorization"] == f"Bearer {KEY}"
    assert seen.body["temperature"] == 0
    assert seen.body["response_format"]["json_schema"]["strict"] is True


def test_azure_takes_its_own_header_and_version(server: Loopback) -> None:
    server.script = [ANSWER]
    base_url = f"{server.url}/openai/deployments/gpt"
    provider(server, base_url=base_url, api_version="2024-10-21").complete(REQUEST)
    (seen,) = server.seen
    assert seen.path == "/openai/deployments/gpt/chat/completions?api-version=2024-10-21"
    assert seen.headers["api-key"] == KEY
    assert "Authorization" not in seen.headers


def test_without_a_key_none_is_sent(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password planted\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.script = [ANSWER]
    provider(server, key="").complete(REQUEST)
    assert "Authorization" not in server.seen[0].headers


def test_falls_back_to_json_object_and_remembers(server: Loopback) -> None:
    def strict(seen: Seen) -> Reply:
        kind = seen.body["response_format"]["type"]
        return ANSWER if kind == "json_object" else complaint("This response_format type is unavailable now")

    server.script = [strict]
    asked = provider(server)
    asked.complete(REQUEST)
    asked.complete(REQUEST)
    kinds = [seen.body["response_format"]["type"] for seen in server.seen]
    assert kinds == ["json_schema", "json_object", "json_object"]


def test_falls_back_to_plain_text(server: Loopback) -> None:
    server.script = [
        lambda seen: complaint("unknown field response_format") if "response_format" in seen.body else ANSWER
    ]
    assert provider(server).complete(REQUEST).text == "{}"


def test_reasoning_models_name_the_limit_differently(server: Loopback) -> None:
    def reasoning(seen: Seen) -> Reply:
        if "max_tokens" in seen.body:
            return complaint("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
        if "temperature" in seen.body:
            return complaint("Unsupported value: 'temperature' does not support 0 with this model.")
        return ANSWER

    server.script = [reasoning]
    assert provider(server).complete(REQUEST).text == "{}"
    assert server.seen[-1].body["max_completion_tokens"] == 64


def test_a_server_that_complains_for_ever_ends_in_an_error(server: Loopback) -> None:
    server.script = [complaint("response_format max_completion_tokens temperature json_object")]
    with pytest.raises(RejectedError):
        provider(server).complete(REQUEST)
    assert len(server.seen) <= 5


def test_a_dripping_body_ends_at_the_time_out(server: Loopback) -> None:
    drip = OpenAiDialect().answer("{}")
    drip.drip = 0.05
    server.script = [drip]
    start = time.monotonic()
    with pytest.raises(PassingError, match="time-out"):
        provider(server).complete(Request(system="s", user="u", schema={}, max_output_tokens=64, timeout=0.5))
    assert time.monotonic() - start < 3


def test_ollama_without_usage_and_model(server: Loopback) -> None:
    body = {"choices": [{"message": {"content": "{}"}}]}
    server.script = [Reply(body=body)]
    completion = provider(server).complete(REQUEST)
    assert (completion.prompt_tokens, completion.model, completion.finish_reason) == (0, "m", "stop")
