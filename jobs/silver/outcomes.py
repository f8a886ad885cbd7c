"""What became of each record: which version of a thing was known when, and which records never were one.

Input rows carry `identity` (what the record is about), `content` (hash of its values), `reasons`, and where it came
from. Output adds `outcome`, `known_from` and `known_to`; a row with a `known_from` is a version and belongs in silver
unless it is a delete.

append    facts: of several records about one thing the one with most mapped values is known; it may come later
changes   highest order wins, then latest arrival, then position; a delete ends what was known
snapshot  a file replaces the earlier ones of its input; a thing that is missing in it is deleted as of its arrival
The same content twice is a duplicate in all three.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from jobs.silver.clean import is_delete

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, WindowSpec

PUBLISHED, DUPLICATE, SUPERSEDED, REJECTED = "published", "duplicate", "superseded", "rejected"
_DELIVERED = ("sha256", "position")


def compete(rows: DataFrame, is_changes: Column) -> DataFrame:
    """Outcomes under `append` and `changes`; `is_changes` tells which rule a row is under."""
    is_candidate = (F.size("reasons") == 0) & (F.row_number().over(_same_content()) == 1)
    arrived = F.unix_date("arrived_on")
    # The order of versions, as one comparable value. Under append the earliest of two equally rich records stays.
    rank = F.struct(
        F.when(is_changes, F.col("order")).alias("order"),
        F.when(is_changes, F.lit(0)).otherwise(F.col("mapped")).alias("mapped"),
        F.when(is_changes, arrived).otherwise(-arrived).alias("arrived"),
        F.when(is_changes, F.col("landed")).otherwise(F.lit(0)).alias("landed"),
        F.col("sha256"),
        F.when(is_changes, F.col("position")).otherwise(-F.col("position")).alias("position"),
    )
    thing = Window.partitionBy("source", "identity").orderBy("_arrived")
    until_then = thing.rangeBetween(Window.unboundedPreceding, Window.currentRow)
    after_then = thing.rangeBetween(1, Window.unboundedFollowing)
    ranked = rows.withColumn("_candidate", is_candidate).withColumns(
        {"_arrived": arrived, "_rank": F.when(F.col("_candidate"), rank)}
    )
    versions = ranked.withColumn(
        "_version", F.coalesce(F.col("_rank") == F.max("_rank").over(until_then), F.lit(False))
    )
    closed = versions.withColumns(
        {
            "known_from": F.when(F.col("_version"), F.col("arrived_on")),
            "known_to": F.when(
                F.col("_version"), F.min(F.when(F.col("_version"), F.col("arrived_on"))).over(after_then)
            ),
        }
    )
    lost = F.when(is_changes & F.col("_candidate"), SUPERSEDED).otherwise(DUPLICATE)
    return _with_outcome(closed, lost).drop("_candidate", "_arrived", "_rank", "_version")


def replace_by_snapshot(rows: DataFrame) -> DataFrame:
    """Outcomes under `snapshot`."""
    in_order = Window.partitionBy("source", "input").orderBy("arrived_on", "landed", "sha256")
    files = (
        rows.groupBy("source", "input", "sha256")
        .agg(F.min("arrived_on").alias("arrived_on"), F.min("landed").alias("landed"))
        .select(
            "source",
            "input",
            "sha256",
            F.row_number().over(in_order).alias("_file"),
            F.lead("arrived_on").over(in_order).alias("_replaced_on"),
        )
    )
    in_file = Window.partitionBy("source", "identity", "_file").orderBy(F.desc("mapped"), "position")
    numbered = rows.join(F.broadcast(files), on=["source", "input", "sha256"], how="inner").withColumn(
        "_counts", (F.size("reasons") == 0) & (F.row_number().over(in_file) == 1)
    )
    # Rejected and repeated records take no part in the chain of files.
    chain = Window.partitionBy("source", "identity", "_counts").orderBy("_file")
    before = F.lag("_file").over(chain)
    continues = (before == F.col("_file") - 1) & (F.lag("content").over(chain) == F.col("content"))
    started = numbered.withColumn("_starts", F.col("_counts") & ~F.coalesce(continues, F.lit(False)))
    so_far = chain.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    grouped = started.withColumn("_version", F.sum(F.col("_starts").cast("int")).over(so_far))
    version = Window.partitionBy("source", "identity", "_counts", "_version")
    is_open = F.max(F.col("_replaced_on").isNull()).over(version)
    end = F.when(~is_open, F.max("_replaced_on").over(version))
    closed = grouped.withColumn("known_to", F.when(F.col("_starts"), end)).withColumn(
        "known_from",
        F.when(F.col("_starts") & ~F.col("known_to").eqNullSafe(F.col("arrived_on")), F.col("arrived_on")),
    )
    lost = F.when(F.col("_starts"), SUPERSEDED).otherwise(DUPLICATE)
    return _with_outcome(closed, lost).drop("_file", "_replaced_on", "_counts", "_starts", "_version")


def is_row() -> Column:
    """True for what belongs in silver: versions, current or past, but not the deletes that ended them."""
    return F.col("known_from").isNotNull() & ~is_delete()


def _with_outcome(rows: DataFrame, lost: Column) -> DataFrame:
    outcome = (
        F.when(F.size("reasons") > 0, REJECTED)
        .when(F.col("known_from").isNotNull() & F.col("known_to").isNull(), PUBLISHED)
        .otherwise(lost)
    )
    return rows.withColumn("outcome", outcome)


def _same_content() -> WindowSpec:
    return Window.partitionBy("source", "identity", "content").orderBy("arrived_on", *_DELIVERED)
