"""Expressions of a description: parsed, checked on the tree, and only then handed to Spark.

An expression consists of declared columns, literals, operators, case, cast and the functions declared in
`functions.py`. Text is never mixed with numbers without a cast, so that no row can make Spark raise.
`cast`, `to_timestamp` and their like tell a value that does not parse as a problem of the row; their `try_` forms
make it null and say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar, cast

import sqlglot
from sqlglot import exp
from sqlglot.dialects.spark import Spark
from sqlglot.errors import SqlglotError

from include.sources.functions import (
    FUNCTIONS,
    ExpressionError,
    Value,
    apply,
    call,
    common,
    convert,
    element,
    literal,
)
from include.sources.types import NOTHING, NUMBER, TEXT, TRUTH, Type

COLUMNS, LOOKUP = "__columns", "__lookup_"  # the struct columns a frame has when an expression meets it
_LONGEST = 4000
_MOST_NODES = 5000


_GRAMMAR: Any = Spark.Parser


class _Parser(_GRAMMAR):  # type: ignore[misc]
    """Spark's grammar without functions of its own: each call stays the call that was written."""

    FUNCTIONS: ClassVar[Any] = {}
    FUNCTION_PARSERS: ClassVar[Any] = {k: _GRAMMAR.FUNCTION_PARSERS[k] for k in ("CAST", "TRY_CAST")}
    NO_PAREN_FUNCTIONS: ClassVar[Any] = {}
    NO_PAREN_FUNCTION_PARSERS: ClassVar[Any] = {"CASE": _GRAMMAR.NO_PAREN_FUNCTION_PARSERS["CASE"]}
    STRICT_CAST: ClassVar[bool] = True


class _Dialect(Spark):
    Parser = _Parser


@dataclass(frozen=True)
class Expression:
    """A checked expression.

    `sql` gives the value, `lost` is true where a conversion had a value and gave none. Both are Spark SQL over the
    struct column `__columns` and one struct column `__lookup_<name>` for each lookup. `literal` is its value if it is
    a constant text.
    """

    sql: str
    lost: str | None
    type: Type
    columns: frozenset[str]
    lookups: frozenset[str]
    literal: str | None = None


def check(
    text: str,
    columns: Mapping[str, Type],
    lookups: Mapping[str, Mapping[str, Type]] | None = None,
    *,
    zone: str = "UTC",
    becomes: str | None = None,
) -> Expression:
    """Check one expression over declared columns and lookups; ExpressionError says what is wrong.

    `zone` is where clock times without a zone were read. `becomes` is the Spark type the value is converted to.
    """
    if len(text) > _LONGEST:
        raise ExpressionError(f"an expression of {len(text)} characters; the longest may have {_LONGEST}")
    reader = _Reader(columns, lookups or {}, zone)
    try:
        value = reader.read(_parse(text))
        if becomes is not None:
            value = convert(value, becomes, zone, strict=True)
    except RecursionError:
        raise ExpressionError("the expression is nested too deeply") from None
    lost = exp.or_(*value.strict).sql(dialect="spark") if value.strict else None
    return Expression(value.tree.sql(dialect="spark"), lost, value.type, frozenset(reader.used),
                      frozenset(reader.used_lookups), value.literal if value.type == TEXT else None)  # fmt: skip


def _parse(text: str) -> exp.Expression:
    try:
        trees = [t for t in sqlglot.parse(text, dialect=_Dialect) if t is not None]
    except SqlglotError as error:
        message = str(error).splitlines()[0].split(". Line")[0].split(" for <class")[0]
        raise ExpressionError(
            f"{_short(text)} cannot be parsed: {message}; names that are SQL words, or have other signs than letters, "
            "digits and _, stand in `backticks`"
        ) from None
    if len(trees) != 1:
        raise ExpressionError(f"{_short(text)} is not one expression")
    return cast(exp.Expression, trees[0])


def _short(text: str) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= 60 else text[:57] + "...")


_COMPARE = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ)
_ARITHMETIC: dict[type[exp.Expression], str] = {
    exp.Add: "try_add",
    exp.Sub: "try_subtract",
    exp.Mul: "try_multiply",
    exp.Div: "try_divide",
    exp.Mod: "try_mod",
}
_LIKE = (exp.Like, exp.ILike)


