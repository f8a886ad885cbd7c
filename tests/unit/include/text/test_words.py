"""Words and what they look like."""

from __future__ import annotations

import pytest

from include.text.words import SHAPES, words


def test_words_of_a_text_with_their_places():
    text = "@Ann, don't buy the iPhone 4S (http://t.co/QL): #fail O’Reilly"
    found = words(text)
    assert [text[start:end] for start, end in zip(found.starts, found.ends, strict=True)] == [
        "@Ann", ",", "don't", "buy", "the", "iPhone", "4S", "(", "http://t.co/QL):", "#fail", "O’Reilly",
    ]  # fmt: skip
    assert [SHAPES[n] for n in found.shapes] == [
        "mention", "mark", "small", "small", "small", "mixed", "code", "mark", "address", "tag", "mixed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "shape"),
    [("Berlin", "capitalised"), ("NASA", "capitals"), ("I", "initial"), ("2019", "number"), ("a4", "small code"),
     ("&", "mark"), ("@", "mark"), ("好", "mixed"), ("ünïcode", "small")],
)  # fmt: skip
def test_what_a_word_looks_like(word: str, shape: str):
    assert [SHAPES[n] for n in words(word).shapes] == [shape]


@pytest.mark.parametrize("text", ["", " \n", "\u200b"])
def test_no_words(text: str):
    assert {SHAPES[n] for n in words(text).shapes} <= {"mark"}
