"""What an expression needs: never more than it does, and enough to skip most messages."""

import re

import pytest

from rca.catalog.expressions import Expression
from rca.catalog.loader import load_directory
from rca.catalog.needs import needs_of

ENTRIES = load_directory()


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("disk full", [("disk full",)]),
        (r"no space left on \w{1,20} device", [("no space left on ",), (" device",)]),
        ("connect(?:ion)? refused", [(" refused",), ("connect",)]),
        ("(?:timed out|timeout) of pool", [(" of pool",), ("timed out", "timeout")]),
        ("(?:timed out|t/o) of pool", [(" of pool",), ("timed out", "t/o")]),
        ("(?:timed out|[a-z]{1,9}) of pool", [(" of pool",)]),
        (r"(?P<file>[\w.]{1,90}) not found", [(" not found",)]),
        ("abc(?!never)def(?=later)ghi", [("abc",), ("def",), ("ghi",)]),
        ("colou?rs of files?", [("rs of file",), ("colo",)]),
        ("x{2,3}yes", [("yes",)]),
        ("(?:ab(?:cde|cdf)|(?:ghi))jkl", [("jkl",), ("cde", "cdf", "ghi")]),
        (r"\[ERR\] code", [("[err] code",)]),
        ("磁盘已满", [("磁盘已满",)]),
        (".{0,50}", []),
        ("", []),
    ],
)
def test_needs(text, needs):
    assert list(needs_of(text)) == needs


def test_no_example_of_the_catalog_lacks_what_an_expression_needs():
    """Wherever an expression matches by itself, it is found with its needs looked at first."""
    expressions = [
        each for entry in ENTRIES for each in (*entry.patterns, *entry.captures, *entry.counter_patterns)
    ]
    messages = [example.message for entry in ENTRIES[::3] for example in entry.examples[:1]]
    compiled = [(each, re.compile(each.text, re.IGNORECASE)) for each in expressions[::2]]
    for message in messages:
        lowered = message.lower()
        for expression, plain in compiled:
            if expression.anchor in lowered and plain.search(message):
                assert expression.search(message, lowered), (expression.text, message)


def test_what_a_message_lacks_is_not_searched_for(monkeypatch):
    expression = Expression("retry (?:later|again)", "retry ", 6)
    assert expression.search("Retry AGAIN", "retry again")
    assert expression.search("retry never", "retry never") is None
    monkeypatch.setitem(expression.__dict__, "_compiled", None)
    assert expression.search("retry never", "retry never") is None
