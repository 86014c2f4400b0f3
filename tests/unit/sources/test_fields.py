import pytest

from rca.sources import fields


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" a ", "a"),
        ("", None),
        ("   ", None),
        (7, "7"),
        (7.0, "7"),
        (8.71264093315582e14, "871264093315582"),
        (2.5, "2.5"),
        (True, "true"),
        (None, None),
        ([], None),
        ({}, None),
        pytest.param(10**9999, None, id="huge number"),
        ("grüße 🎉", "grüße 🎉"),
        ("a\x00b\x1fc", "a\ufffdb\ufffdc"),
        ("line\r\n\ttwo", "line\r\n\ttwo"),
        ("half \ud83d pair", "half \\ud83d pair"),
    ],
)
def test_text_is_read_from_scalars_only_and_fits_every_encoder(value, expected):
    found = fields.text(value)
    assert found == expected
    assert found is None or found.encode()


@pytest.mark.parametrize(
    "value", ["None", "null", "N/A", "undefined", "-", "00000000-0000-0000-0000-000000000000", True, [], " "]
)
def test_placeholders_are_no_identifier(value):
    assert fields.identifier(value) is None


def test_identifier_of_a_whole_number_has_no_decimals():
    assert fields.identifier("871264093315582.0") == "871264093315582"
    assert fields.identifier(871264093315582) == "871264093315582"


def test_names_are_one_line_of_bounded_length():
    assert fields.name("a\n  b") == "a b"
    assert len(fields.name("x" * 10_000) or "") == fields.MAX_NAME


@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)",
        "//example.com/x",
        "https://",
        "http://[",
        "https://example.com/a b",
        pytest.param("https://example.com/" + "x" * 9000, id="long"),
        None,
        {},
    ],
)
def test_only_sound_http_addresses_become_links(value):
    assert fields.link(value) is None


def test_first_sound_link_is_taken():
    assert fields.link("ftp://a", None, "https://b.example/x?y=1") == "https://b.example/x?y=1"


def test_labels_are_bounded_and_the_first_wins():
    many = {f"k{number}": number for number in range(100)}
    kept = fields.labels(
        {"k1": "mine", "empty": "", "none": None, "list": ["a", "b"], "long": "x" * 999}, many
    )
    assert len(kept) == fields.MAX_LABELS
    assert kept["k1"] == "mine"
    assert kept["list"] == "a, b"
    assert len(kept["long"]) == fields.MAX_LABEL
    assert "empty" not in kept
    assert "none" not in kept


def test_prose_goes_one_level_deep():
    assert fields.prose({"code": "X", "count": 2, "deep": {"a": 1}}) == "code: X, count: 2"
    assert fields.prose(["a", [1], 2]) == "a, 2"
    assert fields.prose({"deep": {}}) is None


def test_a_path_through_anything_else_than_objects_leads_nowhere():
    assert fields.at({"a": [{"b": 1}]}, "a.b") is None
    assert fields.at(None, "a") is None
    assert fields.at({"a": {"b": 1}}, "a.b") == 1
