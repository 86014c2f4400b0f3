import json

import pytest

from rca.catalog import catalog
from rca.cli import main
from tests.unit.cli.support import answers, run


def test_list_is_a_table_for_people():
    status, out, err = run("catalog", "list", "--source", "databricks_cluster", "--category", "capacity")
    head, *rows, last = out.splitlines()
    assert (status, err) == (0, "")
    assert head.split() == ["source", "error", "type", "category", "severity", "retry"]
    assert rows
    assert all(row.split()[0] == "databricks_cluster" and "capacity" in row for row in rows)
    assert last == f"{len(rows)} error types"


def test_list_is_json_lines_for_programs():
    status, out, _ = run("catalog", "list", "--json")
    found = answers(out)
    assert status == 0
    assert len(found) == len(catalog().entries)
    assert {"source", "error_type", "category", "severity", "remediable", "codes"} <= found[0].keys()


def test_an_unknown_source_is_told_the_known_ones():
    status, out, err = run("catalog", "list", "--source", "mainframe")
    assert (status, out) == (2, "")
    assert "prometheus" in err


def test_lint_says_that_all_is_well_or_what_is_not(capsys):
    status = main(["catalog", "lint"])
    out = capsys.readouterr().out
    assert (status == 0) == (out == "the catalog is sound\n")


@pytest.fixture
def lists(tmp_path, monkeypatch):
    from rca.catalog import coverage, files

    (tmp_path / "a.yaml").write_text(
        "- {name: some codes, source: 'https://example.com/x', checked: 2026-11-01, sign: code, group: adf,"
        " names: [GatewayTimeout, NobodyKnowsThis]}\n"
    )
    monkeypatch.setattr(coverage.references, "__defaults__", (tmp_path,))
    return files


@pytest.mark.usefixtures("lists")
@pytest.mark.parametrize(("least", "status"), [([], 0), (["--min", "50"], 0), (["--min", "50.1"], 1)])
def test_coverage_names_what_is_missing_and_fails_below_the_least(capsys, least, status):
    assert main(["catalog", "coverage", *least]) == status
    out = capsys.readouterr().out
    assert "1/2" in out
    assert "50.0 %" in out
    assert "missing: some codes: NobodyKnowsThis" in out


@pytest.mark.usefixtures("lists")
def test_coverage_is_json_lines_for_programs(capfdbinary):
    assert main(["catalog", "coverage", "--json"]) == 0
    (found,) = map(json.loads, capfdbinary.readouterr().out.splitlines())
    assert (found["known"], found["total"], found["missing"]) == (1, 2, ["NobodyKnowsThis"])
    assert found["checked"] == "2026-11-01"


@pytest.mark.parametrize("least", ["-1", "101", "much"])
def test_a_least_that_is_no_percentage_is_refused(least):
    assert run("catalog", "coverage", "--min", least)[0] == 2


@pytest.mark.parametrize("command", ["prepare", "verify", "rebuild"])
def test_what_needs_storage_says_so_without_it(command):
    status, out, err = run(command)
    assert (status, out) == (2, "")
    assert err.startswith("rca: ")
