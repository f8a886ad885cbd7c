"""Reading the lake without Spark."""

import shutil
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from include.errors import BadInput, PortraitError
from include.lake.create import create_lake
from include.query import Lake
from include.settings import Settings
from include.tables import TABLES
from tests.unit.include.small_lake import SmallLake

VIEW = {"source": "shop", "kind": "view", "period": "all"}


@pytest.fixture
def small(tmp_path: Path) -> SmallLake:
    return SmallLake(tmp_path)


def test_a_folder_without_a_lake_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no lake in .*: run `make demo`"):
        Lake(Settings(lake=tmp_path / "nowhere"))


def test_a_lake_where_nothing_was_published_is_said(small: SmallLake) -> None:
    with pytest.raises(BadInput, match="nothing has been published"):
        Lake(small.settings).connect(macros=False)


def test_readers_see_the_released_version_and_not_what_came_after(small: SmallLake) -> None:
    released = small.append("silver.events", VIEW | {"event_key": "a"})
    small.append("silver.events", VIEW | {"event_key": "b"})
    small.release(versions={"silver.events": released})
    lake = Lake(small.settings)
    assert lake.release() == {"silver.events": released}
    assert lake.rows("select event_key from silver.events") == [{"event_key": "a"}]


def test_the_newest_release_that_names_a_table_counts(small: SmallLake) -> None:
    first = small.append("silver.events", VIEW | {"event_key": "a"})
    small.release("ingest", versions={"silver.events": first, "silver.texts": 0})
    second = small.append("silver.events", VIEW | {"event_key": "b"})
    small.release("profile", versions={"silver.events": second, "gold.user_profiles": 0})
    assert Lake(small.settings).release() == {"silver.events": second, "silver.texts": 0, "gold.user_profiles": 0}


def test_a_table_that_was_never_released_is_empty(small: SmallLake) -> None:
    small.append("silver.events", VIEW)
    small.release(versions={"silver.texts": 0})
    assert Lake(small.settings).rows("select * from silver.events") == []


def test_a_table_declared_since_the_last_build_is_empty_and_profiles_can_be_asked_for(small: SmallLake) -> None:
    small.append("silver.events", VIEW)
    small.release(versions={"silver.events": 1})
    shutil.rmtree(small.settings.table_path("silver.user_days"))
    lake = Lake(small.settings)
    assert lake.rows("select * from silver.user_days") == []
    assert lake.rows("select * from user_profiles_asof(date '2019-10-01', date '2019-10-01')", macros=True) == []


def test_a_column_declared_since_the_last_build_is_null(small: SmallLake) -> None:
    small.append("gold.behaviour_daily", {"source": "shop", "n": 3})
    path = str(small.settings.table_path("gold.behaviour_daily"))
    before = DeltaTable(path).to_pyarrow_table().drop_columns(["means_version", "over_mean_count"])
    write_deltalake(path, before, mode="overwrite", schema_mode="overwrite", partition_by=["source", "period"])
    small.release()
    rows = Lake(small.settings).rows("select n, means_version, over_mean_count from gold.behaviour_daily", macros=True)
    assert rows == [{"n": 3, "means_version": None, "over_mean_count": None}]


def test_meta_is_read_as_it_is_now(small: SmallLake) -> None:
    small.release()
    lake = Lake(small.settings)
    lake.release()
    small.append("meta.claims", {"claim_id": "late"})
    assert lake.rows("select claim_id from meta.claims") == [{"claim_id": "late"}]


