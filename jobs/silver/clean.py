"""From records to rows that may be trusted, with the reasons of those that may not. The same for every feed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, StringType

from include.lake.frames import union
from include.sources.mapping import to_canonical
from include.sources.model import Constant
from include.tables.canonical import FEEDS, OWN_ID
from include.text.clean import clean_text

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from include.sources.model import FeedSpec, Source

ANCIENT = "1990-01-01"  # no log of a web site is older
MOST_OF_ONE = 10**9  # pieces in one event; more is a mistake, and sums of it would not fit
MOST_MONEY = 10**12  # units of a currency in one event
_AHEAD_DAYS = 2  # a file may be written before midnight UTC and hold the next day of its own time zone
_CLEANED = {"texts": ("title", "text"), "items": ("title", "description", "brand")}
_CLEANED_LISTS = {"items": ("categories", "tags")}
DELETE = "delete"


def plausible(moment: Column, arrived_on: Column) -> Column:
    """True for a moment a record that arrived then can be about."""
    return (moment >= F.lit(ANCIENT).cast("timestamp")) & (F.to_date(moment) < F.date_add(arrived_on, _AHEAD_DAYS))


def canonical(bronze: DataFrame, feed: str, sources: Mapping[str, Source], data_folders: Sequence[Path]) -> DataFrame:
    """Records in the feed's canonical columns, whatever their source called them."""
    parts = []
    for source in sources.values():
        for wanted in source.feeds[feed].inputs if feed in source.feeds else ():
            mine = bronze.where((F.col("source") == source.name) & (F.col("input") == wanted.name))
            parts.append(to_canonical(mine, source, feed, wanted, data_folders))
    rows = union(parts)
    return _undated_stay_null(rows) if "happened_at" in FEEDS[feed].by_name else rows


def normalise(rows: DataFrame, feed: str, sources: Mapping[str, Source]) -> DataFrame:
    """Declared constants for missing values, clean text, currencies by their codes, returns told from purchases."""
    for column in FEEDS[feed].columns:
        constants = _per_source(sources, feed, partial(_constant_for, column.name))
        if constants is not None:
            rows = rows.withColumn(column.name, F.coalesce(column.name, constants.cast(column.type)))
    cleaned = _CLEANED.get(feed, ())
    if feed == "texts":
        rows = rows.withColumn("text_original", F.col("text"))
    rows = rows.withColumns({name: _clean(F.col(name)) for name in cleaned})
    rows = rows.withColumns({name: _clean_list(F.col(name)) for name in _CLEANED_LISTS.get(feed, ())})
    if "currency" in FEEDS[feed].by_name:
        rows = rows.withColumn("currency", F.nullif(F.upper(F.trim("currency")), F.lit("")))
    if feed == "events":
        is_return = F.col("kind").isin("purchase", "return") & (F.col("quantity") < 0)
        rows = rows.withColumns(
            {
                "kind": F.when(is_return, "return").otherwise(F.col("kind")),
                "quantity": F.when(is_return, -F.col("quantity")).otherwise(F.col("quantity")),
            }
        )
    return rows


def reasons(feed: str, sources: Mapping[str, Source]) -> Column:
    """Why a row is rejected: sorted names of rules, empty if it is not. A delete needs its key and nothing else."""
    declared = FEEDS[feed]
    missing = _missing(feed, sources)
    rules = list(missing.values())
    for column in declared.columns:
        if column.allowed and column.name != "op":
            known = F.col(column.name).isin(*column.allowed)
            rules.append(_reason(F.col(column.name).isNotNull() & ~known, f"unknown:{column.name}"))
    if "happened_at" in declared.by_name:
        rules += _time_rules()
    if feed == "events":
        of = F.coalesce("quantity", F.lit(1))
        rules.append(_reason(F.col("unit_price") <= 0, "price_not_positive"))
        rules.append(_reason(F.abs(of) >= MOST_OF_ONE, "quantity_too_large"))
        rules.append(_reason(F.col("unit_price") * F.abs(of) >= MOST_MONEY, "amount_too_large"))
    if "currency" in declared.by_name:
        rules.append(_reason(~F.col("currency").rlike("^[A-Z]{3}$"), "unknown:currency"))
    if "rating" in declared.by_name:
        scale = _per_source(sources, feed, lambda spec: spec.rating_scale)
        if scale is not None:
            outside = (F.col("rating") < scale[0]) | (F.col("rating") > scale[1])
            rules.append(_reason(outside, "rating_outside_scale"))
    operation = _reason(~F.col("op").isin(*declared.by_name["op"].allowed or ()), "unknown:op")
    ruled = F.when(is_delete(), _found(_of_the_key(feed, missing))).otherwise(_found(rules))
    damaged = F.exists("problems", lambda p: p.startswith("damaged"))
    # Nothing else is known of a record that could not be read.
    return F.when(damaged, F.col("problems")).otherwise(
        F.array_sort(F.array_distinct(F.concat("problems", _found([operation]), ruled)))
    )


