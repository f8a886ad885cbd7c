"""Texts of the published release to learn topics of, by source, as they were known on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from include.models.sentiment import TooFew
from include.models.topic_names import without
from include.query import Lake
from include.text.language import ENGLISH, language_version

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

MOST = 20_000  # texts of a source
# Texts as they were known on a day ($3), by the order of their hashes, which is no order. Suspects wrote none.
_KNOWN = """
with suspects as (select source, user_key, day from silver.user_days where limits_broken is not null),
known as (
    select texts.* from silver.texts as texts anti join suspects using (source, user_key, day)
    join silver.text_vectors as vectors on vectors.text_hash = texts.text_hash
    join silver.text_signals as languages on languages.text_hash = texts.text_hash
    where vectors.space = $1 and vectors.status = 'value' and languages.model_version = $2 and languages.label = $4
        and texts.day <= $3 and texts.known_from <= $3 and (texts.known_to is null or texts.known_to > $3)
)
"""
# Categories are those that items have on the day ($3), so that what is known of them counts as well.
_COUNTS = """,
changed as (
    select source, max(case when valid_to <= $3 then valid_to else valid_from end) as newest from silver.items
    where valid_from <= $3 group by source
)
select source, count(distinct text_hash) as texts,
    max(greatest(day, known_from, coalesce(changed.newest, day))) as newest
from known left join changed using (source) group by source order by source
"""
# Of a text about items of several categories nobody knows which it is about.
_OF_SOURCE = """,
read as (
    select text_hash, any_value(text) as text, min(known.day) as day, list(distinct user_key) as users,
        case when count(distinct categories) = 1 then any_value(categories) end as categories
    from known left join (
        select item_id, categories from silver.items
        where source = $5 and valid_from <= $3 and (valid_to is null or valid_to > $3)
    ) as items using (item_id)
    where source = $5 group by text_hash order by text_hash limit $6
),
entities as (
    select text_hash, any_value(spans) as spans from silver.text_signals
    where signal = 'entities' and list_contains($7, model_version) group by text_hash
)
select read.*, vectors.vector, entities.spans from read
join silver.text_vectors as vectors on vectors.text_hash = read.text_hash and vectors.space = $1
left join entities on entities.text_hash = read.text_hash
order by read.text_hash
"""


@dataclass(frozen=True)
class SourceTexts:
    """At most 20,000 different texts of a source, by their hashes. `vectors` is [n, dim]; `texts` are without the names
    of persons; `users` who wrote each, `days` when first, `paths` the categories of its item, empty: not known.

    `known`: how many there are. `newest`: the newest day on which one was written or arrived.
    """

    hashes: tuple[str, ...]
    texts: tuple[str, ...]
    vectors: Floats
    users: tuple[frozenset[str], ...]
    days: tuple[date, ...]
    paths: tuple[tuple[str, ...], ...]
    known: int
    newest: date


@dataclass(frozen=True)
class Known:
    """How many texts of each source there are to learn from on a day, in a space, and the newest day of each on which a
    text was written or arrived, or an item changed."""

    space: str
    readers: tuple[str, ...]
    through: date
    texts: dict[str, int]
    newest: dict[str, date]


def known_texts(lake: Lake, through: date) -> Known:
    """TooFew if there is none."""
    understood = lake.meta.passed("understand")
    if not understood:
        raise TooFew("topics: no text has a vector yet; run the build first")
    space, readers = understood[-1]["space"], tuple(understood[-1]["readers"] or ())
    rows = lake.rows(_KNOWN.rstrip() + _COUNTS, [space, language_version(), through, ENGLISH])
    if not rows:
        raise TooFew(f"topics: no text up to {through} is told to be English and has a vector")
    texts, newest = ({row["source"]: row[name] for row in rows} for name in ("texts", "newest"))
    return Known(space, readers, through, texts, newest)


def texts_of(lake: Lake, known: Known, source: str) -> SourceTexts:
    """The texts of a source."""
    parameters = [known.space, language_version(), known.through, ENGLISH, source, MOST, list(known.readers)]
    rows = lake.rows(_KNOWN.rstrip() + _OF_SOURCE, parameters)
    return SourceTexts(
        hashes=tuple(row["text_hash"] for row in rows),
        texts=tuple(without(row["text"], _persons(row["spans"] or ())) for row in rows),
        vectors=np.array([row["vector"] for row in rows], dtype=np.float32),
        users=tuple(frozenset(row["users"]) for row in rows),
        days=tuple(row["day"] for row in rows),
        paths=tuple(tuple(row["categories"] or ()) for row in rows),
        known=known.texts[source],
        newest=known.newest[source],
    )


def topics_said(lake: Lake, version: str, source: str) -> dict[str, str]:
    """Text hash to the id of the topic that a version has read, where the text stands in `source`."""
    rows = lake.rows("select text_hash, spans from silver.text_signals where model_version = ?", [version])
    said = ((row["text_hash"], span) for row in rows for span in row["spans"] or ())
    return {h: s["name"] for h, s in said if s["label"] == "topic" and s.get("source") == source}


def highest_said(lake: Lake) -> int:
    """The highest number of a topic that any version has read; 0 where none has."""
    rows = lake.rows(
        "select max(cast(substr(span.name, 2) as int)) as n from (select unnest(spans) as span "
        "from silver.text_signals where signal = 'topics') where span.label = 'topic'"
    )
    return rows[0]["n"] or 0


def _persons(spans: list[dict[str, object]] | tuple[()]) -> list[tuple[int, int]]:
    return [(int(str(s["start"])), int(str(s["end"]))) for s in spans if s["label"] == "person"]
