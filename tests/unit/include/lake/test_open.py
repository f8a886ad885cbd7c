"""What is wrong with a table is told with its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from deltalake.exceptions import DeltaError, TableNotFoundError

from include.errors import PortraitError
from include.lake.meta import Meta
from include.lake.open import open_dataset, open_table
from tests.unit.include.small_lake import SmallLake


@pytest.mark.parametrize("bytes_left", [0.5, 0.99])
def test_a_log_that_was_cut_is_told_with_its_file(tmp_path: Path, bytes_left: float):
    settings = SmallLake(tmp_path).settings
    newest = max((settings.table_path("silver.items") / "_delta_log").glob("*.json"))
    newest.write_bytes(newest.read_bytes()[: int(newest.stat().st_size * bytes_left)])
    for look in (open_table, open_dataset):
        with pytest.raises(
            PortraitError, match=rf"^silver\.items: .*/_delta_log/{newest.name} is not what was written"
        ):
            look(settings, "silver.items")


def test_a_file_of_meta_that_was_cut_is_told_with_its_table(tmp_path: Path):
    lake = SmallLake(tmp_path)
    lake.release()
    settings = lake.settings
    file = next(settings.table_path("meta.releases").glob("*.parquet"))
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(
        PortraitError, match=rf"^meta\.releases: {file.name}: its bytes are not those that were written"
    ):
        Meta(settings).releases("ingest")


def test_other_troubles_are_told_as_they_are(tmp_path: Path):
    settings = SmallLake(tmp_path).settings
    with pytest.raises(DeltaError, match="version"):
        open_table(settings, "silver.items", 99)
    with pytest.raises(TableNotFoundError):
        open_table(settings, "silver.nothing")
