"""Small tables for both engines: a test says what matters, the rest is filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import yaml
from sqlglot import exp

from include.tables import TABLES, Column
from include.traits.asof import TABLES as TABLES_OF
from include.traits.compile import compile_pass
from include.traits.model import Trait, mistakes

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Row = dict[str, Any]
DAY = date(2020, 1, 1)
WANTED = (
    Column("source", "string", "-"),
    Column("user_key", "string", "-"),
    Column("as_of", "date", "-"),
    Column("known_at", "date", "-"),
    Column("model_version", "string", "-"),
    Column("readers", "array<string>", "-"),
)
COLUMNS: dict[str, tuple[Column, ...]] = {
    "wanted": WANTED,
    **{n: TABLES[f"gold.{n}"].columns for n in ("behaviour_daily", "behaviour_items_daily")},
    "mentions": TABLES["gold.trait_evidence"].columns,
    **{n: TABLES[f"silver.{n}"].columns for n in ("texts", "text_signals", "user_days", "users", "follows")},
}
RELATIONS = {name: table for name, table in TABLES_OF.items() if name in COLUMNS}
FILL: Row = {
    "source": "s", "user_key": "u", "period": "all", "bucket": 0, "kind": "view", "currency": "XXX", "is_dated": True,
    "n": 1, "quantity": Decimal(0), "amount": 0, "rating_sum": Decimal(0), "rating_count": 0, "over_mean_sum": Decimal(0),
    "over_mean_count": 0, "sha256": "f",
    "position": 1, "target_key": "t", "precision": "second", "text": "", "text_key": "k", "signal": "sentiment",
    "status": "value", "model_version": "1-a",
}  # fmt: skip


def day(number: int) -> date:
    """Day 0 is 2020-01-01."""
    return DAY + timedelta(days=number)


def trait(text: str) -> Trait:
    """One trait from YAML, what every trait must say filled in."""
    given = yaml.safe_load(text)
    filled = {
        "trait": "t", "family": "behaviour", "version": 1, "meaning": "m", "privacy": "none", "purpose": "p",
        "owner": "o", **given,
    }  # fmt: skip
    made = Trait.model_validate(filled)
    assert list(mistakes(made)) == []
    return made


def acts(on: int, arrived: int | None = None, **more: Any) -> Row:
    """A row of one of the ledgers; it arrives on its day unless said otherwise."""
    return {"day": day(on), "arrived_on": day(on if arrived is None else arrived), **more}


def wrote(text_hash: str, on: int, known_to: int | None = None, **more: Any) -> Row:
    """A text; it arrives on its day, and stands unless another version is known on `known_to`."""
    ends = None if known_to is None else day(known_to)
    return {"text_hash": text_hash, "day": day(on), "known_from": day(on), "known_to": ends, "kind": "review", **more}


def says(text_hash: str, pleased: str, model_version: str = "1-a") -> Row:
    """What a version of the model reads out of a text."""
    return {"text_hash": text_hash, "pleased": Decimal(pleased), "model_version": model_version}


def wants(as_of: int, known_at: int = 9999, **more: Any) -> Row:
    return {"as_of": day(as_of), "known_at": day(known_at), **more}


def filled(name: str, rows: Iterable[Row]) -> list[tuple[Any, ...]]:
    def value(row: Row, column: Column) -> Any:
        if column.name in row:
            return row[column.name]
        return 0 if column.name.startswith("hour_") else FILL.get(column.name)

    for row in (rows := list(rows)):
        assert not row.keys() - {c.name for c in COLUMNS[name]}, f"{name} has no such columns: {row}"
    return [tuple(value(row, c) for c in COLUMNS[name]) for row in rows]


def fill_duckdb(tables: Mapping[str, Sequence[Row]], schemas: bool = False) -> duckdb.DuckDBPyConnection:
    """All relations in memory, by bare names, or in the schemas gold and silver."""
    connection = duckdb.connect()
    for schema in ("gold", "silver"):
        connection.execute(f"create schema {schema}")
    for name, columns in COLUMNS.items():
        types = ", ".join(f"{c.name} {exp.DataType.build(c.type, dialect='spark').sql('duckdb')}" for c in columns)
        place = RELATIONS.get(name, name) if schemas else name
        connection.execute(f"create table {place} ({types})")
        if rows := filled(name, tables.get(name, [])):
            marks = ", ".join("?" * len(columns))
            connection.executemany(f"insert into {place} values ({marks})", rows)
    return connection


def rows_of(relation: duckdb.DuckDBPyConnection) -> list[Row]:
    names = [d[0] for d in relation.description or []]
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


def in_duckdb(traits: Iterable[Trait], **tables: Sequence[Row]) -> list[Row]:
    """The pass over these rows, ordered by user and day."""
    query = compile_pass(traits, "duckdb")
    found = rows_of(fill_duckdb(tables).execute(query))
    return sorted(found, key=lambda r: (r["source"], r["user_key"], r["as_of"]))


def spark_frames(spark: SparkSession, **tables: Sequence[Row]) -> dict[str, DataFrame]:
    return {
        name: spark.createDataFrame(
            filled(name, tables.get(name, [])), schema=", ".join(f"{c.name} {c.type}" for c in columns)
        )
        for name, columns in COLUMNS.items()
    }


def in_spark(spark: SparkSession, traits: Iterable[Trait], **tables: Sequence[Row]) -> list[Row]:
    """The same pass over the same rows in Spark."""
    from include.traits.spark import compute_traits

    spark.conf.set("spark.sql.codegen.wholeStage", "false")  # compiling code for ten rows takes longer than the rows
    try:
        found = [r.asDict(recursive=True) for r in compute_traits(traits, spark_frames(spark, **tables)).collect()]
    finally:
        spark.conf.unset("spark.sql.codegen.wholeStage")
    return sorted(found, key=lambda r: (r["source"], r["user_key"], r["as_of"]))
