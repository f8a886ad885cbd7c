"""How well entities and aspects are found in sentences that others have labelled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from include.score.marks import aspects as score_of_aspects
from include.score.marks import entities as score
from include.text.corpora import DEV, Sentence, Span, read
from include.text.device import choose_device
from include.text.encode import load_encoder
from include.text.encoder import find_encoder
from include.text.entities import packaged_weights
from include.text.product_reviews import FILE, HELD_OUT, Opinion, read_products


def wnut17_dev(data: Path) -> dict[str, float]:
    """Figures of exact spans and kinds on the development part of WNUT-17, whatever language a build would take a
    sentence for; nothing where the data folder has no `ner_gold`."""
    folder = data / "ner_gold"
    return score_sentences(read(folder, DEV)) if (folder / DEV).is_file() else {}


def product_reviews(data: Path, products: Sequence[str] = HELD_OUT) -> dict[str, float]:
    """Figures of aspects on reviews of products that were not learned from; nothing where the data folder has no
    `sentiment_gold`."""
    folder = data / "sentiment_gold"
    return score_opinions(read_products(folder, products).sentences) if (folder / FILE).is_file() else {}


def score_sentences(sentences: Sequence[Sentence]) -> dict[str, float]:
    """Precision, recall and F1, also by kind."""
    return score(_found([s.text for s in sentences], "entities"), sentences)


def score_opinions(sentences: Sequence[Opinion]) -> dict[str, float]:
    """Precision, recall and F1 of aspects with their polarity, F1 of their terms, and the polarity of those found."""
    return score_of_aspects(_found([s.text for s in sentences], "aspects"), sentences)


def _found(texts: Sequence[str], what: Literal["entities", "aspects"]) -> list[frozenset[Span]]:
    encoder = load_encoder(find_encoder("").folder, choose_device("auto"), packaged_weights())
    found: dict[int, frozenset[Span]] = {}
    for part in encoder.encode_in_parts(texts, [True] * len(texts)):
        for row, of_text in zip(part.rows.tolist(), getattr(part, what), strict=True):
            found[row] = frozenset((e.start, e.end, e.kind) for e in of_text or ())
    return [found[n] for n in range(len(texts))]
