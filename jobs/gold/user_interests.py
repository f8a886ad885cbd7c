"""gold.user_interests: what a user cares for, by what he did to items and what he wrote about.

Ann reviewed two kitchen items, today and 90 days ago, looked at a car today, and wrote once about recipes without an
item. Kitchen weighs 1 + 1/2, and with the recipes, which the model takes for Kitchen with 0.8, 2.3 of 3.3: score 0.7.
One look is no interest yet, but counts in what scores are shares of.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.models.topics import STEP
from include.tables.columns import EVENT_KINDS
from jobs.silver.validity import as_of, bucket_of

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

HALF_LIFE = 90  # days, as that of the traits of interest
LEAST = 2  # different texts or things done: one alone is no interest
EVIDENCE = 5
LANDMARK = date(2000, 1, 1)
_USER = ["source", "user_key"]
_INTEREST = [*_USER, "kind", "interest_id"]


def transform(
    readings: DataFrame,
    ledger: DataFrame,
    published: DataFrame,
    targets: DataFrame,
    *,
    version: str | None,
    names: Mapping[str, str],
    levels: Mapping[str, int],
    buckets: Mapping[str, int],
    half_life: int = HALF_LIFE,
    least: int = LEAST,
) -> DataFrame:
    """Rows of `targets(source, user_key, as_of)` anew, from what stands up to that day; `published` rows of all others
    stay.

    `readings(source, user_key, day, text_hash, kind, interest_id, confidence)` of texts are those of `read_texts`;
    `ledger` is gold.behaviour_items_daily. `version` of the topics with their `names` and `levels` (`Topics.names`,
    `Topics.levels`). A topic without a name is told by no word, and is no interest.
    """
    # What is not known yet goes first: a later copy of a text must not take the place of the earlier one.
    by_text = _known(readings, targets).groupBy(*_INTEREST, "as_of", "text_hash")
    wrote = by_text.agg(F.max("day").alias("day"), F.max("confidence").alias("sure"))
    told = wrote.unionByName(_done(_known(ledger, targets), levels), allowMissingColumns=True)
    told = told.withColumn("heft", F.col("sure") * F.pow(F.lit(2.0), -F.datediff("as_of", "day") / half_life))
    # Whatever the day: a weight relative to it would be nothing after some years.
    rank = F.log2("sure") + F.datediff("day", F.lit(LANDMARK)) / half_life
    heaviest = F.struct((-F.round(rank, 9)).alias("rank"), "text_hash")
    texts = F.array_sort(F.collect_list(F.when(F.col("text_hash").isNotNull(), heaviest)))
    content = F.xxhash64("kind", "interest_id", "day", "text_hash", "did", "item_id", "sure").cast("decimal(20,0)")
    by_interest = told.groupBy(*_INTEREST, "as_of").agg(
        F.sum("heft").alias("heft"),
        F.sum(content).alias("hashes"),
        F.count("text_hash").alias("texts"),
        (F.count(F.lit(1)) - F.count("text_hash")).alias("events"),
        F.max("day").alias("last_on"),
        F.transform(F.slice(texts, 1, EVIDENCE), lambda text: text["text_hash"]).alias("evidence"),
    )
    of_user = by_interest.groupBy(*_USER).agg(
        F.sum("heft").alias("of_all"), F.xxhash64(F.sum("hashes")).alias("basis_hash")
    )
    rows = by_interest.join(of_user, on=_USER).where(F.col("texts") + F.col("events") >= least)
    rows = rows.withColumn("interest", _name(names)).where(F.col("interest") != "")
    since = F.datediff("as_of", F.lit(LANDMARK)) / half_life
    rows = rows.select(
        *_INTEREST,
        bucket_of(F.col("user_key"), buckets).alias("bucket"),
        "interest",
        (F.col("heft") / F.col("of_all")).alias("score"),
        (F.log2("heft") + since).alias("weight"),
        "basis_hash",
        "texts",
        "events",
        "last_on",
        "evidence",
        F.lit(version).cast("string").alias("model_version"),
    )
    others = published.join(targets, on=_USER, how="left_anti")
    return rows.unionByName(others, allowMissingColumns=True)


def read_texts(texts: DataFrame, items: DataFrame, read: DataFrame, *, levels: Mapping[str, int]) -> DataFrame:
    """What each of the standing `texts` of silver is about, in the form of `readings`: the category of its item on that
    day; where there is none the likeliest category that a model has `read`, else the topic.

    `read` are rows of silver.text_signals of one version of the topics.
    """
    span = F.col("span")
    read = read.join(texts.select("text_hash").distinct(), on="text_hash", how="left_semi")
    said = read.select("text_hash", F.explode("spans").alias("span")).select(
        "text_hash",
        span["source"].alias("source"),
        span["label"].alias("kind"),
        span["name"].alias("interest_id"),
        span["confidence"].cast("double").alias("confidence"),
    )
    known = as_of(texts, items, on="item_id", columns=["categories"]).withColumn("category", _path(levels))
    about = known.select(*_USER, "day", "text_hash", "category")
    of_item = about.where(F.col("category").isNotNull()).select(
        *_USER, "day", "text_hash", F.lit("category").alias("kind"), F.col("category").alias("interest_id"),
        F.lit(1.0).alias("confidence"),
    )  # fmt: skip
    # "category" comes before "topic"; of several categories the surest.
    first = F.min_by(
        F.struct("kind", "interest_id", "confidence"), F.struct("kind", -F.col("confidence"), "interest_id")
    )
    one = said.groupBy("source", "text_hash").agg(first.alias("it")).select("source", "text_hash", "it.*")
    rest = about.where(F.col("category").isNull()).drop("category").join(one, on=["source", "text_hash"])
    return of_item.unionByName(rest)


def _known(rows: DataFrame, targets: DataFrame) -> DataFrame:
    """Of the targets alone, up to their day."""
    return rows.join(targets, on=_USER, how="inner").where(F.col("day") <= F.col("as_of"))


def _done(ledger: DataFrame, levels: Mapping[str, int]) -> DataFrame:
    """Items that a user did something to on a day, each kind once: who presses a button fifty times likes it no more.

    What was taken back has no positive net count. Texts are not in here; nor is what nobody knows the day of.
    """
    dated = ledger.where(F.col("kind").isin(*EVENT_KINDS) & F.col("is_dated")).withColumn("interest_id", _path(levels))
    counted = dated.groupBy(*_USER, "as_of", "day", F.col("kind").alias("did"), "item_id", "interest_id").agg(
        F.sum("n").alias("n")
    )
    standing = counted.where((F.col("n") > 0) & F.col("interest_id").isNotNull())
    category, sure = F.lit("category").alias("kind"), F.lit(1.0).alias("sure")
    return standing.select(*_USER, "as_of", "day", category, "interest_id", "did", "item_id", sure)


def _path(levels: Mapping[str, int]) -> Column:
    """The categories of an item down to the source's level, or all of them, as one name (`topics.path_of`)."""
    path: Column = F.col("categories")
    for source, level in sorted(levels.items()):
        down = F.when(F.size("categories") >= level, F.slice("categories", 1, level))
        path = F.when(F.col("source") == source, down).otherwise(path)
    return F.when(F.size(path) > 0, F.array_join(path, STEP))


def _name(names: Mapping[str, str]) -> Column:
    """The words of a topic; the last step of a category's path."""
    last = F.element_at(F.split("interest_id", STEP), -1)
    if not names:
        return F.when(F.col("kind") == "category", last).otherwise("")
    known = F.create_map(*(F.lit(word) for pair in sorted(names.items()) for word in pair))
    return F.when(F.col("kind") == "category", last).otherwise(F.coalesce(known[F.col("interest_id")], F.lit("")))
