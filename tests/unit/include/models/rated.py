"""A lake of rated texts."""

from __future__ import annotations

import hashlib
from pathlib import Path

from include.models.sentiment import Labelled
from include.text.language import language_version
from tests.unit.include.small_lake import SmallLake

SPACE = "tiny-000000000000"


def lake_of(folder: Path, rows: Labelled, chinese: Labelled | None = None) -> SmallLake:
    """Rated texts of the shop with their vectors, which the Chinese ones have not, published."""
    small = SmallLake(folder)
    add(small, rows, "en")
    if chinese:
        add(small, chinese, "zh")
    small.release("understand", space=SPACE)
    return small


def add(small: SmallLake, rows: Labelled, language: str) -> None:
    hashes = [hashlib.sha256(f"{i} {text}".encode()).hexdigest() for i, text in enumerate(rows.texts)]
    small.append("silver.texts", *(
        {"source": "shop", "text": text, "text_hash": h, "text_key": h, "user_key": author, "day": day,
         "known_from": day, "rating": 5 if pleased else 1}
        for text, h, day, pleased, author in zip(rows.texts, hashes, rows.days, rows.positive, rows.authors, strict=True)
    ))  # fmt: skip
    small.append("silver.text_vectors", *(
        {"space": SPACE, "text_hash": h, "status": "value" if len(vector) else "unsupported",
         "vector": vector.tolist() if len(vector) else None}
        for h, vector in zip(hashes, rows.vectors, strict=True)
    ))  # fmt: skip
    small.append("silver.text_signals", *(
        {"model_version": language_version(), "text_hash": h, "signal": "language", "label": language} for h in hashes
    ))  # fmt: skip
