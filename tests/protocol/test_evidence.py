"""What profiles say about texts rests on the words that gold.trait_evidence names, and on nothing else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from include import query
from include.models.names import Name, Names
from include.models.registry import Registry
from include.privacy import pseudonym, read_key, record_key
from tests.encoder import make_encoder
from tests.models import register_names
from tests.protocol.copies import copied
from tests.protocol.letters import TextLake
from tests.protocol.shop import ONE, TWO, jsonl
from tests.protocol.travels import TEXTS, Travels, record

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.slow
THREE, FOUR, FIVE = (TWO + timedelta(days=n) for n in (1, 2, 3))


@pytest.fixture(scope="module")
def first_day(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> TextLake:
    folder = tmp_path_factory.mktemp("evidence")
    lake = TextLake(folder / "one", spark, [Travels()])
    lake.with_encoder(make_encoder(folder / "encoder"))
    lake.all(ONE, "ingest", "understand", "profile")
    return lake


@pytest.fixture
def lake(first_day: TextLake, tmp_path: Path) -> TextLake:
    return copied(first_day, tmp_path)


def ask(lake: TextLake, sql: str, *parameters: Any) -> list[dict[str, Any]]:
    return query.Lake(lake.settings).rows(sql, parameters, macros=True)


def user(lake: TextLake, raw: str) -> str:
    return pseudonym(read_key(lake.settings.key_file), "user", "travels", raw)


def places(lake: TextLake, raw: str, sql: str = "select * from gold.user_profiles") -> tuple[list[str], str]:
    [row] = [row for row in ask(lake, sql) if row["user_key"] == user(lake, raw)]
    return [place["value"] for place in row["entity_places"] or ()], dict(row["status"])["entity_places"]


def cited(lake: TextLake, raw: str) -> set[str]:
    """Ids of the texts that one user's places rest on; their words are those that the spans name."""
    rows = ask(
        lake,
        "select e.text_key, e.name, substring(t.text, span_start + 1, span_end - span_start) as words "
        "from gold.trait_evidence e join silver.texts t using (source, day, text_key, known_from) "
        "where e.trait = 'entity_places' and e.user_key = ? and e.known_to is null and e.name = 'paris'",
        user(lake, raw),
    )
    assert {row["words"] for row in rows} == {"Paris"}
    keys = {record_key(read_key(lake.settings.key_file), "travels", number): number for number in TEXTS}
    return {keys[row["text_key"]] for row in rows}


def test_without_the_texts_it_cites_a_trait_falls_and_nobody_elses_does(lake: TextLake):
    assert places(lake, "u1") == places(lake, "u2") == (["paris"], "value")
    assert cited(lake, "u1") == {"r1", "r2"}
    gone = [record(number, "delete", 2) for number in sorted(cited(lake, "u1"))]
    (lake.settings.data / "travels" / f"{TWO}.jsonl").write_text(jsonl(*gone))
    lake.all(TWO, "ingest", "understand", "profile")
    assert places(lake, "u1") == ([], "unknown"), "Berlin is in one text only"
    assert places(lake, "u2") == (["paris"], "value")
    # What was known then is known still.
    assert places(lake, "u1", f"from user_profiles_asof(date '{TWO}', date '{ONE}')") == (["paris"], "value")
    assert places(lake, "u1", f"from user_profiles_asof(date '{TWO}', date '{TWO}')") == ([], "unknown")


def test_other_readers_leave_no_evidence_of_the_former_behind(lake: TextLake, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("include.text.pending.language_version", lambda: "newer")
    monkeypatch.setattr("jobs.understand.LANGUAGES", "newer")
    versions = "select distinct model_version from gold.trait_evidence where trait = 'content_written_languages'"
    before = ask(lake, versions)
    lake.all(ONE, "understand", "profile")
    after = ask(lake, versions)
    assert [row["model_version"] for row in after] == ["newer"] and before != after
    assert places(lake, "u1") == (["paris"], "value")
    assert lake.run("profile", ONE).published == {}, "all of it was built"


def test_a_version_that_speaks_again_tells_of_the_texts_of_the_days_between(lake: TextLake):
    registry = Registry.names(lake.settings.models)
    for through, words in ((ONE, "station"), (THREE, "lift")):
        named = Name("travels", words, "kind", words, None, 0)
        register_names(registry, Names((named, Name("travels", "tram", "kind", "tram", None, 0))), through)
        first = through == ONE
        for day in (TWO,) if first else (THREE, FOUR):
            said = {"id": f"n{day.day}", "version": 1, "op": None, "user": "u3", "at": f"{day}T10:00:00",
                    "text": f"The station has a tram and a lift, {day.day} of them."}  # fmt: skip
            (lake.settings.data / "travels" / f"{day}.jsonl").write_text(jsonl(said))
            lake.all(day, "ingest", "understand", "profile")
    old, new = (version.name for version in registry.versions())
    asked = (
        "select model_version, name, day from gold.trait_evidence where trait = 'entity_products' and signal = 'names'"
    )
    before = {(row["model_version"], row["name"], row["day"]) for row in ask(lake, asked)}
    assert {day for version, _, day in before if version == new} == {TWO, THREE, FOUR}
    assert {day for version, _, day in before if version == old} == {ONE, TWO}, "of later days it reads none"
    registry.rollback()
    lake.all(FIVE, "understand", "profile")
    after = {(row["model_version"], row["name"], row["day"]) for row in ask(lake, asked)}
    assert after - before == {(old, name, day) for name in ("station", "tram") for day in (THREE, FOUR)}
    [row] = [row for row in ask(lake, "select * from gold.user_profiles") if row["user_key"] == user(lake, "u3")]
    assert {value["value"] for value in row["entity_products"]} >= {"station", "tram"}
