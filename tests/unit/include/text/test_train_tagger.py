"""Labelled sentences, what is learned from them, and how that is measured."""

from __future__ import annotations

import copy
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from include.errors import BadInput
from include.score.marks import aspects
from include.score.marks import entities as score
from include.text.corpora import DEV, TRAIN, TWEETS, Sentence, Span, read
from include.text.device import Device
from include.text.encode import TextEncoder
from include.text.product_reviews import Opinion
from include.text.tagger import Tagger
from include.text.tags import ENTITY_TAGS
from include.text.train_tagger import Recipe, _loss, calibrate, examples, predict, train

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


@pytest.fixture
def encoder(tiny: Path) -> tuple[Any, Any]:
    loaded = TextEncoder(tiny, Device("cpu", "float32"))
    return copy.deepcopy(loaded._loaded.modules[0].auto_model), loaded._tokenizer


def drawn(count: int) -> list[tuple[str, set[Span]]]:
    """Five words each, and where the capitalised ones are."""
    chance = np.random.default_rng(4)
    words = ["good", "bad", "paper", "late", "Good", "Bad", "Paper", "Late"]
    found = []
    for _ in range(count):
        chosen = chance.choice(words, 5)
        starts = np.cumsum([0, *(len(w) + 1 for w in chosen)])
        spans = {(int(a), int(a) + len(w), "product") for a, w in zip(starts, chosen, strict=False) if w.istitle()}
        found.append((" ".join(chosen), spans))
    return found


def test_what_is_shown_is_learned(encoder: tuple[Any, Any]):
    """That capitalised words are products, and blamed, of thirty sentences with the one and as many with the other."""
    sentences = [Sentence(text, frozenset(spans), has_products=True) for text, spans in drawn(40)]
    opinions = [Opinion(s.text, frozenset((a, b, "blamed") for a, b, _ in s.entities), 0) for s in sentences]
    of_entities, of_aspects = (examples(some, *encoder, layer=1) for some in (sentences, opinions))
    torch.manual_seed(1)
    tagger = Tagger(8)
    losses: list[float] = []
    recipe = Recipe(epochs=20, batch=8, rate=1e-2, dropout=0)
    train([*of_entities[:30], *of_aspects[:30]], tagger, recipe, lambda _, loss: losses.append(loss))
    assert losses[-1] < losses[0] / 3
    assert score(predict(tagger, of_entities[30:]), sentences[30:])["f1"] > 0.9
    assert aspects(predict(tagger, of_aspects[30:]), opinions[30:])["f1"] > 0.9


def test_tweets_do_not_teach_that_there_are_no_products(encoder: tuple[Any, Any]):
    (row,) = examples([Sentence("good Paper", frozenset(), has_products=False)], *encoder, layer=1)
    torch.manual_seed(1)
    tagger = Tagger(8)
    tagger.entity.weight.data[:] = 0
    tagger.entity.bias.data[:] = 0
    tagger.entity.bias.data[ENTITY_TAGS.index("B-product")] = 9.0
    assert float(_loss(tagger, [row], 1.0).detach()) < 0.01
    assert float(_loss(tagger, [dataclasses.replace(row, has_products=True)], 1.0).detach()) > 5


def test_confidence_is_set_by_how_much_is_right(encoder: tuple[Any, Any]):
    """All words are said to be blamed, nearly surely, and half of them are."""
    opinions = [Opinion("paper good", frozenset({(0, 5, "blamed")}), 0)] * 8
    rows = examples(opinions, *encoder, layer=1)
    torch.manual_seed(1)
    tagger = Tagger(8)
    tagger.aspect.weight.data[:] = 0
    tagger.aspect.bias.data[:] = torch.tensor([0.0, 0, 0, 4.0, 0])  # 0.93
    assert len(predict(tagger, rows, least=0.9)[0]) == 2
    temperature = calibrate(tagger, rows, opinions)
    assert 1.5 < temperature <= 4
    assert not predict(tagger, rows, least=0.75)[0]
    assert len(predict(tagger, rows)[0]) == 2, "what is said stays"
