"""What is read out of the shop's texts, against what they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from include.models.registry import Registry
from include.privacy import pseudonym, read_key, record_key
from include.query import Lake
from include.score.marks import LEAST_EVENTS, MENTIONED, OPINION, categories, is_path, mentions, sentiment
from include.score.merge import merge
from include.score.truth import SOURCE, truth_of
from include.settings import Settings
from include.text.corpora import Span
from include.text.language import ENGLISH
from include.text.tags import Entity

_SPANS = """
select t.text_key, s.signal, s.spans from silver.texts t join silver.text_signals s using (text_hash)
where t.known_to is null and s.status = 'value' and t.known_from > ? and (s.signal = ? or s.model_version = ?)
"""
_CATEGORIES = """
select t.text_key, i.categories, s.spans from silver.texts t join silver.text_signals s using (text_hash)
join silver.items i on i.source = t.source and i.item_id = t.item_id and t.day >= i.valid_from
  and (i.valid_to is null or t.day < i.valid_to)
where t.known_to is null and s.status != 'unsupported' and t.known_from > ? and s.model_version = ?
"""
_INTERESTS = f"""
select user_key, interest_id from gold.user_interests
semi join (select user_key from silver.events where known_to is null group by all having count(*) >= {LEAST_EVENTS})
  using (user_key)
where kind = 'category' qualify row_number() over (partition by user_key order by score desc, interest_id) = 1
"""  # noqa: S608 a number of ours


def readings(settings: Settings) -> dict[str, float]:
    """Each signal's mark. Models are asked about texts that they have not learned from."""
    marks = {
        "shop_language_accuracy": _language,
        "shop_sentiment_auc": _sentiment,
        "shop_entity_f1": _mentions,
        "shop_aspect_f1": _aspects,
        "shop_category_accuracy": _categories,
        "shop_user_interest": _interests,
    }
    return {name: mark(settings) for name, mark in marks.items()} | _of_others()


def _language(settings: Settings) -> float:
    """All of them are written in English."""
    rows = Lake(settings).rows(
        "select label, count(*) as n from silver.text_signals where signal = 'language' group by all"
    )
    told = {row["label"]: int(row["n"]) for row in rows}
    return told.get(ENGLISH, 0) / sum(told.values()) if told else float("nan")


def _sentiment(settings: Settings) -> float:
    champion = Registry.sentiment(settings.models).champion()
    if champion is None:
        return float("nan")
    rows = Lake(settings).rows(
        "select t.text_key, s.pleased from silver.texts t join silver.text_signals s using (text_hash) "
        "where t.known_to is null and s.status = 'value' and s.model_version = ? and t.known_from > ?",
        [champion.name, champion.trained_through],
    )
    polarity = {key: int(text["polarity"]) for key, text in _texts(settings).items()}
    return sentiment({str(r["text_key"]): float(r["pleased"]) for r in rows}, polarity)


def _mentions(settings: Settings) -> float:
    """The names of the champion, and the entities beside them."""
    champion = Registry.names(settings.models).champion()
    if champion is None:
        return float("nan")
    read = _read(settings, [champion.trained_through, "entities", champion.name])
    found = {
        text: {(e.start, e.end, e.kind) for e in merge(read.get((text, "names"), []), read.get((text, "entities"), []))}
        for text, _ in read
    }
    so = {key: {_span(s, MENTIONED[s["what"]]) for s in text["spans"] if s["what"] in MENTIONED}
          for key, text in _texts(settings).items()}  # fmt: skip
    return mentions(found, so, MENTIONED.values())


def _aspects(settings: Settings) -> float:
    read = _read(settings, [date.min, "aspects", None])
    found = {text: {(e.start, e.end, e.kind) for e in spans} for (text, _), spans in read.items()}
    so = {key: {_span(s, OPINION[s["polarity"]]) for s in text["spans"] if s["polarity"]}
          for key, text in _texts(settings).items()}  # fmt: skip
    return mentions(found, so, OPINION.values())


def _categories(settings: Settings) -> float:
    """Of the item that a text is about, read from its words."""
    champion = Registry.topics(settings.models).champion()
    if champion is None:
        return float("nan")
    rows = Lake(settings).rows(_CATEGORIES, [champion.trained_through, champion.name])
    said = {str(r["text_key"]): [s for s in r["spans"] or () if s["label"] == "category"] for r in rows}
    found = {text: next((s["name"] for s in spans if s["source"] == SOURCE), None) for text, spans in said.items()}
    return categories(found, {str(r["text_key"]): r["categories"] for r in rows})


def _interests(settings: Settings) -> float:
    """Of those who did ten things or more, the share whose strongest interest is what they like most."""
    key = read_key(settings.key_file)
    so = {pseudonym(key, "user", SOURCE, str(t["user_id"])): str(t["interest"]).split(" > ")
          for t in truth_of(settings, "accounts") if t["interest"]}  # fmt: skip
    found = {str(r["user_key"]): str(r["interest_id"]) for r in Lake(settings).rows(_INTERESTS)}
    right = [is_path(path, so[user]) for user, path in found.items() if user in so]
    return sum(right) / len(right) if right else float("nan")


def _read(settings: Settings, parameters: Iterable[Any]) -> dict[tuple[str, str], list[Entity]]:
    """(text_key, signal) to what was read in the text."""
    found = {}
    for row in Lake(settings).rows(_SPANS, parameters):
        mine = (s for s in row["spans"] or () if s["source"] in (None, SOURCE))
        spans = (Entity(s["start"], s["end"], s["label"], float(s["confidence"]), s["name"]) for s in mine)
        found[str(row["text_key"]), str(row["signal"])] = list(spans)
    return found


def _texts(settings: Settings) -> dict[str, dict[str, Any]]:
    """text_key to the truth."""
    key = read_key(settings.key_file)
    return {record_key(key, SOURCE, str(t["text_id"])): t for t in truth_of(settings, "texts")}


def _span(told: Mapping[str, Any], kind: str) -> Span:
    return told["start"], told["end"], kind


def _of_others() -> dict[str, float]:
    """Not of the shop: sentences of others, the same at any difficulty."""
    from include.score.entities import product_reviews, wnut17_dev

    data = Settings().data
    figures = {"wnut17_dev_f1": wnut17_dev(data), "product_reviews_aspect_f1": product_reviews(data)}
    return {name: found["f1"] for name, found in figures.items() if found}
