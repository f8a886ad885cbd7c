"""gold.trait_evidence: the words of users' texts that traits follow from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.tables.silver import ENTITIES, NAMES, SENTIMENT
from include.traits.model import TEXTS, Trait

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_OF_TEXT = ("source", "day", "known_from", "known_to", "user_key", "text_key", "text_hash", "kind", "language")


def transform(texts: DataFrame, signals: DataFrame, speaking: DataFrame, *, traits: Sequence[Trait]) -> DataFrame:
    """A row for each trait and each thing in a text that its condition lets through.

    `texts` are without suspects; `speaking(source, model_version)` are the versions that speak about some day of a
    source. What is read of a text as a whole, such as its language, is found in all of it.
    """
    reading = F.struct("signal", "model_version", "label", F.coalesce("pleased", "confidence").alias("weight"), "spans")
    of_text = texts.select(*_OF_TEXT, F.length("text").alias("long"), (F.col("precision") != "none").alias("is_dated"))
    read = (
        signals.where("status = 'value'")
        .join(of_text.select("text_hash").distinct(), on="text_hash", how="left_semi")
        .join(F.broadcast(speaking), on="model_version", how="inner")
        .groupBy("source", "text_hash")
        .agg(F.collect_list(reading).alias("readings"))
    )
    both = of_text.join(read, on=["source", "text_hash"], how="inner")
    found = both.withColumn("reading", F.explode("readings")).withColumn("span", F.explode(_spans()))
    things = found.where(_is_of_source(F.col("span")) & F.col("span.name").isNotNull()).select(
        *_OF_TEXT,
        "is_dated",
        "reading.signal",
        "reading.model_version",
        "span.label",
        "span.name",
        "span.item_id",
        F.col("span.start").alias("span_start"),
        F.col("span.end").alias("span_end"),
        F.col("span.confidence").alias("weight"),
        F.when(F.col("reading.signal") == ENTITIES, _named_by()).alias("hidden_by"),
    )
    counting = F.array_compact(F.array(*(F.when(_counts(t), F.lit(t.column)) for t in traits if t.is_of_text)))
    return things.withColumn("trait", F.explode(counting)).drop("language")


def _spans() -> Column:
    """Of a reading; what is read of a text as a whole is in all of it."""
    nothing = F.lit(None).cast("string")
    whole = F.struct(
        F.lit(0).alias("start"),
        F.col("long").alias("end"),
        F.col("reading.label").alias("label"),
        F.col("reading.weight").alias("confidence"),
        F.col("reading.label").alias("name"),
        nothing.alias("source"),
        nothing.alias("item_id"),
    )
    return F.coalesce("reading.spans", F.array(whole))


def _is_of_source(span: Column) -> Column:
    """Whether a span is of no source's items, or of those of the text's."""
    return span["source"].isNull() | (span["source"] == F.col("source"))


def _named_by() -> Column:
    """Versions that know a name of an item where the span is; null: none does."""

    def lies_over(name: Column) -> Column:
        return _is_of_source(name) & (name["start"] < F.col("span.end")) & (F.col("span.start") < name["end"])

    naming = F.filter("readings", lambda r: (r["signal"] == NAMES) & F.exists(r["spans"], lies_over))
    versions = F.array_sort(F.transform(naming, lambda r: r["model_version"]))
    return F.when(F.size(versions) > 0, versions)


def _counts(trait: Trait) -> Column:
    """Whether a row counts for the trait, whatever the day."""
    fits = F.lit(True) if trait.condition is None else F.expr(trait.condition.sql(dialect="spark"))
    return fits & (F.col("signal") == SENTIMENT) if trait.reads == TEXTS else fits
