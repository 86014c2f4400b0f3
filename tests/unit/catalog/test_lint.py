import pytest
import yaml

from rca.catalog import compiled, files
from rca.catalog.lint import lint
from rca.catalog.loader import load_directory
from tests.unit.catalog.test_schema import ENTRY

OTHER = ENTRY | {
    "error_type": "Other",
    "patterns": ["quota of the disk"],
    "examples": ["quota of the disk"] * 2,
}
LIST = {
    "name": "codes of the guide",
    "source": "https://learn.microsoft.com/azure/x",
    "checked": "2026-11-01",
    "sign": "code",
    "group": "adf",
    "names": ["A1"],
}


@pytest.fixture
def problems(tmp_path):
    """Write data files and reference lists, and lint them; the compiled file is always fresh."""

    def linted(entries, lists=(), name="adf.yaml"):
        data, reference = tmp_path / "data", tmp_path / "reference"
        data.mkdir()
        reference.mkdir()
        (data / name).write_text(yaml.safe_dump(entries))
        (reference / "a.yaml").write_text(yaml.safe_dump(list(lists)))
        target = tmp_path / "compiled.jsonl"
        try:
            target.write_text(compiled.rendered(load_directory(data), files.digests(data)), encoding="utf-8")
        except Exception:
            target.write_text("{}")
        return list(lint(data, target, reference))

    return linted


def test_a_sound_catalog_has_no_problems(problems):
    assert problems([ENTRY, OTHER], [LIST]) == []


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (OTHER | {"severity": "Urgent"}, "field severity"),
        (OTHER | {"patterns": ["quota of (the"]}, "is not a regular expression"),
        (
            OTHER | {"examples": ["no space left on device", "quota of the disk"]},
            "examples.1: is read as adf/DiskFull",
        ),
        (OTHER | {"examples": ["quota of the disk", "all is well"]}, "examples.2: is recognised by no entry"),
        (OTHER | {"documentation": "https://learn.microsoft.com/azure/x)."}, "is no address of a page"),
        (OTHER | {"documentation": "https://nowhere/azure/x/y"}, "is no address of a page"),
        (
            OTHER | {"remediable": True, "action": "restart_cluster", "max_retries": 1},
            "restart_cluster is no action of this source; it knows retry_pipeline",
        ),
        (OTHER | {"error_type": "DiskFull"}, "stands in the file twice"),
    ],
)
def test_each_problem_is_one_line(problems, entry, says):
    found = problems([ENTRY, entry])
    assert [line for line in found if says in line]
    assert all(line.startswith("adf.yaml, entry ") and "\n" not in line for line in found)


def test_all_problems_are_told_not_only_the_first(problems):
    found = problems([ENTRY | {"severity": "x"}, OTHER | {"category": "x"}, {"error_type": "Third"}])
    assert len(found) == 3


def test_a_file_of_no_source_is_named(problems):
    assert [
        line for line in problems([ENTRY], name="mainframe.yaml") if "mainframe.yaml: belongs to no" in line
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"group": "mainframe"}, "has no data file"),
        ({"names": ["A1", "A1"]}, "names twice"),
        ({"sign": "smell"}, "field sign"),
        ({"names": []}, "field names"),
        ({"checked": "yesterday"}, "field checked"),
    ],
)
def test_reference_lists_are_checked(problems, change, says):
    (line,) = problems([ENTRY], [LIST | change])
    assert says in line
    assert "codes of the guide" in line
