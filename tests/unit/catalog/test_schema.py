import pytest
import yaml

from rca.catalog.entry import CatalogError
from rca.catalog.loader import load_directory, load_file
from rca.catalog.template import fill, flat

ENTRY = {
    "error_type": "DiskFull",
    "category": "capacity",
    "severity": "High",
    "patterns": ["no space left on device"],
    "root_cause": "The disk {path|of the run} is full.",
    "recommendations": ["Free some space.", "Enlarge the disk.", "Put an alert on it."],
    "documentation": "https://docs.python.org/3/library/errno.html",
    "examples": ["No space left on device", "No space left on device: 'x'"],
}


def write(tmp_path, document, name="adf.yaml"):
    path = tmp_path / name
    path.write_text(document if isinstance(document, str) else yaml.safe_dump(document), encoding="utf-8")
    return path


def test_a_plain_entry_is_enough(tmp_path):
    (entry,) = load_file(write(tmp_path, [ENTRY]))
    assert entry.group == "adf"
    assert not entry.remediable
    assert entry.max_retries == 0
    assert [example.message for example in entry.examples] == ENTRY["examples"]


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"error_type": "no blanks"}, "error_type", "match"),
        ({"category": "weather"}, "category", "authentication"),
        ({"severity": "Urgent"}, "severity", "Critical"),
        ({"action": "reboot"}, "action", "retry_pipeline"),
        ({"colour": "red"}, "colour", "not permitted"),
        ({"patterns": ["err.*or denied"]}, "patterns.0", "repeats without bound"),
        ({"patterns": [5]}, "patterns.0", "regular expression in quotes"),
        ({"counter_patterns": ["x"]}, "counter_patterns.0", "fixed text"),
        ({"patterns": []}, "(the whole entry)", "needs codes, exceptions or patterns"),
        ({"remediable": True}, "(the whole entry)", "go together"),
        ({"remediable": True, "action": "retry"}, "(the whole entry)", "go together"),
        ({"action": "retry", "max_retries": 1}, "(the whole entry)", "go together"),
        ({"max_retries": 1}, "(the whole entry)", "go together"),
        ({"max_retries": 99}, "max_retries", "less than"),
        ({"root_cause": "The disk {path} is full."}, "(the whole entry)", "may be missing"),
        ({"root_cause": "The disk {path of it} is full."}, "(the whole entry)", "belongs to no name"),
        ({"recommendations": ["Only one thing."]}, "recommendations", "at least 3"),
        ({"documentation": "http://plain.example.com/x"}, "documentation", "match"),
        ({"examples": ["one"]}, "examples", "at least 2"),
        ({"named_by_sign": True}, "(the whole entry)", "needs codes or exceptions"),
        ({"codes": ["with blank"]}, "codes.0", "match"),
    ],
)
def test_an_error_names_file_entry_and_field(tmp_path, change, field, says):
    with pytest.raises(CatalogError, match=says) as caught:
        load_file(write(tmp_path, [ENTRY, {**ENTRY, "error_type": "Other"} | change]))
    assert caught.value.file == "adf.yaml"
    assert "#2" in caught.value.entry
    assert caught.value.field == field


def test_a_missing_field_is_named(tmp_path):
    broken = {name: value for name, value in ENTRY.items() if name != "severity"}
    with pytest.raises(
        CatalogError, match=r"adf\.yaml, entry DiskFull \(#1\), field severity: Field required"
    ):
        load_file(write(tmp_path, [broken]))


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("- a: [", "is not valid YAML"),
        ("a: 1", "must be a list of entries"),
        ("- just text", "must be a mapping of fields"),
        ([ENTRY, ENTRY], "stands in the file twice"),
        (
            [{**ENTRY, "codes": ["E28"]}, {**ENTRY, "error_type": "Other", "codes": ["e28"]}],
            "e28 belongs to DiskFull already",
        ),
    ],
)
def test_a_broken_file_is_named(tmp_path, document, says):
    with pytest.raises(CatalogError, match=says) as caught:
        load_file(write(tmp_path, document))
    assert str(caught.value).startswith("adf.yaml, entry ")


def test_a_directory_is_read_in_order_of_names(tmp_path):
    write(tmp_path, [ENTRY], "b.yaml")
    write(tmp_path, [ENTRY], "a.yaml")
    assert [entry.group for entry in load_directory(tmp_path)] == ["a", "b"]


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("The file {file|that is read} is gone.", {"file": "x.csv"}, "The file x.csv is gone."),
        ("The file {file|that is read} is gone.", {}, "The file that is read is gone."),
        ("The server ({host|}) is down.", {"host": "db"}, "The server (db) is down."),
        ("The server ({host|}) is down.", {}, "The server is down."),
        ("Full ({a|} {b|}): stop.", {"b": "y"}, "Full (y): stop."),
        ("Full ({a|} {b|}): stop.", {}, "Full: stop."),
        ("{a}", {"a": "{b} {0.__class__} %s"}, "{b} {0.__class__} %s"),
    ],
)
def test_templates_insert_values_and_interpret_nothing_in_them(template, values, text):
    assert fill(template, values) == text


def test_values_become_one_short_line():
    assert flat("  'a\n\tb'; ") == "a b"
    assert flat("`bronze`.`orders`") == "bronze.orders"
    assert len(flat("x" * 10_000)) == 200
