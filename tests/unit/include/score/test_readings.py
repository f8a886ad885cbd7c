"""Marks of what is read out of the shop's texts."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from include.models.names import Name, Names
from include.models.registry import Registry
from include.models.topics import Topics
from include.privacy import pseudonym, read_key, record_key
from include.score import readings
from include.settings import Settings
from tests.models import register_names, register_topics
from tests.unit.include.small_lake import SmallLake

DAY, NEXT = date(2019, 10, 1), date(2019, 10, 2)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallLake:
    monkeypatch.chdir(tmp_path)
    lake = SmallLake(tmp_path)
    lake.settings = lake.settings.model_copy(update={"data": tmp_path / "data"})
    (lake.settings.data / "shop" / "truth").mkdir(parents=True)
    return lake


def text(small: SmallLake, number: str, said: str, day: date = NEXT, **more: Any) -> dict[str, Any]:
    key = record_key(read_key(small.settings.key_file), "shop", number)
    return {"source": "shop", "text_key": key, "text": said, "text_hash": number, "day": day, "known_from": day} | more


def span(start: int, end: int, label: str, source: str | None = None, name: str = "x") -> dict[str, Any]:
    return {"start": start, "end": end, "label": label, "confidence": Decimal("0.9"), "name": name, "source": source}


def read(number: str, signal: str, *spans: Mapping[str, Any], version: str = "e") -> dict[str, Any]:
    return {"text_hash": number, "signal": signal, "model_version": version, "status": "value", "spans": list(spans)}


def so(start: int, end: int, what: str, polarity: int = 0) -> dict[str, Any]:
    return {"start": start, "end": end, "what": what, "polarity": polarity}


def truth(settings: Settings, what: str, rows: Sequence[Mapping[str, Any]]) -> None:
    (settings.data / "shop" / "truth" / f"{what}.jsonl").write_text("\n".join(map(json.dumps, rows)))


def test_mentions_are_names_and_the_entities_beside_them_in_texts_that_are_new(small: SmallLake) -> None:
    small.append(
        "silver.texts",
        text(small, "t1", "Elva makes a tent in Lyon"),
        text(small, "t2", "Pike sells it"),
        text(small, "t0", "Elva", DAY),
    )
    small.append("silver.text_signals",
                 read("t1", "entities", span(0, 4, "person"), span(21, 25, "place")),
                 read("t2", "entities", span(0, 4, "organisation"), span(5, 10, "product")))  # fmt: skip
    small.release()
    truth(small.settings, "texts", [
        {"text_id": "t1", "spans": [so(0, 4, "brand"), so(13, 17, "product"), so(5, 10, "aspect")]},
        {"text_id": "t2", "spans": [so(0, 4, "brand")]},
    ])  # fmt: skip
    assert math.isnan(readings._mentions(small.settings))
    names = Names((Name("other", "lyon", "brand", "Lyon", None, 0), Name("shop", "elva", "brand", "Elva", None, 0),
                   Name("shop", "tent", "kind", "tent", None, 0)))  # fmt: skip
    registry = Registry.names(small.settings.models)
    register_names(registry, names, DAY)
    [version] = registry.versions()
    spans = [span(0, 4, "organisation", "shop"), span(13, 17, "product", "shop"), span(21, 25, "organisation", "other")]
    small.append("silver.text_signals", read("t1", "names", *spans, version=version.name))
    small.release()
    assert readings._mentions(small.settings) == 2 * 3 / (2 * 3 + 1)


def test_aspects_count_with_what_is_said_of_them(small: SmallLake) -> None:
    small.append("silver.texts", text(small, "t1", "Fine size, poor finish, and a colour"))
    small.append("silver.text_signals", read("t1", "aspects", span(5, 9, "praised"), span(16, 22, "praised")))
    small.release()
    spans = [so(5, 9, "aspect", 1), so(16, 22, "aspect", -1), so(30, 36, "aspect")]
    truth(small.settings, "texts", [{"text_id": "t1", "spans": spans}])
    assert readings._aspects(small.settings) == 0.5


def test_a_category_is_that_of_the_item_on_the_day_of_the_text(small: SmallLake) -> None:
    assert math.isnan(readings._categories(small.settings))
    registry = Registry.topics(small.settings.models)
    register_topics(registry, Topics("s", {}), DAY)
    [version] = registry.versions()
    item = {"source": "shop", "item_id": "i"}
    small.append("silver.items", item | {"valid_from": DAY, "valid_to": NEXT, "categories": ["Home", "Storage"]},
                 item | {"valid_from": NEXT, "categories": ["Kitchen", "Coffee"]})  # fmt: skip
    small.append("silver.texts", *(text(small, number, number, item_id="i") for number in ("t1", "t2", "t3")))
    kitchen, home = (span(0, 2, "category", "shop", path) for path in ("Kitchen", "Home"))
    small.append("silver.text_signals", read("t1", "topics", span(0, 2, "topic", "shop", "t0001"), kitchen, version=version.name),
                 read("t2", "topics", home, version=version.name),
                 read("t3", "topics", version=version.name) | {"status": "unknown", "spans": None})  # fmt: skip
    small.release()
    assert readings._categories(small.settings) == 1 / 3


def test_the_strongest_interest_is_asked_of_who_did_ten_things(small: SmallLake) -> None:
    key = read_key(small.settings.key_file)
    users = {name: pseudonym(key, "user", "shop", name) for name in ("ann", "ben", "bot", "idle")}
    truth(
        small.settings,
        "accounts",
        [{"user_id": name, "interest": "Home > Storage" if name != "bot" else None} for name in users],
    )
    for name, user in users.items():
        small.append(
            "silver.events",
            *({"user_key": user, "event_key": f"{name}{n}"} for n in range(2 if name == "idle" else 10)),
        )
        strongest = "Home > Storage" if name == "ann" else "Kitchen"
        small.append("gold.user_interests", *(
            {"user_key": user, "kind": kind, "interest_id": path, "score": score}
            for kind, path, score in (("category", strongest, 0.6), ("category", "Home", 0.2), ("topic", "t0001", 0.9))
        ))  # fmt: skip
    small.release()
    assert readings._interests(small.settings) == 0.5


def test_who_takes_an_english_text_for_another_is_wrong(small: SmallLake) -> None:
    small.append("silver.text_signals", *({"text_hash": str(n), "signal": "language", "label": label}
                                          for n, label in enumerate(("en", "en", "de", None))))  # fmt: skip
    small.release()
    assert readings._language(small.settings) == 0.5
