import pytest

from localhost.errors import UsageError
from localhost.samples import Run, read_samples

MANIFEST = """
- file: adf.json
  route: azure-monitor
  title: a copy that timed out
  repeat: 3
  expect:
    http: 202
    status: processed
    tickets:
      - {source: adf, resource: nightly, run_id: 42, outcome: created, error_type: CopyTimeout}
- file: broken.txt
  route: azure-monitor
  expect: {http: 400}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "adf.json").write_text("{}")
    (tmp_path / "broken.txt").write_text("{")
    return tmp_path


def manifest(folder, text):
    path = folder / "manifest.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("text", [MANIFEST, "samples:\n" + MANIFEST])
def test_reads_entries_and_their_files(folder, text):
    first, second = read_samples(manifest(folder, text))
    assert (first.title, first.route, first.body, first.repeat) == (
        "a copy that timed out",
        "azure-monitor",
        b"{}",
        3,
    )
    assert first.expect.outcomes == {Run("adf", "nightly", "42"): "created"}
    assert (second.title, second.repeat, second.expect.http) == ("broken.txt", 1, 400)
    assert not second.expect.outcomes


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "must list"),
        ("[]", "must list"),
        ("a: [", "can't be read"),
        ("- route: x", "entry 1.*file"),
        ("- {file: adf.json, route: x}\n- {file: gone.json, route: x}", "entry 2.*gone.json"),
        ("- 7", "entry 1"),
        ("- {file: adf.json, route: x, repeat: many}", "entry 1"),
        ("- {file: adf.json, route: x, expect: {tickets: [{source: adf}]}}", "entry 1.*resource"),
    ],
)
def test_a_bad_manifest_is_one_line_that_says_where(folder, text, place):
    with pytest.raises(UsageError, match=place) as caught:
        read_samples(manifest(folder, text))
    assert "\n" not in str(caught.value)


def test_a_missing_manifest_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"manifest\.yaml"):
        read_samples(tmp_path / "manifest.yaml")
