import pytest

from rca.catalog.expressions import ExpressionError, parse


@pytest.mark.parametrize(
    ("text", "anchor", "weight"),
    [
        ("access denied", "access denied", 13),
        (r"Access (?:is |was )?denied", "access ", 13),
        (r"status code:? 401", "status code", 15),
        (r"\(403\) forbidden", "(403) forbidden", 15),
        (r"a{2,3}bcd", "bcd", 3),
        (r"table '(?P<table>[^']{1,150})' not found", "' not found", 18),
        (r"failed\s{1,3}with", "failed", 10),
        (r"[abc]{1,3} none of (?=x|y)", " none of ", 9),
        ("Zeitüberschreitung", "zeitüberschreitung", 18),
    ],
)
def test_the_fixed_text_is_found(text, anchor, weight):
    expression = parse(text)
    assert (expression.anchor, expression.weight) == (anchor, weight)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (r"\d{1,3} ?\w{2}", "needs a fixed text"),
        ("ab", "needs a fixed text"),
        ("timeout|timed out", "alternatives outside of a group"),
        ("error .* denied", "repeats without bound"),
        ("error.+denied", "repeats without bound"),
        ("error.{2,}denied", "repeats without bound"),
        ("error.{0,9999}denied", "more than 500 times"),
    ],
)
def test_what_could_be_slow_is_refused(text, says):
    with pytest.raises(ExpressionError, match=says):
        parse(text)


def test_captures_need_no_fixed_text():
    assert parse(r"(?P<line>\d{1,9})", anchored=False).anchor == ""


def test_search_ignores_case_and_skips_texts_without_the_fixed_part():
    expression = parse(r"login failed for user '(?P<user>[^']{1,50})'")
    text = "LOGIN FAILED for user 'etl'"
    match = expression.search(text, text.lower())
    assert match is not None
    assert match["user"] == "etl"
    assert expression.search("something else", "something else") is None
