"""How pieces look, against the same said piece by piece."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from include.text.device import Device
from include.text.encode import TextEncoder
from include.text.looks import looks
from include.text.words import SHAPES, words

CAPITALS = ("capitals", "initial", "capitalised")


@pytest.fixture(scope="module")
def tokenizer(tiny: Path) -> Tokenizer:
    return TextEncoder(tiny, Device("cpu", "float32"))._tokenizer


def plainly(text: str, encoding: Any) -> tuple[list[int], list[int], list[tuple[int, ...]]]:
    found = list(zip(*(of_words.tolist() for of_words in words(text)), strict=True))
    written = [SHAPES[shape] for *_, shape in found if SHAPES[shape] in (*CAPITALS, "small", "mixed")]
    share = sum(shape in CAPITALS for shape in written) / max(1, len(written))
    shouting = 0 if share < 0.3 else 1 if share < 0.7 else 2
    pieces, firsts, kept = [0] * len(encoding.ids), [], []
    at = -1  # the word that the last piece was in
    for piece, (start, end) in enumerate(encoding.offsets):
        if start == end:
            continue
        before = at
        while at + 1 < len(found) and found[at + 1][0] <= start:
            at += 1
        if at < 0 or start >= found[at][1]:
            continue
        if at != before:
            firsts.append(piece)
            kept.append(found[at])
        begins = at == 0 or SHAPES[found[at - 1][2]] == "mark"
        pieces[piece] = 1 + ((found[at][2] * 3 + shouting) * 2 + (at != before)) * 2 + begins
    return pieces, firsts, kept


WRITTEN = st.lists(
    st.sampled_from(["good", "Paper", "LATE", "A", "4S", "x1", ".", "!", "@ann", "#so", "don't", "好", "é", "\u0301", "\x1c",
                     "www.a.b", "'", " ", "  ", "\n", "readlygood"]), max_size=60,
).map("".join)  # fmt: skip


@settings(max_examples=300)
@given(text=WRITTEN | st.text(max_size=40))
def test_pieces_look_as_they_do_one_by_one(tokenizer: Tokenizer, text: str):
    text = text.encode("utf-8", "replace").decode()
    encoding = tokenizer.encode(text)
    found = looks(text, encoding)
    kept = list(zip(*(of_words.tolist() for of_words in found.words), strict=True))
    assert (found.pieces.tolist(), found.firsts.tolist(), kept) == plainly(text, encoding)
