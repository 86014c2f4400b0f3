"""The command as people run it, one time against an OpenAI-compatible server on loopback."""

import json

import pytest

from evals.cli import main
from evals.publish import BEGIN, END
from rca.cli import main as rca
from tests.support.chat import chat
from tests.support.scripted_http import Answer, ScriptedServer
from tests.unit.analysis_llm.support import answer
from tests.unit.evals.support import CASE, write_cases

MISSING = CASE | {"id": "blob-missing", "message": "the required Blob is missing: orders.csv"}
CANCELLED = {
    "id": "user-cancelled",
    "source": "adf",
    "message": "Pipeline run was cancelled by user",
    "tags": ["benign"],
    "expect": {"is_failure": False, "category": ["cancelled"], "remediable": False, "severity": ["Low"]},
    "why": "a person stopped it",
}
UNKNOWN = {
    "id": "says-nothing",
    "source": "airflow",
    "message": "It did not go well.",
    "expect": {"is_failure": True, "category": ["unknown"], "remediable": False, "severity": ["Medium"]},
    "why": "nothing is said",
}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Cases and a readme of the test's own, and no provider set up."""
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL", "LLM_PROVIDERS"):
        monkeypatch.delenv(name, raising=False)
    write_cases(tmp_path / "cases", dev=[UNKNOWN, CANCELLED], test=[CANCELLED | {"id": "also-cancelled"}])
    (tmp_path / "README.md").write_text(f"{BEGIN}\n{END}\n", "utf-8")
    return tmp_path


def evaluate(place, *arguments):
    return main(arguments, cases=place / "cases", readme=place / "README.md")


def result(place, *arguments):
    status = evaluate(place, *arguments, "--json", str(place / "out.json"))
    return status, json.loads((place / "out.json").read_text("utf-8"))


def completion(text):
    return chat(text, model="gpt-4.1-mini-2026", tokens=(1000, 100))


def test_a_provider_from_the_settings_over_http(place, monkeypatch, capsys):
    """Right, wrong, unusable twice, down: two answers, two errors; then the same questions again."""
    right = answer(error_type="Nothing", category="unknown", severity="Medium", confidence="Low")
    wrong = right | {"category": "network"}
    write_cases(place / "cases", dev=[UNKNOWN | {"id": f"case-{n}"} for n in range(4)], test=[CANCELLED])
    with ScriptedServer() as server:
        texts = [completion(text) for text in (json.dumps(right), json.dumps(wrong), "not JSON", "not JSON")]
        server.on("/v1/chat/completions", *texts, Answer({"error": {"message": "down"}}, 503), method="POST")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("LLM_MAX_ATTEMPTS", "1")
        monkeypatch.setenv("LLM_BREAKER_FAILURES", "2")
        status, shown = result(place, "--provider", "openai", "--repeats", "2", "--publish", "--gate")
    assert status == 1
    assert (shown["system"], shown["model"], shown["repeats"]) == ("openai", "gpt-4.1-mini-2026", 2)
    assert (shown["cases"], shown["answered"], sum(shown["errors"].values())) == (4, 2, 6)
    assert {reason.partition(":")[0] for reason in shown["errors"]} == {"invalid", "passing", "circuit_open"}
    assert (shown["overall"]["category"]["right"], shown["overall"]["category"]["of"]) == (1, 2)
    assert shown["costs"]["tokens"] == 4 * 1100
    assert shown["costs"]["dollars"] == pytest.approx(4 * (1000 * 0.4 + 100 * 1.6) / 1e6)
    assert "### openai, gpt-4.1-mini-2026 on the part dev" in (place / "README.md").read_text("utf-8")
    assert "error × 2" in capsys.readouterr().out


def test_the_rules_pass_their_gates_or_the_command_fails(place, monkeypatch):
    documented = CANCELLED | {"id": "documented-one", "tags": ["documented"]}
    write_cases(place / "cases", dev=[UNKNOWN, CANCELLED, documented], test=[])
    assert evaluate(place, "--gate") == 0
    wrong = CANCELLED | {"id": "wrong-one", "message": "Login failed for user 'etl'"}
    write_cases(place / "cases", dev=[UNKNOWN, CANCELLED, documented, wrong], test=[])
    assert evaluate(place) == 0
    assert evaluate(place, "--gate") == 1


def test_faults_are_listed_without_what_must_be_absent(place, capsys):
    leak = UNKNOWN | {"id": "leaks-word", "expect": UNKNOWN["expect"] | {"absent": ["go well"]}}
    write_cases(place / "cases", dev=[leak], test=[])
    evaluate(place, "--failures")
    shown = capsys.readouterr().out
    assert "leaks-word: absent: something stands there" in shown
    assert "go well" not in shown


