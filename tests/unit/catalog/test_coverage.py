import pytest
import yaml

from rca.catalog.coverage import coverage, references
from rca.catalog.entry import CatalogError
from rca.catalog.loader import load_file
from tests.unit.catalog.test_lint import LIST
from tests.unit.catalog.test_schema import ENTRY


@pytest.fixture
def entries(tmp_path):
    def of(group, **signs):
        path = tmp_path / f"{group}.yaml"
        path.write_text(yaml.safe_dump([ENTRY | signs]))
        return load_file(path)

    return (
        *of("adf", codes=["UserErrorX", "E28"], exceptions=["SqlException"]),
        *of("general", codes=["Throttled"], exceptions=["OutOfMemoryError"]),
        *of("airflow", codes=["zombie"], exceptions=["AirflowException"]),
    )


def read(tmp_path, *lists):
    (tmp_path / "lists.yaml").write_text(yaml.safe_dump(list(lists)))
    return references(tmp_path)


def test_names_count_that_the_group_or_general_recognises(tmp_path, entries):
    names = ["usererrorx", "E28", "THROTTLED", "SqlException", "java.lang.OutOfMemoryError", "zombie", "New"]
    directory = tmp_path / "lists"
    directory.mkdir()
    (found,) = coverage(entries, read(directory, LIST | {"names": names}))
    assert found.missing == ("New", "zombie")
    assert (found.known, found.total) == (5, 7)
    assert found.percent == pytest.approx(71.43, abs=0.01)


def test_a_class_is_known_by_its_case(tmp_path, entries):
    directory = tmp_path / "lists"
    directory.mkdir()
    (found,) = coverage(entries, read(directory, LIST | {"sign": "exception", "names": ["sqlexception"]}))
    assert found.missing == ("sqlexception",)


def test_a_group_without_entries_knows_what_general_knows(tmp_path, entries):
    directory = tmp_path / "lists"
    directory.mkdir()
    (found,) = coverage(
        entries, read(directory, LIST | {"group": "prometheus", "names": ["E28", "Throttled"]})
    )
    assert found.missing == ("E28",)


def test_a_broken_list_is_named(tmp_path):
    with pytest.raises(
        CatalogError, match=r"reference/lists\.yaml, entry codes of the guide \(#1\), field source"
    ):
        read(tmp_path, {name: value for name, value in LIST.items() if name != "source"})
