"""The functions an expression may call, and the form in which Spark gets them.

None of them raises on data: one odd row must not end a build. Where Spark's own function raises, its `try_` form is
used. Where it would quietly make null of what does not parse, the call is `strict`: the row is told as a problem.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from sqlglot import exp

from include.sources.types import DATE, NOTHING, NUMBER, TEXT, TEXTS, TIME, TRUTH, Type, is_json, parse_type, plain
from include.sources.zones import is_zone

SECONDS = (-62_135_596_800, 253_402_300_799)  # years 1 to 9999, as Unix time
# Spark reads "10:00" as an hour of today: the clock must not get in.
_MOMENT = r"^\s*\d{4}(-.*)?\s*$"
_CLOCK_TIME = r"^\s*\d{4}(-[\d-]*([ T][\d:.]*)?)?\s*$"  # no sign and no letter after the day: no zone


class ExpressionError(ValueError):
    """An expression that cannot be used; the message says which part and what to write instead."""


@dataclass(frozen=True)
class Value:
    """A checked part of an expression: its tree for Spark, its type, its text if it is a literal."""

    tree: exp.Expression
    type: Type
    literal: str | None = None
    strict: tuple[exp.Expression, ...] = ()  # each true where a conversion had a value and gave none


Build = Callable[[Sequence[Value], str], Value]


@dataclass(frozen=True)
class Function:
    """`takes` names what each argument must be; the last repeats if `more`; those after `at_least` may be left out."""

    takes: tuple[str, ...]
    build: Build
    at_least: int = -1
    more: bool = False


def call(name: str, *args: exp.Expression | str | int) -> exp.Expression:
    """A call of a Spark function; text and whole numbers become literals."""
    return exp.Anonymous(this=name, expressions=[literal(a) for a in args])


def literal(value: exp.Expression | str | int) -> exp.Expression:
    if isinstance(value, exp.Expression):
        return value.copy()
    if isinstance(value, str):
        return exp.Literal.string(value)
    number = exp.Literal.number(str(abs(value)))
    return exp.Neg(this=number) if value < 0 else number


def try_cast(tree: exp.Expression, ddl: str) -> exp.Expression:
    return exp.TryCast(this=tree.copy(), to=exp.DataType.build(ddl, dialect="spark"), safe=True)


def is_null(tree: exp.Expression) -> exp.Expression:
    return call("isnull", tree)


def convert(value: Value, ddl: str, zone: str, *, strict: bool) -> Value:
    """`value` as another type. `zone` is where clock times without a zone of their own were read."""
    ddl = plain(ddl)
    target = parse_type(ddl)
    kind, wanted = value.type.kind, target.kind
    tree: exp.Expression
    if kind == "nothing" or (kind == wanted and kind in ("list", "map", "struct", "time", "date", "text")):
        if kind != "nothing" and value.type != target:
            raise ExpressionError(f"{value.type} cannot become {ddl}")
        tree = try_cast(value.tree, ddl) if kind == "nothing" else value.tree
        return Value(tree, target, value.literal, value.strict)
    if (kind, wanted) not in _CASTS:
        raise ExpressionError(f"{value.type} cannot become {ddl}{_HINTS.get((kind, wanted), '')}")
    if wanted == "time" and kind == "text":
        tree = moment(value.tree, zone)
    elif wanted == "time" and kind == "date" and zone != "UTC":
        tree = call("to_utc_timestamp", try_cast(value.tree, "timestamp"), zone)
    elif wanted == "time" and kind == "number":
        tree = from_unix(value.tree, 1)
    elif kind == "text" and wanted != "text":
        tree = try_cast(call("nullif", call("btrim", value.tree), ""), ddl)
    else:
        tree = try_cast(value.tree, ddl)
    return _converted(tree, target, [value], strict=strict)


_CASTS = {
    *(("text", to) for to in ("number", "truth", "date", "time")),
    *(("number", to) for to in ("text", "number", "truth", "time")),
    *(("truth", to) for to in ("text", "number", "truth")),
    *(("date", to) for to in ("text", "time")),
    *(("time", to) for to in ("text", "date", "number")),
}
_HINTS = {
    ("text", "list"): "; write split(text, ',') or array(text), or declare the column as array<string> if it is JSON",
    ("list", "text"): "; write array_join(list, ' ') or an element of it",
    ("struct", "text"): "; name one of its fields",
}


def moment(text: exp.Expression, zone: str) -> exp.Expression:
    """Text as a moment: with an offset or zone of its own it is taken as it is, else as a clock time in `zone`."""
    time = try_cast(call("btrim", text), "timestamp")
    branches = [exp.If(this=_matches(text, _MOMENT), true=time)]
    if zone != "UTC":
        branches.insert(0, exp.If(this=_matches(text, _CLOCK_TIME), true=call("to_utc_timestamp", time, zone)))
    return exp.Case(ifs=branches)


def _matches(text: exp.Expression, pattern: str) -> exp.Expression:
    return exp.RegexpLike(this=text.copy(), expression=literal(pattern))


def from_unix(number: exp.Expression, per_second: int) -> exp.Expression:
    """Seconds, or fractions of them, since 1970 as a moment; null outside the years 1 to 9999."""
    low, high = (bound * per_second for bound in SECONDS)
    inside = exp.Between(this=number.copy(), low=literal(low), high=literal(high))
    safe = exp.Case(ifs=[exp.If(this=inside, true=number.copy())])
    name = {1: "timestamp_seconds", 1000: "timestamp_millis", 1_000_000: "timestamp_micros"}[per_second]
    return call(name, safe if per_second == 1 else try_cast(safe, "bigint"))


def _converted(tree: exp.Expression, gives: Type, values: Sequence[Value], *, strict: bool) -> Value:
    inner = tuple(s for v in values for s in v.strict)
    if not strict:
        return Value(tree, gives, strict=inner)
    present: list[exp.Expression] = [exp.Not(this=is_null(_unless_blank(v))) for v in values if v.literal is None]
    return Value(tree, gives, strict=(*inner, cast(exp.Expression, exp.and_(*present, is_null(tree)))))


def _unless_blank(value: Value) -> exp.Expression:
    return call("nullif", call("btrim", value.tree), "") if value.type == TEXT else value.tree


def _simple(name: str, gives: Type) -> Build:
    def build(values: Sequence[Value], _zone: str) -> Value:
        return _result(call(name, *(v.tree for v in values)), gives, values)

    return build


def _same(name: str) -> Build:
    """The result has the common type of the arguments."""

    def build(values: Sequence[Value], _zone: str) -> Value:
        return _result(call(name, *(v.tree for v in values)), common([v.type for v in values], name), values)

    return build


def _result(tree: exp.Expression, gives: Type, values: Sequence[Value]) -> Value:
    return Value(tree, gives, strict=tuple(s for v in values for s in v.strict))


def common(types: Sequence[Type], where: str) -> Type:
    """The one type of several values. Text and numbers are never mixed: Spark would raise on the first odd text."""
    known = [t for t in types if t != NOTHING]
    if not known:
        return NOTHING
    if {t.kind for t in known} == {"date", "time"}:
        return TIME
    for other in known[1:]:
        if other != known[0]:
            raise ExpressionError(f"{where} mixes {known[0]} and {other}; convert one with cast(... as type)")
    return known[0]


def _whole(value: Value) -> exp.Expression:
    """Where Spark wants a whole number: other numbers are cut, what is too large is null."""
    return value.tree if re.fullmatch(r"-?\d{1,6}", value.literal or "") else try_cast(value.tree, "int")


def _text_positions(name: str) -> Build:
    def build(values: Sequence[Value], _zone: str) -> Value:
        return _result(call(name, values[0].tree, *(_whole(v) for v in values[1:])), TEXT, values)

    return build


def _pattern(name: str, gives: Type) -> Build:
    def build(values: Sequence[Value], _zone: str) -> Value:
        groups = _groups(values[1].literal or "", name)
        last = values[2].literal or "" if len(values) > 2 else ""
        used = [int(last or "1")] if name == "regexp_extract" else []
        if name == "regexp_replace":
            used = [int(n) for n in re.findall(r"\$(\d)", last)]
            if re.search(r"\$|\\$", re.sub(r"\\.|\$\d", "", last, flags=re.DOTALL)):
                raise ExpressionError(f"{name}: in the replacement $ and \\ stand before a group number or a sign")
        if used and not 0 <= max(used) <= groups:
            raise ExpressionError(f"{name}: the pattern has {groups} groups, but group {max(used)} is asked for")
        return _result(call(name, *(v.tree for v in values)), gives, values)

    return build


def _groups(pattern: str, name: str) -> int:
    """How many groups a Java pattern has, read by Python after the two spellings that differ."""
    alike = re.sub(r"\\[pP](\{\w+\}|\w)", r"\\w", pattern).replace("(?<", "(?P<")
    alike = alike.replace("(?P<=", "(?<=").replace("(?P<!", "(?<!")
    try:
        return re.compile(alike).groups
    except (re.error, RecursionError, OverflowError) as error:
        raise ExpressionError(f"{name}: {pattern[:60]!r} is not a regular expression: {error}") from None


# What Spark can parse, after its datetime pattern reference; the others format only, or are refused.
_DATE_PATTERN = {"y": 4, "M": 4, "d": 2, "H": 2, "h": 2, "m": 2, "s": 2, "S": 9, "a": 1, "D": 3,
                 "z": 4, "Z": 5, "X": 5, "x": 5, "V": 2, "O": 4}  # fmt: skip


def _date_pattern(pattern: str, name: str) -> bool:
    """Check a date pattern; True if it reads a zone."""
    if pattern.count("'") % 2:
        raise ExpressionError(f"{name}: a quote in the pattern {pattern[:60]!r} is not closed")
    bare = re.sub(r"'[^']*'", "", pattern)
    for run in re.findall(r"([A-Za-z])(\1*)", bare):
        letter, length = run[0], 1 + len(run[1])
        if length > _DATE_PATTERN.get(letter, 0) or (letter in "VO" and length not in (1, 2, 4)):
            raise ExpressionError(
                f"{name}: Spark cannot parse {letter * length!r} in the pattern {pattern[:60]!r}; use yyyy MM dd HH mm "
                "ss and so on, and take out other words with regexp_replace"
            )
    if letters := set("#{}") & set(bare):
        raise ExpressionError(f"{name}: {min(letters)!r} is reserved in date patterns")
    return bool(set(bare) & set("zZXxVO"))


def _to_moment(*, strict: bool, day: bool) -> Build:
    name = ("" if strict else "try_") + ("to_date" if day else "to_timestamp")

    def build(values: Sequence[Value], zone: str) -> Value:
        if len(values) == 1:
            return convert(values[0], "date" if day else "timestamp", zone, strict=strict)
        if values[0].type != TEXT:
            raise ExpressionError(f"{name} with a pattern reads text, not {values[0].type}")
        zoned = _date_pattern(values[1].literal or "", name)
        tree = call("try_to_timestamp", call("btrim", values[0].tree), values[1].tree)
        if day:
            tree = try_cast(tree, "date")
        elif not zoned and zone != "UTC":
            tree = call("to_utc_timestamp", tree, zone)
        return _converted(tree, DATE if day else TIME, values, strict=strict)

    return build


def _make(*, strict: bool, day: bool) -> Build:
    def build(values: Sequence[Value], zone: str) -> Value:
        parts = [_whole(v) for v in values]
        if day:
            tree = try_cast(call("try_make_timestamp", *parts, 0, 0, 0), "date")
        else:
            parts[5] = try_cast(values[5].tree, "decimal(8,6)")
            tree = call("try_make_timestamp", *parts, *([zone] if zone != "UTC" else []))
        return _converted(tree, DATE if day else TIME, values, strict=strict)

    return build


def _unix(per_second: int) -> Build:
    def build(values: Sequence[Value], _zone: str) -> Value:
        return _converted(from_unix(values[0].tree, per_second), TIME, values, strict=True)

    return build


def _shift(name: str) -> Build:
    def build(values: Sequence[Value], _zone: str) -> Value:
        if not is_zone(values[1].literal or ""):
            raise ExpressionError(f"{name}: {values[1].literal!r} is not a time zone; write one like Europe/Berlin")
        return _result(call(name, try_cast(values[0].tree, "timestamp"), values[1].tree), TIME, values)

    return build


def _from_json(values: Sequence[Value], _zone: str) -> Value:
    ddl = values[1].literal or ""
    if not is_json(ddl):
        raise ExpressionError(f"from_json reads array<t>, map<string,t> or struct<name:t>, not {ddl[:60]!r}")
    return _converted(call("from_json", values[0].tree, plain(ddl)), parse_type(ddl), values[:1], strict=True)


def _array(values: Sequence[Value], _zone: str) -> Value:
    return _result(call("array", *(v.tree for v in values)), Type("list", common([v.type for v in values], "array")),
                   values)  # fmt: skip


def _element(values: Sequence[Value], _zone: str) -> Value:
    of, at = values
    if of.type.kind == "map" and at.type == TEXT:
        return _result(call("try_element_at", of.tree, at.tree), of.type.of or NOTHING, values)
    if of.type.kind == "list" and at.type == NUMBER:
        if at.literal == "0":
            raise ExpressionError("element_at counts from 1 (or from the end with -1); write list[0] for the first")
        # A computed 0 would raise.
        index = call("nullif", _whole(at), 0) if at.literal is None else at.tree
        return _result(call("try_element_at", of.tree, index), of.type.of or NOTHING, values)
    raise ExpressionError(f"element_at takes a list and a number, or a map and a text, not {of.type} and {at.type}")


def element(of: Value, at: Value) -> Value:
    """`list[0]` counts from 0, `map['key']` takes a key; what is not there is null."""
    if of.type.kind == "list" and at.type == NUMBER:
        return _result(call("get", of.tree, _whole(at)), of.type.of or NOTHING, [of, at])
    if of.type.kind == "map" and at.type == TEXT:
        return _element([of, at], "UTC")
    raise ExpressionError(f"[...] takes a list and a number, or a map and a text, not {of.type} and {at.type}")


def _list(name: str) -> Build:
    def build(values: Sequence[Value], _zone: str) -> Value:
        return _result(call(name, values[0].tree), values[0].type, values)

    return build


def _contains(values: Sequence[Value], _zone: str) -> Value:
    common([values[0].type.of or NOTHING, values[1].type], "array_contains")
    return _result(call("array_contains", *(v.tree for v in values)), TRUTH, values)


def _if(values: Sequence[Value], _zone: str) -> Value:
    gives = common([v.type for v in values[1:]], "if")
    return _result(call("if", *(v.tree for v in values)), gives, values)


def _abs(values: Sequence[Value], _zone: str) -> Value:
    # The smallest bigint has no positive counterpart: abs of it would raise, that of a decimal does not.
    return _result(call("abs", try_cast(values[0].tree, "decimal(38,9)")), NUMBER, values)


def _split_part(values: Sequence[Value], _zone: str) -> Value:
    if values[2].literal == "0":
        raise ExpressionError("split_part counts from 1, or from the end with -1")
    return _result(call("split_part", *(v.tree for v in values)), TEXT, values)


FUNCTIONS: dict[str, Function] = {
    # choosing
    "coalesce": Function(("any",), _same("coalesce"), more=True),
    "nullif": Function(("any", "any"), _same("nullif")),
    "if": Function(("truth", "any", "any"), _if),
    "greatest": Function(("any", "any"), _same("greatest"), more=True),
    "least": Function(("any", "any"), _same("least"), more=True),
    "isnull": Function(("any",), _simple("isnull", TRUTH)),
    "isnotnull": Function(("any",), _simple("isnotnull", TRUTH)),
    # text
    "lower": Function(("text",), _simple("lower", TEXT)),
    "upper": Function(("text",), _simple("upper", TEXT)),
    "initcap": Function(("text",), _simple("initcap", TEXT)),
    "trim": Function(("text",), _simple("btrim", TEXT)),
    "btrim": Function(("text", "text literal"), _simple("btrim", TEXT), at_least=1),
    "ltrim": Function(("text",), _simple("ltrim", TEXT)),
    "rtrim": Function(("text",), _simple("rtrim", TEXT)),
    "length": Function(("text",), _simple("length", NUMBER)),
    "concat": Function(("scalar",), _simple("concat", TEXT), more=True),
    "concat_ws": Function(("text literal", "text or list"), _simple("concat_ws", TEXT), more=True),
    "replace": Function(("text", "text", "text"), _simple("replace", TEXT), at_least=2),
    "regexp_replace": Function(("text", "text literal", "text literal"), _pattern("regexp_replace", TEXT)),
    "regexp_extract": Function(
        ("text", "text literal", "number literal"), _pattern("regexp_extract", TEXT), at_least=2
    ),
    "substring": Function(("text", "number", "number"), _text_positions("substring"), at_least=2),
    "left": Function(("text", "number"), _text_positions("left")),
    "right": Function(("text", "number"), _text_positions("right")),
    "split": Function(("text", "text literal", "number literal"), _pattern("split", TEXTS), at_least=2),
    "split_part": Function(("text", "text literal", "number literal"), _split_part),
    "contains": Function(("text", "text"), _simple("contains", TRUTH)),
    "startswith": Function(("text", "text"), _simple("startswith", TRUTH)),
    "endswith": Function(("text", "text"), _simple("endswith", TRUTH)),
    "instr": Function(("text", "text"), _simple("instr", NUMBER)),
    # numbers
    "abs": Function(("number",), _abs),
    "floor": Function(("number",), _simple("floor", NUMBER)),
    "ceil": Function(("number",), _simple("ceil", NUMBER)),
    # lists, maps and JSON
    "array": Function(("any",), _array, more=True),
    "element_at": Function(("list or map", "any"), _element),
    "size": Function(("list or map",), _simple("size", NUMBER)),
    "array_join": Function(("list of text", "text literal"), _simple("array_join", TEXT)),
    "array_distinct": Function(("list",), _list("array_distinct")),
    "array_compact": Function(("list",), _list("array_compact")),
    "array_contains": Function(("list", "any"), _contains),
    "reverse": Function(("text or list",), _list("reverse")),
    "from_json": Function(("text", "text literal"), _from_json),
    "get_json_object": Function(("text", "text literal"), _simple("get_json_object", TEXT)),
    # days and moments
    "to_timestamp": Function(("any", "text literal"), _to_moment(strict=True, day=False), at_least=1),
    "try_to_timestamp": Function(("any", "text literal"), _to_moment(strict=False, day=False), at_least=1),
    "to_date": Function(("any", "text literal"), _to_moment(strict=True, day=True), at_least=1),
    "try_to_date": Function(("any", "text literal"), _to_moment(strict=False, day=True), at_least=1),
    "make_timestamp": Function(("number",) * 6, _make(strict=True, day=False)),
    "try_make_timestamp": Function(("number",) * 6, _make(strict=False, day=False)),
    "make_date": Function(("number",) * 3, _make(strict=True, day=True)),
    "try_make_date": Function(("number",) * 3, _make(strict=False, day=True)),
    "timestamp_seconds": Function(("number",), _unix(1)),
    "timestamp_millis": Function(("number",), _unix(1000)),
    "timestamp_micros": Function(("number",), _unix(1_000_000)),
    "from_utc_timestamp": Function(("moment", "text literal"), _shift("from_utc_timestamp")),
    "to_utc_timestamp": Function(("moment", "text literal"), _shift("to_utc_timestamp")),
    "year": Function(("moment",), _simple("year", NUMBER)),
    "month": Function(("moment",), _simple("month", NUMBER)),
    "dayofmonth": Function(("moment",), _simple("dayofmonth", NUMBER)),
    "hour": Function(("moment",), _simple("hour", NUMBER)),
}


def apply(name: str, values: Sequence[Value], zone: str) -> Value:
    """Check a call against its declaration and build it."""
    function = FUNCTIONS[name]
    least = len(function.takes) if function.at_least < 0 else function.at_least
    if len(values) < least or (len(values) > len(function.takes) and not function.more):
        most = "or more" if function.more else f"to {len(function.takes)}" if least < len(function.takes) else ""
        raise ExpressionError(f"{name} takes {least} {most} arguments, not {len(values)}".replace("  ", " "))
    for i, value in enumerate(values):
        wanted = function.takes[min(i, len(function.takes) - 1)]
        if not _fits(value, wanted):
            raise ExpressionError(f"{name}: argument {i + 1} must be {wanted}, not {value.type}{_cure(value, wanted)}")
    return function.build(values, zone)


def _cure(value: Value, wanted: str) -> str:
    if wanted == "number" and value.type == TEXT:
        return "; write cast(... as bigint), or declare the column so"
    if wanted == "moment" and value.type == TEXT:
        return "; write to_timestamp(...) around it, or declare the column so"
    return "; write cast(... as string)" if wanted == "text" and value.type in (NUMBER, DATE, TIME) else ""


def _fits(value: Value, wanted: str) -> bool:
    if wanted == "number literal":
        return value.type == NUMBER and re.fullmatch(r"-?\d{1,6}", value.literal or "") is not None
    if wanted == "text literal":
        return value.type == TEXT and value.literal is not None
    if wanted == "any" or value.type == NOTHING:
        return True
    if wanted == "scalar":
        return value.type.kind in ("text", "number", "truth", "date", "time")
    if wanted == "moment":
        return value.type in (DATE, TIME)
    if wanted == "list of text":
        return value.type == TEXTS
    return value.type.kind in wanted.split(" or ")
