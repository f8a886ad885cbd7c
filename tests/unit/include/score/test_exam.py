from __future__ import annotations

import json
import math
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from include.models.names import Name, Names
from include.models.registry import Registry
from include.privacy import read_key, record_key
from include.score import exam
from include.score.exam import Mark
from tests.models import register_names
from tests.unit.include.small_lake import SmallLake


def test_a_mark_without_a_bound_is_met_and_one_without_a_value_is_not() -> None:
    assert Mark("a", "easy", 1, 0.1, None).is_met
    assert Mark("a", "easy", 1, 0.8, 0.8).is_met
    assert not Mark("a", "easy", 1, 0.79, 0.8).is_met
    assert not Mark("a", "easy", 1, None, 0.8).is_met


def test_bounds_are_those_of_the_difficulty() -> None:
    assert exam._mark("shop_top_interest", "middle", 1, 0.91234).bound == 0.8
    assert exam._mark("shop_top_interest", "hard", 1, 0.5).bound is None
    assert exam._mark("shop_rejected_is_dirt", "hard", 1, 1.0).bound == 1.0
    assert exam._mark("shop_sentiment_auc", "hard", 1, float("nan")).value is None


def test_marks_of_other_difficulties_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exam, "RESULTS", tmp_path / "build" / "score.json")
    exam.write([Mark("a", "easy", 1, 0.5, None)])
    exam.write([Mark("a", "middle", 2, 0.6, 0.8)])
    exam.write([Mark("a", "easy", 3, 0.7, None)])
    assert json.loads(exam.RESULTS.read_text()) == [
        {"name": "a", "difficulty": "middle", "seed": 2, "value": 0.6, "bound": 0.8},
        {"name": "a", "difficulty": "easy", "seed": 3, "value": 0.7, "bound": None},
    ]


def test_mentions_are_names_and_the_entities_beside_them_in_texts_that_are_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lake = SmallLake(tmp_path)
    settings = lake.settings.model_copy(update={"data": tmp_path / "data"})
    key = read_key(settings.key_file)

    def text(number: str, said: str, day: int) -> dict[str, Any]:
        return {"source": "shop", "text_key": record_key(key, "shop", number), "text": said, "text_hash": number,
                "day": date(2019, 10, day), "known_from": date(2019, 10, day)}  # fmt: skip

    def entity(start: int, end: int, label: str) -> dict[str, Any]:
        return {"start": start, "end": end, "label": label, "confidence": Decimal("0.9"), "name": "x"}

    def name(start: int, end: int, label: str, source: str) -> dict[str, Any]:
        return {**entity(start, end, label), "source": source}

    def so(start: int, end: int, what: str) -> dict[str, Any]:
        return {"start": start, "end": end, "what": what}

    lake.append(
        "silver.texts",
        text("t1", "Elva makes a tent in Lyon", 2),
        text("t2", "Pike sells it", 2),
        text("t0", "Elva", 1),
    )
    lake.append("silver.text_signals",
                {"text_hash": "t1", "signal": "entities", "model_version": "e", "status": "value",
                 "spans": [entity(0, 4, "person"), entity(21, 25, "place")]},
                {"text_hash": "t2", "signal": "entities", "model_version": "e", "status": "value",
                 "spans": [entity(0, 4, "organisation"), entity(5, 10, "product")]})  # fmt: skip
    lake.release()
    (settings.data / "shop" / "truth").mkdir(parents=True)
    truth = [{"text_id": "t1", "spans": [so(0, 4, "brand"), so(13, 17, "product"), so(5, 10, "aspect")]},
             {"text_id": "t2", "spans": [so(0, 4, "brand")]}]  # fmt: skip
    (settings.data / "shop" / "truth" / "texts.jsonl").write_text("\n".join(map(json.dumps, truth)))
    assert math.isnan(exam._mentions(settings)["shop_entity_f1"])
    names = Names((Name("other", "lyon", "brand", "Lyon", None, 0), Name("shop", "elva", "brand", "Elva", None, 0),
                   Name("shop", "tent", "kind", "tent", None, 0)))  # fmt: skip
    registry = Registry.names(settings.models)
    register_names(registry, names, date(2019, 10, 1))
    [version] = registry.versions()
    spans = [name(0, 4, "organisation", "shop"), name(13, 17, "product", "shop"), name(21, 25, "organisation", "other")]
    lake.append("silver.text_signals", {"text_hash": "t1", "signal": "names", "model_version": version.name,
                                        "status": "value", "spans": spans})  # fmt: skip
    lake.release()
    assert exam._mentions(settings)["shop_entity_f1"] == 2 * 3 / (2 * 3 + 1)
