"""Builds the chain from the settings; SDKs load with the first question."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from rca.analysis.breaker import Breaker
from rca.analysis.chain import Chain, Limits, Link, Rules
from rca.analysis.context import Context
from rca.analysis.prices import Prices
from rca.analysis.providers.port import Provider
from rca.analysis.settings import AnalysisSettings

DEEPSEEK_BASE_URL: Final = "https://api.deepseek.com/v1"
_CONFIG: Final = Path(__file__).parents[2] / "config"


def build_chain(
    settings: AnalysisSettings, rules: Rules, wrap: Callable[[Provider], Provider] | None = None
) -> Chain:
    """Make the chain that the settings ask for; raises ContextError or PricesError for an unusable file.

    Build it once a process: it holds the circuit breakers. `wrap` may put something around each provider.
    """
    wrapped = wrap or (lambda made: made)
    context = settings.context_file or _CONFIG / "context.yaml"
    prices = settings.llm_prices_file or _CONFIG / "llm-prices.yaml"
    return Chain(
        [_link(wrapped(provider(name, settings)), settings) for name in settings.chain],
        rules,
        context=Context.read(context.read_text("utf-8")),
        prices=Prices.read(prices.read_text("utf-8")),
        limits=Limits(
            max_input_tokens=settings.llm_max_input_tokens,
            max_output_tokens=settings.llm_max_output_tokens,
            timeout=settings.llm_timeout_seconds,
            attempts=settings.llm_max_attempts,
            retry_budget=settings.llm_retry_budget_seconds,
        ),
    )


def provider(name: str, settings: AnalysisSettings) -> Provider:
    """Make one provider by its name in `LLM_PROVIDERS`; a new one is registered here."""
    if name == "gemini":
        from rca.analysis.providers.gemini import Gemini

        return Gemini(
            key=_revealed(settings.gemini_api_key),
            model=settings.gemini_model,
            endpoint=settings.gemini_api_endpoint,
        )
    from rca.analysis.providers.openai_compatible import OpenAiCompatible

    if name == "deepseek":
        return OpenAiCompatible(
            name=name,
            base_url=DEEPSEEK_BASE_URL,
            model=settings.deepseek_model,
            key=_revealed(settings.deepseek_api_key),
        )
    return OpenAiCompatible(
        name=name,
        base_url=settings.openai_base_url,
        model=settings.openai_model,
        key=_revealed(settings.openai_api_key),
        api_version=settings.openai_api_version,
    )


def _link(made: Provider, settings: AnalysisSettings) -> Link:
    breaker = Breaker(
        failures=settings.llm_breaker_failures, seconds=settings.llm_breaker_seconds, clock=time.monotonic
    )
    return Link(made, breaker)


def _revealed(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret is not None else ""
