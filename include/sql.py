"""What an analyst's query may be: one SELECT. Looked at as a tree before any engine sees it."""

from __future__ import annotations

from sqlglot import exp, parse
from sqlglot.errors import ParseError, TokenError

from include.errors import BadInput
from include.tables import TABLES

_READS = (exp.Query, exp.Describe, exp.Summarize)
_WRITES = (exp.DML, exp.DDL, exp.Command, exp.Copy, exp.Attach, exp.Set, exp.Pragma, exp.Into)


def parse_select(sql: str) -> exp.Expr:
    """The tree of a single reading statement. Raises BadInput for anything else."""
    try:
        statements = [statement for statement in parse(sql, dialect="duckdb") if statement is not None]
    except ParseError as error:
        raise BadInput(f"sql: {_place(error)}") from None
    except TokenError:
        raise BadInput("sql: a quote or a comment is not closed") from None
    if len(statements) != 1:
        raise BadInput(f"sql: one statement at a time, not {len(statements)}")
    tree = statements[0]
    if not isinstance(tree, _READS) or any(_writes(node) for node in tree.walk()):
        raise BadInput("sql: only reading is possible here: one SELECT or WITH ... SELECT")
    if any(table.db.lower() == "bronze" for table in tree.find_all(exp.Table)):
        raise BadInput("sql: bronze holds raw identifiers and cannot be queried; use silver, gold or meta")
    return tree


def tables_of(tree: exp.Expr) -> set[str] | None:
    """The lake's tables that a query reads; None where they cannot be told by name, so that all are needed."""
    views = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    found = set()
    for table in tree.find_all(exp.Table):
        name = f"{table.db}.{table.name}".lower()
        if name in TABLES:
            found.add(name)
        elif table.db or table.name.lower() not in views:
            return None
    return found


def _writes(node: exp.Expr) -> bool:
    return isinstance(node, _WRITES) and not isinstance(node, _READS)


def _place(error: ParseError) -> str:
    first = error.errors[0] if error.errors else {}
    near = f" near {first['highlight']!r}" if first.get("highlight") else ""
    what, line, column = first.get("description", "cannot be read"), first.get("line", 1), first.get("col", 1)
    return f"{what} (line {line}, column {column}){near}"
