"""The condition of a trait: a small closed language, checked on the parsed tree and built anew from it.

Allowed: columns of the trait's input, text literals, `=`, `<>`, `in`, `and`, `or`, `not`, `is null`, parentheses.
What comes out holds nothing that was not looked at: no function, no subquery, no comment.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from include.tables.columns import EVENT_KINDS, TEXT_KINDS

KINDS = (*EVENT_KINDS, *TEXT_KINDS)
LONGEST = 2000  # characters; a condition is a line or two

_BINARY: dict[type[exp.Expr], type[exp.Binary]] = {exp.EQ: exp.EQ, exp.NEQ: exp.NEQ, exp.And: exp.And, exp.Or: exp.Or}


def parse_condition(text: str, columns: Collection[str], *, closed_kinds: bool = True) -> exp.Expr:
    """The checked tree of `text` over `columns`. With `closed_kinds` a literal compared with `kind` must be one.

    Raises ValueError with one line that says what is wrong with the text.
    """
    if len(text) > LONGEST:
        raise ValueError(f"is longer than {LONGEST} characters")
    try:
        tree = sqlglot.parse_one(text, dialect="duckdb")
        return _Checker(columns, closed_kinds).boolean(tree)
    except SqlglotError as e:
        raise ValueError("does not parse: " + str(e).splitlines()[0].split(". Line")[0]) from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None


class _Checker:
    """Walks one condition. Every method returns a new tree for what it was given."""

    def __init__(self, columns: Collection[str], closed_kinds: bool) -> None:
        self.columns, self.closed_kinds = columns, closed_kinds

    def boolean(self, node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Paren):
            return exp.Paren(this=self.boolean(node.this))
        if isinstance(node, exp.Not):
            return exp.Not(this=self.boolean(node.this))
        if isinstance(node, (exp.And, exp.Or)):
            return _BINARY[type(node)](this=self.boolean(node.this), expression=self.boolean(node.expression))
        if isinstance(node, (exp.EQ, exp.NEQ)):
            column = self.column(node.this)
            return _BINARY[type(node)](this=column, expression=self.literal(node.expression, column))
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            return exp.Is(this=self.column(node.this), expression=exp.Null())
        if isinstance(node, exp.In) and node.expressions and not node.args.get("query"):
            column = self.column(node.this)
            return exp.In(this=column, expressions=[self.literal(e, column) for e in node.expressions])
        raise ValueError(f"may not hold `{_short(node)}`; write comparisons of a column with a text, in, and, or, not")

    def column(self, node: exp.Expr) -> exp.Column:
        if not isinstance(node, exp.Column) or node.table or node.name not in self.columns:
            known = ", ".join(self.columns) or "none"
            raise ValueError(f"`{_short(node)}` is no column it may use; these are: {known}")
        return exp.column(node.name)

    def literal(self, node: exp.Expr, column: exp.Column) -> exp.Literal:
        if not isinstance(node, exp.Literal) or not node.is_string:
            raise ValueError(f"compares `{column.name}` with `{_short(node)}`; write a text in single quotes")
        if column.name == "kind" and self.closed_kinds and node.this not in KINDS:
            raise ValueError(f"kind '{node.this[:40]}' does not exist; kinds are: {', '.join(KINDS)}")
        return exp.Literal.string(node.this)


def fixes_currency(condition: exp.Expr | None) -> bool:
    """Whether the condition lets one currency through only, so that its amounts may be added."""
    if condition is None:
        return False
    if isinstance(condition, exp.Paren):
        return fixes_currency(condition.this)
    if isinstance(condition, exp.And):
        return fixes_currency(condition.this) or fixes_currency(condition.expression)
    return isinstance(condition, exp.EQ) and condition.this.name == "currency"


def _short(node: exp.Expr) -> str:
    text = node.sql(dialect="duckdb")
    return text if len(text) <= 60 else text[:57] + "..."
