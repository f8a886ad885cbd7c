"""Rated texts of the published release, as they were known on a day."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from include.models.features import WITHOUT_VECTORS
from include.models.sentiment import Labelled, TooFew, label
from include.query import Lake
from include.sources.model import Source
from include.text.language import ENGLISH, language_version

_MOST = 200_000  # texts of a language, the newest: their vectors have to fit into memory, and more teach the same
_RATED = """
with suspects as (select source, user_key, day from silver.user_days where limits_broken is not null)
select texts.source, texts.text_hash, texts.user_key, texts.text, texts.day, texts.known_from,
  cast(texts.rating as double) as rating, vectors.vector
from silver.texts as texts anti join suspects using (source, user_key, day)
join silver.text_vectors as vectors on vectors.text_hash = texts.text_hash
join silver.text_signals as languages on languages.text_hash = texts.text_hash
where languages.model_version = ? and languages.label = ?
  and vectors.space = ? and (vectors.status = 'value' or ?) and texts.rating is not null
  and texts.day <= ? and texts.known_from <= ? and (texts.known_to is null or texts.known_to > ?)
qualify row_number() over (order by texts.day desc, texts.text_hash, texts.source) <= ?
order by texts.day, texts.text_hash, texts.source
"""


class _Row(NamedTuple):
    text: str
    vector: list[float]
    positive: bool
    day: date
    author: str


@dataclass(frozen=True)
class TrainingSet:
    """`rows`, the space of their vectors, and what they are: versions of the tables read, a hash of their content."""

    rows: Labelled
    space: str
    through: date  # the newest day on which one of them was written or arrived
    release: Mapping[str, int]
    content: str
    sources: tuple[str, ...]


def read_training_set(
    lake: Lake, described: Mapping[str, Source], through: date, language: str = ENGLISH
) -> TrainingSet:
    """Texts in a language up to `through`, as they were known then, but for those of suspects' days. A text that stands
    twice counts once, where it first stood. Vectors are of no length where the language is read without them.

    Ratings between good and bad, and of sources without a scale, say nothing; nor do equal texts that contradict each
    other. Raises TooFew if none is left.
    """
    understood = lake.meta.passed("understand")
    if not understood:
        raise TooFew("sentiment: no text has a vector yet; run the build first")
    space = understood[-1]["space"]
    scales = {name: s.feeds["texts"].rating_scale for name, s in described.items() if "texts" in s.feeds}
    kept: dict[str, _Row] = {}
    through_of: dict[str, date] = {}
    contradicted = set()
    sources = set()
    wanted = [language_version(), language, space, language in WITHOUT_VECTORS, *[through] * 3, _MOST]
    for row in lake.rows(_RATED, wanted):
        scale = scales.get(row["source"])
        said = label(row["rating"], float(scale[0]), float(scale[1])) if scale else None
        if said is None:
            continue
        first = kept.setdefault(row["text_hash"], _Row(row["text"], row["vector"], said, row["day"], row["user_key"]))
        if first.positive is not said:
            contradicted.add(row["text_hash"])
        sources.add(row["source"])
        through_of[row["text_hash"]] = max(through_of.get(row["text_hash"], row["day"]), row["day"], row["known_from"])
    for text_hash in contradicted:
        del kept[text_hash]
    if not kept:
        raise TooFew(
            f"sentiment: no rated text up to {through} that is told to be in {language}; sources need a rating_scale"
        )
    texts, vectors, positive, days, authors = zip(*kept.values(), strict=True)
    read = [[]] * len(texts) if language in WITHOUT_VECTORS else vectors
    rows = Labelled(texts, np.array(read, dtype=np.float32), np.array(positive, dtype=bool), days, authors)
    tables = ("silver.texts", "silver.text_vectors", "silver.text_signals", "silver.user_days")
    release = {name: lake.release()[name] for name in tables}
    learned = max(through_of[text_hash] for text_hash in kept)
    return TrainingSet(rows, space, learned, release, _content(kept), tuple(sorted(sources)))


def _content(kept: Mapping[str, _Row]) -> str:
    """SHA-256 over text hash, label and day of every row, in order."""
    whole = hashlib.sha256()
    for text_hash, row in sorted(kept.items()):
        whole.update(f"{text_hash} {row.positive:d} {row.day}\n".encode())
    return whole.hexdigest()