class _Reader:
    """Turns the parsed tree into the one for Spark, remembering which columns it met."""

    def __init__(self, columns: Mapping[str, Type], lookups: Mapping[str, Mapping[str, Type]], zone: str) -> None:
        self.columns, self.lookups, self.zone = columns, lookups, zone
        self.used: set[str] = set()
        self.used_lookups: set[str] = set()

    def read(self, node: exp.Expression) -> Value:
        if isinstance(node, exp.Paren):
            inner = self.read(node.this)
            return Value(exp.Paren(this=inner.tree), inner.type, inner.literal, inner.strict)
        if isinstance(node, exp.Literal):
            return _literal(node)
        if isinstance(node, exp.Boolean):
            return Value(exp.Boolean(this=bool(node.this)), TRUTH)
        if isinstance(node, exp.Null):
            return Value(exp.Null(), NOTHING)
        if isinstance(node, (exp.Column, exp.Dot)):
            return self._column(node)
        if isinstance(node, exp.Neg):
            return self._negative(node)
        if type(node) in _ARITHMETIC:
            left, right = self._two(node, NUMBER)
            return _joined(call(_ARITHMETIC[type(node)], left.tree, right.tree), NUMBER, left, right)
        if isinstance(node, _COMPARE):
            left, right = self.read(node.this), self.read(node.expression)
            common([left.type, right.type], _short(node.sql(dialect="spark")))
            return _joined(type(node)(this=left.tree, expression=right.tree), TRUTH, left, right)
        if isinstance(node, (exp.And, exp.Or)):
            left, right = self._two(node, TRUTH)
            return _joined(type(node)(this=left.tree, expression=right.tree), TRUTH, left, right)
        if isinstance(node, exp.Not):
            value = self._must_be(node.this, TRUTH)
            return _joined(exp.Not(this=exp.Paren(this=value.tree)), TRUTH, value)
        return self._longer(node)

    def _longer(self, node: exp.Expression) -> Value:
        if isinstance(node, exp.DPipe):
            values = [self.read(node.this), self.read(node.expression)]
            return apply("concat", values, self.zone)
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            value = self.read(node.this)
            return _joined(call("isnull", value.tree), TRUTH, value)
        if isinstance(node, _LIKE):
            return self._like(node)
        if isinstance(node, exp.RegexpLike):
            # regexp_replace knows how to check a pattern; its tree is not used.
            left, right = self._two(node, TEXT)
            apply("regexp_replace", [left, right, Value(literal(""), TEXT, "")], self.zone)
            return _joined(exp.RegexpLike(this=left.tree, expression=right.tree), TRUTH, left, right)
        if isinstance(node, exp.In) and node.expressions and not node.args.get("query"):
            value, *choices = values = [self.read(n) for n in (node.this, *node.expressions)]
            common([v.type for v in values], "in (...)")
            return _joined(exp.In(this=value.tree, expressions=[c.tree for c in choices]), TRUTH, *values)
        if isinstance(node, exp.Between) and not node.args.get("symmetric"):
            value, low, high = (self.read(node.args[part]) for part in ("this", "low", "high"))
            common([value.type, low.type, high.type], "between")
            return _joined(exp.Between(this=value.tree, low=low.tree, high=high.tree), TRUTH, value, low, high)
        if isinstance(node, exp.Case):
            return self._case(node)
        if isinstance(node, (exp.Cast, exp.TryCast)):
            return self._cast(node)
        if isinstance(node, exp.Bracket) and len(node.expressions) == 1:
            return element(self.read(node.this), self.read(node.expressions[0]))
        if isinstance(node, exp.Anonymous):
            return self._call(node)
        if isinstance(node, exp.Concat):
            raise ExpressionError("two texts side by side; write a quote inside a text as \\'")
        raise ExpressionError(f"{_short(node.sql(dialect='spark'))} is not allowed in an expression")

    def _two(self, node: exp.Expression, wanted: Type) -> tuple[Value, Value]:
        return self._must_be(node.this, wanted), self._must_be(node.expression, wanted)

    def _must_be(self, node: exp.Expression, wanted: Type) -> Value:
        value = self.read(node)
        if value.type not in (wanted, NOTHING):
            cure = "; declare it as a number or write cast(... as bigint)" if wanted == NUMBER else ""
            raise ExpressionError(f"{_short(node.sql(dialect='spark'))} must be {wanted}, not {value.type}{cure}")
        return value

    def _negative(self, node: exp.Neg) -> Value:
        value = self._must_be(node.this, NUMBER)
        if value.literal is not None:
            return Value(exp.Neg(this=value.tree), NUMBER, f"-{value.literal}")
        return _joined(call("try_multiply", value.tree, -1), NUMBER, value)

    def _like(self, node: exp.Like | exp.ILike) -> Value:
        left, right = self._two(node, TEXT)
        if right.literal is None or re.search(r"\\(?![\\%_])", right.literal.replace("\\\\", "")):
            raise ExpressionError("like takes a literal pattern, where \\ stands before %, _ or \\ only")
        tree: exp.Expression = type(node)(this=left.tree, expression=right.tree)
        return _joined(exp.Not(this=exp.Paren(this=tree)) if node.args.get("negate") else tree, TRUTH, left, right)

    def _case(self, node: exp.Case) -> Value:
        subject = self.read(node.this) if node.this is not None else None
        values: list[Value] = [subject] if subject else []
        results, branches = [], []
        for branch in node.args["ifs"]:
            when = self.read(branch.this) if subject else self._must_be(branch.this, TRUTH)
            if subject:
                common([subject.type, when.type], "case")
            then = self.read(branch.args["true"])
            values += [when, then]
            results.append(then.type)
            branches.append(exp.If(this=when.tree, true=then.tree))
        otherwise = self.read(node.args["default"]) if node.args.get("default") is not None else None
        if otherwise:
            values.append(otherwise)
            results.append(otherwise.type)
        tree = exp.Case(
            this=subject.tree if subject else None, ifs=branches, default=otherwise.tree if otherwise else None
        )
        return _joined(tree, common(results, "case"), *values)

    def _cast(self, node: exp.Cast | exp.TryCast) -> Value:
        strict = not isinstance(node, exp.TryCast)
        if node.args.get("format") is not None:
            raise ExpressionError("cast with a format is not allowed; write to_timestamp(text, 'pattern')")
        ddl = node.args["to"].sql(dialect="spark").replace(": ", ":")
        try:
            return _bounded(convert(self.read(node.this), ddl, self.zone, strict=strict))
        except ExpressionError:
            raise
        except ValueError as error:
            raise ExpressionError(str(error)) from None

    def _call(self, node: exp.Anonymous) -> Value:
        name = str(node.this).lower()
        if name not in FUNCTIONS:
            near = get_close_matches(name, FUNCTIONS, 1)
            hint = f"did you mean {near[0]}?" if near else "allowed are " + ", ".join(sorted(FUNCTIONS))
            raise ExpressionError(f"the function {name} is not allowed; {hint}")
        return _bounded(apply(name, [self.read(argument) for argument in node.expressions], self.zone))

    def _column(self, node: exp.Column | exp.Dot) -> Value:
        names = _names(node)
        if names[0] in self.lookups and len(names) > 1:
            lookup, columns, rest = names[0], self.lookups[names[0]], names[1:]
            self.used_lookups.add(lookup)
            root, where = LOOKUP + lookup, f"lookup {lookup}"
        else:
            root, columns, rest, where = COLUMNS, self.columns, names, "columns"
        if rest[0] not in columns:
            raise ExpressionError(_unknown(".".join(names), rest[0], columns, where))
        if root == COLUMNS:
            self.used.add(rest[0])
        kind = columns[rest[0]]
        for name in rest[1:]:
            fields = dict(kind.fields)
            if name not in fields:
                raise ExpressionError(f"{'.'.join(names)}: there is no field {name} in {kind}")
            kind = fields[name]
        tree = exp.Dot.build([exp.to_identifier(n, quoted=True) for n in (root, *rest)])
        return Value(tree, kind)