def test_every_type_comes_back_as_it_was_written(small: SmallLake) -> None:
    moment = datetime(2019, 10, 1, 23, 59, 59, 123456, tzinfo=UTC)
    small.append(
        "silver.events",
        VIEW | {"happened_at": moment, "day": date(2019, 10, 1), "unit_price": Decimal("12.3400"), "value": 0.1},
        VIEW | {"unit_price": None, "kind": "cart"},
    )
    small.append("silver.items", {"item_id": "i", "categories": ["top", "leaf"], "tags": []})
    share = [{"value": "a", "weight": Decimal(3), "share": 0.75}, {"value": "b", "weight": Decimal(1), "share": 0.25}]
    small.append("gold.user_profiles", {"user_key": "u", "status": {"a": "value", "b": "no data"},
                                        "interest_categories": share, "time_hours": [0] * 24})  # fmt: skip
    small.release()
    lake = Lake(small.settings)
    events = lake.rows("select happened_at, day, unit_price, value from silver.events order by kind desc")
    assert events[0] == {
        "happened_at": moment,
        "day": date(2019, 10, 1),
        "unit_price": Decimal("12.3400"),
        "value": 0.1,
    }
    assert events[1]["unit_price"] is None
    assert lake.rows("select categories, tags from silver.items") == [{"categories": ["top", "leaf"], "tags": []}]
    assert lake.rows("select status, interest_categories as top, len(time_hours) as hours from gold.user_profiles") == [
        {"status": {"a": "value", "b": "no data"}, "top": share, "hours": 24}
    ]


@pytest.mark.parametrize(
    "condition",
    ["happened_at >= timestamptz '2019-10-01 12:00:00+00'", "unit_price > 10", "day = date '2019-10-01'",
     "source = 'shop' and value < 0.2", "value in (0.1, 7)", "unit_price = 12.34", "kind like 'v%'"],
)  # fmt: skip
def test_filters_find_the_same_rows_when_they_are_pushed_into_the_files(small: SmallLake, condition: str) -> None:
    moment = datetime(2019, 10, 1, 12, tzinfo=UTC)
    small.append("silver.events", VIEW | {"happened_at": moment, "day": date(2019, 10, 1),
                                          "unit_price": Decimal("12.3400"), "value": 0.1})  # fmt: skip
    small.append("silver.events", VIEW | {"source": "other", "day": date(2019, 10, 2), "value": 0.3, "kind": "cart"})
    small.release()
    assert [
        row["source"] for row in Lake(small.settings).rows("select source from silver.events where " + condition)
    ] == ["shop"]


def test_an_unread_column_and_an_unneeded_file_are_not_read(small: SmallLake) -> None:
    small.append("silver.events", VIEW, VIEW | {"source": "other"})
    small.release()
    with Lake(small.settings).connect(macros=False) as connection:
        plan = connection.execute("explain select kind from silver.events where source = 'shop'").fetchall()[0][1]
    assert "Projections: kind" in plan
    assert "source" in plan.split("Filters")[1].splitlines()[0]


@pytest.mark.parametrize("sql", ["select * from bronze.events", "select * from bronze__events"])
def test_bronze_is_not_there(small: SmallLake, sql: str) -> None:
    small.append("bronze.events", {"record": '{"user_id": "alice"}'})
    small.release()
    with Lake(small.settings).connect(macros=False) as connection, pytest.raises(duckdb.Error):
        connection.execute(sql)


@pytest.mark.parametrize(
    "sql",
    ["select * from read_text('{file}')", "select * from '{file}'", "copy (select 1) to '{file}'", "attach '{file}.db'",
     "set enable_external_access = true", "set memory_limit = '1GB'", "reset lock_configuration", "install httpfs",
     "select * from glob('{folder}/*')", "select * from secret", "insert into silver.events select * from gold.x",
     "select getenv('HOME')", "import database '{folder}'"],
)  # fmt: skip
def test_nothing_outside_the_lake_can_be_reached(small: SmallLake, tmp_path: Path, sql: str) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("a\n1\n")
    secret = pa.table({"a": [1]})  # DuckDB would find it by the name of the variable
    small.release()
    with Lake(small.settings).connect(macros=False) as connection, pytest.raises(duckdb.Error):
        connection.execute(sql.format(file=file, folder=tmp_path)).fetchall()
    assert file.read_text() == "a\n1\n"
    assert secret is not None


