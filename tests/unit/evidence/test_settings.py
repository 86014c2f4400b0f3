"""Settings of the evidence adapters, and which adapters they build."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import AliasChoices, ValidationError

from rca.evidence import log_analytics
from rca.evidence.registry import build, tools_of
from rca.evidence.settings import EvidenceSettings

FACTORY = (
    "/subscriptions/7d1f0c52-3b7e-4d0e-9a45-2f6c8e1b9a10/resourceGroups/rg"
    "/providers/Microsoft.DataFactory/factories/adf-x"
)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABRICKS_HOST", "DATABRICKS_WORKSPACE_URL", "PROMETHEUS_URL", "LOKI_URL", "AIRFLOW_URL"):
        monkeypatch.delenv(name, raising=False)


def test_without_settings_there_is_no_adapter() -> None:
    assert build(EvidenceSettings()) == []
    assert log_analytics.build(EvidenceSettings(), tools_of(EvidenceSettings())) is None


def test_the_environment_names_the_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_WORKSPACE_URL", "adb-1.2.azuredatabricks.net/")
    monkeypatch.setenv("ADF_RESOURCE_IDS", f"{FACTORY}, 7d1f0c52-3b7e-4d0e-9a45-2f6c8e1b9a10/rg/second")
    monkeypatch.setenv("AIRFLOW_URL", "https://airflow.example")
    monkeypatch.setenv("PROMETHEUS_URL", "http://localhost:9090")
    monkeypatch.setenv("LOKI_URL", "http://127.0.0.1:3100")
    settings = EvidenceSettings()

    assert settings.databricks_host == "https://adb-1.2.azuredatabricks.net"
    assert settings.adf_resource_ids == (FACTORY, FACTORY.replace("adf-x", "second"))
    assert [adapter.name for adapter in build(settings)] == [
        "databricks",
        "data_factory",
        "airflow",
        "prometheus",
        "loki",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"databricks_host": "http://adb-1.2.azuredatabricks.net"},
        {"prometheus_url": "http://prometheus:9090"},
        {"loki_url": "https://user:pass@loki.example"},
        {"airflow_url": "https://airflow.example?x=1"},
        {"azure_management_url": "file:///etc/passwd"},
        {"adf_resource_ids": "../../x"},
        {"adf_resource_ids": f"{FACTORY}/../other"},
        {"log_analytics_workspaces": "my workspace"},
        {"loki_tenant": "a\r\nX: y"},
        {"budget_seconds": 0},
        {"airflow_api": "v3"},
    ],
)
def test_bad_values_are_told(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        EvidenceSettings(**changes)  # type: ignore[arg-type]


def test_the_page_lists_every_setting() -> None:
    page = Path("docs/evidence.md").read_text()
    aliases = [field.validation_alias for field in EvidenceSettings.model_fields.values()]
    names = [
        name for alias in aliases for name in (alias.choices if isinstance(alias, AliasChoices) else [alias])
    ]

    assert [name for name in names if f"`{name}`" not in page] == []
