"""Set-up of a lake that is there already."""

from __future__ import annotations

from pathlib import Path

import pytest
from deltalake import DeltaTable

from include.lake.catalogue import declared
from include.lake.create import create_lake
from tests.unit.include.small_lake import SmallLake


@pytest.fixture
def lake(tmp_path: Path) -> SmallLake:
    return SmallLake(tmp_path / "lake")


def versions(lake: SmallLake) -> dict[str, int]:
    return {name: DeltaTable(str(lake.settings.table_path(name))).version() for name in lake.tables}


def signals(lake: SmallLake) -> DeltaTable:
    return DeltaTable(str(lake.settings.table_path("silver.text_signals")))


def test_nothing_is_written_where_nothing_was_declared_since(lake: SmallLake):
    before = versions(lake)
    create_lake(lake.settings, declared(lake.settings).values())
    assert versions(lake) == before


def test_values_that_were_declared_since_are_let_in_and_the_others_stay_out(lake: SmallLake):
    signals(lake).alter.drop_constraint("status_allowed")
    signals(lake).alter.add_constraint({"status_allowed": "status is null or status in ('value', 'unsupported')"})
    create_lake(lake.settings, declared(lake.settings).values())
    once = versions(lake)
    create_lake(lake.settings, declared(lake.settings).values())
    assert versions(lake) == once
    lake.append("silver.text_signals", {"text_hash": "a", "status": "unknown"})
    with pytest.raises(Exception, match="status"):
        lake.append("silver.text_signals", {"text_hash": "b", "status": "perhaps"})
