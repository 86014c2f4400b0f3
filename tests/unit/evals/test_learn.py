"""What the weights are learnt from, and that the committed ones are learnt from it as it is."""

from __future__ import annotations

import json
import random

from evals.cases import load
from evals.learn import Text, digest_of, learn, texts
from evals.systems import failure_of
from rca.catalog.likeness import FILE, Likeness, words_of
from rca.domain.vocabulary import Category


def synthetic(seed: int) -> list[Text]:
    chance = random.Random(seed)
    vocabulary = {"network": ["socket", "reset", "refused"], "code": ["syntax", "undefined", "operator"]}
    made: list[Text] = []
    for _ in range(60):
        category = chance.choice(list(vocabulary))
        said = " ".join(chance.choices([*vocabulary[category], "then", "while"], k=6))
        made.append(Text(words_of(said), category, 1.0))
    return made


def test_it_learns_what_words_mean() -> None:
    model = Likeness(learn(synthetic(1)))
    assert model("socket refused then reset")[Category.NETWORK] > 0.8
    assert model("undefined operator")[Category.CODE] > 0.8


def test_the_same_texts_give_the_same_weights() -> None:
    assert learn(synthetic(2)) == learn(synthetic(2))


def test_the_committed_weights_are_learnt_from_the_catalog_and_the_cases_as_they_are() -> None:
    """Red after a change to either: run `python -m evals.learn`."""
    assert json.loads(FILE.read_text("utf-8"))["made_of"] == digest_of(texts())


def test_nothing_is_learnt_from_the_test_part() -> None:
    learnt = {frozenset(text.words.items()) for text in texts()}
    held_out = [frozenset(words_of(failure_of(case).message).items()) for case in load(("test",))]
    assert not [words for words in held_out if words in learnt and len(words) > 8]
