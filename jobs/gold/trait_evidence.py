"""gold.trait_evidence: the words of users' texts that traits follow from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.traits.model import TEXTS, Trait

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_OF_TEXT = ("source", "day", "known_from", "known_to", "user_key", "text_key", "text_hash", "kind", "language")


def transform(texts: DataFrame, signals: DataFrame, speaking: DataFrame, *, traits: Sequence[Trait]) -> DataFrame:
    """A row for each trait and each thing in a text that its condition lets through.

    `texts` are without suspects; `speaking(source, model_version)` are the versions that speak about some day of a
    source. What is read of a text as a whole, such as its language, is found in all of it.
    """
    read = signals.where("status = 'value'").join(F.broadcast(speaking), on="model_version", how="inner")
    nothing = F.lit(None).cast("string")
    whole = F.struct(
        F.lit(0).alias("start"),
        F.length("text").alias("end"),
        "label",
        F.coalesce("pleased", "confidence").alias("confidence"),
        F.col("label").alias("name"),
        nothing.alias("source"),
        nothing.alias("item_id"),
    )
    of_text = texts.select(*_OF_TEXT, "text", (F.col("precision") != "none").alias("is_dated"))
    both = of_text.join(read.drop("run_id", "built_at"), on=["source", "text_hash"], how="inner")
    found = both.withColumn("span", F.explode(F.coalesce("spans", F.array(whole))))
    mine = F.col("span.source").isNull() | (F.col("span.source") == F.col("source"))
    things = found.where(mine & F.col("span.name").isNotNull()).select(
        *_OF_TEXT,
        "is_dated",
        "signal",
        "model_version",
        F.col("span.label").alias("label"),
        F.col("span.name").alias("name"),
        F.col("span.item_id").alias("item_id"),
        F.col("span.start").alias("span_start"),
        F.col("span.end").alias("span_end"),
        F.col("span.confidence").alias("weight"),
    )
    counting = F.array_compact(F.array(*(F.when(_counts(t), F.lit(t.column)) for t in traits if t.is_of_text)))
    return things.withColumn("trait", F.explode(counting)).drop("language")


def _counts(trait: Trait) -> Column:
    """Whether a row counts for the trait, whatever the day."""
    fits = F.lit(True) if trait.condition is None else F.expr(trait.condition.sql(dialect="spark"))
    return fits & (F.col("signal") == "sentiment") if trait.reads == TEXTS else fits
