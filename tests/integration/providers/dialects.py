"""The two REST protocols: how an answer, a block and an error look on the wire."""

from __future__ import annotations

from typing import Any, Protocol

from rca.analysis.providers.gemini import Gemini
from rca.analysis.providers.openai_compatible import OpenAiCompatible
from rca.analysis.providers.port import Provider
from tests.integration.providers.loopback import Reply, Seen

KEY = "planted-key-0123456789abcdef"


class Dialect(Protocol):
    name: str

    def provider(self, url: str) -> Provider: ...
    def answer(self, text: str, finish: str = "stop") -> Reply: ...
    def refusal(self) -> Reply: ...
    def blocked_question(self) -> Reply: ...
    def error(self, status: int, **headers: str) -> Reply: ...
    def system(self, seen: Seen) -> str: ...
    def user(self, seen: Seen) -> str: ...
    def schema(self, seen: Seen) -> Any: ...


class GeminiDialect:
    """ai.google.dev/api/generate-content; errors as in google.rpc.Status."""

    name = "gemini"

    def provider(self, url: str) -> Provider:
        return Gemini(key=KEY, model="models/gemini-2.5-flash", endpoint=url)

    def answer(self, text: str, finish: str = "stop") -> Reply:
        return Reply(
            body={
                "candidates": [
                    {
                        "content": {"role": "model", "parts": [{"text": text}]},
                        "finishReason": {"stop": "STOP", "length": "MAX_TOKENS"}[finish],
                        "index": 0,
                    }
                ],
                "usageMetadata": {
                    "promptTokenCount": 100,
                    "candidatesTokenCount": 30,
                    "totalTokenCount": 170,
                },
                "modelVersion": "gemini-2.5-flash",
            }
        )

    def refusal(self) -> Reply:
        return Reply(body={"candidates": [{"finishReason": "SAFETY", "index": 0}], "usageMetadata": {}})

    def blocked_question(self) -> Reply:
        return Reply(body={"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {}})

    def error(self, status: int, **headers: str) -> Reply:
        body = {"error": {"code": status, "message": f"bad key {KEY}", "status": "X", "details": []}}
        return Reply(status, body, headers)

    def system(self, seen: Seen) -> str:
        return seen.body["systemInstruction"]["parts"][0]["text"]

    def user(self, seen: Seen) -> str:
        return seen.body["contents"][0]["parts"][0]["text"]

    def schema(self, seen: Seen) -> Any:
        return seen.body["generationConfig"]["responseSchema"]


class OpenAiDialect:
    """platform.openai.com/docs/api-reference/chat."""

    name = "openai"

    def provider(self, url: str) -> Provider:
        return OpenAiCompatible(name="openai", base_url=f"{url}/v1", model="gpt-test", key=KEY)

    def answer(self, text: str, finish: str = "stop") -> Reply:
        return Reply(
            body={
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "model": "gpt-test-2026-01-01",
                "choices": [
                    {
                        "index": 0,
                        "message": {"role": "assistant", "content": text, "refusal": None},
                        "finish_reason": finish,
                    }
                ],
                "usage": {"prompt_tokens": 100, "completion_tokens": 70, "total_tokens": 170},
            }
        )

    def refusal(self) -> Reply:
        reply = self.answer("")
        reply.body["choices"][0]["message"] = {  # type: ignore[index]
            "role": "assistant",
            "content": None,
            "refusal": "I can't help with that.",
        }
        return reply

    def blocked_question(self) -> Reply:
        return Reply(400, {"error": {"code": "content_filter", "message": "filtered", "status": 400}})

    def error(self, status: int, **headers: str) -> Reply:
        return Reply(
            status, {"error": {"message": f"Incorrect API key provided: {KEY}", "code": "x"}}, headers
        )

    def system(self, seen: Seen) -> str:
        return seen.body["messages"][0]["content"]

    def user(self, seen: Seen) -> str:
        return seen.body["messages"][1]["content"]

    def schema(self, seen: Seen) -> Any:
        return seen.body["response_format"]["json_schema"]["schema"]
