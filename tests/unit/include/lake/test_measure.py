"""What is counted before the gate: rows that break a rule, and units that differ from what is published."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import pytest

from include.lake.measure import Measures, measure
from include.lake.publish import Staged
from include.lake.units import APPENDED
from include.tables.model import Column, Rule, Table

VISITS = Table(
    name="gold.visits",
    grain="one visit",
    about="A made-up table.",
    application="profile",
    columns=(
        Column("source", "string", "Site", nullable=False),
        Column("day", "date", "Day", nullable=False),
        Column("who", "string", "Who"),
        Column("n", "int", "How many", low="0", high="9"),
        Column("tags", "map<string,int>", "Tags"),
        Column("run_id", "string", "Run", exact=False),
    ),
    key=("source", "day", "who"),
    replaced_by=("source", "day"),
    rules=(Rule("n__odd", "n is even", "n % 2 = 1"), Rule("unit__mixed", "one n in a unit", same=("n", "n + 1"))),
)
FIRST, SECOND, THIRD = (date(2024, 1, d) for d in (1, 2, 3))
SCHEMA = "source string, day date, who string, n int, tags map<string,int>, run_id string"


class Published:
    """Stands for the lake: what it holds of a table."""

    def __init__(self, frame: Any) -> None:
        self.frame = frame

    def units(self, _: str, units: list[Any], __: Any) -> Any:
        return self.frame.where(self.frame["day"].isin([unit[1] for unit in units]))


def row(day: date, who: str | None, n: int | None, tags: dict[str, int] | None = None, run: str = "new") -> Any:
    return ("shop", day, who, n, tags, run)


def measured(spark: Any, new: list[Any], old: list[Any], units: list[Any], table: Table = VISITS) -> Measures:
    frames = [spark.createDataFrame(rows, SCHEMA) for rows in (new, old)]
    return measure([Staged(table, frames[0], units)], cast(Any, Published(frames[1])), {})


def failing(found: Measures) -> dict[str, tuple[int, int]]:
    return {m.rule: (m.failing, m.of) for m in found.counts if m.failing}


def test_only_units_with_other_rows_are_changed(spark: Any):
    old = [row(FIRST, "a", 2, {"x": 1, "y": 2}, "old"), row(FIRST, "b", 4, None, "old"), row(SECOND, "a", 2)]
    new = [row(FIRST, "b", 4), row(FIRST, "a", 2, {"y": 2, "x": 1}), row(SECOND, "a", 3), row(THIRD, "a", 2)]
    days = [("shop", date(2024, 1, d)) for d in (1, 2, 3, 4)]
    found = measured(spark, new, old, days)
    assert found.changed == {"gold.visits": [("shop", SECOND), ("shop", THIRD)]}
    assert found.rows == {"gold.visits": 4}
    gone = measured(spark, new[:3], [*old, row(THIRD, "z", 2)], days)
    assert gone.changed == {"gold.visits": [("shop", SECOND), ("shop", THIRD)]}


def test_rows_that_break_a_rule_are_counted_once_for_each_rule(spark: Any):
    new = [row(FIRST, "a", 2), row(FIRST, "b", 2), row(SECOND, "a", 11), row(SECOND, "b", 11), row(THIRD, "c", -2)]
    found = measured(spark, new, [], [("shop", d) for d in (FIRST, SECOND, THIRD)])
    assert failing(found) == {"n__above": (2, 5), "n__odd": (2, 5), "n__below": (1, 5)}
    assert found.rows == {"gold.visits": 5}


def test_a_null_breaks_only_rules_about_nulls(spark: Any):
    new = [(None, FIRST, "a", None, None, "new")]
    assert failing(measured(spark, new, [], [("shop", FIRST)])) == {"source__null": (1, 1)}


def test_each_row_of_a_key_beyond_the_first_is_a_duplicate(spark: Any):
    new = [row(FIRST, "a", 2), row(FIRST, "a", 2), row(FIRST, "a", 4), row(SECOND, "a", 2), row(FIRST, None, 2),
           row(FIRST, None, 2)]  # fmt: skip
    found = failing(measured(spark, new, [], [("shop", FIRST), ("shop", SECOND)]))
    assert found == {"key__duplicate": (3, 6), "unit__mixed": (1, 6)}


def test_what_must_be_the_same_may_be_missing(spark: Any):
    new = [row(FIRST, "a", 2), row(FIRST, "b", None), row(SECOND, "a", 4)]
    assert failing(measured(spark, new, [], [("shop", FIRST), ("shop", SECOND)])) == {}


def test_rows_that_are_only_appended_are_one_unit(spark: Any):
    once = Table(VISITS.name, VISITS.grain, VISITS.about, VISITS.application, VISITS.columns, key=VISITS.key)
    assert measured(spark, [row(FIRST, "a", 2)], [], [APPENDED], once).changed == {"gold.visits": [APPENDED]}
    assert measured(spark, [], [], [APPENDED], once).changed == {"gold.visits": []}


@pytest.mark.parametrize("new", [[], [row(FIRST, "a", 2)]])
def test_tables_do_not_mix(spark: Any, new: list[Any]):
    frames = [spark.createDataFrame(rows, SCHEMA) for rows in (new, [row(FIRST, "a", 12)])]
    other = Table("gold.other", *[getattr(VISITS, n) for n in ("grain", "about", "application", "columns")],
                  key=("source", "day", "n"), replaced_by=("source", "day"))  # fmt: skip
    staged = [Staged(t, f, [("shop", FIRST)]) for t, f in zip((VISITS, other), frames, strict=True)]
    nothing = cast(Any, Published(frames[0].limit(0)))
    found = measure(staged, nothing, {})
    assert {(m.table, m.rule) for m in found.counts if m.failing} == {("gold.other", "n__above")}
    assert found.rows == {"gold.visits": len(new), "gold.other": 1}


def test_nothing_staged_is_nothing_measured() -> None:
    assert measure([], cast(Any, None), {}) == Measures()