def is_delete() -> Column:
    return F.coalesce(F.col("op") == DELETE, F.lit(False))


def _missing(feed: str, sources: Mapping[str, Source]) -> dict[str, Column]:
    """By column, the reason of a row that lacks what it must have."""
    declared = FEEDS[feed]
    lacking = {c.name: _rejects_missing(c.name, c.missing, feed, sources) for c in declared.columns}
    if "happened_at" in declared.by_name:
        said, dated = lacking["happened_at"], F.col("precision") != "none"
        lacking["happened_at"] = dated if said is None else said | dated
    return {
        name: _reason(rejects & F.col(name).isNull(), f"missing:{name}")
        for name, rejects in lacking.items()
        if rejects is not None
    }


def _of_the_key(feed: str, missing: Mapping[str, Column]) -> list[Column]:
    """What is missing of the key of a row that has no id of its own."""
    own = OWN_ID.get(feed)
    needed = [missing[name] for name in FEEDS[feed].key if name in missing]
    return [F.when(F.col(own).isNull(), reason) for reason in needed] if own else needed


def _found(rules: Sequence[Column]) -> Column:
    return F.array_compact(F.array(*rules)).cast("array<string>")


def _time_rules() -> list[Column]:
    moment = F.col("happened_at")
    return [
        _reason(moment < F.lit(ANCIENT).cast("timestamp"), "time_ancient"),
        _reason(F.to_date(moment) >= F.date_add("arrived_on", _AHEAD_DAYS), "time_future"),
    ]


def _undated_stay_null(rows: DataFrame) -> DataFrame:
    return rows.withColumn("happened_at", F.when(F.col("precision") != "none", F.col("happened_at")))


def _rejects_missing(name: str, default: str, feed: str, sources: Mapping[str, Source]) -> Column | None:
    """True for the rows whose source rejects a missing value; None if no source does."""
    rejecting = [
        source.name
        for source in sources.values()
        if feed in source.feeds and source.feeds[feed].missing.get(name, default) == "reject"
    ]
    return F.col("source").isin(rejecting) if rejecting else None


def _constant_for(name: str, spec: FeedSpec) -> str | int | float | None:
    policy = spec.missing.get(name)
    return policy.constant if isinstance(policy, Constant) else None


def _per_source(sources: Mapping[str, Source], feed: str, setting: Callable[[FeedSpec], Any]) -> Column | None:
    """A setting of the feed as a column: one literal a source that has it. None if none has."""
    found: Column | None = None
    for source in sources.values():
        value = setting(source.feeds[feed]) if feed in source.feeds else None
        if value is not None:
            literal = F.array(*map(F.lit, value)) if isinstance(value, tuple) else F.lit(value)
            is_source = F.col("source") == source.name
            found = F.when(is_source, literal) if found is None else found.when(is_source, literal)
    return found


def _reason(fails: Column, name: str) -> Column:
    return F.when(fails, F.lit(name))


@F.arrow_udf(StringType())  # type: ignore[attr-defined,untyped-decorator]
def _clean(texts: pa.Array) -> pa.Array:
    return pa.array([clean_text(text) for text in texts.to_pylist()], pa.string())


@F.arrow_udf(ArrayType(StringType()))  # type: ignore[attr-defined,untyped-decorator]
def _clean_list(lists: pa.Array) -> pa.Array:
    cleaned = ([t for t in map(clean_text, words) if t] if words else None for words in lists.to_pylist())
    return pa.array([words or None for words in cleaned], pa.list_(pa.string()))
