"""Gathering the names of items: from the released silver.items and silver.texts to a registered version.

Texts tell which names are ordinary words as well. It becomes the champion unless it knows less than the champion, or a
source has lost most of its names: then its items are not what they were, and somebody has to look. Nearly the names of
the champion are not registered again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from include.models.name_forms import Item, names_of, others_of, weighed
from include.models.names import Names, save
from include.models.newest import newest
from include.models.record import record
from include.models.registry import Registry, Version
from include.models.sentiment import TooFew
from include.query import Lake
from include.settings import Settings
from include.text.language import english_words
from include.text.spelling import plain, words

MOST_ITEMS, MOST_TEXTS = 100_000, 20_000  # of a source: names of more would not fit a worker; more texts tell the same
MOST_LOST = 0.5  # share of a source's names
NEWS = 0.05  # share of a source's names: a new version reads all texts, so that a few names wait for others
_ORDINARY = 5  # texts that have a word in small letters
# The newest version of an item, also of one that is not sold any more: texts speak of it still. Of too many, those that
# most texts are about.
_ITEMS = """
with spoken as (
    select source, item_id, count(distinct text_hash) as n from silver.texts
    where item_id is not null and greatest(day, known_from) <= $1 group by source, item_id
),
newest as (
    select source, item_id, title, brand, categories[-1] as category from silver.items where valid_from <= $1
    qualify row_number() over (partition by source, item_id order by valid_from desc) = 1
)
select source, item_id, title, brand, category from newest left join spoken using (source, item_id)
where title is not null or brand is not null
qualify row_number() over (partition by source order by coalesce(n, 0) desc, item_id) <= $2
"""
# Hashes are as good as drawn by lot, and the same lot again.
_TEXTS = """
with suspects as (select source, user_key, day from silver.user_days where limits_broken is not null),
known as (
    select distinct source, text_hash, text from silver.texts anti join suspects using (source, user_key, day)
    where greatest(day, known_from) <= $1 and (known_to is null or known_to > $1)
)
select source, text from known
qualify row_number() over (partition by source order by text_hash) <= $2
"""
_KNOWN = """
with days as (
    select source, valid_from as day from silver.items
    union all
    select source, valid_to as day from silver.items
    union all
    select source, greatest(day, known_from) as day from silver.texts
)
select source, max(day) as day from days where day <= $1 group by source
"""
_NEWEST = """
with days as (
    select greatest(valid_from, valid_to) as day from silver.items
    union all
    select known_from as day from silver.texts where exists (from silver.items)
)
select max(day) as day from days
"""


@dataclass(frozen=True)
class Gathered:
    """What came of it: how many brands, titles and kinds of things each source has."""

    version: Version
    promoted: bool
    decision: str
    counts: Mapping[str, Mapping[str, int]]


def train_names(settings: Settings, through: date, registry: Registry[Names] | None = None) -> Gathered:
    """Gather the names known on `through`, log, register, decide. TooFew if there is none."""
    registry = registry or Registry.names(settings.models)
    champion = registry.champion()  # first: a server that does not answer is told before anything is computed
    lake = Lake(settings)
    names = fit(lake, through)
    if not names.names:
        raise TooFew(f"names: up to {through} no item has a title or a brand")
    counts = {source: _counted(names, source) for source in sorted({name.source for name in names.names})}
    before = registry.load_if_whole(champion)
    if champion and before and not is_news(before, names):
        why = f"no news: fewer than a twentieth of a source's names are others than in version {champion.number}"
        return Gathered(champion, False, why, counts)
    known: dict[str, date] = {row["source"]: row["day"] for row in lake.rows(_KNOWN, [through])}
    doubt = why_not(champion, before, names, max(known.values()))
    said = ", ".join(f"{source} {sum(of.values()):,}" for source, of in counts.items())
    decision = f"{doubt}; look, then promote by hand" if doubt else f"names: {said}"
    version = record(
        registry, partial(save, names), learned={s: known[s] for s in counts}, decision=decision,
        parameters={"most_items": MOST_ITEMS, "most_texts": MOST_TEXTS}, figures=counts, promoted=not doubt,
    )  # fmt: skip
    return Gathered(version, not doubt, decision, counts)


def newest_day(settings: Settings) -> date:
    """The newest day on which an item or a text arrived, or an item went. TooFew if there is no item or no lake yet."""
    return newest(settings, _NEWEST, "names", "there are no items yet")


def fit(lake: Lake, through: date) -> Names:
    """The names of each source, and what each of them needs, by the texts of its own source alone."""
    found = names_of(Item(**row) for row in lake.rows(_ITEMS, [through, MOST_ITEMS]))
    texts: dict[str, list[str]] = {}
    for row in lake.rows(_TEXTS, [through, MOST_TEXTS]):
        texts.setdefault(row["source"], []).append(row["text"])
    names = weighed(found, texts, english_words())
    sources = sorted({name.source for name in names})
    return Names(names, tuple((s, w) for s in sources for w in others_of(names, s, _ordinary(texts.get(s, [])))))


def why_not(champion: Version | None, before: Names | None, names: Names, learned: date) -> str | None:
    """Why the new names must not become the champion by themselves, in words."""
    if champion and learned < champion.trained_through:
        return champion.knows_later
    was, now = (Counter(name.source for name in of.names) if of else Counter[str]() for of in (before, names))
    lost = next((source for source, n in sorted(was.items()) if now[source] < (1 - MOST_LOST) * n), None)
    return f"{lost}: there would be {now[lost]:,} names, where there were {was[lost]:,}" if lost else None


def is_news(before: Names, names: Names) -> bool:
    """Whether of some source a twentieth of its names came, went, or need something else."""
    changed = Counter(name.source for name in {*before.names} ^ {*names.names})
    was = Counter(name.source for name in before.names)
    return any(n >= NEWS * was[source] for source, n in changed.items())


def _ordinary(texts: Sequence[str]) -> set[str]:
    """English words, and those that some texts have in small letters."""
    counted = Counter(word for text in texts for word in {text[a:b] for a, b in words(text).spans})
    often = (word for word, n in counted.items() if n >= _ORDINARY and word.islower() and word.isalpha())
    return {plain(word) for word in often} | english_words()


def _counted(names: Names, source: str) -> dict[str, int]:
    counted = Counter(name.what for name in names.names if name.source == source)
    return {"brands": counted["brand"], "titles": counted["title"], "kinds": counted["kind"]}
