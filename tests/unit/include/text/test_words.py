"""Words and what they look like."""

from __future__ import annotations

import pytest

from include.text.words import SHAPES, words


def test_words_of_a_text_with_their_places():
    text = "@Ann, don't buy the iPhone 4S (http://t.co/QL): #fail O’Reilly"
    found = words(text)
    assert [text[w.start : w.end] for w in found] == [
        "@Ann", ",", "don't", "buy", "the", "iPhone", "4S", "(", "http://t.co/QL):", "#fail", "O’Reilly",
    ]  # fmt: skip
    assert [SHAPES[w.shape] for w in found] == [
        "mention", "mark", "small", "small", "small", "mixed", "code", "mark", "address", "tag", "mixed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "shape"),
    [("Berlin", "capitalised"), ("NASA", "capitals"), ("I", "initial"), ("2019", "number"), ("a4", "small code"),
     ("&", "mark"), ("@", "mark"), ("好", "mixed"), ("ünïcode", "small")],
)  # fmt: skip
def test_what_a_word_looks_like(word: str, shape: str):
    assert [SHAPES[w.shape] for w in words(word)] == [shape]


@pytest.mark.parametrize("text", ["", " \n", "\u200b"])
def test_no_words(text: str):
    assert not [w for w in words(text) if SHAPES[w.shape] != "mark"]
