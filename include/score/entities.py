"""How well entities are found in sentences that others have labelled."""

from __future__ import annotations

from pathlib import Path

from include.score.marks import entities as score
from include.text.corpora import DEV, Sentence, Span, read
from include.text.device import choose_device
from include.text.encode import load_encoder
from include.text.encoder import find_encoder
from include.text.entities import packaged_weights


def wnut17_dev(data: Path) -> dict[str, float]:
    """Figures of exact spans and kinds on the development part of WNUT-17, whatever language a build would take a
    sentence for; nothing where the data folder has no `ner_gold`."""
    folder = data / "ner_gold"
    return score_sentences(read(folder, DEV)) if (folder / DEV).is_file() else {}


def score_sentences(sentences: list[Sentence]) -> dict[str, float]:
    """Precision, recall and F1, also by kind."""
    encoder = load_encoder(find_encoder("").folder, choose_device("auto"), packaged_weights())
    found: dict[int, frozenset[Span]] = {}
    for part in encoder.encode_in_parts([s.text for s in sentences], [True] * len(sentences)):
        for row, entities in zip(part.rows.tolist(), part.entities, strict=True):
            found[row] = frozenset((e.start, e.end, e.kind) for e in entities or ())
    return score([found[n] for n in range(len(sentences))], sentences)
