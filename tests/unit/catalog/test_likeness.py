"""The words of a message, weighed: alone and against what the signs found."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rca.catalog.breadth import Breadth
from rca.catalog.finding import Finding, Sign
from rca.catalog.likeness import HEAD, STEPS, TAIL, ZERO, Likeness, by_words, features_of, likeness
from rca.catalog.loader import load_directory
from rca.catalog.matcher import Catalog, group_of
from rca.catalog.settle import is_settled, settled
from rca.domain.vocabulary import Category, Source

ROOT = Path(__file__).parents[3]
BOOK = Catalog(load_directory(), by_words)
FAMILIES = {
    entry.category: entry
    for entry in BOOK.entries
    if entry.breadth is Breadth.HINT and entry.group == "general"
}


def weights(*steps: int) -> str:
    return "".join(chr(ZERO + step) for step in steps)


TINY = Likeness(
    {
        "categories": ["code", "network"],
        "bias": [0.0, 0.0],
        "largest": 4.0,
        "rarest": 2.0,
        "features": {
            "socket": weights(STEPS, STEPS, -15, STEPS),
            "syntax": weights(STEPS, STEPS, STEPS, -15),
            "the": weights(-STEPS // 2, -STEPS + 2, STEPS, STEPS),
        },
    }
)


def test_words_are_parts_of_names_too_and_so_are_pairs() -> None:
    words = features_of("FileNotFoundException: HTTP 404, 超时", Source.ADF)
    assert {"file", "not", "found", "except", "404", "超", "时", "file not", "not found"} <= set(words)
    assert {word for word in words if not word[0].isalnum()} == {"#4", "@adf"}


def test_a_member_without_a_value_says_nothing() -> None:
    full, empty = '{"syntax_error": "x y"}', '{"syntax_error": null, "failed": false, "frames": [], "a": 1}'
    assert "syntax" in features_of(full)
    assert not {"syntax", "failed", "frames"} & set(features_of(empty))


def test_of_a_long_message_the_ends_are_read() -> None:
    long = "begins " + "middle " * (HEAD + TAIL) + "ends"
    assert {"begins", "ends"} <= set(features_of(long))
    assert sum(features_of(long).values()) < (HEAD + TAIL) / 2


def test_known_words_decide_and_unknown_ones_do_not() -> None:
    shares = TINY("the socket closed")
    assert shares[Category.NETWORK] > 0.9
    assert math.isclose(sum(shares.values()), 1)
    assert TINY("nothing known here") == {Category.CODE: 0.5, Category.NETWORK: 0.5}
    assert TINY("") == {Category.CODE: 0.5, Category.NETWORK: 0.5}


@given(st.text(max_size=300))
def test_any_text_gets_shares_that_sum_to_one(text: str) -> None:
    shares = likeness()(text)
    assert math.isclose(sum(shares.values()), 1)
    assert all(share >= 0 for share in shares.values())


def test_every_category_but_those_two_has_a_family_to_fall_back_on() -> None:
    assert set(FAMILIES) == set(Category) - {Category.CANCELLED, Category.UNKNOWN}
    assert not any(entry.remediable for entry in FAMILIES.values())


def entry_of(breadth: Breadth, category: Category):
    return next(
        entry
        for entry in BOOK.entries
        if entry.breadth is breadth and entry.category is category and entry.patterns
    )


def shares(**told: float) -> dict[Category, float]:
    rest = (1 - sum(told.values())) / (len(Category) - len(told))
    return {category: told.get(str(category), rest) for category in Category}


def settle(best: Finding | None, *others: Finding, words: int = 30, **told: float) -> Finding | None:
    findings = [finding for finding in (best, *others) if finding]
    return settled(best, findings, shares(**told), words, FAMILIES.get)


def network(sign: Sign, breadth: Breadth = Breadth.NARROW) -> Finding:
    return Finding(entry_of(breadth, Category.NETWORK), sign, name="NetworkDown")


def test_where_nothing_was_found_the_words_choose_the_family() -> None:
    found = settle(None, authentication=0.6)
    assert found is not None
    assert (found.entry, found.sign) == (FAMILIES[Category.AUTHENTICATION], Sign.LIKENESS)
    assert settle(None) is None
    assert settle(None, unknown=0.9) is None


def test_only_a_code_in_its_own_field_stands_whatever_the_words_say() -> None:
    assert is_settled(network(Sign.CODE))
    assert not any(
        map(is_settled, (network(Sign.CODE_IN_TEXT), network(Sign.EXCEPTION), network(Sign.PATTERN)))
    )
    assert not is_settled(network(Sign.CODE, Breadth.BROAD))


@pytest.mark.parametrize("sign", [Sign.CODE_IN_TEXT, Sign.EXCEPTION])
def test_a_code_or_an_exception_gives_way_only_to_clear_words(sign: Sign) -> None:
    kept = settle(network(sign), authentication=0.55)
    assert kept == replace(network(sign), likelier=Category.AUTHENTICATION)
    told = settle(network(sign), authentication=0.97)
    assert told is not None
    assert (told.entry, told.error_type) == (FAMILIES[Category.AUTHENTICATION], "NetworkDown")


def test_the_fewer_words_the_more_a_finding_counts() -> None:
    best = network(Sign.CODE_IN_TEXT)
    assert settle(best, words=5, authentication=0.8, network=0.1) == replace(
        best, likelier=Category.AUTHENTICATION
    )
    told = settle(best, words=50, authentication=0.8, network=0.1)
    assert told is not None
    assert told.entry is FAMILIES[Category.AUTHENTICATION]


def test_a_phrase_gives_way_and_a_rival_goes_before_a_family() -> None:
    broad = network(Sign.PATTERN, Breadth.BROAD)
    told = settle(broad, authentication=0.8)
    assert told is not None
    assert told.entry is FAMILIES[Category.AUTHENTICATION]
    rival = Finding(entry_of(Breadth.NARROW, Category.AUTHENTICATION), Sign.PATTERN)
    assert settle(broad, rival, authentication=0.8) is rival
    mere = Finding(rival.entry, Sign.PATTERN, stated=False)
    assert settle(broad, mere, authentication=0.8) is not mere


def test_what_agrees_stands_undoubted() -> None:
    best = network(Sign.PATTERN)
    assert settle(best, network=0.9) is best
    assert settle(best, network=0.4, authentication=0.45) is best


def test_where_the_words_say_nothing_a_hint_is_no_finding_and_the_rest_stands() -> None:
    hint = Finding(FAMILIES[Category.NETWORK], Sign.PATTERN)
    assert settle(hint, unknown=0.9) is None
    narrow = network(Sign.PATTERN)
    assert settle(narrow, unknown=0.9) == replace(narrow, likelier=Category.UNKNOWN)


def test_a_phrase_of_success_stands_unless_the_words_speak_of_a_failure() -> None:
    calm = Finding(entry_of(Breadth.NARROW, Category.CANCELLED), Sign.PATTERN)
    assert settle(calm, cancelled=0.3, network=0.6) is calm
    told = settle(calm, cancelled=0.02, network=0.9)
    assert told is not None
    assert told.entry is FAMILIES[Category.NETWORK]
    assert is_settled(replace(calm, sign=Sign.CODE_IN_TEXT))


def test_words_of_success_make_no_finding() -> None:
    assert settle(None, cancelled=0.9) is None
    best = network(Sign.PATTERN)
    assert settle(best, cancelled=0.9) is best


def test_the_words_alone_never_allow_a_retry() -> None:
    finding = BOOK.read(
        Source.ADF, "the far end did not speak to us this morning, once more the wire went dead"
    ).finding
    assert finding is None or finding.sign is not Sign.LIKENESS or not finding.entry.remediable


def test_it_is_read_with_the_first_message_that_needs_it() -> None:
    script = (
        "from rca.catalog import catalog; from rca.catalog.likeness import likeness; from rca.domain.vocabulary import "
        "Source; book = catalog(); book.read(Source.ADF, 'x', 'UserErrorFileNotFound'); "
        "print(likeness.cache_info().currsize); book.read(Source.ADF, 'odd words'); "
        "print(likeness.cache_info().currsize)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["0", "1"]


def test_nearly_every_example_stays_in_its_category() -> None:
    groups = {group_of(source): source for source in Source}
    lost = [
        example.message
        for entry in BOOK.entries
        for example in entry.examples
        if (found := BOOK.read(groups[entry.group], example.message, example.code).finding) is None
        or found.entry.category is not entry.category
    ]
    assert len(lost) <= 0.02 * sum(len(entry.examples) for entry in BOOK.entries)
