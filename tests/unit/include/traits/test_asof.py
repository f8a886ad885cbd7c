"""Profiles as of a day, in DuckDB and in Spark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import duckdb
import pytest
from sqlglot import exp

from include.models.choose import Offered, Readers
from include.settings import ROOT
from include.tables import TABLES, Column
from include.traits import Trait, load_traits, trait_columns
from include.traits.asof import asof_columns, create_macros, user_profiles_asof
from tests.unit.include.traits.helpers import (
    RELATIONS,
    Row,
    acts,
    day,
    fill_duckdb,
    in_duckdb,
    rows_of,
    spark_frames,
    trait,
    wants,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TRAITS = (
    trait("{trait: events, from: behaviour_daily, measure: count, window: 10d}"),
    trait("{trait: seen_on, family: loyalty, from: behaviour_daily, measure: last}"),
    trait("{trait: age, family: basics, from: users, measure: {attribute: {of: age}}}"),
)


def history(traits: Sequence[Trait]) -> tuple[Column, ...]:
    return TABLES["gold.user_profile_history"].with_columns(*trait_columns(traits)).columns


LEARNED = {"names-1-a": {"s": day(2), "other": day(8)}, "names-2-b": {"s": day(10), "other": day(20)}}
NAMES = Offered({"names-1-a": day(8), "names-2-b": day(20)}, "names-2-b", LEARNED)
MODELS = Readers(others={"names": NAMES}, always=("e-1",))
STATUS = {"behaviour_events": "value", "loyalty_seen_on": "value", "basics_age": "no data"}
PROFILES: list[Row] = [
    {"user_key": "u", "day": day(3), "known_at": day(3), "behaviour_events": 1, "loyalty_seen_on": day(3)},
    {"user_key": "u", "day": day(9), "known_at": day(9), "behaviour_events": 2, "loyalty_seen_on": day(9)},
    {"user_key": "v", "day": day(5), "known_at": day(6), "behaviour_events": 7, "loyalty_seen_on": None},
]  # fmt: skip
BUILT = [("s", day(n)) for n in (3, 5, 9, 12)]  # nothing differs on the last of them
TABLES_OF_DAY = {
    "behaviour_daily": [acts(3), acts(9), acts(9, 12), acts(5, 6, user_key="v", n=7)],
    "users": [{"user_key": "w", "valid_from": day(2), "valid_to": None, "age": 40}],
}


def history_rows() -> list[tuple[object, ...]]:
    filled = {"source": "s", "period": "all", "status": STATUS, "run_id": "r", "built_at": None}
    return [tuple({**filled, **row}.get(c.name) for c in history(TRAITS)) for row in PROFILES]


def readers(
    tables: Mapping[str, Sequence[Row]] = TABLES_OF_DAY, traits: Sequence[Trait] = TRAITS
) -> duckdb.DuckDBPyConnection:
    connection = fill_duckdb(tables, schemas=True)
    columns = history(traits)
    types = ", ".join(f"{c.name} {exp.DataType.build(c.type, dialect='spark').sql('duckdb')}" for c in columns)
    connection.execute(f"create table gold.user_profile_history ({types})")
    connection.execute("create schema meta")
    connection.execute("create table meta.profile_days (source text, day date, model_version text, readers text[])")
    connection.executemany("insert into meta.profile_days values (?, ?, null, ?)", [(*b, ["names-1-a"]) for b in BUILT])
    if traits is TRAITS:
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"insert into gold.user_profile_history values ({marks})", history_rows())
    connection.execute(create_macros(traits, MODELS))
    return connection


def profiles(sql: str, *parameters: object) -> list[Row]:
    return rows_of(readers().execute(sql, list(parameters)))


def brief(rows: list[Row]) -> list[tuple[object, ...]]:
    keys = ("user_key", "behaviour_events", "basics_age", "known_at", "days_since_loyalty_seen_on")
    return sorted(tuple(r[k] for k in keys) for r in rows)


PUBLISHED = [("u", 2, None, day(9), 3), ("v", 7, None, day(6), None)]
KNOWN_THEN = [("u", 2, None, day(9), 2), ("v", 7, None, day(6), 6), ("w", None, 40, day(2), None)]


def test_published_profiles_are_those_of_the_last_built_day_by_then_and_say_so() -> None:
    assert {r["as_of"] for r in profiles("from user_profiles_asof(?)", day(20))} == {day(12)}
    assert brief(profiles("from user_profiles_asof(?)", day(20))) == PUBLISHED
    assert brief(profiles("from user_profiles_asof(date '2020-01-06')")) == [
        ("u", 1, None, day(3), 2),
        ("v", 7, None, day(6), None),
    ]
    assert profiles("from user_profiles_asof(date '2020-01-02')") == []


def test_what_was_known_then_is_computed_from_the_partials() -> None:
    assert brief(profiles("from user_profiles_asof(?, ?)", day(11), day(10))) == KNOWN_THEN
    assert brief(profiles("from user_profiles_asof('2020-01-12', '2020-01-13')"))[0] == ("u", 3, None, day(12), 2)


def test_what_was_known_then_does_not_change_when_more_arrives() -> None:
    later = {
        "behaviour_daily": [*TABLES_OF_DAY["behaviour_daily"], acts(9, 11, n=-1), acts(4, 15), acts(30)],
        "users": [
            {"user_key": "w", "valid_from": day(2), "valid_to": day(11), "age": 40},
            {"user_key": "w", "valid_from": day(11), "valid_to": None, "age": 41},
        ],
    }
    asked = "from user_profiles_asof(date '2020-01-12', date '2020-01-11')"
    assert sorted(map(str, rows_of(readers(later).execute(asked)))) == sorted(map(str, profiles(asked)))


def test_both_have_the_same_columns_of_the_same_types() -> None:
    described = [profiles(f"describe from user_profiles_asof({days})") for days in ("today()", "today(), today()")]
    shape = [[(r["column_name"], r["column_type"]) for r in rows] for rows in described]
    assert shape[0] == shape[1]
    assert [name for name, _ in shape[0]] == list(asof_columns(TRAITS))


def test_computing_again_gives_what_a_build_would_publish() -> None:
    """One pass behind both: the macro equals the compiled pass for the same day."""
    built = in_duckdb(TRAITS, wanted=[wants(11, user_key=u) for u in "uvw"], **TABLES_OF_DAY)
    again = profiles("select * exclude days_since_loyalty_seen_on from user_profiles_asof(?, ?) order by 2",
                     day(11), day(9999))  # fmt: skip
    assert again == built


def test_a_macro_can_be_filtered_and_joined() -> None:
    sql = """
        select b.user_key, b.behaviour_events - a.behaviour_events as more
        from user_profiles_asof(?) a join user_profiles_asof(?, ?) b using (source, user_key)
        where b.user_key = 'u'
    """
    assert profiles(sql, day(20), day(12), day(13)) == [{"user_key": "u", "more": 1}]


def test_the_shipped_traits_make_valid_macros() -> None:
    traits = load_traits([ROOT / "traits"])
    connection = readers({"behaviour_daily": [acts(1, quantity=Decimal(1))]}, traits)
    (row,) = rows_of(connection.execute("from user_profiles_asof(?, ?)", [day(1), day(1)]))
    assert tuple(row) == asof_columns(traits)
    assert row["behaviour_events_30d"] == 1


NAMED = trait("{trait: named, family: entity, from: mentions, measure: {top_k: {of: name, k: 3}}}")
WORDS = [
    {"trait": "entity_named", "name": name, "model_version": version, "text_hash": "a", "text_key": "a", "day": day(3),
     "known_from": day(3), "signal": "names", "label": "product", "span_start": 0, "span_end": 1}
    for name, version in (("always", "e-1"), ("first", "names-1-a"), ("second", "names-2-b"), ("gone", "e-0"))
]  # fmt: skip


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (9, {"always", "first"}),  # as recorded
        (11, {"always", "second"}),  # not built: the champion, which may speak about it
        (12, {"always", "first"}),
        (4, {"always", "first"}),  # the champion has learned from later days
    ],
)
def test_texts_are_read_by_the_versions_recorded_for_the_day_or_those_that_may_speak(
    on: int, expected: set[str]
) -> None:
    connection = readers({"mentions": WORDS}, [NAMED])
    (row,) = rows_of(connection.execute("from user_profiles_asof(?, ?)", [day(on), day(on)]))
    assert {entry["value"] for entry in row["entity_named"]} == expected


@pytest.mark.parametrize(("when", "known_at", "expected"), [(day(20), None, PUBLISHED), (day(11), day(10), KNOWN_THEN)])
def test_spark_gives_the_same(
    spark: SparkSession, when: date, known_at: date | None, expected: list[tuple[object, ...]]
) -> None:
    frames = spark_frames(spark, **TABLES_OF_DAY)
    schema = ", ".join(f"{c.name} {c.type}" for c in history(TRAITS))

    def read(name: str) -> DataFrame:
        if name == "meta.profile_days":
            built = [(source, on, None, ["names-1-a"]) for source, on in BUILT]
            return spark.createDataFrame(built, "source string, day date, model_version string, readers array<string>")
        if name == "gold.user_profile_history":
            return spark.createDataFrame(history_rows(), schema)
        return next(frames[view] for view, table in RELATIONS.items() if table == name)

    found = user_profiles_asof(read, TRAITS, when, known_at, Readers())
    assert tuple(found.columns) == asof_columns(TRAITS)
    assert brief([r.asDict(recursive=True) for r in found.collect()]) == expected
