"""The chat-completions endpoint that OpenAI, Azure OpenAI, DeepSeek, Ollama, vLLM and Gemini offer alike.

Facts: platform.openai.com/docs/api-reference/chat and /docs/guides/structured-outputs;
learn.microsoft.com/azure/ai-services/openai/reference (`api-key` header, `api-version` query).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

import requests
import urllib3
from requests.auth import AuthBase

from rca.analysis.providers.port import (
    Completion,
    InvalidAnswerError,
    PassingError,
    ProviderError,
    RefusalError,
    Request,
)
from rca.analysis.providers.responses import error_of, retry_after

LARGEST_BODY: Final = 2_097_152
_PIECE: Final = 65_536
_AZURE_HOSTS: Final = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
_MOST_ADAPTATIONS: Final = 4


class _Key(AuthBase):
    """Sets the key's header; as an auth object it also keeps requests from taking one out of a .netrc file."""

    def __init__(self, header: str, value: str) -> None:
        self._header = header
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._value:
            request.headers[self._header] = self._value
        return request


@dataclass(frozen=True, slots=True)
class _Dialect:
    """What an endpoint understands; learned from its 400 answers, kept for later calls."""

    formats: tuple[str, ...] = ("json_schema", "json_object", "")
    limit: str = "max_tokens"
    temperature: bool = True

    def adapted(self, complaint: str) -> _Dialect | None:
        """Return what to speak after a complaint; None where it is about something else."""
        if len(self.formats) > 1 and ("response_format" in complaint or self.formats[0] in complaint):
            return replace(self, formats=self.formats[1:])
        if self.limit == "max_tokens" and "max_completion_tokens" in complaint:
            return replace(self, limit="max_completion_tokens")
        if self.temperature and "temperature" in complaint:
            return replace(self, temperature=False)
        return None


class OpenAiCompatible:
    """Asks one model of one endpoint. `base_url` is what precedes `/chat/completions`; no key means none is sent."""

    def __init__(
        self,
        *,
        name: str,
        base_url: str,
        model: str,
        key: str = "",
        api_version: str | None = None,
        session: requests.Session | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        host = urlsplit(base_url).hostname or ""
        azure = api_version is not None or host.endswith(_AZURE_HOSTS)
        self.name = name
        self.model = model
        self._url = base_url.rstrip("/") + "/chat/completions"
        self._query = {"api-version": api_version} if api_version else {}
        self._key = _Key("api-key", key) if azure else _Key("Authorization", f"Bearer {key}" if key else "")
        self._session = session or requests.Session()
        self._clock = clock
        self._dialect = _Dialect()

    def complete(self, request: Request) -> Completion:
        """Ask once; a parameter that the endpoint does not know is left out and the question put again."""
        deadline = self._clock() + request.timeout
        for _ in range(_MOST_ADAPTATIONS):
            dialect = self._dialect  # another thread may learn meanwhile
            status, headers, body = self._post(self._body(request, dialect), deadline)
            if status == 200:
                return self._completion(body)
            complaint = body.decode("utf-8", "replace").lower()
            if status == 400 and _is_filter(complaint):
                raise RefusalError(self.name, "the content filter declined the question")
            adapted = dialect.adapted(complaint) if status in (400, 422) else None
            if adapted is None:
                break
            self._dialect = adapted
        raise error_of(self.name, status, retry_after(headers.get("Retry-After")))

    def _body(self, request: Request, dialect: _Dialect) -> dict[str, object]:
        body: dict[str, object] = {
            "model": self.model,
            "messages": [
                {"role": "system", "content": request.system},
                {"role": "user", "content": request.user},
            ],
            dialect.limit: request.max_output_tokens,
        }
        if dialect.temperature:
            body["temperature"] = 0
        kind = dialect.formats[0]
        if kind == "json_schema":
            schema = {"name": "analysis", "strict": True, "schema": request.schema}
            body["response_format"] = {"type": kind, "json_schema": schema}
        elif kind:
            body["response_format"] = {"type": kind}
        return body

    def _post(self, body: dict[str, object], deadline: float) -> tuple[int, Any, bytes]:
        left = deadline - self._clock()
        if left <= 0:
            raise PassingError(self.name, "time-out")
        try:
            with self._session.post(
                self._url,
                params=self._query,
                json=body,
                auth=self._key,
                timeout=left,
                stream=True,
                allow_redirects=False,  # a redirect would take the key along
            ) as response:
                return response.status_code, response.headers, self._read(response, deadline)
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            raise PassingError(self.name, "time-out") from None
        except (requests.ConnectionError, urllib3.exceptions.HTTPError):
            raise PassingError(self.name, "the connection failed or broke off") from None
        except requests.RequestException as error:
            raise PassingError(self.name, f"the request failed: {type(error).__name__}") from None

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        """Read the body as it comes, within the deadline: the time-out of requests holds for each read alone."""
        parts: list[bytes] = []
        size = 0
        while part := response.raw.read1(_PIECE, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > LARGEST_BODY:
                raise InvalidAnswerError(self.name, "the answer is too long")
            if self._clock() > deadline:
                raise PassingError(self.name, "time-out")
        return b"".join(parts)

    def _completion(self, body: bytes) -> Completion:
        try:
            answer = json.loads(body)
            choice = answer["choices"][0]
            message = choice["message"]
            text, refusal = message.get("content") or "", message.get("refusal")
            reason = str(choice.get("finish_reason") or "stop")
            usage = answer.get("usage") or {}
            counts = [int(usage.get(name) or 0) for name in ("prompt_tokens", "completion_tokens")]
            model = str(answer.get("model") or self.model)
        except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
            raise self._odd() from None
        if refusal or reason == "content_filter":
            raise RefusalError(self.name, "the model declined to answer")
        if not isinstance(text, str):
            raise self._odd()
        return Completion(
            text=text,
            finish_reason=reason,
            prompt_tokens=max(counts[0], 0),
            completion_tokens=max(counts[1], 0),
            model=model[:200],
        )

    def _odd(self) -> ProviderError:
        return InvalidAnswerError(self.name, "the response is not a chat completion")


def _is_filter(complaint: str) -> bool:
    return (
        "content_filter" in complaint or "content_policy" in complaint or "responsibleaipolicy" in complaint
    )
