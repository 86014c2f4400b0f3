import subprocess
import sys
from pathlib import Path

import pytest

from rca import settings
from rca.domain.vocabulary import Priority
from rca.errors import NotConfiguredError

ROOT = Path(__file__).parents[2]
NAMES = [settings.environment_name(field) for field in settings.Settings.model_fields]
LONG = "a" * 32
OTHER = "b" * 40


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    for name in [*NAMES, "JWT_SECRET_KEY"]:
        monkeypatch.delenv(name, raising=False)


def test_nothing_set_gives_the_documented_defaults():
    read = settings.load()
    assert read.sla_seconds == {
        Priority.P1: 900,
        Priority.P2: 1_800,
        Priority.P3: 7_200,
        Priority.P4: 86_400,
    }
    assert (read.table("tickets"), read.queue("alerts"), read.container("payloads")) == (
        "rcatickets",
        "rca-alerts",
        "rca-payloads",
    )


def test_an_empty_value_counts_as_unset(monkeypatch):
    monkeypatch.setenv("AUDIT_SECRET", "")
    monkeypatch.setenv("SLA_P1_SECONDS", "")
    assert settings.load().sla_p1_seconds == 900


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLA_P1_SECONDS", "soon"),
        ("SLA_P1_SECONDS", "0"),
        ("SLA_P4_SECONDS", "1e99"),
        ("RETRY_WINDOW_SECONDS", str(7 * 86_400)),
        ("STORAGE_PREFIX", "Rca"),
        ("STORAGE_PREFIX", "ab"),
        ("STORAGE_PREFIX", "rca\n"),
        ("MAX_BODY_BYTES", "-1"),
        ("LOG_LEVEL", "chatty"),
        ("FINOPS_FILE", "/does/not/exist.yaml"),
        ("FILTERS_FILE", "/does/not/exist.yaml"),
        ("AUDIT_SECRET", "hunter2hunter2"),
        ("AUDIT_SECRET", f"{LONG},hunter2"),
        ("SESSION_SECRET", " , "),
        ("SETUP_TOKEN", "hunter2"),
        ("DataStorage__tableServiceUri", "ftp://account"),
        ("DataStorage__tableServiceUri", "https://account/?sig=hunter2"),
    ],
)
def test_a_bad_value_is_one_clear_line_that_names_the_setting_and_keeps_the_value(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(NotConfiguredError) as caught:
        settings.load()
    assert name in caught.value.detail
    assert "hunter2" not in caught.value.detail
    assert "\n" not in caught.value.detail
    assert caught.value.__context__ is None


def test_all_bad_values_are_named_at_once(monkeypatch):
    monkeypatch.setenv("SLA_P1_SECONDS", "soon")
    monkeypatch.setenv("LOG_LEVEL", "chatty")
    with pytest.raises(NotConfiguredError, match=r"SLA_P1_SECONDS.*LOG_LEVEL"):
        settings.load()


def test_secrets_rotate_the_first_key_signs(monkeypatch):
    monkeypatch.setenv("SESSION_SECRET", f" {LONG} ,{OTHER},")
    assert settings.load().keys("session_secret") == (LONG.encode(), OTHER.encode())


def test_the_name_of_the_requirements_works_too(monkeypatch):
    monkeypatch.setenv("JWT_SECRET_KEY", LONG)
    assert settings.load().keys("session_secret") == (LONG.encode(),)


def test_an_unset_secret_is_named_when_something_needs_it():
    with pytest.raises(NotConfiguredError, match="SETUP_TOKEN is not set"):
        settings.load().require("setup_token")
    with pytest.raises(NotConfiguredError, match="SESSION_SECRET is not set"):
        settings.load().keys("session_secret")


def test_no_secret_shows_in_the_representation(monkeypatch):
    monkeypatch.setenv("AUDIT_SECRET", LONG)
    monkeypatch.setenv("DataStorage", f"AccountKey={OTHER}")
    shown = repr(settings.load())
    assert LONG not in shown
    assert OTHER not in shown


def test_storage_by_managed_identity_needs_all_three_addresses(monkeypatch):
    monkeypatch.setenv("DataStorage__tableServiceUri", "https://a.table.core.windows.net/")
    with pytest.raises(NotConfiguredError, match="DataStorage__queueServiceUri"):
        settings.load()
    monkeypatch.setenv("DataStorage__queueServiceUri", "https://a.queue.core.windows.net")
    monkeypatch.setenv("DataStorage__blobServiceUri", "https://a.blob.core.windows.net")
    assert settings.load().storage_uri("table") == "https://a.table.core.windows.net"


def test_unset_storage_is_named():
    with pytest.raises(NotConfiguredError, match="DataStorage__queueServiceUri"):
        settings.load().storage_uri("queue")


def test_importing_loads_no_azure_sdk():
    code = "import sys, rca.settings; sys.exit(any(name.split('.')[0] == 'azure' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
