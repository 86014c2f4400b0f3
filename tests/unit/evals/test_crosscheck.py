"""The cross-check reads no text by weights that were learnt from it."""

from collections import Counter

import pytest

from evals import crosscheck
from evals.crosscheck import parts_at_random, parts_by_file, tally
from evals.labelled import Labelled, load_texts
from rca.domain.vocabulary import Category, Source

WORDS = "zorb quandle fribble mistrap ollowin jengal purtick wembly dastrel corvane tiffle yandor ibrick lossup hegma"
TEXTS = [
    Labelled(source=Source.ADF, category=category, message=f"{word} seen in number {number} of the day")
    for category, word in zip(Category, WORDS.split(), strict=True)
    for number in range(8)
]


@pytest.fixture(autouse=True)
def nothing_else_is_learnt(monkeypatch):
    monkeypatch.setattr(crosscheck, "of_catalog", list)
    monkeypatch.setattr(crosscheck, "of_dev", list)


def test_the_parts_hold_each_text_once_and_are_always_the_same():
    texts = load_texts()
    for parts in (parts_at_random(texts), list(parts_by_file().values())):
        assert Counter(map(id, texts)).total() == sum(map(len, parts))
        assert Counter(text for part in parts for text in part) == Counter(texts)
    assert parts_at_random(texts) == parts_at_random(texts)


def test_what_was_learnt_is_read_by_its_words():
    left_out = TEXTS[::4]
    right = tally(left_out, [text for text in TEXTS if text not in left_out])
    assert right["words"] == len(left_out)
    assert right["signs"] <= sum(text.category is Category.UNKNOWN for text in left_out)
    assert right["signs"] < right["both"]


def test_what_is_left_out_is_not_learnt_from():
    mislabelled = [text.model_copy(update={"category": Category.NETWORK}) for text in TEXTS[::4]]
    right = tally(mislabelled, [text for text in TEXTS if text not in TEXTS[::4]])
    assert right["words"] == sum(text.category is Category.NETWORK for text in TEXTS[::4])
