"""The rules of a table, and the GX suite over their counts.

Most rules follow from the declaration: what may not be missing, what is allowed, the bounds, the key. The rows that
break them are counted in one query over all that is staged (`include/lake/measure.py`), and the suite looks at the
counts. Nothing here imports Spark, and GX only when a suite is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from include.tables.model import Column, Rule, Severity, Table

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

KEY_DUPLICATE = "key__duplicate"


def rules_of(table: Table) -> tuple[Rule, ...]:
    """All rules of `table`, those that follow first. Every name is `<what>__<how it breaks>` and unique."""
    derived = [rule for column in table.columns for rule in _rules_of_column(column)]
    if table.key:
        key = tuple(map(_quoted, table.key))
        derived.append(Rule(KEY_DUPLICATE, f"one row for each {', '.join(table.key)}", unique=key))
    return (*derived, *table.rules)


def to_suite(table: Table) -> ExpectationSuite:
    """One expectation a rule, over a frame of one row with a column a rule: its failing rows, which must be 0."""
    return suite_of(table.name, ((rule.name, rule.why, rule.severity) for rule in rules_of(table)))


def suite_of(name: str, promises: Iterable[tuple[str, str, Severity]]) -> ExpectationSuite:
    """A suite of (rule, what it wants, severity), also of such as are not declared with a table: the accounts."""
    from great_expectations import ExpectationSuite
    from great_expectations.expectations.core.expect_column_max_to_be_between import ExpectColumnMaxToBeBetween
    from great_expectations.expectations.metadata_types import FailureSeverity

    return ExpectationSuite(
        name=name,
        expectations=[
            ExpectColumnMaxToBeBetween(
                column=rule,
                min_value=0,
                max_value=0,
                severity=FailureSeverity(severity.value),
                description=escape(f"{why} ({severity})"),
            )
            for rule, why, severity in promises
        ],
    )


def _rules_of_column(column: Column) -> Iterable[Rule]:
    name = _quoted(column.name)
    if not column.nullable:
        yield Rule(f"{column.name}__null", f"{column.name} is always there", f"{name} is null")
    if column.allowed is not None:
        allowed = ", ".join(_text(value) for value in column.allowed)
        why = f"{column.name} is one of: {', '.join(column.allowed)}"
        yield Rule(f"{column.name}__not_allowed", why, f"{name} not in ({allowed})")
    if column.low is not None:
        why = f"{column.name} is at least {column.low}"
        yield Rule(f"{column.name}__below", why, f"{name} < {_bound(column, column.low)}")
    if column.high is not None:
        why = f"{column.name} is at most {column.high}"
        yield Rule(f"{column.name}__above", why, f"{name} > {_bound(column, column.high)}")


def _bound(column: Column, bound: str) -> str:
    return f"cast({_text(bound)} as {column.type})"


def _quoted(identifier: str) -> str:
    return "`" + identifier.replace("`", "``") + "`"


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
