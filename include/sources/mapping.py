"""Records of an input in the canonical columns of its feed. Column expressions only.

A record is parsed to a map of texts, and each used column is cast from its text: a typed schema would make null of
every number that came from CSV. Nothing here raises for what is in a row; what does not parse is told in `problems`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.errors import AnalysisException, ParseException
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType
from sqlglot import exp

from include.derive.schema import type_json
from include.errors import BadInput
from include.sources.checking import ORDER, compiled
from include.sources.discover import FoundFile, lookup_file, verify
from include.sources.expressions import COLUMNS, LOOKUP, Expression
from include.sources.functions import call, moment
from include.sources.model import Input, Lookup, Source
from include.sources.reader import read_records
from include.sources.types import is_json
from include.tables.canonical import FEEDS, Canonical

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

_TEXTS, _KEY = "__texts", "__key"
_MOST_LOOKUP_ROWS = 1_000_000
# A number as text that sorts as the number does: all are made positive and equally long.
_ORDER_TYPE, _ORDER_SHIFT, _ORDER_DIGITS = "decimal(27,6)", 10**18, 30


def to_canonical(
    frame: DataFrame, source: Source, feed: str, feed_input: Input, data_folders: Sequence[Path]
) -> DataFrame:
    """`frame` has `record` and `damage`; its columns stay, `record` apart. Added are every canonical column, and:

    arrives: when a replayed row arrived (timestamp; null: not known, or the path says it)
    order: text that sorts as the versions of a key do; null where the delivery is not `changes`
    precision: of `happened_at`
    mapped: how many canonical values are there
    problems: sorted `damaged:<code>`, `type:<column>` for a text that is not of its declared type, and
    `type:<canonical column>` for a conversion that had a value and gave none
    """
    mapping = _Mapping(source, feed, feed_input)
    others = [name for name in frame.columns if name != "record"]
    parsed = frame.withColumn(_TEXTS, F.when(F.col("damage").isNull(), F.from_json("record", "map<string,string>")))
    parsed = parsed.withColumn(COLUMNS, mapping.columns())
    for name in sorted(mapping.lookups):
        lookup = feed_input.lookups[name]
        side = _lookup_frame(frame.sparkSession, source, name, lookup, data_folders)
        key = F.btrim(_column(_text(lookup.matches or lookup.key)))
        parsed = parsed.join(F.broadcast(side), key == side[_KEY], "left").drop(_KEY)
    try:
        return parsed.select(*others, *mapping.added())
    except (AnalysisException, ParseException) as error:
        raise mapping.blame(parsed, error) from None


class _Mapping:
    """The compiled expressions of one input."""

    def __init__(self, source: Source, feed: str, feed_input: Input) -> None:
        self.source, self.feed, self.input = source, feed, feed_input
        self.zone = source.zone(feed_input)
        spec = source.feeds[feed]
        self.values = {
            c.name: compiled(feed_input, feed_input.map[c.name], self.zone, c.type)
            for c in FEEDS[feed].columns
            if c.name in feed_input.map
        }
        replay = None if feed_input.by_day else feed_input.arrives or feed_input.map.get("happened_at")
        self.arrives = compiled(feed_input, replay, self.zone, "timestamp") if replay else None
        order = spec.order if spec.delivery == "changes" else None
        self.order = compiled(feed_input, order, self.zone, None) if order else None
        every = [*self.values.values(), *(e for e in (self.arrives, self.order) if e)]
        self.lookups: set[str] = set().union(*(e.lookups for e in every))
        self.used = sorted(set[str]().union(*(e.columns for e in every)))

    def columns(self) -> Column:
        """The used columns with their declared types, as one struct."""
        fields = [_typed(_text(name), self.input.columns[name], self.zone).alias(name) for name in self.used]
        # An input of constants only: a struct cannot be empty.
        return F.struct(*fields) if fields else F.struct(F.lit(None).cast("string").alias("nothing"))

    def added(self) -> list[Column]:
        """All columns that `to_canonical` adds."""
        values = {c.name: self._value(c) for c in FEEDS[self.feed].columns}
        present = [values[name].isNotNull().cast("int") for name in self.values]
        return [
            *(value.alias(name) for name, value in values.items()),
            _sane(F.expr(self.arrives.sql) if self.arrives else F.lit(None), "timestamp").alias("arrives"),
            self._order().alias("order"),
            F.lit(self.input.precision).alias("precision"),
            reduce(lambda a, b: a + b, present).alias("mapped"),
            self._problems(values).alias("problems"),
        ]

    def _value(self, column: Canonical) -> Column:
        if column.name not in self.values:
            return F.lit(None).cast(column.type)
        value = _sane(F.expr(self.values[column.name].sql), column.type)
        # Constants would make a row of a record that could not be read.
        return F.when(F.col(_TEXTS).isNotNull(), value)

    def _order(self) -> Column:
        if self.order is None:
            return F.lit(None).cast("string")
        value = F.expr(self.order.sql)
        if self.order.type.kind == "text":
            return value
        number = F.unix_micros(value.cast("timestamp")) if self.order.type.kind in ("time", "date") else value
        shifted = F.try_add(number.try_cast(_ORDER_TYPE), F.lit(_ORDER_SHIFT).cast(_ORDER_TYPE))
        return F.lpad(shifted.cast("string"), _ORDER_DIGITS, "0")

    def _problems(self, values: dict[str, Column]) -> Column:
        found = [
            F.when(_given(name, self.input.columns[name]) & F.col(COLUMNS)[name].isNull(), F.lit(f"type:{name}"))
            for name in self.used
            if self.input.columns[name] != "string"
        ]
        for name, expression in self.values.items():
            lost = [F.expr(expression.lost)] if expression.lost else []
            if FEEDS[self.feed].by_name[name].type in ("double", "timestamp"):
                lost.append(F.expr(expression.sql).isNotNull())  # there, but `_sane` refused it
            if lost:
                any_lost = reduce(lambda a, b: a | b, lost)
                found.append(F.when(values[name].isNull() & any_lost, F.lit(f"type:{name}")))
        told = F.array_sort(F.array_distinct(F.array_compact(F.array(*found)))) if found else F.array()
        damaged = F.array(F.concat(F.lit("damaged:"), F.coalesce("damage", F.lit("unreadable_line"))))
        return F.when(F.col(_TEXTS).isNull(), damaged).otherwise(told.cast("array<string>"))

    def blame(self, parsed: DataFrame, error: Exception) -> BadInput:
        """What Spark refuses, with the line of the expression."""
        named: list[tuple[tuple[str, ...], Expression]] = [(("map", name), e) for name, e in self.values.items()]
        named += [((ORDER,), self.order)] if self.order else []
        named += [(("arrives",), self.arrives)] if self.arrives else []
        for field, expression in named:
            try:
                parsed.select(F.expr(expression.sql))
            except (AnalysisException, ParseException) as own:
                where = self.source.where(self.feed, self.input, *field)
                return BadInput(f"{where}: {'.'.join(field)}: Spark refuses it: {_first_line(own)}")
        return BadInput(f"{self.source.where(self.feed, self.input)}: Spark refuses the mapping: {_first_line(error)}")


def _text(name: str) -> exp.Expression:
    return call("try_element_at", exp.column(_TEXTS, quoted=True), name)


def _column(tree: exp.Expression) -> Column:
    return F.expr(tree.sql(dialect="spark"))


def _given(name: str, ddl: str) -> Column:
    """True where there is something to read. Blank text is nothing; so is the word null where JSON is expected."""
    trimmed = F.btrim(_column(_text(name)))
    return (trimmed != "") & (trimmed != "null") if is_json(ddl) else trimmed != ""


def _typed(text: exp.Expression, ddl: str, zone: str) -> Column:
    if ddl == "timestamp":
        return _column(moment(text, zone))
    value = _column(text)
    if ddl == "string":
        return value
    if is_json(ddl):
        opens = "[" if ddl.startswith("array") else "{"
        looks_right = F.startswith(F.ltrim(value), F.lit(opens))
        return F.when(looks_right, F.from_json(value, json.dumps(type_json(ddl))))
    return F.nullif(F.btrim(value), F.lit("")).try_cast(ddl)


def _sane(value: Column, ddl: str) -> Column:
    """A value of the canonical type that means something; null otherwise: blank, empty, endless, beyond year 9999."""
    if ddl == "string":
        return F.when(F.btrim(value) != "", value)
    if ddl == "double":
        number = value.cast("double")
        return F.when(~F.isnan(number) & (F.abs(number) != float("inf")), number)
    if ddl == "timestamp":
        time = value.cast("timestamp")
        return F.when(F.year(time).between(1, 9999), time)
    if ddl == "array<string>":
        kept = F.filter(value, lambda v: F.btrim(v) != "")
        return F.when(F.size(kept) > 0, kept)
    return value.cast(ddl)


def _lookup_frame(
    spark: SparkSession, source: Source, name: str, lookup: Lookup, data_folders: Sequence[Path]
) -> DataFrame:
    """The lookup's rows as a struct beside their key."""
    path = lookup_file(source, lookup, data_folders)
    verify(FoundFile(path, lookup.path, None), lookup)
    columns = list(lookup.columns)
    schema = StructType([StructField(n, StringType()) for n in (_KEY, *columns)])
    rows = [(key, *(record.get(c) for c in columns)) for key, record in _lookup_rows(path, lookup).items()]
    types = lookup.columns.items()
    typed = [_typed(exp.column(c, quoted=True), t, source.time_zone).alias(c) for c, t in types]
    return spark.createDataFrame(rows, schema).select(_KEY, F.struct(*typed).alias(LOOKUP + name))


def _lookup_rows(path: Path, lookup: Lookup) -> dict[str, dict[str, str | None]]:
    """Records of texts by key. Of several with one key the first counts; damaged ones are left out."""
    rows: dict[str, dict[str, str | None]] = {}
    for line in read_records(path, lookup):
        if line.damage is None:
            record = {k: v if v is None or isinstance(v, str) else json.dumps(v) for k, v in _parsed(line.record)}
            rows.setdefault(str(record.get(lookup.key) or "").strip(), record)
        if line.position > _MOST_LOOKUP_ROWS:
            raise BadInput(f"{lookup.path}: has more than {_MOST_LOOKUP_ROWS:,} rows: too many for a lookup")
    rows.pop("", None)
    return rows


def _parsed(record: str) -> list[tuple[str, object]]:
    return list(json.loads(record).items())


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
