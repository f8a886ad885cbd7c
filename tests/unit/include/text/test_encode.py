"""Texts to vectors, with a tiny encoder."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.text import encode as module
from include.text.device import Device
from include.text.encode import TextEncoder, batches

CPU = Device("cpu", "float32")
TEXTS = ["good magazine", "the paper is very late", "bad", "read", "goods , badly !", "a"]


@pytest.fixture(scope="module")
def tiny_encoder(tiny: Path) -> TextEncoder:
    return TextEncoder(tiny, CPU)


def test_equals_what_sentence_transformers_gives(tiny: Path, tiny_encoder: TextEncoder):
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(tiny), device="cpu", local_files_only=True)
    expected = plain.encode(TEXTS, normalize_embeddings=True)
    assert np.allclose(tiny_encoder.encode(TEXTS), expected, atol=1e-5)


def test_vectors_are_in_the_order_of_the_texts_and_of_length_one(tiny_encoder: TextEncoder):
    vectors = tiny_encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), 8)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert np.allclose(tiny_encoder.encode([text])[0], vector, atol=1e-5)


def test_bfloat16_gives_nearly_the_same_vectors(tiny: Path, tiny_encoder: TextEncoder):
    half = TextEncoder(tiny, Device("cpu", "bfloat16")).encode(TEXTS)
    assert half.dtype == np.float32
    assert (half * tiny_encoder.encode(TEXTS)).sum(axis=1).min() > 0.99


@pytest.mark.parametrize("text", [None, "", "   ", "😀😀", "\x00\x07", "漢字", "\ud800"],
                         ids=["none", "empty", "space", "emoji", "control", "unknown", "surrogate"])  # fmt: skip
def test_what_the_encoder_knows_nothing_of_has_no_vector(tiny_encoder: TextEncoder, text: str | None):
    vectors = tiny_encoder.encode([text, "good"])
    assert np.isnan(vectors[0]).all()
    assert np.isfinite(vectors[1]).all()


@pytest.mark.parametrize(
    "text",
    ["<b>good</b>", "good 😀", "مجلة good", "good \ud83d", "good \x00 paper", "good " * 2_000_000, "g" * 10_000_000],
)
def test_any_text_with_something_in_it_has_a_vector(tiny_encoder: TextEncoder, text: str):
    found = tiny_encoder.encode([text])
    known = not text.startswith("gg")  # one word of ten million letters is no word
    assert np.isfinite(found).all() == known


def test_what_is_too_long_is_cut(tiny_encoder: TextEncoder):
    # 16 tokens with [CLS] and [SEP]: 14 words.
    assert np.allclose(tiny_encoder.encode(["good " * 14]), tiny_encoder.encode(["good " * 100]), atol=1e-6)
    assert not np.allclose(tiny_encoder.encode(["good " * 13]), tiny_encoder.encode(["good " * 14]), atol=1e-6)


def test_parts_have_each_row_once(tiny_encoder: TextEncoder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_PART", 3)
    monkeypatch.setitem(module._BUDGET, "cpu", 16)
    texts: list[str | None] = [*TEXTS, "", None, *TEXTS]
    parts = list(tiny_encoder.encode_in_parts(texts))
    assert len(parts) > 2
    assert sorted(row for part in parts for row in part.rows) == list(range(len(texts)))
    assert [list(part.rows) for part in parts if part.vectors is None] == [[6, 7]]
    assert all(part.entities == [None] * len(part.rows) for part in parts)


def test_no_texts_are_no_vectors(tiny_encoder: TextEncoder):
    assert tiny_encoder.encode([]).shape == (0, 8)


@given(st.lists(st.integers(0, 300), max_size=60), st.integers(1, 400))
def test_a_batch_stays_in_its_budget(lengths: list[int], budget: int):
    found = list(batches(np.array(lengths, dtype=np.int64), budget))
    assert sorted(row for rows in found for row in rows) == [i for i, length in enumerate(lengths) if length]
    for rows in found:
        assert len(rows) == 1 or len(rows) * max(lengths[row] for row in rows) <= budget
    for before, after in pairwise(found):
        assert min(lengths[row] for row in before) >= max(lengths[row] for row in after)


def test_where_memory_runs_out_batches_are_halved_and_at_last_the_cpu_does_it(tiny: Path):
    """The first device holds two texts at most, and none that is longer than four tokens."""
    import torch

    whole = TextEncoder(tiny, CPU).encode(TEXTS)
    small = TextEncoder(tiny, Device("cpu", "bfloat16"))
    run, tried = small._run, []

    def short_of_memory(tokens, loaded):
        if loaded is small._loaded:
            tried.append(len(tokens))
            if len(tokens) > 2 or max(map(len, tokens)) > 4:
                raise torch.OutOfMemoryError("no memory")
        return run(tokens, loaded)

    small._run = short_of_memory  # type: ignore[method-assign]
    assert np.allclose(small.encode(TEXTS), whole, atol=0.05)
    assert max(tried) > 2, "nothing was halved"


def test_bfloat16_of_the_packaged_encoder_is_close_enough():
    from include.text.encoder import find_encoder

    texts = ["A lovely magazine.", "I cancelled my subscription: every issue came late.", "ok", "Großartig! 5 stars"]
    folder = find_encoder("").folder
    exact, half = (TextEncoder(folder, Device("cpu", p)).encode(texts) for p in ("float32", "bfloat16"))
    assert exact.shape == (4, 384)
    assert (exact * half).sum(axis=1).min() >= 0.999
