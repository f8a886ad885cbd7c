"""Sentiment reaches profiles: by the version of the model that may speak about a day, for everybody with a text."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from include.lake.meta import Meta
from include.lake.open import open_dataset
from include.lake.turn import Turn
from include.models.choose import Speaking
from include.models.registry import Registry
from include.text.pending import pending_texts
from tests.encoder import make_encoder
from tests.protocol.copies import copied
from tests.protocol.letters import Letters, TextLake
from tests.protocol.shop import ONE, TWO

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.slow
THREE = TWO + timedelta(days=1)
GOOD, BAD = Decimal("0.953"), Decimal("0.047")


@pytest.fixture(scope="module")
def first_day(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> TextLake:
    """The first day, built without a model; tests take copies."""
    folder = tmp_path_factory.mktemp("sentiment")
    lake = TextLake(folder / "one", spark, [Letters()])
    lake.with_encoder(make_encoder(folder / "encoder"))
    lake.all(ONE, "ingest", "understand", "profile")
    return lake


@pytest.fixture
def lake(first_day: TextLake, tmp_path: Path) -> TextLake:
    return copied(first_day, tmp_path)


def signals(lake: TextLake) -> dict[tuple[str, str], tuple[str, Decimal | None]]:
    """(version, text) to what a version of the model of sentiment reads out of it."""
    texts = open_dataset(lake.settings, "silver.texts").to_table(columns=["text", "text_hash"]).to_pylist()
    by_hash = {row["text_hash"]: row["text"] for row in texts}
    every = open_dataset(lake.settings, "silver.text_signals").to_table().to_pylist()
    rows = [row for row in every if row["signal"] == "sentiment"]
    found = {(r["model_version"], by_hash[r["text_hash"]]): (r["status"], r["pleased"]) for r in rows}
    assert len(found) == len(rows)
    return found


def pleased(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """The sentiment of everybody, the most pleased first."""
    columns = ("", "_count", "_confidence", "_model_version")
    found = [
        (*(row[f"sentiment_pleased{c}"] for c in columns), dict(row["status"])["sentiment_pleased"]) for row in rows
    ]
    return sorted(found, key=lambda row: (row[0] is None, -(row[0] or 0), row[1]))


def profiles(lake: TextLake) -> list[tuple[Any, ...]]:
    return pleased(open_dataset(lake.settings, "gold.user_profiles").to_table().to_pylist())


def as_of(lake: TextLake, day: date, known_at: date | None = None) -> list[tuple[Any, ...]]:
    from include import query

    marks = "?, ?" if known_at else "?"
    rows = query.Lake(lake.settings).rows(
        f"select * from user_profiles_asof({marks})", [day, known_at] if known_at else [day], macros=True
    )
    return pleased(rows)


def test_without_a_model_profiles_say_so(first_day: TextLake):
    assert profiles(first_day) == [(None, None, None, None, "no model")] * 3
    assert signals(first_day) == {}


def test_a_model_reads_every_text_and_everybody_with_one_is_told_of_on_the_next_day(lake: TextLake):
    old = lake.with_champion(through=ONE)
    future = lake.with_champion(through=THREE + timedelta(days=1))  # the champion, and knows more than these days do
    lake.all(TWO, "ingest", "understand")
    lake.all(THREE, "profile")  # nothing arrives; u2 and u3 are silent on it
    read = {"good magazine": ("value", GOOD), "very late": ("value", BAD), "😀": ("unsupported", None),
            "bad": ("value", BAD), "the paper is bad": ("value", BAD)}  # fmt: skip
    assert signals(lake) == {(version, text): said for version in (old, future) for text, said in read.items()}
    told = [
        (Decimal("0.349"), 3, Decimal("0.953"), old, "value"),
        (BAD, 1, Decimal("0.953"), old, "value"),
        (None, None, None, None, "unsupported"),
    ]
    assert profiles(lake) == as_of(lake, THREE) == as_of(lake, THREE, THREE) == told
    assert Meta(lake.settings).models_of_days() == {("letters", ONE): Speaking(), ("letters", THREE): Speaking(old)}
    # What was known on the first day, nobody could have read with a model that came later.
    assert {row[-1] for row in as_of(lake, ONE)} == {row[-1] for row in as_of(lake, THREE, ONE)} == {"no model"}

    pending = pending_texts(lake.settings)
    assert pending and not pending.is_needed
    before = {name: Meta(lake.settings).version(name) for name in ("silver.text_signals", "gold.user_profiles")}
    assert lake.run("understand", THREE).published == lake.run("profile", THREE).published == {}
    assert {name: Meta(lake.settings).version(name) for name in before} == before


def test_a_former_version_reads_no_text_of_a_day_that_it_does_not_speak_about(lake: TextLake):
    old = lake.with_champion(through=ONE)
    new = lake.with_champion(through=TWO)
    lake.all(TWO, "ingest", "understand")
    early = {"good magazine", "very late", "😀", "the paper is bad"}
    assert signals(lake).keys() == {(old, text) for text in early} | {(new, text) for text in early | {"bad"}}
    Registry.sentiment(lake.settings.models).rollback()
    lake.all(TWO, "understand", "profile")
    assert (old, "bad") in signals(lake)
    assert {row[3] for row in profiles(lake)} == {old, None}


@pytest.mark.parametrize("table", ["silver.text_vectors", "silver.text_signals"])
def test_a_run_that_dies_between_its_commits_is_made_good_by_the_next(
    lake: TextLake, table: str, monkeypatch: pytest.MonkeyPatch
):
    version = lake.with_champion(through=ONE)
    lake.all(ONE, "understand")
    lake.all(TWO, "ingest")
    right = Turn.write

    def full_disk(turn: Turn, name: str, *arguments: Any) -> int:
        if name == table:
            raise OSError("no space left on device")
        return right(turn, name, *arguments)

    monkeypatch.setattr(Turn, "write", full_disk)
    with pytest.raises(OSError, match="no space"):
        lake.run("understand", TWO)
    monkeypatch.undo()
    lake.all(TWO, "understand")
    texts = {"good magazine", "very late", "😀", "bad", "the paper is bad"}
    assert signals(lake).keys() == {(version, text) for text in texts}
    assert len(lake.vectors()) == 4


def test_a_day_keeps_the_model_it_was_built_with(lake: TextLake):
    old = lake.with_champion(through=ONE)
    lake.all(TWO, "understand", "profile")
    new = lake.with_champion(through=TWO)
    lake.all(TWO, "ingest", "understand", "profile")  # its texts arrive after it was built
    assert {row[3] for row in profiles(lake)} == {old, None}
    assert [row[1] for row in profiles(lake)] == [3, 1, None]
    lake.all(THREE, "profile")
    assert {row[3] for row in profiles(lake)} == {new, None}
    assert {row[3] for row in as_of(lake, TWO)} == {old, None}


def test_texts_that_are_read_after_the_profiles_were_built_reach_them_the_next_time(lake: TextLake):
    lake.with_champion(through=ONE)
    lake.all(TWO, "understand")
    lake.all(TWO, "ingest", "profile")  # without `understand` in between
    assert [row[1] for row in profiles(lake)] == [2, None, None]
    lake.all(TWO, "understand", "profile")
    assert [row[1] for row in profiles(lake)] == [3, 1, None]
