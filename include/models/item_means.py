"""Means of the ratings of items, as files: what users rate is held against what users had given the item before.

A version is a table of source, item_id, mean (three digits) and users, sorted by the first two.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from include.models import artefact

if TYPE_CHECKING:
    import pyarrow as pa

    ItemMeans: TypeAlias = pa.Table

LEAST = 5  # users: of fewer a mean says what somebody thought
_FILE = "item_means.parquet"


def schema() -> pa.Schema:
    """The columns of a version."""
    import pyarrow as pa

    of_item = [("source", pa.string()), ("item_id", pa.string())]
    return pa.schema([*of_item, ("mean", pa.decimal128(9, 3)), ("users", pa.int64())])


def save(means: ItemMeans, folder: Path) -> str:
    """Write the files of a version; the digest by which it is known."""
    import pyarrow.parquet as pq

    pq.write_table(means, folder / _FILE)
    return artefact.seal(folder, [_FILE])


def load(folder: Path, digest: str, name: str) -> ItemMeans:
    """The means that were saved under this digest. BadInput that names the file if one is other than it was."""
    import pyarrow.parquet as pq

    artefact.require_sealed(folder, digest, name, [_FILE])
    found: ItemMeans = pq.read_table(folder / _FILE, partitioning=None)
    return found