def _literal(node: exp.Literal) -> Value:
    if node.is_string:
        return Value(literal(node.this), TEXT, node.this)
    if not re.fullmatch(r"\d{0,18}(\.\d{0,18})?([eE][+-]?\d{1,2})?", node.this):
        raise ExpressionError(f"the number {_short(node.this)} is too long")
    return Value(exp.Literal.number(node.this), NUMBER, node.this)


def _names(node: exp.Expression) -> list[str]:
    if isinstance(node, exp.Dot):
        if not isinstance(node.expression, exp.Identifier):
            raise ExpressionError(f"{_short(node.sql(dialect='spark'))} is not allowed in an expression")
        return [*_names(node.this), node.expression.name]
    if isinstance(node, exp.Identifier):
        return [node.name]
    if not isinstance(node, exp.Column) or not all(isinstance(p, exp.Identifier) for p in node.parts):
        raise ExpressionError(f"{_short(node.sql(dialect='spark'))} is not allowed in an expression")
    return [part.name for part in node.parts]


def _unknown(written: str, name: str, columns: Mapping[str, Type], where: str) -> str:
    near = get_close_matches(name, columns, 1, cutoff=0.75) or [c for c in columns if c.lower() == name.lower()]
    hint = f"did you mean {near[0]}?" if near else f"a constant text is written \"'{name}'\", quotes inside quotes"
    return f"{written} is not declared under {where}; {hint}"


def _bounded(value: Value) -> Value:
    """Conversions name their argument more than once, so that nesting them grows fast."""
    if sum(1 for _ in value.tree.walk()) > _MOST_NODES:
        raise ExpressionError("the expression converts back and forth too often; make it simpler")
    return value


def _joined(tree: exp.Expression, gives: Type, *values: Value) -> Value:
    return Value(tree, gives, strict=tuple(s for v in values for s in v.strict))
