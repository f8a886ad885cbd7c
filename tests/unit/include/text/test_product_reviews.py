"""Sentences with what they praise and blame, as the file has them, and as we read them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from include.errors import BadInput
from include.score.marks import aspects
from include.text.product_reviews import FILE, Opinion, align, natural, read_products, together

REVIEWS = """\
* Product name: made up
[t]fine , mostly .
battery life[+2], screen[-1]##its battery life is fine , but the screens are n't ( i think ) . so be it
##it came on monday .
size[-2][u], price[+1]##too large for the price .
[t]two .
case[-3]##it broke .
lens[-1][u]##too dark , at &#38; t says .
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / FILE, "w") as packed:
        packed.writestr("product_reviews_1/Made_up.txt", REVIEWS.encode("latin-1"))
    return tmp_path


def words(sentence: Opinion) -> set[tuple[str, str]]:
    return {(sentence.text[start:end], kind) for start, end, kind in sentence.aspects}


def test_sentences_with_their_aspects(folder: Path):
    read = read_products(folder, ["Made_up"])
    assert [(s.text, words(s), s.review) for s in read.sentences] == [
        (
            "Its battery life is fine, but the screens aren't (I think). So be it",
            {("battery life", "praised"), ("screens", "blamed")},
            1,
        ),
        ("It came on monday.", set(), 1),
        ("Too large for the price.", {("price", "praised")}, 1),
        ("Too dark, at & t says.", set(), 2),
    ]
    assert (read.found, read.unmarked, read.lost) == (3, 2, 1), "the case that broke is not in the words"


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("The battery of the Battery case", "battery", ["battery", "Battery"]),
        ("batteries, and a battery's life", "battery", ["batteries", "battery's"]),
        ("a face-plate", "face plate", ["face-plate"]),
        ("it played well", "play", ["played"]),
        ("a display", "play", []),
        ("cheap", "price", []),
    ],
)
def test_an_aspect_is_where_its_words_are(text: str, name: str, found: list[str]):
    spans, missing = align(text, {name: "-"})
    assert (sorted(text[a:b] for a, b, _ in spans), missing) == (sorted(found), int(not found))


def test_the_longer_aspect_has_its_words_to_itself():
    text = "battery life and battery"
    spans, _ = align(text, {"battery": "-", "battery life": "+"})
    assert spans == {(0, 12, "praised"), (17, 24, "blamed")}


def test_marks_stand_at_their_words():
    assert (
        natural("i do n't , \" it 's ok ! ( it is ) well-made ; i-pod ")
        == "I don't, \" it's ok! (it is) well-made; i-pod"
    )


def test_sentences_of_a_review_together():
    one, two, three = (
        Opinion(f"a {n}.", frozenset({(0, 1, "praised")}), review) for n, review in ((1, 1), (2, 1), (3, 2))
    )
    assert together([one, two, three], 2) == [
        Opinion("a 1. a 2.", frozenset({(0, 1, "praised"), (5, 6, "praised")}), 1)
    ]
    assert together([two, three], 2) == []


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(BadInput, match=r"nltk_product_reviews_1\.zip cannot be read .*; set PORTRAIT_DATA"):
        read_products(tmp_path, ["Made_up"])


def test_figures_of_aspects():
    rows = [Opinion("Ring tones and ring tones", frozenset({(0, 10, "praised"), (15, 25, "praised")}), 0),
            Opinion("price, size", frozenset({(0, 5, "blamed"), (7, 11, "blamed")}), 0)]  # fmt: skip
    found = [frozenset({(0, 10, "praised")}), frozenset({(0, 5, "praised"), (0, 11, "blamed")})]
    assert aspects(found, rows) == {
        "precision": 0.3333, "recall": 0.3333, "f1": 0.3333, "f1_terms": 0.6667, "polarity": 0.5,
    }  # fmt: skip
