"""Which language models may be asked, and how; docs/llm.md lists the settings for operators.

A provider without its key (or, for a server of one's own, its address) is not part of the chain.
"""

from __future__ import annotations

import ipaddress
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    FilePath,
    SecretStr,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode

from rca.settings import FROM_ENVIRONMENT

PROVIDERS = ("gemini", "openai", "deepseek")
OPENAI_BASE_URL = "https://api.openai.com/v1"
_OTHER_NAMES = {"ollama": "openai"}
"""Servers that speak the same endpoint; OPENAI_BASE_URL says where."""


def _listed(value: object) -> object:
    if isinstance(value, str):
        parts = (part.strip().lower() for part in value.split(","))
        return tuple(_OTHER_NAMES.get(part, part) for part in parts if part)
    return value


def _known(names: tuple[str, ...]) -> tuple[str, ...]:
    unknown = sorted(set(names) - {*PROVIDERS, "rules"})
    if unknown:
        raise ValueError(f"unknown provider; known are {', '.join(PROVIDERS)} and rules")
    return tuple(dict.fromkeys(names))


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address that begins with https:// or http://")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be an address without user, query and fragment")
    return value.rstrip("/")


def _endpoint(value: str) -> str:
    """Take a bare host for https; plain http leaves this machine with the key readable."""
    address = _address(value if "://" in value else f"https://{value}")
    if not private(address):
        raise ValueError("must be an https:// address, or http:// on this machine")
    return address


def private(address: str) -> bool:
    """Whether nobody on the way can read what goes to an address: https, or this machine."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    return parts.scheme == "https" or local


type Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed), AfterValidator(_known)]
type Address = Annotated[str, AfterValidator(_address)]
type Endpoint = Annotated[str, AfterValidator(_endpoint)]
type Model = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}$")]


class AnalysisSettings(BaseSettings):
    """What an operator may set about language models."""

    model_config = FROM_ENVIRONMENT

    llm_providers: Names = Field(
        default=PROVIDERS,
        validation_alias=AliasChoices("LLM_PROVIDERS", "LLM_PROVIDER"),
        description="Providers in the order in which they are asked, comma-separated: `gemini`, `openai`, "
        "`deepseek`. Those without a key are left out. `rules` alone asks none.",
    )
    gemini_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        description="Key of the Gemini API.",
    )
    gemini_model: Model = Field(
        default="models/gemini-2.5-flash",
        validation_alias=AliasChoices("MODEL_ID", "GEMINI_MODEL"),
        description="Gemini model.",
    )
    gemini_api_endpoint: Endpoint | None = Field(
        default=None,
        validation_alias="GEMINI_API_ENDPOINT",
        description="Another host for the Gemini API, for example a gateway; unset means Google's.",
    )
    openai_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY"),
        description="Key of the OpenAI-compatible endpoint; a server of your own may need none.",
    )
    openai_base_url: Address = Field(
        default=OPENAI_BASE_URL,
        validation_alias="OPENAI_BASE_URL",
        description="What precedes `/chat/completions`. With a key it must be https, or this machine.",
    )
    openai_model: Model = Field(
        default="gpt-4.1-mini",
        validation_alias="OPENAI_MODEL",
        description="Model, or on Azure the deployment.",
    )
    openai_api_version: Annotated[str, Field(pattern=r"^[\w.-]{1,40}$")] | None = Field(
        default=None,
        validation_alias=AliasChoices("OPENAI_API_VERSION", "AZURE_OPENAI_API_VERSION"),
        description="`api-version` of Azure OpenAI's deployment addresses; sends the key as `api-key`.",
    )
    deepseek_api_key: SecretStr | None = Field(
        default=None, validation_alias="DEEPSEEK_API_KEY", description="Key of api.deepseek.com."
    )
    deepseek_model: Model = Field(
        default="deepseek-chat", validation_alias="DEEPSEEK_MODEL", description="DeepSeek model."
    )

    llm_timeout_seconds: Annotated[float, Field(gt=0, le=300)] = Field(
        default=30,
        validation_alias=AliasChoices("LLM_TIMEOUT_SECONDS", "API_TIMEOUT_SECONDS"),
        description="Longest wait for one answer.",
    )
    llm_max_attempts: Annotated[int, Field(ge=1, le=10)] = Field(
        default=3,
        validation_alias="LLM_MAX_ATTEMPTS",
        description="How often a question is put to one provider while it fails in passing.",
    )
    llm_retry_budget_seconds: Annotated[float, Field(ge=0, le=300)] = Field(
        default=20,
        validation_alias="LLM_RETRY_BUDGET_SECONDS",
        description="Seconds that one question may wait between attempts; a longer Retry-After hands over.",
    )
    llm_breaker_failures: Annotated[int, Field(ge=1, le=100)] = Field(
        default=5,
        validation_alias="LLM_BREAKER_FAILURES",
        description="Passing failures in a row after which a provider is left alone for a while.",
    )
    llm_breaker_seconds: Annotated[float, Field(gt=0, le=3_600)] = Field(
        default=60, validation_alias="LLM_BREAKER_SECONDS", description="How long it is left alone."
    )
    llm_max_input_tokens: Annotated[int, Field(ge=2_000, le=200_000)] = Field(
        default=12_000,
        validation_alias="LLM_MAX_INPUT_TOKENS",
        description="Size of a question, about; longer logs lose what informs least.",
    )
    llm_max_output_tokens: Annotated[int, Field(ge=256, le=65_536)] = Field(
        default=8_192,
        validation_alias="LLM_MAX_OUTPUT_TOKENS",
        description="Longest answer, hidden reasoning included.",
    )
    llm_reuse_seconds: Annotated[int, Field(ge=0, le=2_592_000)] = Field(
        default=86_400,
        validation_alias="LLM_REUSE_SECONDS",
        description="How long an answer is reused for failures with the same signature; 0 asks for each failure.",
    )
    llm_prices_file: FilePath | None = Field(
        default=None,
        validation_alias="LLM_PRICES_FILE",
        description="YAML file with prices by model; unset means `config/llm-prices.yaml`.",
    )
    context_file: FilePath | None = Field(
        default=None,
        validation_alias="CONTEXT_FILE",
        description="YAML file about your company, components and runbooks; unset means `config/context.yaml`.",
    )

    @model_validator(mode="after")
    def _key_stays_private(self) -> Self:
        if self.openai_api_key is not None and not private(self.openai_base_url):
            raise ValueError("OPENAI_BASE_URL must be https:// where OPENAI_API_KEY is set")
        return self

    @property
    def chain(self) -> tuple[str, ...]:
        """Name the providers to ask, in order: those listed before `rules` that have what they need."""
        names = self.llm_providers
        listed = names[: names.index("rules")] if "rules" in names else names
        return tuple(name for name in listed if self._usable(name))

    @property
    def longest_seconds(self) -> float:
        """Return how long one analysis may take at most, all providers failing slowly and being asked twice."""
        question = self.llm_max_attempts * self.llm_timeout_seconds + self.llm_retry_budget_seconds
        return 2 * question * max(len(self.chain), 1)

    def _usable(self, name: str) -> bool:
        if name == "gemini":
            return self.gemini_api_key is not None
        if name == "deepseek":
            return self.deepseek_api_key is not None
        return self.openai_api_key is not None or self.openai_base_url != OPENAI_BASE_URL
