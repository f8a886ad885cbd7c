"""What must hold between the parts of a description: expressions, types, required columns, deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from include.sources.expressions import Expression, check
from include.sources.functions import ExpressionError
from include.sources.locate import Loc
from include.sources.model import Constant, FeedSpec, Input, Source
from include.sources.types import Type, parse_type
from include.tables.canonical import FEEDS, Canonical, Feed
from include.tables.columns import BY_DAY

Mistake = tuple[Loc, str]
ORDER = "order"


def declared(feed_input: Input) -> dict[str, Type]:
    """The input's columns with their types."""
    return {name: parse_type(ddl) for name, ddl in feed_input.columns.items()}


def looked_up(feed_input: Input) -> dict[str, dict[str, Type]]:
    """The columns of the input's lookups with their types."""
    return {name: {c: parse_type(t) for c, t in lookup.columns.items()} for name, lookup in feed_input.lookups.items()}


def compiled(feed_input: Input, text: str, zone: str, becomes: str | None) -> Expression:
    """One expression of the input, checked."""
    return check(text, declared(feed_input), looked_up(feed_input), zone=zone, becomes=becomes)


def feed_mistakes(feed: str, spec: FeedSpec, loc: Loc) -> Iterator[Mistake]:
    """What is wrong with a feed apart from its inputs."""
    known = FEEDS[feed]
    if spec.delivery == "changes" and spec.order is None:
        told = "delivery `changes` needs `order`: the expression that says which version is the later one"
        yield (*loc, "delivery"), told
    if spec.delivery == "snapshot" and feed in BY_DAY:
        yield (*loc, "delivery"), f"{feed} happen once and stay: say `append`, or `changes` with an `order`"
    elif spec.delivery == "snapshot" and len(spec.inputs) > 1:
        told = "delivery `snapshot` is one input, whose files replace each other; with several say `delivery: append`"
        yield (*loc, "inputs"), told
    if spec.delivery != "changes" and spec.order is not None:
        yield (*loc, "order"), f"order belongs to delivery `changes`, not `{spec.delivery}`"
    if spec.rating_scale and "rating" not in known.by_name:
        yield (*loc, "rating_scale"), f"{feed} have no rating"
    for name, policy in spec.missing.items():
        at = (*loc, "missing", name)
        if name not in known.by_name:
            yield at, _unknown_column(known, name)
        elif isinstance(policy, Constant) and not _fits(known.by_name[name], policy.constant):
            yield at, f"the constant is not a {known.by_name[name].type}, or not one of the allowed values"
    seen: dict[str, int] = {}
    for i, feed_input in enumerate(spec.inputs):
        if feed_input.name in seen:
            yield (*loc, "inputs", i), f"two inputs are named {feed_input.name}; give them different `name`s"
        seen[feed_input.name] = i


def input_mistakes(
    source_zone: str, feed: str, spec: FeedSpec | None, feed_input: Input, loc: Loc
) -> Iterator[Mistake]:
    """What is wrong with one input."""
    known = FEEDS[feed]
    zone = source_zone if feed_input.precision == "second" else "UTC"
    for name, text in feed_input.map.items():
        at = (*loc, "map", name)
        if name not in known.by_name:
            yield at, _unknown_column(known, name)
            continue
        yield from _expression_mistakes(feed_input, text, zone, known.by_name[name], at)
    for column in known.columns:
        if column.missing == "reject" and column.name not in feed_input.map:
            yield (*loc, "map"), f"{feed} need {column.name}: {column.about.lower()}"
    if "happened_at" in known.by_name:
        if feed_input.precision == "none" and "happened_at" in feed_input.map:
            yield (*loc, "map", "happened_at"), "precision is none, which means that there is no time: leave one out"
        if feed_input.precision != "none" and "happened_at" not in feed_input.map:
            yield (*loc, "map"), "map happened_at, or say `precision: none` where rows are undated"
    if "op" in feed_input.map and spec is not None and spec.delivery != "changes":
        yield (*loc, "map", "op"), "op belongs to delivery `changes`"
    if feed_input.arrives is not None:
        if feed_input.by_day:
            yield (*loc, "arrives"), "the path's {day} says when rows arrive; `arrives` is for replayed files"
        else:
            yield from _compile_mistakes(feed_input, feed_input.arrives, zone, "timestamp", (*loc, "arrives"))
    if spec is not None and spec.order is not None:
        yield from _order_mistakes(feed_input, spec.order, zone, loc[:2])
    yield from _file_mistakes(feed_input, loc)


def _file_mistakes(feed_input: Input, loc: Loc) -> Iterator[Mistake]:
    if feed_input.format == "parquet" and feed_input.member:
        yield (*loc, "member"), "Parquet is read from plain files only"
    for name, lookup in feed_input.lookups.items():
        at = (*loc, "lookups", name)
        if name in feed_input.columns:
            yield at, f"{name} is the name of a column too"
        if lookup.by_day or "*" in lookup.path or "?" in lookup.path:
            yield (*at, "path"), "a lookup is one file, without a pattern"
        if lookup.key not in lookup.columns:
            yield (*at, "key"), f"{lookup.key} is not declared under the lookup's columns"
        matches = lookup.matches or lookup.key
        if matches not in feed_input.columns:
            yield at, f"no column {matches} to look up; say which with `matches`"


def _expression_mistakes(feed_input: Input, text: str, zone: str, column: Canonical, at: Loc) -> Iterator[Mistake]:
    try:
        constant = compiled(feed_input, text, zone, column.type).literal
    except ExpressionError as error:
        yield at, str(error)
        return
    if column.allowed and constant is not None and constant not in column.allowed:
        yield at, f"{constant!r} is not one of {', '.join(column.allowed)}"


def _compile_mistakes(feed_input: Input, text: str, zone: str, becomes: str | None, at: Loc) -> Iterator[Mistake]:
    try:
        compiled(feed_input, text, zone, becomes)
    except ExpressionError as error:
        yield at, str(error)


def _order_mistakes(feed_input: Input, text: str, zone: str, loc: Loc) -> Iterator[Mistake]:
    try:
        kind = compiled(feed_input, text, zone, None).type.kind
    except ExpressionError as error:
        yield (*loc, ORDER), f"{error} (in input {feed_input.name})"
        return
    if kind not in ("text", "number", "time", "date"):
        yield (*loc, ORDER), f"order must be a number, a time or a text, not {kind}"


def _unknown_column(feed: Feed, name: str) -> str:
    return f"{feed.name} have no column {name}; they have {', '.join(feed.by_name)}"


def _fits(column: Canonical, value: str | int | float) -> bool:
    if column.allowed is not None:
        return value in column.allowed
    if column.type == "string":
        return isinstance(value, str)
    try:
        return column.type.startswith(("decimal", "int", "bigint", "double")) and Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def mistakes(source: Source) -> Iterator[Mistake]:
    """All that is wrong with a source whose parts are each well formed."""
    for feed, spec in source.feeds.items():
        yield from feed_mistakes(feed, spec, ("feeds", feed))
        for i, feed_input in enumerate(spec.inputs):
            yield from input_mistakes(source.time_zone, feed, spec, feed_input, ("feeds", feed, "inputs", i))
