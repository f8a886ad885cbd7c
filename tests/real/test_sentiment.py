"""Sentiment learned from magazine reviews through 2015: on those from 2016 on, and on texts of other kinds."""

from __future__ import annotations

import re
import zipfile
from datetime import date

import numpy as np
import pytest

from include.models.evaluate import difference, interval, roc_auc
from include.models.sentiment import split as by_time
from include.models.sentiment import tune
from include.models.training_set import read_training_set
from include.query import Lake
from include.settings import ROOT, Settings
from include.sources.load import load_sources
from include.text.device import choose_device
from include.text.encode import load_encoder
from include.text.encoder import find_encoder

DATA = ROOT.parent / "shared" / "data"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (DATA / "rees46_sample").is_dir(), reason="the real data is not in ../shared/data"),
]


def test_vectors_and_words_together_are_no_worse_than_words(settings: Settings):
    described = load_sources(settings.source_folders)
    past = by_time(read_training_set(Lake(settings), described, date(2015, 12, 31)).rows)
    every = read_training_set(Lake(settings), described, date(2019, 10, 2))
    new = every.rows.rows(np.array([i for i, day in enumerate(every.rows.days) if day >= date(2016, 1, 1)]))
    assert (len(new.texts), int(new.positive.sum())) == (484, 429)  # different ones told to be English; of 490 and 433

    words, both = (tune(past, kind, every.space)[0].probability(new.texts, new.vectors) for kind in ("tfidf", "both"))
    found, gain = interval(roc_auc, new.positive, both), difference(roc_auc, new.positive, both, words)
    print(f"ROC-AUC {found.value:.3f} [{found.low:.3f}, {found.high:.3f}], "
          f"over TF-IDF {gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]")  # fmt: skip
    assert found.low > 0.9
    assert gain.value >= 0
    assert gain.high > 0


def test_it_reads_other_kinds_of_texts_better_than_chance(settings: Settings):
    described = load_sources(settings.source_folders)
    past = read_training_set(Lake(settings), described, date(2015, 12, 31))
    model = tune(by_time(past.rows), "both", past.space)[0]
    encode = load_encoder(find_encoder("").folder, choose_device("cpu"))
    for kind, (good, bad) in gold().items():
        texts, positive = [*good, *bad], np.array([True] * len(good) + [False] * len(bad))
        found = interval(roc_auc, positive, model.probability(texts, encode.encode(texts)))
        print(f"{kind}: ROC-AUC {found.value:.3f} [{found.low:.3f}, {found.high:.3f}], {len(good)} and {len(bad)}")
        assert found.low > 0.5


def gold() -> dict[str, tuple[list[str], list[str]]]:
    """Kind of text to good ones and bad ones; of long lists every n-th, so that there are about 1,500."""
    polarity, pros, reviews = (
        zipfile.ZipFile(DATA / "sentiment_gold" / f"nltk_{name}.zip")
        for name in ("sentence_polarity", "pros_cons", "product_reviews_1")
    )

    def lines(archive: zipfile.ZipFile, name: str) -> list[str]:
        return archive.read(name).decode("latin-1").splitlines()

    products: tuple[list[str], list[str]] = ([], [])
    for name in reviews.namelist():
        for line in lines(reviews, name) if name.endswith(".txt") and "README" not in name else []:
            opinions, _, sentence = line.partition("##")
            said = sum(int(sign + (n or "1")) for sign, n in re.findall(r"\[([+-])(\d?)\]", opinions))
            if said and sentence.strip():
                products[said < 0].append(sentence.strip())
    listed = [[re.sub(r"<[^>]*>", "", x).strip() for x in lines(pros, f"pros_cons/Integrated{k}.txt")]
              for k in ("Pros", "Cons")]  # fmt: skip
    movies = [lines(polarity, f"sentence_polarity/rt-polarity.{k}") for k in ("pos", "neg")]
    return {
        "sentences of product reviews": products,
        "pros and cons": (_some(listed[0]), _some(listed[1])),
        "sentences of film reviews": (_some(movies[0]), _some(movies[1])),
    }


def _some(texts: list[str]) -> list[str]:
    return [text for text in texts[:: max(1, len(texts) // 1500)] if text]
