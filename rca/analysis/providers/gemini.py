"""Google Gemini through `google-generativeai`, which is loaded on the first question and nowhere else.

The package has reached its end of life (docs/decisions/0010-llm-providers.md). Facts:
ai.google.dev/api/generate-content (finishReason, promptFeedback.blockReason, usageMetadata) and the source of
google-generativeai 0.8.6.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

from rca.analysis.providers.port import (
    Completion,
    InvalidAnswerError,
    PassingError,
    ProviderError,
    RefusalError,
    RejectedError,
    Request,
)
from rca.analysis.providers.responses import error_of, retry_after

LONGEST_ANSWER: Final = 1_048_576
_REASONS: Final = {"STOP": "stop", "MAX_TOKENS": "length"}
_BLOCKS: Final = frozenset(
    {"SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY"}
)
_SCHEMA_WORDS: Final = frozenset({"type", "description", "enum", "items", "properties", "required"})
_DELAY: Final = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)s")
_lock = threading.Lock()
"""The SDK configures itself process-wide."""


class Gemini:
    """Asks one Gemini model over REST; `endpoint` is a host, or a URL for a server on this machine."""

    name = "gemini"

    def __init__(self, *, key: str, model: str, endpoint: str | None = None) -> None:
        self.model = model
        self._key = key
        self._endpoint = endpoint
        self._client: Any = None

    def complete(self, request: Request) -> Completion:
        """Ask once; the SDK's own retries are off."""
        model = self._loaded(request.system)
        settings = {
            "temperature": 0,
            "max_output_tokens": request.max_output_tokens,
            "response_mime_type": "application/json",
            "response_schema": gemini_schema(request.schema),
        }
        options = {"retry": None, "timeout": request.timeout}
        try:
            response = model.generate_content(
                request.user, generation_config=settings, request_options=options
            )
        except _sdk_errors() as error:
            raise self._mapped(error) from None
        return self._completion(response)

    def _loaded(self, system: str) -> Any:
        with _lock, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package announces its end of life on import
            genai: Any = import_module("google.generativeai")
            if self._client is None:
                clients: Any = import_module("google.generativeai.client")
                options = {"api_endpoint": self._endpoint} if self._endpoint else {}
                genai.configure(api_key=self._key, transport="rest", client_options=options)
                self._client = clients.get_default_generative_client()
                self._client.transport._session.max_redirects = 0  # a redirect would take the key along
        model = genai.GenerativeModel(self.model, system_instruction=system)
        model._client = self._client  # else the SDK takes whatever was configured last
        return model

    def _completion(self, response: Any) -> Completion:
        """Read the answer; `response.text` is avoided, it raises on whatever is not plain text."""
        if not response.candidates:
            raise RefusalError(self.name, "the question was blocked")
        candidate = response.candidates[0]
        reason = getattr(candidate.finish_reason, "name", str(candidate.finish_reason))
        if reason in _BLOCKS:
            raise RefusalError(self.name, "the answer was blocked")
        text = "".join(part.text for part in candidate.content.parts)
        if len(text) > LONGEST_ANSWER:
            raise InvalidAnswerError(self.name, "the answer is too long")
        usage = response.usage_metadata
        return Completion(
            text=text,
            finish_reason=_REASONS.get(reason, reason.lower()),
            prompt_tokens=usage.prompt_token_count,
            # Reasoning is billed as output, and the old SDK shows it in the total alone.
            completion_tokens=max(
                usage.candidates_token_count, usage.total_token_count - usage.prompt_token_count
            ),
            model=self.model,
        )

    def _mapped(self, error: Exception) -> ProviderError:
        import requests
        from google.api_core import exceptions
        from google.auth.exceptions import TransportError

        if isinstance(error, exceptions.GoogleAPICallError) and error.code is not None:
            return error_of(self.name, int(error.code), _told(error))
        if isinstance(error, requests.TooManyRedirects):
            return RejectedError(self.name, "the endpoint redirects elsewhere, check GEMINI_API_ENDPOINT")
        if isinstance(error, requests.Timeout | TimeoutError | exceptions.RetryError):
            return PassingError(self.name, "time-out")
        if isinstance(error, requests.RequestException | TransportError | OSError):
            return PassingError(self.name, "the connection failed or broke off")
        return InvalidAnswerError(self.name, f"the response can't be read: {type(error).__name__}")


def _sdk_errors() -> tuple[type[Exception], ...]:
    """List what the SDK lets through; the last three come of bodies that are JSON of another shape."""
    import requests
    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import GoogleAuthError

    parse_error: type[Exception] = import_module("google.protobuf.json_format").ParseError
    known = (GoogleAPIError, GoogleAuthError, requests.RequestException, parse_error, OSError)
    return (*known, ValueError, TypeError, AttributeError)


def gemini_schema(schema: Mapping[str, object]) -> dict[str, object]:
    """Reduce a JSON schema to the words that Gemini's `Schema` knows; an unknown one is a 400."""
    reduced: dict[str, object] = {}
    for word, value in schema.items():
        if word not in _SCHEMA_WORDS:
            continue
        if word == "properties" and isinstance(value, Mapping):
            reduced[word] = {name: gemini_schema(part) for name, part in value.items()}
        elif word == "items" and isinstance(value, Mapping):
            reduced[word] = gemini_schema(value)
        else:
            reduced[word] = value
    return reduced


def _told(error: Any) -> float | None:
    """Say how long to wait: Retry-After, or google.rpc.RetryInfo among the details."""
    headers = getattr(error.response, "headers", None) or {}
    told = retry_after(headers.get("Retry-After"))
    if told is not None:
        return told
    for detail in error.details or ():
        delay = detail.get("retryDelay") if isinstance(detail, Mapping) else None
        match = _DELAY.fullmatch(delay) if isinstance(delay, str) else None
        if match:
            return float(match[1])
    return None
