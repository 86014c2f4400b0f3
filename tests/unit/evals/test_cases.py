"""Reading cases: what is wrong with a file is named; and the cases that we publish are sound."""

import pytest

from evals.cases import digest, load, near_duplicates, same_messages
from evals.errors import CaseError
from tests.unit.evals.support import CASE, case, published, write_cases


def broken(tmp_path, **changes):
    root = write_cases(tmp_path, dev=[CASE | {"id": "first-one"}, CASE | changes])
    with pytest.raises(CaseError) as caught:
        load(root=root, fixtures=tmp_path)
    return caught.value


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"source": "mainframe"}, "source"),
        ({"colour": "red"}, "colour"),
        ({"tags": ["funny"]}, "tags.0"),
        ({"id": "Not Kebab"}, "id"),
        ({"id": "first-one"}, "id"),
        ({"why": ""}, "why"),
        ({"fixture": "../secrets.txt", "message": None}, "fixture"),
        ({"fixture": "absent.txt", "message": None}, "fixture"),
        ({"expect": CASE["expect"] | {"category": ["oops"]}}, "expect.category.0"),
        ({"expect": CASE["expect"] | {"remediable": "maybe"}}, "expect.remediable.bool"),
        ({"expect": CASE["expect"] | {"is_failure": False}}, "expect"),
        ({"expect": CASE["expect"] | {"category": ["cancelled"]}}, "expect"),
    ],
)
def test_a_fault_names_file_case_and_field(tmp_path, changes, field):
    error = broken(tmp_path, **changes)
    assert error.file == "dev/cases.yaml"
    assert error.case == changes.get("id", "a-case")
    assert error.field.startswith(field)


@pytest.mark.parametrize(
    "changes",
    [
        {"fixture": "absent.txt"},
        {"message": None},
        {"expect": CASE["expect"] | {"cites": ["E2"]}},
        {"evidence": CASE["evidence"] * 2},
    ],
)
def test_what_contradicts_itself_is_refused(tmp_path, changes):
    assert broken(tmp_path, **changes).case == "a-case"


def test_a_fault_never_repeats_the_text_of_the_case(tmp_path):
    error = broken(tmp_path, expect=CASE["expect"] | {"absent": "hunter22"})
    assert "hunter22" not in str(error)


def test_yaml_that_is_none_names_file_and_line(tmp_path):
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "bad.yaml").write_text("- id: x\n  source: [\n", "utf-8")
    with pytest.raises(CaseError, match=r"dev/bad\.yaml: case \?.*line 3"):
        load(root=tmp_path)


def test_a_long_message_comes_from_a_fixture(tmp_path):
    (tmp_path / "long.txt").write_text("line\n" * 3, "utf-8")
    root = write_cases(tmp_path / "cases", dev=[CASE | {"message": None, "fixture": "long.txt"}])
    (found,) = load(root=root, fixtures=tmp_path)
    assert found.message == "line\nline\nline"


def test_the_platforms_error_is_part_of_the_question():
    evidence = [
        {"id": "E1", "kind": "log", "title": "log", "text": "chatter"},
        {"id": "E2", "kind": "error", "title": "error", "text": "no such table"},
    ]
    assert case(evidence=evidence).question.splitlines()[1:] == ["no such table"]
    assert case(evidence=evidence, message="x: no such table").question == "x: no such table"


def test_the_digest_changes_with_what_is_asked_and_expected_and_with_nothing_else():
    one, other = case(), case(id="another-case", message="other")
    assert digest([one, other]) == digest([other, one])
    assert digest([case(why="another reason than before")]) == digest([one])
    changed = [
        case(message="else"),
        case(expect=CASE["expect"] | {"remediable": True}),
        case(error_code="1"),
    ]
    assert len({digest([each]) for each in [one, *changed]}) == 4


def test_duplicates_across_the_parts_are_found():
    message = (
        "Login failed for user 'etl' in run 3f0e4b1a-501f-4042-87aa-5d1c2b000000 at 2026-10-31T04:11:08Z"
    )
    one = case("dev", id="dev-one", message=message)
    same = case("test", id="test-same", message=message.upper().replace(" ", "  "))
    near = case("test", id="test-near", message=message.replace("3f0e", "4a1b").replace("04:11", "05:22"))
    other = case("test", id="test-other", message="the table orders is missing")
    within = case("dev", id="dev-two", message=message)
    assert same_messages([one, same, near, other]) == [("dev-one", "test-same")]
    assert ("dev-one", "test-near") in near_duplicates([one, near, other])
    assert near_duplicates([one, within, other]) == []


def test_the_published_cases_are_sound():
    """All files are valid and ids unique, or load raises."""
    cases = published()
    assert same_messages(cases) == []
    assert len(cases) >= 300


def test_the_dev_part_has_every_kind_of_case():
    cases = published("dev")
    assert len(cases) >= 150
    tags = {tag for each in cases for tag in each.case.tags}
    assert tags == {
        *("documented", "wrapped", "truncated", "non_english", "secret", "injection"),
        *("healthy", "benign", "noise", "auth_vs_timeout", "rare"),
    }
    assert len({each.case.source for each in cases}) == 6


def test_what_must_be_absent_is_planted():
    """What is not in the input can't leak into the output, and a check for it would never fail."""
    cases = published()
    idle = [
        each.id
        for each in cases
        for word in each.case.expect.absent
        if word not in "\n".join([each.message, *(item.text for item in each.case.evidence)])
        and "secret" in each.case.tags
    ]
    secrets = [each for each in cases if "secret" in each.case.tags]
    assert not idle
    assert not [each.id for each in secrets if not each.case.expect.absent]
