"""From a published release to a version of the topics, with MLflow on SQLite."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from include.models.fit_clusters import Compared
from include.models.registry import Registry
from include.models.sentiment import TooFew
from include.models.topic_texts import SourceTexts, known_texts, texts_of, topics_said
from include.models.topics import OfSource, Topics
from include.models.train_topics import Clustered, learn, newest_day, train_topics, why_not
from include.query import Lake
from include.text.language import language_version
from tests.unit.include.models.topical import FIRST, SHELVES, topical
from tests.unit.include.small_lake import SmallLake

SPACE = "tiny-000000000000"
LAST = FIRST + timedelta(days=59)  # on which the newest text was written


def add(small: SmallLake, texts: SourceTexts, source: str = "shop", **more: Any) -> None:
    """Texts of a source, about items with these categories, told to be English. Their vectors: `embed`."""
    small.append("silver.texts", *[
        {"source": source, "text": text, "text_hash": h, "text_key": h, "day": day, "known_from": day,
         "user_key": min(users), "item_id": path[-1] if path else None} | more
        for h, text, users, day, path in zip(texts.hashes, texts.texts, texts.users, texts.days, texts.paths, strict=True)
    ])  # fmt: skip


def embed(small: SmallLake, texts: SourceTexts) -> None:
    """Each text once."""
    small.append("silver.text_vectors", *[{"space": SPACE, "text_hash": h, "status": "value", "vector": v.tolist()}
                                          for h, v in zip(texts.hashes, texts.vectors, strict=True)])  # fmt: skip
    small.append("silver.text_signals", *[{"model_version": language_version(), "text_hash": h, "signal": "language",
                                           "label": "en"} for h in texts.hashes])  # fmt: skip


def lake_of(folder: Path) -> SmallLake:
    """A shop with four shelves and sixty texts about the things on each, published."""
    small = SmallLake(folder)
    add(small, topical())
    embed(small, topical())
    small.append("silver.items", *[{"source": "shop", "item_id": shelf, "categories": ["Shop", shelf],
                                    "valid_from": FIRST} for shelf in SHELVES])  # fmt: skip
    small.release("understand", space=SPACE)
    return small


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallLake:
    monkeypatch.chdir(tmp_path)
    return lake_of(tmp_path)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[SmallLake, Clustered]:
    """A lake that topics were learned from once, and what came of it. Nothing is written to it any more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("work"))
        small = lake_of(tmp_path_factory.mktemp("first"))
        return small, train_topics(small.settings, newest_day(small.settings))


def registered(small: SmallLake) -> Registry[Topics]:
    return Registry.topics(small.settings.models)


def ids(small: SmallLake, number: int) -> dict[str, str]:
    """Words to id of the topics of the shop."""
    registry = registered(small)
    version = next(v for v in registry.versions() if v.number == number)
    clusters = registry.load(version).sources["shop"].clusters
    assert clusters
    return {topic.name: topic.id for topic in clusters.topics}


def rows_of(texts: SourceTexts, from_number: int, to: int | None = None) -> SourceTexts:
    """Those about each thing whose number is at least this, and below that."""
    chosen = [n for n, text in enumerate(texts.texts) if from_number <= int(text.split()[-1]) < (to or 10**9)]
    names = ("hashes", "texts", "users", "days", "paths")
    some = {name: tuple(getattr(texts, name)[n] for n in chosen) for name in names}
    return replace(texts, vectors=texts.vectors[chosen], known=len(chosen), **some)


def test_topics_and_categories_of_a_source_are_registered(first: tuple[SmallLake, Clustered]):
    small, fitted = first
    assert fitted.promoted
    assert fitted.decision.startswith("shop: 240 texts, 4 topics, stability 1.00, 4 categories, accuracy 1.00")
    v = fitted.version
    assert (v.number, v.trained_through, v.learned, v.space) == (1, LAST, {"shop": LAST}, SPACE)
    assert registered(small).load(v).levels() == {"shop": 2}
    assert ids(small, 1).keys() == {"flavour, oven, recipe", "goal, referee, striker", "chorus, drummer, guitar",
                                    "diesel, engine, gearbox"}  # fmt: skip
    assert sorted(ids(small, 1).values()) == ["t0001", "t0002", "t0003", "t0004"]
    assert (fitted.figures["shop"]["categories"], fitted.figures["shop"]["topics_before"]) == (4, 0)


