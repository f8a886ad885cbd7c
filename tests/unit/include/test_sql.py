"""What a query may be."""

import pytest

from include.errors import BadInput
from include.sql import parse_select, tables_of


@pytest.mark.parametrize(
    "sql",
    ["select 1", "from gold.user_profiles", "with a as (select 1 as x) select x from a",
     "(select 1) union all select 2",
     "select 1;", "describe gold.user_profiles", "summarize silver.events", "select ';drop table x'",
     "select * from user_profiles_asof(date '2019-10-02')"],
)  # fmt: skip
def test_reading_is_allowed(sql: str) -> None:
    parse_select(sql)


@pytest.mark.parametrize(
    "sql",
    ["delete from silver.events", "with a as (select 1) delete from silver.events", "insert into a select 1",
     "update silver.events set kind = 'x'", "create table a as select 1", "drop view silver.events", "attach 'x'",
     "copy (select 1) to 'x'", "copy silver.events to 'x'", "set memory_limit = '1GB'", "pragma version", "load json",
     "install json", "call pragma_version()", "use meta", "select * into a from b", "vacuum", "begin", "checkpoint",
     "merge into a using b on true when matched then delete", "truncate silver.events", "alter table a add b int"],
)  # fmt: skip
def test_everything_else_is_refused(sql: str) -> None:
    with pytest.raises(BadInput, match=r"^sql: only reading is possible here"):
        parse_select(sql)


@pytest.mark.parametrize(
    ("sql", "message"),
    [("", "one statement at a time, not 0"), ("select 1; select 2", "one statement at a time, not 2"),
     ("select * from bronze.events", "bronze holds raw identifiers"),
     ('select (select count(*) from "BRONZE"."events")', "bronze holds raw identifiers"),
     ("select 'a", "a quote or a comment is not closed"), ("selec 1", r"line 1, column 7\) near '1'")],
)  # fmt: skip
def test_a_mistake_is_said_where_it_is(sql: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        parse_select(sql)


@pytest.mark.parametrize(
    ("sql", "tables"),
    [("select 1", set()),
     ("select * from silver.events join Silver.Items using (item_id)", {"silver.events", "silver.items"}),
     ("with a as (select * from gold.user_profiles) select * from A", {"gold.user_profiles"}),
     ("select * from user_profiles_asof(date '2019-10-02')", None),
     ("select * from information_schema.columns", None)],
)  # fmt: skip
def test_the_tables_of_a_query_are_known_before_it_runs(sql: str, tables: set[str] | None) -> None:
    assert tables_of(parse_select(sql)) == tables
