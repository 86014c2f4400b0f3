"""The compiled catalog is the data files, faster; whatever is wrong with it, the data files are read instead."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
import yaml

from rca.catalog import compiled, files
from rca.catalog.entry import Entry
from rca.catalog.lint import lint
from rca.catalog.loader import load_directory
from rca.catalog.matcher import Catalog
from rca.domain.vocabulary import Source
from tests.unit.catalog.test_schema import ENTRY

RETRIED = ENTRY | {
    "error_type": "Busy",
    "category": "quota",
    "severity": "Medium",
    "remediable": True,
    "action": "retry_pipeline",
    "max_retries": 2,
    "codes": ["E100", "TooBusyToday"],
    "exceptions": ["x.BusyError"],
    "patterns": ["server (?P<host>[a-z]{1,9}) is busy"],
    "captures": ["of (?P<file>[a-z]{1,9})"],
    "counter_patterns": ["is not busy"],
    "breadth": "broad",
    "named_by_sign": True,
    "examples": ["server a is busy", {"code": "E100", "message": "façade"}],
}


@pytest.fixture
def data(tmp_path):
    directory = tmp_path / "data"
    directory.mkdir()
    (directory / "adf.yaml").write_text(yaml.safe_dump([ENTRY, RETRIED]))
    (directory / "general.yaml").write_text(yaml.safe_dump([ENTRY]))
    return directory


@pytest.fixture
def target(tmp_path, data):
    path = tmp_path / "compiled.jsonl"
    path.write_text(compiled.rendered(load_directory(data), files.digests(data)), encoding="utf-8")
    return path


def test_it_holds_what_the_data_files_hold_but_for_the_examples(data, target):
    read = compiled.read(target, data).entries
    assert read == tuple(replace(entry, examples=()) for entry in load_directory(data))
    assert [type(entry) for entry in read] == [Entry] * 3
    busy = read[1]
    assert busy.patterns[0].search("Server abc is busy", "server abc is busy")["host"] == "abc"
    assert type(busy.category).__name__ == "Category"
    hash(busy)


def test_the_built_in_data_files_survive_it(tmp_path):
    entries, made_of = load_directory(), files.digests()
    path = tmp_path / "compiled.jsonl"
    path.write_text(compiled.rendered(entries, made_of), encoding="utf-8")
    read = compiled.read(path)
    assert read.entries == tuple(replace(entry, examples=()) for entry in entries)


def test_the_compiled_index_finds_what_a_fresh_one_finds(tmp_path):
    entries, made_of = load_directory(), files.digests()
    path = tmp_path / "compiled.jsonl"
    path.write_text(compiled.rendered(entries, made_of), encoding="utf-8")
    read, fresh = compiled.read(path), Catalog(entries)
    for entry in entries[::7]:
        for example in entry.examples:
            found = [
                book.read(Source.AZURE_MONITOR, example.message, example.code).finding
                for book in (Catalog(read), fresh)
            ]
            assert (
                len({each and (each.entry.error_type, each.sign, each.name, each.score) for each in found})
                == 1
            )


def test_the_same_entries_make_the_same_bytes(data):
    made = [compiled.rendered(load_directory(data), files.digests(data)) for _ in range(2)]
    assert made[0] == made[1]
    made_of = json.loads(made[0].partition("\n")[0])["made_of"]
    assert list(made_of) == sorted(made_of)
    assert set(made_of) > {"adf.yaml", "general.yaml"}
    assert len(made[0].splitlines()) > 3, "one entry a line, for diffs that can be read"


@pytest.mark.parametrize("change", ["edit", "add", "remove"])
def test_data_files_that_changed_make_it_stale(data, target, change):
    assert compiled.read(target, data) is not None
    if change == "edit":
        with (data / "adf.yaml").open("a") as file:
            file.write("# a remark\n")
    elif change == "add":
        (data / "airflow.yaml").write_text("[]")
    else:
        (data / "general.yaml").unlink()
    assert compiled.read(target, data) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"made_of": 1}',
        "<<<<<<< ours\n",
        '{"made_of": DIGESTS}\n',
        '{"made_of": DIGESTS}\n{}\n',
        '{"made_of": DIGESTS}\n{"codes": 1\n',
    ],
)
def test_a_broken_one_counts_as_absent(data, target, text):
    target.write_text(text.replace("DIGESTS", json.dumps(files.digests(data))))
    assert compiled.read(target, data) is None
    target.unlink()
    assert compiled.read(target, data) is None


def test_lint_tells_that_it_is_stale(tmp_path, data, target):
    nothing = tmp_path / "reference"
    assert not [line for line in lint(data, target, nothing) if "compiled.jsonl" in line]
    (data / "general.yaml").unlink()
    assert [line for line in lint(data, target, nothing) if "python -m rca catalog compile" in line]


def test_loading_it_needs_neither_yaml_nor_pydantic(tmp_path, data, target):
    script = (
        "import sys; from pathlib import Path; from rca.catalog import compiled; "
        "from rca.catalog.matcher import Catalog; "
        f"Catalog(compiled.read(Path({str(target)!r}), Path({str(data)!r}))); "
        "print(sorted({'yaml', 'pydantic', 'rca.catalog.loader', 'rca.catalog.form'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_committed_one_is_fresh():
    """Red after a change to the data files: run `python -m rca catalog compile`."""
    assert files.COMPILED.read_text("utf-8") == compiled.rendered(load_directory(), files.digests())