def test_without_a_tenth_more_texts_there_is_no_news(first: tuple[SmallLake, Clustered]):
    small, fitted = first
    again = train_topics(small.settings, LAST)
    assert (again.version, again.promoted) == (fitted.version, False)
    assert again.decision == "no news: since version 1 no source has a tenth more texts"
    assert len(registered(small).versions()) == 1


def test_what_does_not_become_the_champion_by_itself(first: tuple[SmallLake, Clustered]):
    small, fitted = first
    version = fitted.version
    model = registered(small).load(version)
    learnt, _ = learn(topical(), {h: f"t{n % 4}" for n, h in enumerate(topical().hashes)}, 0)
    fine = replace(learnt, kept=4)
    assert why_not(version, model, model, {"shop": fine}, LAST) is None
    assert why_not(version, model, model, {"shop": replace(fine, kept=1)}, LAST) == "shop: 1 of 4 topics would be left"
    assert why_not(version, model, model, {"shop": fine}, LAST - timedelta(days=1)) == version.knows_later
    other = replace(model, space="other")
    assert why_not(version, model, other, {"shop": fine}, LAST) == "version 1 reads another space"
    assert fine.clusters
    shaky = replace(fine, clusters=replace(fine.clusters, chosen=Compared("tree", 4, 4, 0.2, 0.4)))
    doubt = "shop: topics are not stable, 0.40 of 0.55 asked for"
    assert why_not(None, None, model, {"shop": shaky}, LAST) == doubt
    less = replace(model, sources={"shop": replace(model.sources["shop"], categories=None)})
    assert why_not(version, model, less, {"shop": fine}, LAST) == "shop: there would be no categories any more"
    assert why_not(version, model, replace(model, sources={}), {}, LAST) == "shop: there would be no clusters any more"


def test_ids_stay_where_texts_are_added_and_each_source_has_its_own(lake: SmallLake):
    train_topics(lake.settings, LAST)
    more = rows_of(topical(each=100, seed=9, paths=False), 60)
    add(lake, more)  # of no item
    add(lake, topical(each=60, seed=9, paths=False), source="blog")
    add(lake, rows_of(topical(), 0, 20), source="tiny")
    embed(lake, more)
    lake.release("understand", space=SPACE)
    again = train_topics(lake.settings, newest_day(lake.settings))
    assert (again.version.number, again.promoted) == (2, True)
    assert ids(lake, 2) == ids(lake, 1)
    assert (again.figures["shop"]["texts"], again.figures["shop"]["topics_kept"]) == (400, 4)
    assert again.version.learned.keys() == {"shop", "blog"}
    model = registered(lake).load(again.version)
    assert model.sources["tiny"] == OfSource(80, None, None), "tried in vain, which is not tried again"
    assert train_topics(lake.settings, newest_day(lake.settings)).decision.startswith("no news")
    assert model.sources["blog"].categories is None
    assert (model.highest, len(model.names())) == (8, 8 + 4)


def test_numbers_of_topics_whose_version_cannot_be_read_are_not_given_again(lake: SmallLake):
    version = train_topics(lake.settings, LAST).version
    spans = [{"start": 0, "end": 1, "label": "topic", "source": "shop", "name": f"t{n:04d}"} for n in (3, 4)]
    read = [{"model_version": version.name, "text_hash": h, "signal": "topics", "spans": spans[n % 2 :][:1]}
            for n, h in enumerate(topical().hashes)]  # fmt: skip
    lake.append("silver.text_signals", *read)
    lake.release("understand", space=SPACE)
    [file] = (lake.settings.models / "artefacts" / version.run_id).rglob("*.safetensors")
    file.write_bytes(b"damaged")
    again = train_topics(lake.settings, LAST)
    given = ids(lake, again.version.number).values()
    assert len(given) == 4
    assert {"t0001", "t0002"}.isdisjoint(given)


