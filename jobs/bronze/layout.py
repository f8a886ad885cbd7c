"""What is fixed when a source first lands: the grain of its partitions, its buckets, the names of its inputs.

Bronze, and with it every later rebuild, depends on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.errors import BadInput
from include.lake.frames import few_rows, union
from include.lake.meta import Layout, Meta
from include.tables.columns import BY_DAY
from jobs.bronze.land import Delivery, once, to_bronze

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from include.lake.turn import Turn
    from include.settings import Settings
    from include.sources.model import Source

_GRAIN_ROWS = 100_000  # in a partition, at least


def require_same(sources: Iterable[Source], landed: Mapping[str, Layout]) -> None:
    """Raises BadInput for a description that what landed earlier does not fit any more."""
    for source in sources:
        before = landed.get(source.name)
        if before is None:
            continue
        described = {f"{feed}/{i.name}" for feed, spec in source.feeds.items() for i in spec.inputs}
        gone = sorted(before.inputs - described)
        if gone:
            feed, name = gone[0].split("/", 1)
            raise BadInput(
                f"{source.name}: files of an input {name!r} of {feed} have landed, and no input is called that any "
                f"more. Where its path was renamed, give the input `name: {name}`; one that has landed must stay"
            )
        if source.buckets != before.buckets:
            raise BadInput(
                f"{source.name}: buckets are fixed when the first file lands; say `buckets: {before.buckets}`"
            )


def fix_layouts(
    turn: Turn, sources: Mapping[str, Source], deliveries: list[Delivery], settings: Settings
) -> dict[str, str]:
    """The partition grain of every source. One that lands for the first time gets its own, for good."""
    landed = Meta(settings).layouts()
    inputs = {n: frozenset(f"{d.feed}/{d.input}" for d in deliveries if d.source == n) for n in sources}
    new = {n: s for n, s in sources.items() if n not in landed and inputs[n]}
    dense = _density(turn.spark, {n: s for n, s in new.items() if not s.period}, deliveries, settings)
    grains = {n: layout.grain for n, layout in landed.items()}
    grains |= {n: s.period or choose_grain(*dense.get(n, (0, 1))) for n, s in new.items()}
    grown = [n for n in sources if inputs[n] - (landed[n].inputs if n in landed else frozenset())]
    turn.append_rows(
        "meta.sources",
        [
            {"source": n, "grain": grains[n], "buckets": sources[n].buckets, "inputs": sorted(inputs[n]),
             "fence": turn.fence}
            for n in grown
        ],
    )  # fmt: skip
    return grains


def choose_grain(rows: int, days: int) -> str:
    """The finest partition grain that still holds about 100,000 rows a partition."""
    a_day = rows / max(days, 1)
    for grain, length in (("day", 1), ("month", 30), ("year", 365)):
        if a_day * length >= _GRAIN_ROWS:
            return grain
    return "all"


def _density(
    spark: SparkSession, sources: Mapping[str, Source], deliveries: list[Delivery], settings: Settings
) -> dict[str, tuple[int, int]]:
    """Records and days between the first and the last of them, of the feeds that are stored by day."""
    parts = []
    for feed in BY_DAY:
        mine = [d for d in once(deliveries) if d.source in sources and d.feed == feed]
        if mine:
            rows = to_bronze(spark, mine, sources, {}, settings.data_folders)
            parts.append(rows.select("source", "day"))
    if not parts:
        return {}
    span = (F.datediff(F.max("day"), F.min("day")) + 1).alias("days")
    counted = union(parts).groupBy("source").agg(F.count("*").alias("n"), span)
    return {r["source"]: (r["n"], r["days"]) for r in few_rows(counted, "new sources")}
