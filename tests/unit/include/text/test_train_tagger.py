"""Labelled sentences, what is learned from them, and how that is measured."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch

from include.errors import BadInput
from include.score.marks import entities as score
from include.text.corpora import DEV, TRAIN, TWEETS, Sentence, read
from include.text.device import Device
from include.text.encode import TextEncoder
from include.text.tagger import Tagger
from include.text.train_tagger import Recipe, examples, predict, train

WNUT = """\
Anna\tB-person
Lee\tI-person
reads\tO
Vogue\tB-product
in\tO
Berlin\tB-location

Up\tB-creative-work
by\tO
Pixar\tB-corporation
Pixar\tB-corporation
#oslo\tB-location
"""
TWEET = """\
@\tB-PER
anna\tB-PER
meets\tO
Al\tB-PER
in\tO
Oslo\tI-LOC
#\tB-LOC
oslo\tB-LOC
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / DEV).write_text(WNUT)
    (tmp_path / TWEETS[0]).write_text(TWEET.replace("\t", " ").replace("\n", "\r\n"))
    return tmp_path


def test_kinds_become_ours_and_creative_works_go(folder: Path):
    assert read(folder, DEV) == [
        Sentence(
            "Anna Lee reads Vogue in Berlin",
            frozenset({(0, 8, "person"), (15, 20, "product"), (24, 30, "place")}),
            has_products=True,
        ),
        Sentence(
            "Up by Pixar Pixar #oslo",
            frozenset({(6, 11, "organisation"), (12, 17, "organisation"), (18, 23, "place")}),
            has_products=True,
        ),
    ]


def test_whom_a_tweet_mentions_and_its_tags_are_no_entities(folder: Path):
    (tweet,) = read(folder, TWEETS[0])
    assert tweet.text == "@anna meets Al in Oslo #oslo"
    assert tweet.entities == {(12, 14, "person"), (18, 22, "place")}
    assert not tweet.has_products


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(
        BadInput, match=r"wnut17_wnut17train\.conll cannot be read \(No such file or directory\); set PORTRAIT_DATA"
    ):
        read(tmp_path, TRAIN)


def test_figures_of_exact_spans(folder: Path):
    first, second = read(folder, DEV)
    almost = frozenset({(0, 4, "person"), (15, 20, "product"), (24, 30, "organisation")})
    figures = score([almost, second.entities], [first, second])
    assert (figures["precision"], figures["recall"], figures["f1"]) == (0.6667, 0.6667, 0.6667)
    assert [figures[f"f1_{kind}"] for kind in ("person", "place", "organisation", "product")] == [0, 0.6667, 0.8, 1]
    assert score([frozenset()], [second])["f1"] == 0


def test_what_is_shown_is_learned(tiny: Path):
    """That capitalised words are products, of forty sentences."""
    drawn = np.random.default_rng(4)
    words = ["good", "bad", "paper", "late", "Good", "Bad", "Paper", "Late"]
    sentences = []
    for _ in range(40):
        chosen = drawn.choice(words, 5)
        starts = np.cumsum([0, *(len(w) + 1 for w in chosen)])
        spans = {(int(a), int(a) + len(w), "product") for a, w in zip(starts, chosen, strict=False) if w.istitle()}
        sentences.append(Sentence(" ".join(chosen), frozenset(spans), has_products=True))
    loaded = TextEncoder(tiny, Device("cpu", "float32"))
    encoder = copy.deepcopy(loaded._loaded.modules[0].auto_model)  # which other tests use as it is
    rows = examples(sentences, encoder, loaded._tokenizer, lower=1)
    torch.manual_seed(1)
    tagger = Tagger(encoder.encoder.layer[1:], 8)
    losses: list[float] = []
    train(rows[:30], tagger, Recipe(epochs=30, batch=8, rate=1e-2), lambda _, loss: losses.append(loss))
    assert losses[-1] < losses[0] / 3
    assert score(predict(tagger, rows[30:]), sentences[30:])["f1"] > 0.9
