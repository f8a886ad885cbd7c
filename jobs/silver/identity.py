"""Keys and pseudonyms: which records are about the same thing, and who did it without saying who."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from include.privacy import OWN_ID_MARK, pseudonym, read_key
from include.tables.canonical import FEEDS, OWN_ID

if TYPE_CHECKING:
    from pyspark.sql import Column

# One kind of pseudonym for all columns that name the same kind of thing, so that they join.
_KINDS = {"user_id": "user", "target_id": "user", "event_id": "event", "text_id": "text", "parent_id": "text",
          "session_id": "session", "order_id": "order"}  # fmt: skip


def key_of(feed: str) -> Column:
    """What makes two records of a feed versions of one thing, as text.

    The source's own id where there is one; else the feed's natural key where the time is exact to the second (or the
    feed is not about moments); else the whole content, since two equal plays in one month may both be true.
    """
    declared = FEEDS[feed]
    natural = _text(*declared.key)
    if feed == "events":
        content = _text(*(c.name for c in declared.columns if c.name != "op"))
        natural = F.when(F.col("precision") == "second", natural).otherwise(content)
    own = OWN_ID.get(feed)
    return F.when(F.col(own).isNotNull(), key_from_id(own)).otherwise(natural) if own else natural


def key_from_id(column: str) -> Column:
    """The key of a record by the source's own id of it; null where there is none."""
    return F.concat(F.lit(OWN_ID_MARK), F.col(column))


def pseudonyms(feed: str, key_file: Path) -> dict[str, Column]:
    """Silver name to pseudonym, for every identifier of the feed. Null stays null."""
    keyed = _hasher(str(key_file))
    return {
        c.becomes: keyed(F.lit(_KINDS[c.name]), F.col("source"), F.col(c.name))
        for c in FEEDS[feed].columns
        if c.becomes
    }


def keyed(kind: str, value: Column, key_file: Path) -> Column:
    """The pseudonym of any other text of a row."""
    return _hasher(str(key_file))(F.lit(kind), F.col("source"), value)


def _hasher(key_file: str) -> Callable[..., Column]:
    """A function of (kind, source, value). The plan holds where the key is; each worker reads it there, once."""

    @F.arrow_udf(StringType())  # type: ignore[attr-defined,untyped-decorator]
    def hashed(kinds: pa.Array, sources: pa.Array, values: pa.Array) -> pa.Array:
        key = _key(key_file)
        rows = zip(kinds.to_pylist(), sources.to_pylist(), values.to_pylist(), strict=True)
        return pa.array([None if v is None else pseudonym(key, k, s, v) for k, s, v in rows], pa.string())

    found: Callable[..., Column] = hashed
    return found


@cache
def _key(key_file: str) -> bytes:
    return read_key(Path(key_file))


def _text(*columns: str) -> Column:
    return F.to_json(F.struct(*columns), {"ignoreNullFields": "true"})