def test_what_was_not_known_or_is_a_suspects_is_not_learned_from(lake: SmallLake):
    extra = topical(each=75, seed=3)
    add(lake, rows_of(extra, 60, 65), known_from=LAST + timedelta(days=1))
    add(lake, rows_of(extra, 65, 70), known_to=LAST)
    add(lake, rows_of(extra, 70), user_key="bot", day=LAST)
    embed(lake, rows_of(extra, 60))
    lake.append("silver.user_days", {"source": "shop", "user_key": "bot", "day": LAST, "limits_broken": ["volume"]})
    lake.release("understand", space=SPACE)
    known = known_texts(Lake(lake.settings), LAST)
    assert (known.texts, known.newest) == ({"shop": 240}, {"shop": LAST})
    texts = texts_of(Lake(lake.settings), known, "shop")
    assert texts.hashes == topical().hashes
    np.testing.assert_array_equal(texts.vectors, topical().vectors)


def test_persons_are_blanked_and_items_of_several_categories_say_nothing(lake: SmallLake):
    chosen = topical()
    start = chosen.texts[0].index("number")
    spans = [{"start": start, "end": start + 6, "label": "person"}, {"start": 0, "end": 1, "label": "place"}]
    lake.append("silver.text_signals", {"model_version": "finder-1", "text_hash": chosen.hashes[0],
                                        "signal": "entities", "spans": spans})  # fmt: skip
    again = {"source": "shop", "user_key": "again", "day": LAST, "known_from": LAST}
    lake.append("silver.texts", *[again | {"text": chosen.texts[n], "text_hash": chosen.hashes[n], "item_id": item}
                                  for n, item in ((1, "other"), (2, None))])  # fmt: skip
    lake.append(
        "silver.items", {"source": "shop", "item_id": "other", "categories": ["Shop", "x"], "valid_from": FIRST}
    )
    lake.release("understand", space=SPACE, readers=["finder-1"])
    texts = texts_of(Lake(lake.settings), known_texts(Lake(lake.settings), LAST), "shop")
    assert texts.texts[0] == chosen.texts[0].replace("number", "      ")
    assert texts.paths[:3] == (chosen.paths[0], (), chosen.paths[2])
    assert texts.users[1] == chosen.users[1] | {"again"}


def test_too_little_to_learn_from_is_said(tmp_path: Path):
    small = SmallLake(tmp_path)
    small.release()
    with pytest.raises(TooFew, match="topics: there are no texts yet"):
        newest_day(small.settings)
    with pytest.raises(TooFew, match="topics: no text has a vector yet"):
        train_topics(small.settings, LAST)
    add(small, topical(each=10))
    embed(small, topical(each=10))
    small.release("understand", space=SPACE)
    with pytest.raises(TooFew, match="no text up to 2018-12-31 is told to be English"):
        train_topics(small.settings, date(2018, 12, 31))
    with pytest.raises(TooFew, match="topics: up to 2019-03-01 no source has enough"):
        train_topics(small.settings, LAST)


def test_the_same_texts_are_the_same_model():
    first, again = (learn(topical(), {}, 0)[0].of for _ in range(2))
    assert first.clusters and again.clusters
    assert again.clusters.topics == first.clusters.topics
    assert all(len(topic.nearest) == 5 for topic in first.clusters.topics)


def test_what_a_version_of_another_space_said_tells_which_topic_is_which():
    """Its spans in silver.text_signals: of the shop only, and of topics only."""

    class Said:
        def rows(self, _: str, parameters: list[str]) -> list[dict[str, Any]]:
            assert parameters == ["1-abc"]
            topic = {"label": "topic", "source": "shop", "name": "t0007"}
            return [{"text_hash": "h1", "spans": [topic, {**topic, "source": "blog"}]},
                    {"text_hash": "h2", "spans": [{**topic, "label": "category"}]},
                    {"text_hash": "h3", "spans": None}]  # fmt: skip

    assert topics_said(Said(), "1-abc", "shop") == {"h1": "t0007"}  # type: ignore[arg-type]
    said = {h: "t0007" for h, text in zip(topical().hashes, topical().texts, strict=True) if "oven" in text}
    learnt, highest = learn(topical(), said, 7)
    assert learnt.of.clusters
    assert {topic.id for topic in learnt.of.clusters.topics if "oven" in topic.name} == {"t0007"}
    assert (highest, learnt.kept, learnt.before) == (10, 1, 1)
