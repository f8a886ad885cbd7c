"""What a language model may be told of users: the evidence of what stands on their profiles."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.traits.model import ITEMS, MENTIONS, OWN, Trait

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_USER = ("source", "user_key")
_AROUND = 80  # characters on each side of the words
_TOLD = ("entity", "preference", "interest")  # families: nothing of who somebody is
_THINGS = ("brand", "category", "category_top")  # that mean something without the source


def transform(
    evidence: DataFrame, profiles: DataFrame, texts: DataFrame, speaking: DataFrame, *, traits: Sequence[Trait]
) -> DataFrame:
    """`(source, user_key, evidence_id, trait, value, day, quote, weight)` of what the latest profiles say.

    What texts mention comes with their words, and `evidence_id` names text and characters; what users did has no
    words, and `evidence_id` is its trait and value. `speaking(source, as_of, readers)` are the newest built days.
    """
    there = [t for t in traits if t.column in profiles.columns]
    top = [t for t in there if t.measure.top_k and t.family in _TOLD and t.whose == OWN]
    said = [t for t in top if t.reads == MENTIONS and t.thing == "name"]
    done = [t for t in top if t.reads == ITEMS and t.thing in _THINGS]
    acted = _values(profiles, done).select(
        *_USER,
        F.concat_ws(":", "trait", "value").alias("evidence_id"),
        "trait",
        "value",
        F.lit(None).cast("date").alias("day"),
        F.lit(None).cast("string").alias("quote"),
        F.col("share").alias("weight"),
    )
    counts = evidence.where("known_to is null").join(F.broadcast(speaking), on="source", how="inner")
    is_read = F.array_contains("readers", F.col("model_version"))
    is_hidden = F.col("hidden_by").isNotNull() & F.arrays_overlap("hidden_by", "readers")
    in_time = reduce(operator.and_, map(_is_in_time, said), F.col("day") <= F.col("as_of"))
    standing = counts.where(is_read & ~is_hidden & in_time).withColumnRenamed("name", "value")
    shown = standing.join(_values(profiles, said), on=[*_USER, "trait", "value"], how="inner")
    quoted = shown.join(
        texts.select("source", "day", "text_key", "known_from", "text"),
        on=["source", "day", "text_key", "known_from"],
        how="inner",
    )
    written = quoted.select(
        *_USER,
        F.concat("text_key", F.lit(":"), "span_start", F.lit("-"), "span_end", F.lit(":"), "trait").alias(
            "evidence_id"
        ),
        "trait",
        "value",
        "day",
        _quote().alias("quote"),
        F.col("share").alias("weight"),
    )
    return written.unionByName(acted)


def _quote() -> Column:
    """The span and what stands around it, without halves of words: `unhealthy` must not become `healthy`."""
    first = F.greatest(F.col("span_start") - _AROUND, F.lit(0))
    before = F.substring("text", first + 1, F.col("span_start") - first)
    after = F.substring("text", F.col("span_end") + 1, F.lit(_AROUND))
    is_cut = F.length("text") > F.col("span_end") + _AROUND
    return F.concat(
        F.when(first > 0, F.regexp_replace(before, r"^\S{1,30}\s+", "")).otherwise(before),
        F.substring("text", F.col("span_start") + 1, F.col("span_end") - F.col("span_start")),
        F.when(is_cut, F.regexp_replace(after, r"\s+\S{1,30}$", "")).otherwise(after),
    )


def _is_in_time(trait: Trait) -> Column:
    """Whether a row is of another trait, or its day is one that this trait looks at."""
    fits = F.col("is_dated") if trait.is_dated else F.lit(True)
    if trait.window is not None:
        fits &= F.date_diff("as_of", "day") < trait.window
    return (F.col("trait") != trait.column) | fits


def _values(profiles: DataFrame, traits: Sequence[Trait]) -> DataFrame:
    """`(source, user_key, trait, value, share)` of the lists on profiles."""

    def of_trait(trait: Trait) -> Column:
        named = F.lit(trait.column).alias("trait")
        return F.transform(trait.column, lambda x: F.struct(named, x["value"], x["share"]))

    nothing = F.array().cast("array<struct<trait:string,value:string,share:double>>")
    every = F.concat(nothing, *(F.coalesce(of_trait(t), nothing) for t in traits))
    return profiles.select(*_USER, F.inline(every))