def test_faults_of_the_held_out_part_do_not_show_its_words(place, capsys):
    asks = UNKNOWN | {"expect": UNKNOWN["expect"] | {"mentions": [["quicksilver"]]}}
    write_cases(place / "cases", dev=[asks | {"id": "in-dev"}], test=[asks | {"id": "in-test"}])
    evaluate(place, "--failures", "--part", "dev")
    assert "quicksilver" in capsys.readouterr().out
    evaluate(place, "--failures", "--part", "test")
    shown = capsys.readouterr().out
    assert "in-test: mentions: something is not mentioned" in shown
    assert "quicksilver" not in shown
    assert "go well" not in shown


@pytest.mark.parametrize("filters", [("--only", "says"), ("--source", "adf"), ("--tag", "benign")])
def test_a_subset_is_run_but_not_published(place, filters):
    before = (place / "README.md").read_text("utf-8")
    status, shown = result(place, *filters)
    assert (status, shown["cases"], shown["filtered"]) == (0, 1, True)
    assert evaluate(place, *filters, "--publish") == 2
    assert (place / "README.md").read_text("utf-8") == before


def test_an_empty_run_is_not_published(place, capsys):
    assert evaluate(place, "--only", "no such case", "--publish") == 2
    assert "nothing was run" in capsys.readouterr().err
    assert (place / "README.md").read_text("utf-8") == f"{BEGIN}\n{END}\n"


def test_a_run_without_answers_is_not_published(place, monkeypatch, capsys):
    with ScriptedServer() as server:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("LLM_MAX_ATTEMPTS", "1")
        assert evaluate(place, "--provider", "openai", "--publish") == 2
    assert "none of 2 questions was answered" in capsys.readouterr().err
    assert (place / "README.md").read_text("utf-8") == f"{BEGIN}\n{END}\n"


def test_our_own_classifier_runs_the_cases_as_others_can(place, capsys):
    lines, answers = place / "in.jsonl", place / "answers.jsonl"
    assert evaluate(place, "--part", "all", "--jsonl-out", str(lines)) == 0
    assert {json.loads(line)["id"] for line in lines.read_text("utf-8").splitlines()} == {
        *("says-nothing", "user-cancelled", "also-cancelled")
    }
    capsys.readouterr()
    assert rca(["classify", "--jsonl", str(lines)]) == 0
    answers.write_text(capsys.readouterr().out, "utf-8")
    _, by_file = result(place, "--part", "all", "--answers", str(answers), "--name", "classify")
    _, by_rules = result(place, "--part", "all")
    assert by_file["overall"] == by_rules["overall"]
    assert (by_file["system"], by_file["answered"]) == ("classify", 3)


def test_a_tools_missing_and_unusable_lines_are_errors(place):
    good = {
        "id": "says-nothing",
        "is_failure": True,
        "error_type": "X",
        "category": "unknown",
        "severity": "Medium",
        "remediable": False,
    }
    bad = good | {"id": "user-cancelled", "severity": "Doom"}
    file = place / "peer.jsonl"
    file.write_text("\n".join(map(json.dumps, (good, bad))) + "\nno JSON\n", "utf-8")
    _, shown = result(place, "--part", "all", "--answers", str(file))
    assert (shown["system"], shown["answered"]) == ("peer", 1)
    assert shown["errors"].keys() >= {"no answer"}
    assert any(reason.startswith("invalid answer: severity") for reason in shown["errors"])


@pytest.mark.parametrize("text", ["", '{"id": "someone-else"}\n', '{"id": "says-nothing"}\n' * 2])
def test_answers_that_fit_no_case_or_come_twice_are_refused(place, text):
    (place / "peer.jsonl").write_text(text, "utf-8")
    assert evaluate(place, "--answers", str(place / "peer.jsonl")) == 2


def test_check_tells_sizes_and_fails_for_a_message_in_both_parts(place, capsys):
    assert evaluate(place, "--check") == 1
    assert "same message: user-cancelled ~ also-cancelled" in capsys.readouterr().out
    write_cases(place / "cases", test=[UNKNOWN | {"id": "other-one", "message": "Quite another message."}])
    assert evaluate(place, "--check") == 0
    assert "dev: 2 cases" in capsys.readouterr().out


def test_a_broken_case_stops_the_run_and_is_named(place, capsys):
    write_cases(place / "cases", dev=[UNKNOWN | {"source": "mainframe"}])
    assert evaluate(place) == 2
    assert "dev/cases.yaml: case says-nothing: source" in capsys.readouterr().err
