"""Answers as an OpenAI-compatible endpoint gives them (platform.openai.com/docs/api-reference/chat/object)."""

from __future__ import annotations

import json
from typing import Any


def chat(answer: Any, *, model: str = "gpt-test", tokens: tuple[int, int] = (900, 100)) -> dict[str, Any]:
    """A completion whose message is `answer`, a text or what becomes JSON; `tokens` are those in and out."""
    text = answer if isinstance(answer, str) else json.dumps(answer)
    message = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": model,
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)},
    }
