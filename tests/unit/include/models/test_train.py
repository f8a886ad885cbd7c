"""From a published release to a version and a decision, with MLflow on SQLite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from include.errors import PortraitError
from include.models import train as training
from include.models.registry import FOLDER, Registry
from include.models.sentiment import Sentiment, TooFew, read
from include.models.train import newest_day
from include.models.training_set import read_training_set
from include.query import Lake
from include.settings import Settings
from include.sources.load import load_sources
from include.text.language import language_version
from tests.mlflow_server import serve
from tests.unit.include.models.chinese import chinese_reviews
from tests.unit.include.models.rated import SPACE, lake_of
from tests.unit.include.models.reviews import FIRST, reviews
from tests.unit.include.small_lake import SmallLake

LATER = date(2011, 1, 1)


def blank(texts: Sequence[str]) -> NDArray[np.float32]:
    """No vector for any text."""
    return np.full((len(texts), 4), np.nan, dtype=np.float32)


train = partial(training.train, encode=blank)


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry[Sentiment]:
    monkeypatch.chdir(tmp_path)
    return Registry.sentiment(tmp_path / "models")


def test_a_first_version_that_is_better_than_chance_is_the_champion(tmp_path: Path, registry: Registry[Sentiment]):
    settings = lake_of(tmp_path / "lake", reviews(900)).settings
    trained = train(settings, newest_day(settings), registry)
    assert trained.promoted
    assert trained.decision.startswith("first version: ROC-AUC 0.")
    assert trained.figures["roc_auc"].low > 0.5
    assert registry.champion() == trained.version
    assert trained.version.trained_through == newest_day(settings)
    rows = reviews(50, seed=9)
    assert registry.load(trained.version)["en"].probability(rows.texts, rows.vectors).shape == (50,)

    run = registry.client.get_run(trained.version.run_id)
    assert {"features", "space", "content_sha256", "version_of_silver.texts", "trained_through"} <= set(run.data.params)
    assert {"roc_auc", "roc_auc_low", "roc_auc_high", "roc_auc_tfidf", "brier", "gain_over_tfidf"} <= set(
        run.data.metrics
    )
    files = [f.path for f in registry.client.list_artifacts(run.info.run_id, FOLDER)]
    assert sorted(files) == [f"{FOLDER}/{n}" for n in ("manifest.json", "model.json", "numbers.safetensors")]
    assert not [f for f in tmp_path.rglob("*") if f.suffix in (".pkl", ".pickle", ".joblib")]


@pytest.mark.slow
def test_mlflow_serves_it_too(tmp_path: Path, registry: Registry[Sentiment]):
    import mlflow
    import pandas as pd

    settings = lake_of(tmp_path / "lake", reviews(900)).settings
    trained = train(settings, newest_day(settings), registry)
    with registry.experiment("tests"):
        served = mlflow.pyfunc.load_model(f"models:/{registry.name}/{trained.version.number}")
    rows = reviews(5, seed=9)
    found = served.predict(
        pd.DataFrame({"text": rows.texts, "vector": [v.astype(float).tolist() for v in rows.vectors]})
    )
    assert np.allclose(found, registry.load(trained.version)["en"].probability(rows.texts, rows.vectors), atol=1e-6)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    with serve(tmp_path) as address:
        yield address


def test_a_server_registers_it_as_well(tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    settings = lake_of(tmp_path / "lake", reviews(900)).settings
    registry = Registry.sentiment(tmp_path / "models")
    trained = train(settings, newest_day(settings), registry)
    assert trained.promoted
    assert registry.champion() == trained.version
    rows = reviews(5, seed=9)
    assert registry.load(trained.version)["en"].probability(rows.texts, rows.vectors).shape == (5,)
    assert not (tmp_path / "models" / "mlflow.db").exists()


def test_a_version_no_better_than_chance_is_not_promoted(tmp_path: Path, registry: Registry[Sentiment]):
    rows = reviews(900, told=False)
    nothing = replace(rows, vectors=np.zeros_like(rows.vectors))
    trained = train(lake_of(tmp_path / "lake", nothing).settings, LATER, registry)
    assert not trained.promoted
    assert trained.decision.startswith("no better than chance")
    assert registry.champion() is None


def test_only_a_surely_better_version_replaces_the_champion(tmp_path: Path, registry: Registry[Sentiment]):
    told, untold = reviews(2400), reviews(1500, told=False)
    first = train(lake_of(tmp_path / "one", untold).settings, FIRST.replace(month=9), registry)
    assert first.promoted
    same = train(lake_of(tmp_path / "two", untold).settings, LATER.replace(month=6), registry)
    assert not same.promoted
    assert "not surely better" in same.decision
    late = untold.rows(np.arange(600)).rows_and(replace(told, days=tuple(d + timedelta(days=1000) for d in told.days)))
    better = train(lake_of(tmp_path / "three", late).settings, date(2016, 1, 1), registry)
    assert better.promoted
    assert better.decision.startswith("better: ROC-AUC +0.")
    assert [v.number for v in registry.versions() if v.is_champion] == [3]


@pytest.mark.slow
def test_chinese_is_read_by_a_model_of_its_own_beside_the_champions_english_one(
    tmp_path: Path, registry: Registry[Sentiment]
):
    first = train(lake_of(tmp_path / "one", reviews(600)).settings, LATER, registry)
    second = train(lake_of(tmp_path / "two", reviews(600), chinese_reviews(500)).settings, LATER, registry)
    assert second.promoted
    english, chinese = second.decision.split("; zh: ")
    assert english.startswith("sentiment: what is new since version 1 has 0 texts with a good rating")
    assert chinese.startswith("first version: ROC-AUC 0.")
    assert second.figures["zh_roc_auc"].low > 0.5
    before, after = registry.load(first.version), registry.load(second.version)
    assert set(after) == {"en", "zh"}
    assert np.array_equal(before["en"].weights, after["en"].weights)
    texts = ["送货很快，值得推荐，孩子爱看", "做工粗糙，已经退货，我很失望"]
    found = read(after, texts, np.full((2, 4), np.nan, dtype=np.float32))
    assert found[0] > 0.5 > found[1]
    assert {"zh_features", "features"} <= set(registry.client.get_run(second.version.run_id).data.params)


def test_a_version_that_behaves_much_worse_is_not_promoted(
    tmp_path: Path, registry: Registry[Sentiment], monkeypatch: pytest.MonkeyPatch
):
    settings = lake_of(tmp_path / "lake", reviews(600)).settings
    monkeypatch.setattr(training.behaviour, "doubt", lambda _mine, _champions: "negation: 35% of the cases pass")
    trained = train(settings, LATER, registry)
    assert not trained.promoted
    assert registry.champion() is None
    said = "negation: 35% of the cases pass; look, then promote by hand (first version: ROC-AUC 0."
    assert trained.version.decision.startswith(said)
    assert trained.version.behaviour == trained.behaviour
    assert trained.behaviour["unreadable"] == 1


def test_a_version_whose_behaviour_cannot_be_asked_is_doubted():
    assert training.encoder_of(Settings(), SPACE) is None
    behaved, doubt = training._behave([], {}, {}, None)
    assert behaved.version == {}
    assert doubt == "its behaviour could not be asked: another encoder made the vectors than is set here"


def test_nothing_from_after_the_day_is_learned(tmp_path: Path, registry: Registry[Sentiment]):
    settings = lake_of(tmp_path / "lake", reviews(900)).settings
    trained = train(settings, FIRST.replace(month=8), registry)
    assert trained.version.trained_through <= FIRST.replace(month=8)


def test_a_text_that_stands_twice_counts_once_and_not_at_all_where_it_contradicts_or_is_of_a_suspect(tmp_path: Path):
    small = SmallLake(tmp_path / "lake")
    rated = [("a", 5, 1), ("a", 4, 3), ("b", 5, 2), ("b", 1, 2), ("c", 1, 4), ("d", 3, 4), ("e", 1, 4), ("f", 5, 4)]
    for number, (text, rating, day) in enumerate(rated):
        small.append("silver.texts", {"source": "shop", "text": text, "text_hash": text, "text_key": str(number),
                                      "day": date(2019, 9, day), "known_from": date(2019, 9, day), "rating": rating,
                                      "user_key": "bot" if text == "f" else "person"})  # fmt: skip
    small.append(
        "silver.user_days", {"source": "shop", "user_key": "bot", "day": date(2019, 9, 4), "limits_broken": ["volume"]}
    )
    small.append(
        "silver.text_vectors", *({"space": SPACE, "text_hash": h, "status": "value", "vector": [1.0]} for h in "abcdef")
    )
    languages = {"a": "en", "b": "en", "c": "en", "d": "en", "e": "de", "f": "en"}
    small.append("silver.text_signals", *(
        {"model_version": language_version(), "text_hash": h, "signal": "language", "label": code}
        for h, code in languages.items()
    ))  # fmt: skip
    small.release("understand", space=SPACE)
    found = read_training_set(Lake(small.settings), load_sources(small.settings.source_folders), date(2019, 10, 1))
    rows = zip(found.rows.texts, found.rows.positive.tolist(), found.rows.days, strict=True)
    assert list(rows) == [("a", True, date(2019, 9, 1)), ("c", False, date(2019, 9, 4))]


def test_too_few_rated_texts_are_said(tmp_path: Path, registry: Registry[Sentiment]):
    with pytest.raises(PortraitError, match="at least 20 of each are needed"):
        train(lake_of(tmp_path / "lake", reviews(60)).settings, LATER, registry)


def test_a_lake_without_vectors_is_said(tmp_path: Path, registry: Registry[Sentiment]):
    small = SmallLake(tmp_path / "lake")
    small.release()
    with pytest.raises(PortraitError, match="no text has a vector yet"):
        train(small.settings, LATER, registry)
    with pytest.raises(PortraitError, match="there are no texts yet"):
        newest_day(small.settings)
    assert Lake(small.settings).rows("select count(*) as n from silver.texts") == [{"n": 0}]


def test_before_the_first_build_there_is_nothing_to_learn_of_and_nothing_wrong(tmp_path: Path):
    with pytest.raises(TooFew, match="no lake in"):
        newest_day(Settings(lake=tmp_path / "none"))
