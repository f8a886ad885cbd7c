"""Versions and aliases: with MLflow on SQLite."""

from __future__ import annotations

import multiprocessing
import shutil
from datetime import date
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np
import pytest

from include.errors import BadInput, PortraitError
from include.models.registry import FOLDER, Registry
from include.models.sentiment import Sentiment, SentimentModel, fit
from tests import models
from tests.unit.include.models.reviews import reviews

JAN, FEB, MAR = (date(2020, n, 28) for n in (1, 2, 3))


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry[Sentiment]:
    monkeypatch.chdir(tmp_path)
    return Registry.sentiment(tmp_path / "models")


def register(registry: Registry[Sentiment], through: date, promoted: bool = True) -> SentimentModel:
    """A version trained through a day."""
    model = fit(reviews(200, seed=through.month), "both", 1.0, "space")
    models.register(registry, model, through, promoted)
    return model


def test_without_a_model_there_is_none(registry: Registry[Sentiment]):
    assert registry.versions() == []
    assert registry.champion() is None
    assert registry.readers("space", ()) == []
    with pytest.raises(PortraitError, match="there is no champion"):
        registry.rollback()


def test_champions_and_former_ones_of_the_space_read_texts(registry: Registry[Sentiment]):
    for through in (JAN, MAR):
        register(registry, through)
    register(registry, FEB, promoted=False)
    assert [v.number for v in registry.readers("space", ())] == [1, 2]
    assert registry.readers("another", ()) == []


def test_a_rollback_makes_the_one_before_champion_again(registry: Registry[Sentiment]):
    for through in (JAN, FEB):
        register(registry, through)
    assert registry.champion().number == 2  # type: ignore[union-attr]
    assert registry.rollback().number == 1
    assert registry.champion().number == 1  # type: ignore[union-attr]
    assert [v.number for v in registry.readers("space", ())] == [1]
    rolled_back = registry.versions()[1]
    assert not rolled_back.may_be_chosen
    assert [v.number for v in registry.readers("space", {rolled_back.name})] == [1, 2]
    with pytest.raises(PortraitError, match="version 1 is the first champion"):
        registry.rollback()


def test_a_version_that_is_not_there_is_said(registry: Registry[Sentiment]):
    register(registry, JAN)
    with pytest.raises(PortraitError, match="there is no version 7; there are: 1"):
        registry.promote(7, "")


def test_what_is_loaded_is_what_was_registered(registry: Registry[Sentiment]):
    model = register(registry, JAN)
    loaded = registry.load(registry.versions()[0])
    assert np.array_equal(loaded["en"].weights, model.weights)


@pytest.mark.parametrize("damage", ["tampered", "gone"])
def test_an_artefact_that_was_tampered_with_is_named(registry: Registry[Sentiment], tmp_path: Path, damage: str):
    register(registry, JAN)
    (stored,) = tmp_path.glob(f"models/artefacts/**/{FOLDER}/model.json")
    if damage == "gone":
        stored.unlink()
    else:
        stored.write_text(stored.read_text().replace('"both"', '"vectors"'))
    with pytest.raises(BadInput, match=r"portrait-sentiment version 1: model\.json is"):
        registry.load(registry.versions()[0])


def test_a_server_that_does_not_answer_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(
        PortraitError, match=r"^MLflow at http://127\.0\.0\.1:9: does not answer \(\w+\); start it"
    ) as error:
        Registry.sentiment(tmp_path).versions()
    assert "\n" not in str(error.value)


def test_a_password_in_the_address_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:secret@127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(PortraitError) as error:
        Registry.sentiment(tmp_path).versions()
    assert "secret" not in str(error.value)


def test_a_server_that_falls_silent_is_no_damage_of_a_model(
    registry: Registry[Sentiment], monkeypatch: pytest.MonkeyPatch
):
    import mlflow.artifacts

    register(registry, JAN)
    version = registry.versions()[0]

    def fall_silent(**_of: object) -> str:
        raise OSError(
            "HTTPConnectionPool(host='x'): Max retries exceeded with url: /a (Caused by NewConnectionError('y'))"
        )

    monkeypatch.setattr(mlflow.artifacts, "download_artifacts", fall_silent)
    monkeypatch.setattr(registry, "_server", "http://x")
    with pytest.raises(PortraitError, match=r"does not answer \(NewConnectionError\)") as error:
        registry.load(version)
    assert not isinstance(error.value, BadInput)


def test_models_that_were_moved_are_read_and_no_further_one_is_written_to_where_they_were(
    registry: Registry[Sentiment], tmp_path: Path
):
    register(registry, JAN)
    [version] = registry.versions()
    shutil.move(tmp_path / "models", tmp_path / "moved")
    moved = Registry.sentiment(tmp_path / "moved")
    assert moved.load(version).keys() == {"en"}
    with pytest.raises(BadInput, match=r"moved: they were moved or copied from .*models/artefacts"):
        register(moved, FEB)


@pytest.mark.slow
def test_processes_that_make_the_first_model_at_once_do_not_get_in_each_others_way(tmp_path: Path):
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(3)
    opening = [context.Process(target=opens, args=(tmp_path / "models", together)) for _ in range(3)]
    for process in opening:
        process.start()
    for process in opening:
        process.join(120)
    assert [process.exitcode for process in opening] == [0, 0, 0]


def opens(folder: Path, together: Barrier):
    import mlflow  # noqa: F401  # takes seconds, of one process more than of another

    together.wait(60)
    assert Registry.sentiment(folder).versions() == []
    assert Registry.sentiment(folder).client
