"""Appending a few rows that were made here, by delta-rs: a commit of milliseconds, where Spark takes a second or two.

A commit may carry the number of a transaction, as those of Spark do. Spark drops a write whose number is not larger
than the table's last one of that name; delta-rs does not, so it is looked up here. A commit of that name which comes
between the look and ours is a conflict to delta-rs; then it is looked up again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from deltalake import (
    CommitProperties,
    DeltaTable,
    PostCommitHookProperties,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import CommitFailedError
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from include.lake.open import open_table
from include.settings import Settings

COMPRESSION = WriterProperties(compression="ZSTD")
ONLY_COMMIT = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
_LOOKED_AT = 100  # newest commits of a table: more than can come between a write and the look for it


class _Overwritten(Exception):
    """A commit is not in the log: on a local disk Spark, at the same moment, may put its own in its place."""


@retry(
    retry=retry_if_exception_type((CommitFailedError, _Overwritten)),
    stop=stop_after_attempt(8),
    wait=wait_random(0.05, 0.3),
    reraise=True,
)
def append(
    settings: Settings, table: str, rows: Sequence[Mapping[str, Any]], note: str, transaction: tuple[str, int] | None
) -> int | None:
    """Append rows of a declared table, `written_at` filled in; none are a commit, too. The version committed.

    `note`, of this write alone, is the commit's user metadata, `transaction` its name and number.
    None, and nothing is written, if the table has that number of that name already, or a larger one.
    """
    found = open_table(settings, table)
    numbers = []
    if transaction:
        name, number = transaction
        if (found.transaction_version(name) or 0) >= number:
            return None
        numbers.append(Transaction(name, number))
    write_deltalake(
        found,
        _to_arrow(found, rows),
        mode="append",
        writer_properties=COMPRESSION,
        commit_properties=CommitProperties(custom_metadata={"userMetadata": note}, app_transactions=numbers),
        post_commithook_properties=ONLY_COMMIT,
    )
    if (version := committed(settings, table, note)) is None:
        raise _Overwritten(table)
    return version


def committed(settings: Settings, table: str, note: str) -> int | None:
    """The version of the commit with this note; None if there is none among the newest."""
    newest = open_table(settings, table).history(_LOOKED_AT)
    return next((int(commit["version"]) for commit in newest if commit.get("userMetadata") == note), None)


def _to_arrow(table: DeltaTable, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    schema = pa.schema(table.schema().to_arrow())
    now = datetime.now(UTC)
    filled = [{n: _plain(now if n == "written_at" else row.get(n)) for n in schema.names} for row in rows]
    return pa.Table.from_pylist(filled, schema=schema)


def _plain(value: Any) -> Any:
    """Arrow takes a map as its pairs."""
    return list(value.items()) if isinstance(value, Mapping) else value
