"""Names, aliases and what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import AliasChoices, ValidationError

from rca.analysis.build import build_chain, provider
from rca.analysis.providers.openai_compatible import OpenAiCompatible
from rca.analysis.settings import AnalysisSettings
from tests.unit.analysis_llm.support import FAILURE, FINDING

NAMES = ("LLM_", "GEMINI", "GOOGLE", "OPENAI", "AZURE_OPENAI", "DEEPSEEK", "MODEL_ID", "CONTEXT_FILE")


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(NAMES):
            monkeypatch.delenv(name)


def load(monkeypatch: pytest.MonkeyPatch, **values: str) -> AnalysisSettings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return AnalysisSettings()


def test_nothing_set_means_rules_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)
    assert settings.chain == ()
    assert settings.gemini_model == "models/gemini-2.5-flash"
    assert build_chain(settings, lambda _: FINDING)(FAILURE).analysis == FINDING


def test_a_key_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, GEMINI_API_KEY="k").chain == ("gemini",)
    assert load(monkeypatch, DEEPSEEK_API_KEY="k").chain == ("gemini", "deepseek")


@pytest.mark.parametrize(
    ("listed", "chain"),
    [
        ("openai, gemini", ("openai", "gemini")),
        ("OpenAI,openai", ("openai",)),
        ("gemini,rules,openai", ("gemini",)),
        ("rules", ()),
        ("deepseek", ()),
    ],
)
def test_order(monkeypatch: pytest.MonkeyPatch, listed: str, chain: tuple[str, ...]) -> None:
    assert load(monkeypatch, LLM_PROVIDERS=listed, GEMINI_API_KEY="k", OPENAI_API_KEY="k").chain == chain


def test_aliases(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, LLM_PROVIDER="deepseek", DEEPSEEK_API_KEY="k", MODEL_ID="models/x")
    assert settings.chain == ("deepseek",)
    assert settings.gemini_model == "models/x"


def test_a_server_of_ones_own_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, OPENAI_BASE_URL="http://ollama:11434/v1/", OPENAI_MODEL="llama3.1:8b")
    assert settings.chain == ("openai",)
    made = provider("openai", settings)
    assert isinstance(made, OpenAiCompatible)
    assert (made.name, made.model) == ("openai", "llama3.1:8b")


@pytest.mark.parametrize(
    "values",
    [
        {"LLM_PROVIDERS": "gemini,claude"},
        {"OPENAI_BASE_URL": "ftp://x"},
        {"OPENAI_BASE_URL": "https://user:planted@x/v1"},
        {"OPENAI_BASE_URL": "http://remote/v1", "OPENAI_API_KEY": "planted"},
        {"GEMINI_API_ENDPOINT": "http://remote"},
        {"LLM_TIMEOUT_SECONDS": "0"},
        {"LLM_MAX_INPUT_TOKENS": "10"},
        {"OPENAI_MODEL": "a b"},
        {"CONTEXT_FILE": "/nowhere.yaml"},
    ],
    ids=str,
)
def test_refused_without_repeating_values(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as caught:
        load(monkeypatch, **values)
    assert "planted" not in str(caught.value)


def test_keys_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "planted" not in repr(load(monkeypatch, GEMINI_API_KEY="planted", OPENAI_API_KEY="planted"))


def test_no_sdk_is_loaded_before_the_first_question() -> None:
    code = (
        "import sys; from rca.analysis.build import build_chain; from rca.analysis.settings import AnalysisSettings;"
        "build_chain(AnalysisSettings(GEMINI_API_KEY='k'), None);"
        "assert not [name for name in sys.modules if name.startswith(('google.generativeai', 'grpc'))]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_page_for_operators_lists_every_setting_and_name() -> None:
    page = (Path(__file__).parents[3] / "docs/llm.md").read_text()
    for field in AnalysisSettings.model_fields.values():
        alias = field.validation_alias
        for name in alias.choices if isinstance(alias, AliasChoices) else [alias]:
            assert f"`{name}`" in page