def test_a_table_that_would_be_read_wrong_is_refused(small: SmallLake) -> None:
    """By Spark, by accident: delta-rs would read every column as null."""
    for log in (small.settings.table_path("silver.events") / "_delta_log").glob("*.json"):
        mapped = log.read_text().replace('"configuration":{', '"configuration":{"delta.columnMapping.mode":"name",')
        log.write_text(mapped)
    small.release()
    with pytest.raises(PortraitError, match="column mapping"):
        Lake(small.settings).rows("select * from silver.events")


def test_a_missing_version_is_one_clear_error(small: SmallLake) -> None:
    small.release(versions={"silver.events": 7})
    with pytest.raises(PortraitError, match=r"silver\.events cannot be read at version 7"):
        Lake(small.settings).rows("select * from silver.events")


def test_landed_records_are_counted_by_source_feed_and_arrival_day(small: SmallLake) -> None:
    one, two = date(2019, 10, 1), date(2019, 10, 2)
    rows = [{"source": "shop", "arrived_on": one, "position": i} for i in range(3)]
    small.append("bronze.events", *rows, {"source": "shop", "arrived_on": two})
    small.append("bronze.texts", {"source": "forum", "arrived_on": one})
    assert sorted(Lake(small.settings).landed()) == [
        ("forum", "texts", one, 1), ("shop", "events", one, 3), ("shop", "events", two, 1),
    ]  # fmt: skip


def test_profiles_as_of_a_day_are_there(small: SmallLake) -> None:
    small.append("gold.user_profile_history",
                 {"source": "shop", "user_key": "u", "day": date(2019, 10, 1), "behaviour_events_30d": 3},
                 {"source": "shop", "user_key": "u", "day": date(2019, 10, 2), "behaviour_events_30d": 5})  # fmt: skip
    small.append("meta.profile_days", *({"source": "shop", "day": date(2019, 10, n)} for n in (1, 2)))
    small.release()
    with Lake(small.settings).connect() as connection:
        asked = "select behaviour_events_30d from user_profiles_asof(date '{}')"
        assert connection.execute(asked.format("2019-10-01")).fetchall() == [(3,)]
        assert connection.execute(asked.format("2019-12-31")).fetchall() == [(5,)]
        assert connection.execute(asked.format("2019-09-30")).fetchall() == []


def test_a_trait_declared_since_the_last_build_has_no_value_yet(small: SmallLake) -> None:
    path = small.settings.table_path("gold.user_profile_history")
    shutil.rmtree(path)
    create_lake(small.settings, TABLES.values())  # as it was before any trait
    small.append("gold.user_profile_history", {"source": "shop", "user_key": "u", "day": date(2019, 10, 1)})
    small.append("meta.profile_days", {"source": "shop", "day": date(2019, 10, 1)})
    small.release()
    with Lake(small.settings).connect() as connection:
        asked = "select user_key, loyalty_last_seen_on, interest_brands from user_profiles_asof(date '2019-10-01')"
        assert connection.execute(asked).fetchall() == [("u", None, None)]
        shutil.rmtree(small.settings.table_path("gold.user_profiles"))
    create_lake(small.settings, TABLES.values())
    small.append("gold.user_profiles", {"source": "shop", "user_key": "u"})
    small.release()
    with Lake(small.settings).connect() as connection:
        asked = "select user_key, loyalty_last_seen_on from gold.user_profiles"
        assert connection.execute(asked).fetchall() == [("u", None)]


def test_a_lake_with_no_tables_of_a_layer_still_opens(tmp_path: Path) -> None:
    """An older lake lacks a table that was declared since."""
    small = SmallLake(tmp_path)
    small.release()
    shutil.rmtree(small.settings.table_path("silver.follows"))
    with Lake(small.settings).connect(macros=False) as connection:
        assert connection.execute("select count(*) from silver.events").fetchall() == [(0,)]
