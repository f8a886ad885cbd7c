"""Entities and aspects on the way of an encoder: a tiny one, with weights that were trained for nothing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from include.errors import BadInput
from include.text.device import Device
from include.text.encode import TextEncoder
from include.text.entities import Weights, read_weights
from include.text.looks import looks
from include.text.tagger import Tagger
from include.text.tags import ASPECT_TAGS, ENTITY_TAGS, Entity
from include.text.words import SHAPES

CPU = Device("cpu", "float32")
TEXTS = ["the Paper is very late", "good Magazine", "", "a Good magazine , a bad Paper", "Read"]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Weights:
    """They go on from the first of two layers, take any capitalised word for a product, and any word in small letters
    to be blamed."""
    torch.manual_seed(2)
    tagger = Tagger(8)
    values = {name: value.clone() for name, value in tagger.state_dict().items()}
    values["look.weight"][:] = 0
    for look in range(1, len(values["look.weight"])):
        values["look.weight"][look, 0] = 9.0 if SHAPES[(look - 1) // 12] == "capitalised" else -9.0
        values["look.weight"][look, 1] = 4.0 if SHAPES[(look - 1) // 12] == "small" else -9.0
    for head in ("entity", "aspect"):
        values[f"{head}.weight"][:] = 0
        values[f"{head}.bias"][:] = 0
        values[f"{head}.bias"][0] = 3.0
    first_of_look = values["entity.weight"].shape[1] - values["look.weight"].shape[1]
    values["entity.weight"][ENTITY_TAGS.index("B-product"), first_of_look] = 1.0
    values["aspect.weight"][ASPECT_TAGS.index("B-blamed"), first_of_look + 1] = 1.0
    return saved(values, tmp_path_factory.mktemp("tagger") / "tagger.safetensors", least=0.5)


def saved(values: dict[str, torch.Tensor], file: Path, least: float) -> Weights:
    save_file(values, file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    file.with_suffix(".json").write_text(
        json.dumps({"layer": 1, "least_of_aspects": least, "space": "tiny", "sha256": digest})
    )
    return read_weights(file)


def found(
    encoder: TextEncoder, texts: list[str], wanted: list[bool] | None = None, what: str = "entities"
) -> list[list[Entity] | None]:
    read: dict[int, list[Entity] | None] = {}
    for part in encoder.encode_in_parts(texts, wanted or [True] * len(texts)):
        read.update(zip(part.rows.tolist(), getattr(part, what), strict=True))
    return [read[n] for n in range(len(texts))]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_entities_are_where_they_stand_in_the_text(tiny: Path, weights: Weights, precision: str):
    encoder = TextEncoder(tiny, Device("cpu", precision), weights)  # type: ignore[arg-type]
    told = found(encoder, TEXTS)
    words = [
        None if some is None else [text[e.start : e.end] for e in some] for text, some in zip(TEXTS, told, strict=True)
    ]
    assert words == [["Paper"], ["Magazine"], None, ["Good", "Paper"], ["Read"]]
    assert {e.kind for some in told for e in some or []} == {"product"}
    assert all(0.9 < e.confidence <= 1 for some in told for e in some or [])
    assert [e.name for e in told[3] or []] == ["good", "paper"]


def test_aspects_are_found_in_the_same_pass(tiny: Path, weights: Weights, tmp_path: Path):
    told = found(TextEncoder(tiny, CPU, weights), TEXTS, what="aspects")
    assert [None if some is None else [e.name for e in some] for some in told] == [
        ["the", "is", "very", "late"], ["good"], None, ["a", "magazine", "a", "bad"], [],
    ]  # fmt: skip
    assert {e.kind for some in told for e in some or []} == {"blamed"}
    sure = {round(e.confidence, 2) for some in told for e in some or []}
    assert sure == {0.7}, "four against three, and three times nothing"
    strict = saved(load_file(weights.file), tmp_path / "tagger.safetensors", least=0.8)
    assert found(TextEncoder(tiny, CPU, strict), TEXTS, what="aspects") == [[], [], None, [], []]
    assert found(TextEncoder(tiny, CPU, strict), TEXTS) == found(TextEncoder(tiny, CPU, weights), TEXTS)


def test_they_are_looked_for_where_they_are_asked_for_alone(tiny: Path, weights: Weights):
    told = found(TextEncoder(tiny, CPU, weights), TEXTS, [True, False, True, False, True])
    assert [some is None for some in told] == [False, True, True, True, False]
    assert found(TextEncoder(tiny, CPU), TEXTS) == [None] * len(TEXTS)


def test_a_text_says_the_same_alone_and_among_others(tiny: Path, weights: Weights):
    encoder = TextEncoder(tiny, CPU, weights)
    for text, among in zip(TEXTS, found(encoder, TEXTS), strict=True):
        (alone,) = found(encoder, [text])
        assert [e[:3] for e in alone or []] == [e[:3] for e in among or []]


def test_vectors_are_the_same_with_and_without(tiny: Path, weights: Weights):
    with_entities = TextEncoder(tiny, CPU, weights).encode(TEXTS)
    assert np.array_equal(with_entities, TextEncoder(tiny, CPU).encode(TEXTS), equal_nan=True)


def test_where_memory_runs_out_they_are_found_all_the_same(tiny: Path, weights: Weights):
    whole = found(TextEncoder(tiny, CPU, weights), TEXTS)
    small = TextEncoder(tiny, Device("cpu", "bfloat16"), weights)
    run = small._run

    def short_of_memory(tokens, loaded):
        if loaded is small._loaded and (len(tokens) > 2 or max(map(len, tokens)) > 4):
            raise torch.OutOfMemoryError("no memory")
        return run(tokens, loaded)

    small._run = short_of_memory  # type: ignore[method-assign]
    assert [[e[:3] for e in some or []] for some in found(small, TEXTS)] == [
        [e[:3] for e in some or []] for some in whole
    ]


def test_pieces_look_like_their_words(tiny: Path):
    tokenizer = TextEncoder(tiny, CPU)._tokenizer
    text = "GOODS are late. Readly 好 " + "good " * 40
    seen = looks(text, tokenizer.encode(text))
    names = [text[start:end] for start, end in zip(seen.words.starts, seen.words.ends, strict=True)]
    assert names[:6] == ["GOODS", "are", "late", ".", "Readly", "好"]
    assert len(names) == len(seen.firsts) < len(text.split()), "what the encoder cuts off has no piece"
    assert seen.pieces[0] == seen.pieces[-1] == 0, "no word"
    shapes = [SHAPES[(seen.pieces[first] - 1) // 12] for first in seen.firsts[:6]]
    assert shapes == ["capitals", "small", "small", "mark", "capitalised", "mixed"]
    begins = [(int(seen.pieces[first]) - 1) % 2 for first in seen.firsts[:6]]
    assert begins == [1, 0, 0, 0, 1, 0]


def test_weights_that_are_others_than_was_told_are_refused(weights: Weights, tmp_path: Path):
    file = tmp_path / "tagger.safetensors"
    file.write_bytes(weights.file.read_bytes()[:-1] + b"!")
    file.with_suffix(".json").write_text(weights.file.with_suffix(".json").read_text())
    with pytest.raises(BadInput, match=r"tagger\.safetensors: is not what tagger\.json tells of"):
        read_weights(file)
