"""What rules follow from a declaration."""

import pytest

from include.derive.suite import rules_of, to_suite
from include.tables import TABLES
from include.tables.model import Column, Rule, Severity, Table

VISITS = Table(
    name="silver.visits",
    grain="one visit",
    about="A made-up table.",
    application="ingest",
    columns=(
        Column("source", "string", "Site", nullable=False),
        Column("who`s", "string", "A name that must be quoted", nullable=False),
        Column("kind", "string", "What", allowed=("walk-in", "o'clock", "back\\slash")),
        Column("price", "decimal(9,2)", "Price", low="0", high="99.50"),
        Column("note", "string", "Anything"),
    ),
    key=("source", "kind"),
    rules=(Rule("volume", "there are visits", "price is null", severity=Severity.WARNING),),
)


def test_every_promise_of_a_declaration_becomes_one_counted_rule() -> None:
    assert [(rule.name, rule.failing or rule.unique) for rule in rules_of(VISITS)] == [
        ("source__null", "`source` is null"),
        ("who`s__null", "`who``s` is null"),
        ("kind__not_allowed", r"`kind` not in ('walk-in', 'o\'clock', 'back\\slash')"),
        ("price__below", "`price` < cast('0' as decimal(9,2))"),
        ("price__above", "`price` > cast('99.50' as decimal(9,2))"),
        ("key__duplicate", ("`source`", "`kind`")),
        ("volume", "price is null"),
    ]


def test_a_rule_says_in_words_what_it_wants() -> None:
    why = {rule.name: rule.why for rule in rules_of(VISITS)}
    assert why["source__null"] == "source is always there"
    assert why["price__above"] == "price is at most 99.50"
    assert why["key__duplicate"] == "one row for each source, kind"
    assert why["volume"] == "there are visits"


def test_the_suite_wants_zero_failing_rows_of_each_rule() -> None:
    suite = to_suite(VISITS)
    assert suite.name == "silver.visits"
    seen = [(e.column, e.min_value, e.max_value, e.severity.value) for e in suite.expectations]
    assert seen[0] == ("source__null", 0, 0, "critical")
    assert seen[-1] == ("volume", 0, 0, "warning")
    assert len(seen) == 7


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_table_has_rules_with_names_of_their_own(table: Table) -> None:
    names = [rule.name for rule in rules_of(table)]
    assert names
    assert len(names) == len(set(names))
