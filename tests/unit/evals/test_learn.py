"""What the weights are learnt from, and that the committed ones are learnt from it as it is."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from evals.cases import load
from evals.errors import TextError
from evals.labelled import load_texts
from evals.learn import Text, digest_of, learn, texts
from rca.catalog.likeness import FILE, Likeness, features_of, parsed
from rca.domain.signature import template
from rca.domain.vocabulary import Category

VOCABULARY = {
    "network": ["socket", "reset", "refused"],
    "code": ["syntax", "undefined", "operator"],
    "quota": ["limit", "throttled", "allowance"],
}


def synthetic(seed: int, kinds: int = 3) -> list[Text]:
    chance = random.Random(seed)
    vocabulary = dict(list(VOCABULARY.items())[:kinds])
    made: list[Text] = []
    for _ in range(90):
        category = chance.choice(list(vocabulary))
        said = " ".join(chance.choices([*vocabulary[category], "then", "while"], k=6))
        made.append(Text(features_of(said), category, 1.0))
    return made


@pytest.mark.parametrize("kinds", [2, 3])
def test_it_learns_what_words_mean(kinds: int) -> None:
    model = Likeness(learn(synthetic(1, kinds)))
    assert model("socket refused then reset")[Category.NETWORK] > 0.8
    assert model("undefined operator")[Category.CODE] > 0.8


def test_the_same_texts_give_the_same_weights() -> None:
    assert learn(synthetic(2)) == learn(synthetic(2))


def test_the_committed_weights_are_learnt_from_the_catalog_and_the_cases_as_they_are() -> None:
    """Red after a change to either: run `python -m evals.learn`."""
    assert parsed(FILE.read_text("utf-8"))["made_of"] == digest_of(texts())


def test_nothing_is_learnt_from_the_test_part() -> None:
    learnt = {(text.source, template(text.message)) for text in load_texts()}
    learnt |= {(case.case.source, template(case.message)) for case in load(("dev",))}
    assert not [case.id for case in load(("test",)) if (case.case.source, template(case.message)) in learnt]


def test_no_text_stands_twice_with_two_labels() -> None:
    labels: dict[tuple[str, str], set[str]] = {}
    for text in load_texts():
        labels.setdefault((text.source, " ".join(text.message.split())), set()).add(text.category)
    assert not [message for message, told in labels.items() if len(told) > 1]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"source": "adf", "category": "network"}', "message: Field required"),
        ('{"source": "adf", "category": "weather", "message": "it rains"}', "category: Input should be"),
        ('{"source": "adf", "category": "network", "message": "x"}', "message: String should have"),
        ('{"source": "adf", ', "(the whole line): Invalid JSON"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, told: str) -> None:
    good = '{"source": "adf", "category": "network", "message": "connection reset"}'
    (tmp_path / "some.jsonl").write_text(f"{good}\n\n{line}\n", "utf-8")
    with pytest.raises(TextError, match=re.escape(f"some.jsonl: line 3: {told}")):
        load_texts(tmp_path)
