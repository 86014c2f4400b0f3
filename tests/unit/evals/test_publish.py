"""Publishing writes the results and nothing else, and refuses what would mislead."""

import re

import pytest

from evals.cases import digest
from evals.errors import PublishError
from evals.publish import BEGIN, END, README, publish
from tests.unit.evals.support import case, error, published, reply, run


@pytest.fixture
def readme(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(f"# Before\n\n{BEGIN}\n{END}\n\n# After\n", "utf-8")
    return path


def current(made):
    return {"dev": "0" * 12, "test": made.digest}


@pytest.mark.parametrize(
    "made",
    [run(), run(error()), run(reply(), filtered=True)],
    ids=["empty", "all errors", "filtered"],
)
def test_misleading_runs_are_refused(readme, made):
    before = readme.read_text("utf-8")
    with pytest.raises(PublishError):
        publish(made, current(made), readme)
    assert readme.read_text("utf-8") == before


def test_all_that_a_reader_needs_to_check_it_is_there(readme):
    made = run(reply(), error(case(id="case-down")))
    publish(made, current(made), readme)
    text = readme.read_text("utf-8")
    assert text.startswith(f"# Before\n\n{BEGIN}\n")
    assert text.endswith(f"\n{END}\n\n# After\n")
    for part in (
        *("`python -m evals --part test`", "2026-11-21", "`abc1234`", "812 catalog entries", "2 cases"),
        *(made.digest, "1 answers", "1 errors", "| category | 1 | 1 | 100.0% | 20.7% – 100.0% |"),
    ):
        assert part in text


def test_a_new_result_replaces_the_old_one_of_the_same_system(readme):
    first = run(reply(), date="2026-01-01")
    model = run(reply(), system="gemini", model="gemini-x")
    second = run(reply(), date="2026-02-02")
    for made in (first, model, second):
        publish(made, current(made), readme)
    text = readme.read_text("utf-8")
    assert "2026-01-01" not in text
    assert text.count("### rules on the part test") == 1
    assert text.count("### gemini, gemini-x on the part test") == 1


def test_publishing_twice_changes_nothing(readme):
    made = run(reply())
    publish(made, current(made), readme)
    once = readme.read_text("utf-8")
    publish(made, current(made), readme)
    assert readme.read_text("utf-8") == once


def test_results_over_other_cases_are_dropped(readme):
    old = run(reply(), system="gemini")
    publish(old, current(old), readme)
    new = run(reply(case(message="the cases have changed")))
    publish(new, current(new), readme)
    assert "gemini" not in readme.read_text("utf-8")


def test_a_readme_without_markers_is_left_alone(readme):
    readme.write_text("# Nothing here\n", "utf-8")
    made = run(reply())
    with pytest.raises(PublishError, match="markers"):
        publish(made, current(made), readme)


def test_our_readme_has_the_markers():
    text = README.read_text("utf-8")
    assert text.count(BEGIN) == text.count(END) == 1


def test_our_results_are_over_the_cases_as_they_are():
    """Whoever changes cases publishes anew: `make eval ARGS="--part test --publish"`, and for the other part."""
    digests = {"dev": digest(published("dev")), "test": digest(published("test")), "all": digest(published())}
    found = re.findall(r"<!-- result (\S+) (\S+) (\S+) -->", README.read_text("utf-8"))
    assert {("rules", "dev"), ("rules", "test")} <= {(system, part) for system, part, _ in found}
    assert [(part, over) for _, part, over in found if digests[part] != over] == []
