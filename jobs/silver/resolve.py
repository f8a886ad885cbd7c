"""All records of a feed on the days asked for, resolved: clean, without identifiers, each with its outcome.

The tables of silver, the rejected ones and the accounts are three views of these rows, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.privacy import RECORD
from include.tables.canonical import FEEDS
from jobs.silver.clean import canonical, normalise, reasons
from jobs.silver.identity import key_from_id, key_of, keyed, pseudonyms
from jobs.silver.outcomes import compete, replace_by_snapshot

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from include.sources.model import Source

_OWN_KEY = {"events": "event_key", "texts": "text_key"}
_ABOUT = {"items": ("item_id",), "users": ("user_key",), "follows": ("user_key", "target_key", "kind")}


def transform(
    bronze: DataFrame, *, feed: str, sources: Mapping[str, Source], data_folders: Sequence[Path], key_file: Path
) -> DataFrame:
    """One row for each row of `bronze`."""
    described = {name: s for name, s in sources.items() if feed in s.feeds}
    rows = normalise(canonical(bronze, feed, described, data_folders), feed, described)
    rows = rows.withColumn("reasons", reasons(feed, described)).withColumn("_key", key_of(feed))
    hidden = pseudonyms(feed, key_file)
    if feed in _OWN_KEY:
        hidden[_OWN_KEY[feed]] = keyed(RECORD, F.col("_key"), key_file)
    if feed == "texts":  # so that it is the text_key of the text it answers
        hidden["parent_key"] = keyed(RECORD, key_from_id("parent_id"), key_file)
    rows = rows.withColumns(hidden)
    if feed == "follows":
        rows = rows.withColumn("kind", F.coalesce("kind", F.lit("follow")))
    names = [c.name for c in FEEDS[feed].columns]
    rows = rows.withColumns({"content": F.xxhash64(*names, "order"), "identity": _identity(feed, described)})
    raw = {c.name for c in FEEDS[feed].columns if c.becomes} - set(hidden)
    # `key` is a plain hash of identifiers: it stops here too.
    return _outcomes(rows.drop(*raw, "_key", "key", "arrives", "problems"), feed, described)


def _outcomes(rows: DataFrame, feed: str, sources: Mapping[str, Source]) -> DataFrame:
    by_delivery = {d: [n for n, s in sources.items() if s.feeds[feed].delivery == d] for d in _DELIVERIES}
    parts = []
    if by_delivery["append"] or by_delivery["changes"]:
        competing = rows.where(F.col("source").isin(by_delivery["append"] + by_delivery["changes"]))
        parts.append(compete(competing, F.col("source").isin(by_delivery["changes"])))
    if by_delivery["snapshot"]:
        parts.append(replace_by_snapshot(rows.where(F.col("source").isin(by_delivery["snapshot"]))))
    return parts[0] if len(parts) == 1 else parts[0].unionByName(parts[1])


_DELIVERIES = ("append", "changes", "snapshot")


def _identity(feed: str, sources: Mapping[str, Source]) -> Column:
    """What a record is about. Facts of two days are two things; a rejected record is only about itself."""
    own = _OWN_KEY.get(feed)
    if own is None:
        thing = F.concat_ws("\x1f", *_ABOUT[feed])
    else:
        moves = F.col("source").isin([n for n, s in sources.items() if s.feeds[feed].delivery == "changes"])
        thing = F.when(moves, F.col(own)).otherwise(F.concat_ws("\x1f", own, "day"))
    itself = F.concat_ws("\x1f", "input", "sha256", "position")
    return F.when(F.size("reasons") == 0, thing).otherwise(itself)
