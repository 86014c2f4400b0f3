"""Every name under which a setting may come, in all groups: documented, accepted, never two at odds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from rca.aliases import names_of
from rca.analysis.settings import AnalysisSettings
from rca.channels.settings import ChannelSettings
from rca.errors import NotConfiguredError
from rca.evidence.settings import EvidenceSettings
from rca.settings import Settings, read

ROOT = Path(__file__).parents[2]
GROUPS: tuple[type[BaseSettings], ...] = (Settings, EvidenceSettings, AnalysisSettings, ChannelSettings)
PAGES = {
    "docs/settings.md": (Settings, ChannelSettings),
    "docs/evidence.md": (EvidenceSettings,),
    "docs/llm.md": (AnalysisSettings,),
}
OF_THE_REQUIREMENTS = {
    "API_TIMEOUT_SECONDS": ("30", "llm_timeout_seconds", 30),
    "DATABRICKS_HOST": ("https://adb-1.2.azuredatabricks.net", "databricks_host", None),
    "DATABRICKS_TOKEN": ("dapi-1", "databricks_token", None),
    "DATABRICKS_WORKSPACE_URL": ("https://adb-1.2.azuredatabricks.net", "databricks_host", None),
    "DEEPSEEK_API_KEY": ("k", "deepseek_api_key", None),
    "GEMINI_API_KEY": ("k", "gemini_api_key", None),
    "ITSM_TOOL": ("servicenow", "itsm_tool", None),
    "JIRA_API_TOKEN": ("ATATT3x", "jira_api_token", None),
    "JIRA_DOMAIN": ("https://your-company.atlassian.net", "jira_url", None),
    "JIRA_EMAIL": ("your-email@company.com", "jira_email", None),
    "JIRA_PROJECT_KEY": ("APAIOPS", "jira_project_key", None),
    "JIRA_URL": ("https://your-company.atlassian.net", "jira_url", None),
    "JIRA_USER_EMAIL": ("aiops-bot@company.com", "jira_email", None),
    "JIRA_WEBHOOK_SECRET": ("your-random-secret", "jira_webhook_secret", None),
    "JWT_SECRET_KEY": ("s" * 32, "session_secret", None),
    "LLM_PROVIDER": ("deepseek", "llm_providers", ("deepseek",)),
    "LOKI_URL": ("http://localhost:3100", "loki_url", None),
    "MODEL_ID": ("models/gemini-2.5-flash", "gemini_model", None),
    "OPENAI_API_KEY": ("k", "openai_api_key", None),
    "PROMETHEUS_URL": ("http://localhost:9090", "prometheus_url", None),
    "SERVICENOW_INSTANCE": ("your-instance", "servicenow_url", "https://your-instance.service-now.com"),
    "SERVICENOW_PASSWORD": ("p", "servicenow_password", None),
    "SERVICENOW_USERNAME": ("u", "servicenow_username", None),
    "SLACK_ALERT_CHANNEL": ("C01234567AB", "slack_channel", None),
    "SLACK_BOT_TOKEN": ("xoxb-1", "slack_bot_token", None),
}
"""Name → what the requirements write there, the attribute, and what is made of it (None: the same)."""
NOT_READ = (
    "RCA_API_KEY",
    "RCA_WEBHOOK_URL",
    "AUTO_REMEDIATION_ENABLED",
    "PLAYBOOK_RETRY_PIPELINE",
    "PLAYBOOK_RETRY_JOB",
    "PLAYBOOK_EMAIL_NOTIFICATION",
)


def every_name() -> list[str]:
    return [name for group in GROUPS for field in group.model_fields.values() for name in names_of(field)]


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in every_name():
        monkeypatch.delenv(name, raising=False)


def shown(value: object) -> object:
    reveal = getattr(value, "get_secret_value", None)
    return reveal() if reveal else value


@pytest.mark.parametrize("name", OF_THE_REQUIREMENTS)
def test_the_names_of_the_requirements_work(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    value, attribute, made = OF_THE_REQUIREMENTS[name]
    (group,) = [group for group in GROUPS if attribute in group.model_fields]
    monkeypatch.setenv(name, value)
    assert shown(getattr(read(group), attribute)) == (value if made is None else made)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_lists_the_settings_of_its_groups_and_nothing_else(page: str) -> None:
    rows = re.findall(r"^\| `([A-Z][A-Za-z_0-9]+)` \|", (ROOT / page).read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(
        names_of(field)[0] for group in PAGES[page] for field in group.model_fields.values()
    )


@pytest.mark.parametrize("page", PAGES)
def test_a_page_tells_every_further_name_in_the_row_of_its_setting(page: str) -> None:
    lines = (ROOT / page).read_text().splitlines()
    for group in PAGES[page]:
        for field in group.model_fields.values():
            first, *others = names_of(field)
            (row,) = [line for line in lines if line.startswith(f"| `{first}` |")]
            assert [name for name in others if f"`{name}`" not in row] == []


def test_names_that_are_not_read_are_told() -> None:
    section = (ROOT / "docs/settings.md").read_text().partition("## Names that are not read")[2]
    assert [name for name in NOT_READ if name not in section] == []
    assert set(NOT_READ).isdisjoint(every_name())


ALIASED = [
    (group, names_of(field))
    for group in GROUPS
    for field in group.model_fields.values()
    if len(names_of(field)) > 1 and "AZURE_CLIENT_ID" not in names_of(field)
]
VALUES = {
    "SESSION_SECRET": ("planted-" + "a" * 32, "planted-" + "b" * 32),
    "LLM_PROVIDERS": ("gemini", "openai"),
    "LLM_TIMEOUT_SECONDS": ("11", "12"),
    "DATABRICKS_HOST": ("planted-a.example", "planted-b.example"),
    "AIRFLOW_URL": ("https://planted-a.example", "https://planted-b.example"),
    "LOG_ANALYTICS_WORKSPACE_IDS": (
        "7d1f0c52-3b7e-4d0e-9a45-2f6c8e1b9a10",
        "7d1f0c52-3b7e-4d0e-9a45-2f6c8e1b9a11",
    ),
    "JIRA_URL": ("planted-a", "planted-b"),
    "JIRA_EMAIL": ("planted@a.example", "planted@b.example"),
    "SERVICENOW_URL": ("planted-a", "planted-b"),
}


@pytest.mark.parametrize(("group", "names"), ALIASED, ids=lambda value: str(value))
def test_two_names_at_odds_are_told_without_their_values(
    monkeypatch: pytest.MonkeyPatch, group: type[BaseSettings], names: tuple[str, ...]
) -> None:
    one, other = VALUES.get(names[0], ("planted-a", "planted-b"))
    monkeypatch.setenv(names[0], one)
    monkeypatch.setenv(names[1], other)
    with pytest.raises(NotConfiguredError) as caught:
        read(group)
    assert names[0] in caught.value.detail
    assert names[1] in caught.value.detail
    assert one not in caught.value.detail
    assert other not in caught.value.detail

    monkeypatch.setenv(names[1], one)
    read(group)
    monkeypatch.setenv(names[1], "")
    read(group)


def test_two_spellings_of_one_value_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIRA_URL", "https://acme.atlassian.net/")
    monkeypatch.setenv("JIRA_DOMAIN", "acme")
    monkeypatch.setenv("DATABRICKS_HOST", "adb-1.2.azuredatabricks.net")
    monkeypatch.setenv("DATABRICKS_WORKSPACE_URL", "https://adb-1.2.azuredatabricks.net/")
    assert read(ChannelSettings).jira_url == "https://acme.atlassian.net"
    assert read(EvidenceSettings).databricks_host == "https://adb-1.2.azuredatabricks.net"


def test_storage_and_evidence_may_have_identities_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DataStorage__clientId", "storage")
    assert read(EvidenceSettings).azure_client_id == "storage"
    monkeypatch.setenv("AZURE_CLIENT_ID", "evidence")
    assert read(EvidenceSettings).azure_client_id == "evidence"
    assert read(Settings).data_storage_client_id == "storage"


@pytest.mark.parametrize(
    ("name", "written", "read_as"),
    [
        ("JIRA_DOMAIN", "acme", "https://acme.atlassian.net"),
        ("JIRA_DOMAIN", "acme.atlassian.net", "https://acme.atlassian.net"),
        ("JIRA_URL", " https://Acme.atlassian.net/ ", "https://acme.atlassian.net"),
        ("JIRA_URL", "https://jira.example:8443/jira/", "https://jira.example:8443/jira"),
        ("JIRA_URL", "http://localhost:8080", "http://localhost:8080"),
        ("SERVICENOW_INSTANCE", "dev12345", "https://dev12345.service-now.com"),
        ("SERVICENOW_URL", "https://snow.example", "https://snow.example"),
    ],
)
def test_addresses_are_completed(
    monkeypatch: pytest.MonkeyPatch, name: str, written: str, read_as: str
) -> None:
    monkeypatch.setenv(name, written)
    found = read(ChannelSettings)
    assert read_as in (found.jira_url, found.servicenow_url)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JIRA_URL", "http://jira.example"),
        ("JIRA_URL", "https://user:planted@jira.example"),
        ("JIRA_URL", "https://jira.example?token=planted"),
        ("JIRA_URL", "https://"),
        ("JIRA_URL", "https://jira.example:port"),
        ("JIRA_URL", "https://[::1"),
        ("JIRA_DOMAIN", "planted jira"),
        ("JIRA_DOMAIN", "a/b"),
        ("JIRA_EMAIL", "planted"),
        ("JIRA_PROJECT_KEY", "planted"),
        ("ITSM_TOOL", "planted"),
        ("SLACK_CHANNEL", "#one,#planted"),
        ("SERVICENOW_INSTANCE", "planted?x=1"),
    ],
)
def test_bad_values_are_told_by_name_alone(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(NotConfiguredError) as caught:
        read(ChannelSettings)
    first = next(
        names_of(field)[0] for field in ChannelSettings.model_fields.values() if name in names_of(field)
    )
    assert name in caught.value.detail or first in caught.value.detail
    assert "planted" not in caught.value.detail


def test_no_token_shows_in_the_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JIRA_API_TOKEN", "JIRA_WEBHOOK_SECRET", "SERVICENOW_PASSWORD", "SLACK_BOT_TOKEN"):
        monkeypatch.setenv(name, "planted")
    assert "planted" not in repr(read(ChannelSettings))


def test_ollama_is_a_server_that_speaks_the_openai_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_PROVIDER", "ollama")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:11434/v1")
    assert read(AnalysisSettings).chain == ("openai",)
