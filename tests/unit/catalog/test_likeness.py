"""The words of a message, weighed: alone and against what the signs found."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rca.catalog.breadth import Breadth
from rca.catalog.finding import Finding, Sign
from rca.catalog.likeness import LONGEST, ZERO, Likeness, likeness, words_of
from rca.catalog.loader import load_directory
from rca.catalog.matcher import Catalog
from rca.catalog.settle import settled
from rca.domain.vocabulary import Category, Source

ROOT = Path(__file__).parents[3]
BOOK = Catalog(load_directory())
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
        "step": 0.1,
        "rarity_step": 0.1,
        "features": {
            "socket": weights(20, -10, 30),
            "syntax": weights(20, 30, -10),
            "the": weights(10, 1, 1),
        },
    }
)


def test_words_are_parts_of_names_too_and_so_are_pairs() -> None:
    words = words_of("FileNotFoundException: HTTP 404, 超时")
    assert {"file", "not", "found", "except", "404", "超", "时", "file not", "not found"} <= set(words)
    assert words_of("a" * LONGEST + " tail") == words_of("a" * LONGEST)


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


AUTHENTICATION = "the vendor portal would not let our service user log in: wrong passphrase for the login"


def entry_of(breadth: Breadth, category: Category):
    return next(
        entry
        for entry in BOOK.entries
        if entry.breadth is breadth and entry.category is category and entry.patterns
    )


def test_where_nothing_was_found_the_words_choose_the_family() -> None:
    found = settled(None, (), AUTHENTICATION, FAMILIES.get)
    assert found is not None
    assert (found.entry.category, found.sign) == (Category.AUTHENTICATION, Sign.LIKENESS)
    assert settled(None, (), "  ", FAMILIES.get) is None


@pytest.mark.parametrize("sign", [Sign.CODE, Sign.CODE_IN_TEXT, Sign.EXCEPTION])
def test_codes_and_exceptions_are_left_alone(sign: Sign) -> None:
    best = Finding(entry_of(Breadth.NARROW, Category.NETWORK), sign)
    assert settled(best, (best,), AUTHENTICATION, FAMILIES.get) is best


def test_what_is_no_failure_is_not_made_one_and_none_is_made_so() -> None:
    calm = Finding(entry_of(Breadth.NARROW, Category.CANCELLED), Sign.PATTERN)
    assert settled(calm, (calm,), AUTHENTICATION, FAMILIES.get) is calm
    benign = "run was cancelled by the user on purpose, all is well, it finished with success"
    shares = likeness()(benign)
    assert max(shares, key=shares.__getitem__) is Category.CANCELLED
    broad = Finding(entry_of(Breadth.BROAD, Category.NETWORK), Sign.PATTERN)
    found = settled(broad, (broad, calm), benign, FAMILIES.get)
    assert found is None or not found.calm


def test_a_family_gives_way_sooner_than_a_phrase_and_a_rival_goes_before_a_family() -> None:
    broad = Finding(entry_of(Breadth.BROAD, Category.NETWORK), Sign.PATTERN)
    told = settled(broad, (broad,), AUTHENTICATION, FAMILIES.get)
    assert told is not None
    assert told.entry is FAMILIES[Category.AUTHENTICATION]
    rival = Finding(entry_of(Breadth.NARROW, Category.AUTHENTICATION), Sign.PATTERN)
    assert settled(broad, (broad, rival), AUTHENTICATION, FAMILIES.get) is rival
    mere = Finding(rival.entry, Sign.PATTERN, stated=False)
    assert settled(broad, (broad, mere), AUTHENTICATION, FAMILIES.get) is not mere


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
