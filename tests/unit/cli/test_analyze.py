import json

import pytest

from rca.catalog import catalog
from rca.domain.vocabulary import Source
from rca.workflow.inquiry import Inquiry, guess_source, subject_of
from tests.unit.cli.support import ROOT, run

SAMPLE = ROOT / "samples" / "alertmanager_pods.json"
TEXT = (
    "Operation on target Copy orders failed: ErrorCode=UserErrorFileNotFound,'Message=The required Blob is missing. "
    "ContainerName: landing, path: orders/x.parquet.' password=hunter22x"
)


def test_pasted_text_is_told_for_people():
    status, out, err = run("analyze", given=TEXT)
    assert (status, err) == (0, "")
    for part in (
        "orders/x.parquet is not in ",
        "UserErrorFileNotFound",
        "High, priority P2",
        "Very High, by rules",
        "What to do",
        "  1. ",
        "https://learn.microsoft.com/",
        "taken for a failure of adf",
        "Signature",
    ):
        assert part in out
    assert "hunter22x" not in out
    assert "\x1b" not in out
    assert max(len(line) for line in out.splitlines() if "https:" not in line) <= 100


def test_the_same_as_json():
    status, out, _ = run("analyze", "--json", "--source", "adf", given=TEXT)
    told = json.loads(out)
    (analysis,) = told["analyses"]
    assert status == 0
    assert told["notes"] == told["not_failures"] == []
    assert (analysis["source"], analysis["error_type"]) == ("adf", "UserErrorFileNotFound")
    assert (analysis["provider"], analysis["model"], analysis["cost_usd"]) == ("rules", None, 0)
    assert analysis["affected_entity"] == "file: orders/x.parquet"
    assert "hunter22x" not in out


def test_each_failure_of_a_payload_is_analysed():
    status, out, _ = run("analyze", "--json", str(SAMPLE))
    told = json.loads(out)
    assert status == 0
    assert [analysis["error_type"] for analysis in told["analyses"]] == [
        "KubePodCrashLooping",
        "KubePodNotReady",
    ]
    assert told["analyses"][0]["resource"] == "airflow/airflow-triggerer-0"
    assert any("truncatedAlerts" in note for note in told["notes"])


def test_what_is_no_failure_is_said_to_be_none():
    status, out, _ = run("analyze", str(ROOT / "samples" / "databricks_job_success.json"))
    assert status == 0
    assert "No failure: " in out
    assert "What to do" not in out


def test_json_of_no_known_shape_is_text():
    given = json.dumps(
        {"error": {"code": "AuthorizationFailed", "message": "The client does not have authorization"}}
    )
    status, out, _ = run("analyze", "--json", given=given)
    assert status == 0
    assert json.loads(out)["analyses"][0]["category"] == "authorization"


def test_a_log_can_not_command_the_terminal():
    status, out, _ = run("analyze", given="Error: \x1b]0;owned\x07\x9b2J no such luck in here")
    assert status == 0
    assert not any(letter in out for letter in "\x1b\x07\x9b")


@pytest.mark.parametrize("given", ["", " \n", "\ufeff"])
def test_nothing_to_analyse_is_said(given):
    status, out, err = run("analyze", given=given)
    assert (status, out) == (2, "")
    assert err == "rca: there is nothing to analyse: the input is empty\n"


def test_an_unknown_source_is_told_the_known_ones():
    status, _, err = run("analyze", "--source", "mainframe", given="x")
    assert status == 2
    assert "databricks_job" in err


def test_without_a_model_in_the_settings_the_rules_answer():
    status, out, _ = run("analyze", "--json", "--llm", given=TEXT)
    assert status == 0
    assert json.loads(out)["analyses"][0]["provider"] == "rules"


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (TEXT, Source.ADF),
        ("[DELTA_CONCURRENT_APPEND] Files were added by a concurrent update", Source.DATABRICKS_JOB),
        ("airflow.exceptions.AirflowTaskTimeout: Timeout, PID: 12", Source.AIRFLOW),
        ("KubePodCrashLooping fires for x", Source.PROMETHEUS),
        ("something broke", Source.AZURE_MONITOR),
    ],
)
def test_the_platform_is_told_by_its_own_words(text, source):
    assert catalog().entries
    assert guess_source(text) is source


def test_every_sample_can_be_pasted():
    from datetime import UTC, datetime

    now = datetime(2026, 11, 20, tzinfo=UTC)
    read = 0
    for path in sorted((ROOT / "samples").glob("*.json")):
        subject = subject_of(Inquiry(text=path.read_text()), now)
        assert subject.failures or subject.harmless
        read += subject.alert is not None
    assert read >= 30
