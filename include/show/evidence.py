"""The words of a user's texts that traits on the profile rest on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any

from include.query import Lake
from include.show.values import text
from include.traits.model import MENTIONS, Trait

_QUOTES = 3  # of a thing on the profile, the newest, each from another text
_AROUND = 60  # characters on each side of a span
_SPOKEN = """
select e.trait, e.name, e.item_id, e.label, e.kind, e.day, e.text_key, e.text_hash, e.span_start, e.span_end, e.weight,
  e.model_version, e.hidden_by, e.is_dated, t.text
from gold.trait_evidence e join silver.texts t using (source, day, text_key, known_from)
where e.source = ? and e.user_key = ? and e.day <= ? and e.known_from <= ?
  and (e.known_to is null or e.known_to > ?)
order by e.trait, e.name, e.day desc, e.text_key, e.span_start
"""


@dataclass(frozen=True)
class Quote:
    """Where a text says it: `words`, characters `start` to `end` of the text, and a little of what stands around
    them."""

    trait: str
    name: str
    label: str
    kind: str
    day: date
    text_key: str
    start: int
    end: int
    weight: float
    before: str
    words: str
    after: str

    @property
    def line(self) -> str:
        """In one line, for people."""
        return f"{self.day}  {text(self.name)}: …{text(self.before)}[{text(self.words)}]{text(self.after)}…"


def find_evidence(
    lake: Lake,
    traits: Sequence[Trait],
    user: tuple[str, str],
    as_of: date,
    known_at: date | None,
    columns: Mapping[str, Any],
) -> dict[str, list[Quote]]:
    """By trait, in the profile's order, a few quotes of each thing that `columns` says of the `user` (source,
    user_key): first the newest of each, those of what is heaviest before."""
    asked = {t.column: t for t in traits if t.is_of_text and columns.get(t.column) is not None}
    if not asked:
        return {}
    known = known_at or date.max
    speakers = lake.meta.speakers()
    cut = min(as_of, known)
    day = lake.meta.models_of_days(released=True).get((user[0], cut)) or speakers.for_day(cut, user[0])
    readers = (*speakers.always, *day.others)
    found: dict[str, dict[str, dict[str, Quote]]] = defaultdict(lambda: defaultdict(dict))  # trait, thing, text
    for row in lake.rows(_SPOKEN, [*user, as_of, known, known]):
        trait = asked.get(row["trait"])
        if trait and _counts(trait, row, as_of, columns, readers):
            quotes = found[trait.column][str(row[_thing(trait)])]
            if len(quotes) < _QUOTES:
                quotes.setdefault(row["text_hash"], _quote(row))
    return {column: _in_turn(found[column], columns[column]) for column in asked if column in found}


def _in_turn(quotes: Mapping[str, Mapping[str, Quote]], value: Any) -> list[Quote]:
    """One of each thing, then another; the things as the profile has them."""
    things = [str(entry["value"]) for entry in value] if isinstance(value, list) else sorted(quotes)
    turns = zip_longest(*(quotes[thing].values() for thing in things if thing in quotes))
    return [quote for turn in turns for quote in turn if quote]


def _thing(trait: Trait) -> str:
    """The column that tells what a quote of the trait is about."""
    return trait.thing if trait.reads == MENTIONS and trait.thing else "name"


def _counts(
    trait: Trait, row: Mapping[str, Any], as_of: date, columns: Mapping[str, Any], readers: Sequence[str]
) -> bool:
    if trait.is_dated and not row["is_dated"]:
        return False
    if trait.window is not None and (as_of - row["day"]).days >= trait.window:
        return False
    if trait.reads != MENTIONS:
        return bool(row["model_version"] == columns[f"{trait.column}_model_version"])
    value = columns[trait.column]
    if isinstance(value, list) and str(row[_thing(trait)]) not in {str(entry["value"]) for entry in value}:
        return False
    is_hidden = not set(row["hidden_by"] or ()).isdisjoint(readers)
    return row["model_version"] in readers and not is_hidden


def _quote(row: Mapping[str, Any]) -> Quote:
    whole, start, end = str(row["text"]), int(row["span_start"]), int(row["span_end"])
    long = end - start > 2 * _AROUND  # a text as a whole: its beginning will do
    return Quote(
        row["trait"], row["name"], row["label"], row["kind"], row["day"], row["text_key"], start, end,
        float(row["weight"] or 0), whole[max(0, start - _AROUND) : start],
        whole[start : start + 2 * _AROUND] if long else whole[start:end], "" if long else whole[end : end + _AROUND],
    )  # fmt: skip
