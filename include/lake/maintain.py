"""Maintenance of a lake: small files are put together, and what no reader needs any more is deleted.

By delta-rs, without Spark. Rows stay what they are; the versions that readers and the next run are at stay readable,
however old they are.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from include.errors import Unreleased
from include.lake.append import COMPRESSION, ONLY_COMMIT
from include.lake.catalogue import declared
from include.lake.open import open_table
from include.lake.staging import staged_by
from include.query import Lake
from include.settings import Settings
from include.tables import EVERY_APPLICATION, Table

KEEP_DAYS = 7  # a reader that opened a version may still be at it
MANY_FILES = 16  # in a partition: from more on they are put together
META = "meta"
GROUPS = (*EVERY_APPLICATION, META)  # the tables of one of them are looked after at a time


@dataclass(frozen=True)
class Maintained:
    """What was done to a table: files put together into fewer, files deleted; and files that are part of it now."""

    table: str
    joined: int
    deleted: int
    files: int


def maintain(settings: Settings, group: str, keep_days: int = KEEP_DAYS) -> list[Maintained]:
    """Look after the tables of an application, or after those of meta. Not beside a run of the application.

    Raises NoLake where there is none, Unreleased where a run has not ended.
    """
    meta = Lake(settings).meta
    if group != META:
        if waiting := meta.unreleased(group):
            raise Unreleased(
                f"{group}: run {waiting[-1]['run_id']} has not ended; its tables are left alone. Wait for it, or run "
                "it again"
            )
        ended = {str(release["fence"]) for release in meta.releases(group)}  # not a run that begins just now
        for folder in staged_by(settings, group).glob("*"):
            if folder.name in ended:
                shutil.rmtree(folder, ignore_errors=True)
    needed = meta.needed_versions()
    tables = [t for t in declared(settings).values() if (t.layer if t.layer == META else t.application) == group]
    return [_maintained(settings, table, needed.get(table.name, set()), keep_days) for table in tables]


def _maintained(settings: Settings, table: Table, needed: Iterable[int], keep_days: int) -> Maintained:
    found = open_table(settings, table.name)
    joined = sum(_join(found, partition) for partition in _crowded(found))
    deleted = found.vacuum(
        retention_hours=int(timedelta(days=keep_days) / timedelta(hours=1)), dry_run=False, full=True,
        enforce_retention_duration=False, keep_versions=sorted(needed) or None, post_commithook_properties=ONLY_COMMIT,
    )  # fmt: skip
    if table.layer == META:
        _tidy_log(settings, found, table.name)
    return Maintained(table.name, joined, len(deleted), len(found.file_uris()))


def _crowded(table: DeltaTable) -> list[list[tuple[str, str, str]]]:
    """The partitions of many files, each as conditions; one without conditions is the whole table."""
    columns = table.metadata().partition_columns
    files = pa.table(table.get_add_actions(flatten=True))
    if not columns:
        return [[]] if files.num_rows > MANY_FILES else []
    names = [f"partition.{c}" for c in columns]
    counted = files.group_by(names).aggregate([("path", "count")])
    many = counted.filter(pc.field("path_count") > MANY_FILES).to_pylist()
    return [[(c, "=", str(row[name])) for c, name in zip(columns, names, strict=True)] for row in many]


def _join(table: DeltaTable, partition: list[tuple[str, str, str]]) -> int:
    done = table.optimize.compact(
        partition or None, writer_properties=COMPRESSION, post_commithook_properties=ONLY_COMMIT
    )
    return int(done["numFilesRemoved"])


def _tidy_log(settings: Settings, table: DeltaTable, name: str) -> None:
    """A checkpoint, and records of more than thirty days are deleted: what Spark does for tables it writes. Most tables
    of meta it never writes."""
    table.create_checkpoint()
    # Spark's checksum of the file that names the newest checkpoint, which is another one now.
    (settings.table_path(name) / "_delta_log" / "._last_checkpoint.crc").unlink(missing_ok=True)
    table.cleanup_metadata()
