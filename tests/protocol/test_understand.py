"""Each text is embedded once: whoever wrote it, however often the run is started, whatever went wrong in between."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pyspark.sql import functions as F

from include.errors import BadInput, PortraitError
from include.lake.meta import Meta
from include.lake.open import open_dataset
from include.query import Lake
from include.text import pending
from include.text.device import Device
from include.text.encode import TextEncoder
from include.text.encoder import find_encoder
from include.text.entities import packaged_weights
from jobs import understand
from jobs.silver import text_vectors
from tests.encoder import make_encoder
from tests.protocol.copies import copied
from tests.protocol.letters import Letters, TextLake
from tests.protocol.shop import ONE, TWO

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="module")
def encoders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("encoders")
    return make_encoder(folder / "one", seed=1), make_encoder(folder / "two", seed=2)


@pytest.fixture(scope="module")
def ingested(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, encoders: tuple[Path, Path]) -> TextLake:
    """The first day, ingested; tests take copies."""
    lake = TextLake(tmp_path_factory.mktemp("letters") / "one", spark, [Letters()])
    lake.with_encoder(encoders[0])
    assert lake.run("ingest", ONE).passed
    return lake


@pytest.fixture(scope="module")
def both_days(ingested: TextLake, tmp_path_factory: pytest.TempPathFactory) -> TextLake:
    """Both days, one after the other, undisturbed."""
    lake = copied(ingested, tmp_path_factory.mktemp("both"))
    lake.all(ONE, "understand")
    lake.all(TWO, "ingest", "understand", "profile")
    return lake


@pytest.fixture
def lake(ingested: TextLake, tmp_path: Path) -> TextLake:
    return copied(ingested, tmp_path)


def test_each_text_has_one_vector_or_a_status(lake: TextLake, encoders: tuple[Path, Path]):
    assert lake.run("understand", ONE).published == {"silver.text_vectors": 3, "silver.text_signals": 9}
    plain = TextEncoder(encoders[0], Device("cpu", "float32"))
    rows = open_dataset(lake.settings, "silver.texts").to_table(columns=["text", "text_hash"]).to_pylist()
    texts = {row["text_hash"]: row["text"] for row in rows}
    found = lake.vectors()
    assert {texts[h] for h in found} == {"good magazine", "very late"}
    for text_hash, vector in found.items():
        assert vector @ plain.encode([texts[text_hash]])[0] > 0.99
    status = open_dataset(lake.settings, "silver.text_vectors").to_table(columns=["text_hash", "status"]).to_pylist()
    assert {texts[r["text_hash"]]: r["status"] for r in status if r["status"] != "value"} == {"😀": "unsupported"}


def test_without_new_texts_nothing_is_started(both_days: TextLake, monkeypatch: pytest.MonkeyPatch):
    before = Meta(both_days.settings).version("meta.claims")

    def never(*_: object) -> None:
        raise AssertionError("started")

    monkeypatch.setattr(understand, "take_turn", never)
    result = both_days.run("understand", TWO)
    assert (result.passed, result.published) == (True, {})
    assert Meta(both_days.settings).version("meta.claims") == before


@pytest.mark.slow
def test_vectors_of_a_run_that_died_before_its_release_are_released(lake: TextLake, monkeypatch: pytest.MonkeyPatch):
    lake.all(ONE, "understand")
    lake.all(TWO, "ingest")

    def dies(*_: object) -> None:
        raise PortraitError("died")

    with monkeypatch.context() as patched:
        patched.setattr(understand, "released_versions", dies)
        with pytest.raises(PortraitError, match="died"):
            lake.run("understand", TWO)
    assert len(lake.vectors()) == 4, "they are there"
    assert readable(lake) == 3, "and nobody reads them"
    assert lake.run("understand", TWO).published == {}
    assert readable(lake) == 5


def readable(lake: TextLake) -> int:
    found: int = Lake(lake.settings).rows("select count(*) as n from silver.text_vectors")[0]["n"]
    return found


def test_a_day_embeds_its_new_texts_only(both_days: TextLake):
    assert len(both_days.vectors()) == 4
    newest = Meta(both_days.settings).version("silver.text_vectors")
    table = open_dataset(both_days.settings, "silver.text_vectors", newest - 1).to_table()
    assert table.num_rows == 3  # the first day's stay as they were
    old = {r["text_hash"]: r["vector"] for r in table.to_pylist() if r["vector"]}
    assert all(list(both_days.vectors()[text_hash]) == vector for text_hash, vector in old.items())


def test_a_user_is_the_mean_of_the_texts_that_stand(both_days: TextLake):
    vectors = both_days.vectors()
    rows = open_dataset(both_days.settings, "silver.texts").to_table().to_pylist()
    by_user: dict[str, list[np.ndarray]] = {}
    for row in rows:
        if row["known_to"] is None and row["text_hash"] in vectors:
            by_user.setdefault(row["user_key"], []).append(vectors[row["text_hash"]])
    users = both_days.users()
    assert [u["texts"] for u in users] == [3, 1]  # nobody with an emoji alone
    for user in users:
        assert np.allclose(user["vector"], np.mean(by_user[user["user_key"]], axis=0), atol=1e-6)


@pytest.mark.slow
def test_the_order_of_days_does_not_matter(
    spark: SparkSession, tmp_path: Path, both_days: TextLake, encoders: tuple[Path, Path]
):
    lake = TextLake(tmp_path / "other", spark, [Letters()])
    lake.with_encoder(encoders[0])
    lake.all(TWO, "ingest", "understand", "profile")
    lake.all(ONE, "ingest", "understand", "profile")
    assert lake.vectors().keys() == both_days.vectors().keys()
    columns = ("user_key", "space", "texts", "texts_hash")
    assert [[u[c] for c in columns] for u in lake.users()] == [[u[c] for c in columns] for u in both_days.users()]
    for mine, theirs in zip(lake.users(), both_days.users(), strict=True):
        assert np.allclose(mine["vector"], theirs["vector"], atol=1e-2)


@pytest.mark.slow
def test_another_encoder_fills_another_space_beside_the_old_one(
    both_days: TextLake, tmp_path: Path, encoders: tuple[Path, Path]
):
    lake = copied(both_days, tmp_path)
    old = lake.vectors()
    lake.with_encoder(encoders[1])
    lake.all(TWO, "understand", "profile")
    new = lake.vectors()
    assert new.keys() == old.keys()
    assert not any(np.allclose(new[h], old[h], atol=1e-3) for h in new)
    assert {u["space"] for u in lake.users()} == {find_encoder(str(encoders[1])).space}
    lake.with_encoder(encoders[0])
    lake.all(TWO, "understand", "profile")
    assert {u["space"] for u in lake.users()} == {find_encoder(str(encoders[0])).space}
    assert [u["vector"] for u in lake.users()] == [u["vector"] for u in both_days.users()]


@pytest.mark.parametrize(("what", "signals"), [("languages", 1), ("entities", 2)])
def test_other_readers_read_all_texts_anew_and_no_vector_is_made_again(
    both_days: TextLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, signals: int
):
    lake = copied(both_days, tmp_path)
    if what == "languages":
        monkeypatch.setattr(pending, "language_version", lambda: "other-1")
        monkeypatch.setattr(understand, "LANGUAGES", "other-1")
    else:
        monkeypatch.setattr(pending, "packaged_weights", lambda: replace(packaged_weights(), version="other-1"))
    assert lake.run("understand", TWO).published == {"silver.text_signals": 5 * signals}
    rows = open_dataset(lake.settings, "silver.text_signals").to_table().to_pylist()
    keys = [(row["signal"], row["model_version"], row["text_hash"]) for row in rows]
    assert len(keys) == len(set(keys)) == 15 + 5 * signals
    assert lake.run("understand", TWO).published == {}


def test_files_that_change_under_a_name_are_refused_before_anything_is_written(
    both_days: TextLake, tmp_path: Path, encoders: tuple[Path, Path]
):
    lake = copied(both_days, tmp_path)
    lake.with_encoder(make_encoder(tmp_path / "changed" / encoders[0].name, seed=3))
    before = Meta(lake.settings).version("meta.claims")
    with pytest.raises(BadInput, match="its files changed since they made the vectors of one-"):
        lake.run("understand", TWO)
    assert Meta(lake.settings).version("meta.claims") == before


def test_files_of_a_model_that_are_not_what_was_registered_are_refused_before_anything_is_written(lake: TextLake):
    lake.with_champion(through=ONE)
    (stored,) = lake.settings.models.glob("artefacts/**/model.json")
    stored.write_text(stored.read_text().replace("good", "evil"))
    before = Meta(lake.settings).version("meta.claims")
    with pytest.raises(BadInput, match=r"^model portrait-sentiment version 1: model\.json is not what was registered"):
        lake.run("understand", ONE)
    assert Meta(lake.settings).version("meta.claims") == before


def test_vectors_that_are_none_are_not_published(lake: TextLake, monkeypatch: pytest.MonkeyPatch):
    right = text_vectors.transform

    def doubled(*frames: Any, **options: Any) -> Any:
        return right(*frames, **options).withColumn("vector", F.transform("vector", lambda x: (x * 2).cast("float")))

    monkeypatch.setattr(text_vectors, "transform", doubled)
    result = lake.run("understand", ONE)
    assert [(m.table, m.rule, m.failing) for m in result.failed] == [("silver.text_vectors", "vector__length", 2)]
    assert lake.vectors() == {}
    monkeypatch.undo()
    assert lake.run("understand", ONE).published == {"silver.text_vectors": 3, "silver.text_signals": 9}


def killed_once(flag: Path) -> Callable[..., Any]:
    """In place of the workers' function: the first one is killed in the middle of its partition."""
    right = text_vectors._embed

    def embed(*arguments: Any) -> Any:
        inner = right(*arguments)

        def killed(arrived: Iterator[Any]) -> Iterator[Any]:
            yield from inner(arrived)
            if not flag.exists():
                flag.touch()
                os.kill(os.getpid(), signal.SIGKILL)

        return killed

    return embed


def test_after_a_killed_worker_the_next_try_gives_the_same_vectors(
    lake: TextLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    undisturbed = copied(lake, tmp_path / "undisturbed")
    assert undisturbed.run("understand", ONE).passed
    monkeypatch.setattr(text_vectors, "_embed", killed_once(tmp_path / "killed"))
    with pytest.raises(Exception, match=r"crashed|exited|Job aborted"):
        lake.run("understand", ONE)
    assert lake.vectors() == {}
    assert lake.run("understand", ONE).passed
    expected = undisturbed.vectors()
    assert lake.vectors().keys() == expected.keys()
    assert all(np.allclose(vector, expected[h], atol=1e-2) for h, vector in lake.vectors().items())


def test_what_a_worker_refuses_is_one_clear_line(lake: TextLake, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(understand, "choose_device", lambda _: None)  # the driver has one; its workers have not
    lake.settings = lake.settings.model_copy(update={"device": "cuda"})
    with pytest.raises(PortraitError, match=r"^PORTRAIT_DEVICE is cuda, but torch finds no GPU here; .*$"):
        lake.run("understand", ONE)
