"""What a source description consists of, as the YAML file says it. Cross-checks are in `checking.py`."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from include.plan import NAME
from include.sources.locate import line_of, shown
from include.sources.types import parse_type, plain
from include.sources.zones import is_zone
from include.tables.canonical import FEEDS

Delivery = Literal["append", "changes", "snapshot"]
Precision = Literal["second", "day", "month", "none"]
DAY = re.compile(r"\{day(?::([^{}]+))?\}")  # {day}, or {day:%Y/%m/%d}
_DAY_PARTS = {"%Y", "%m", "%d", "%j", "%y"}


def _day(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return date.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError("must be a day, written like 2019-10-01")


def _expression(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError("must be an expression: a column, or \"'text'\" with quotes inside quotes")
    if not str(value).strip():
        raise ValueError("is empty; write an expression or leave the line out")
    return str(value)


def _type(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("must be a type word such as string or bigint")
    parse_type(value)
    return plain(value)


def _path(value: Any) -> Any:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a path, relative to the data folder")
    if ".." in value.split("/") or "\0" in value or "\\" in value:
        raise ValueError("must be written with / and without ..")
    bare = DAY.sub("", value)
    if "{" in bare or "}" in bare:
        raise ValueError("the only pattern is {day}, or {day:%Y/%m/%d}")
    for form in DAY.findall(value):
        parts = set(re.findall(r"%.", form))
        complete = parts & {"%Y", "%y"} and (parts >= {"%m", "%d"} or "%j" in parts)
        if form and (parts - _DAY_PARTS or not complete):
            raise ValueError(f"the day pattern {form!r} must name year, month and day with %Y, %m, %d, %j")
    return value


def _feed(name: str) -> str:
    if name not in FEEDS:
        raise PydanticCustomError("unknown_feed", "there is no such feed")
    return name


FeedName = Annotated[str, AfterValidator(_feed)]
Day = Annotated[date, BeforeValidator(_day)]
Expr = Annotated[str, BeforeValidator(_expression)]
Ddl = Annotated[str, BeforeValidator(_type)]
DataPath = Annotated[str, BeforeValidator(_path)]


class Part(BaseModel):
    """A part of a description: unknown fields are refused, nothing changes after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class History(Part):
    """First and last day of the source (UTC); no last day: it is live."""

    first: Day
    last: Day | None = None

    @model_validator(mode="after")
    def _ordered(self) -> History:
        if self.last is not None and self.last < self.first:
            raise ValueError(f"last ({self.last}) is before first ({self.first})")
        return self


class Options(Part):
    """How a file is written. All but `encoding` are for CSV.

    `quote: none` switches quoting off. `nulls` are texts that stand for no value, beside the empty one.
    `skip` lines stand before the header. Without a header the columns are the declared ones, in their order.
    """

    separator: str = Field(",", min_length=1, max_length=8)
    quote: str = '"'
    escape: str | None = Field(None, min_length=1, max_length=1)
    encoding: str = "utf-8"
    header: bool = True
    nulls: tuple[str, ...] = ()
    skip: int = Field(0, ge=0, le=1000)

    @field_validator("quote")
    @classmethod
    def _one_sign(cls, value: str) -> str:
        if value != "none" and len(value) != 1:
            raise ValueError("must be one sign, or none")
        return value

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            "a,1\n".encode(value).decode(value)
            return codecs.lookup(value).name
        except (LookupError, UnicodeError, TypeError, ValueError):
            raise ValueError(f"there is no text encoding {value[:40]!r}; common are utf-8, latin-1, utf-16") from None

    @model_validator(mode="after")
    def _possible(self) -> Options:
        if len(self.separator) > 1 and self.quote != "none":
            raise ValueError("a separator of several signs needs `quote: none`")
        if "\n" in self.separator or "\r" in self.separator or self.separator == self.quote:
            raise ValueError("the separator cannot be a line end or the quote")
        return self


class FileSpec(Part):
    """One file, or one file a day, and how to read it."""

    path: DataPath
    member: str | None = Field(None, min_length=1)
    format: Literal["jsonl", "csv", "parquet"]
    options: Options = Options()
    columns: dict[str, Ddl] = Field(min_length=1)

    @property
    def by_day(self) -> bool:
        """True if the path names the day on which its rows arrived; else it is replayed by event time."""
        return DAY.search(self.path) is not None

    @field_validator("columns")
    @classmethod
    def _different(cls, columns: dict[str, str]) -> dict[str, str]:
        seen: dict[str, str] = {}
        for name in columns:
            if not name.strip() or len(name) > 200 or "`" in name:
                raise ValueError(f"{name[:40]!r} is not a column name")
            if name.lower() in seen:
                raise ValueError(f"{seen[name.lower()]} and {name} differ in case only; Spark cannot tell them apart")
            seen[name.lower()] = name
        return columns


class Lookup(FileSpec):
    """A small side file: the first row whose `key` is written like the input's column `matches`.

    `matches` is the column of the same name if it is left out.
    """

    key: str
    matches: str | None = None


class Input(FileSpec):
    """One file, or one file a day, that fills canonical columns.

    `arrives` is when a replayed row would have arrived; where it is left out that is `happened_at`.
    `precision` is how exact `happened_at` is; clock times of a precision coarser than a second are read as UTC, so
    that they keep the day that the source wrote.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$")
    lookups: dict[str, Lookup] = {}
    arrives: Expr | None = None
    precision: Precision = "second"
    map: dict[str, Expr] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _named(cls, data: Any) -> Any:
        if isinstance(data, dict) and "name" not in data:
            return {**data, "name": _stem(str(data.get("member") or data.get("path", "")))}
        return data


class Constant(Part):
    """What stands in for an absent value."""

    constant: str | int | float


class FeedSpec(Part):
    """One kind of input of the source. See the design for what each `delivery` means."""

    inputs: tuple[Input, ...] = Field(min_length=1)
    delivery: Delivery | None = None
    order: Expr | None = None
    rating_scale: tuple[float, float] | None = None
    missing: dict[str, Literal["keep", "reject"] | Constant] = {}

    @field_validator("rating_scale")
    @classmethod
    def _rising(cls, scale: tuple[float, float] | None) -> tuple[float, float] | None:
        if scale is not None and not scale[0] < scale[1]:
            raise ValueError("must be [lowest, highest]")
        return scale


class Source(Part):
    """One site or tenant: where its files are, how they are written, and what they mean."""

    name: str = Field(alias="source", pattern=f"^{NAME.pattern}$")
    about: str = Field(min_length=1, max_length=500)
    licence: str = Field(min_length=1, max_length=500)
    time_zone: str = "UTC"
    history: History
    period: Literal["all", "year", "month", "day"] | None = None
    buckets: int = Field(1, ge=1, le=1024)
    feeds: dict[FeedName, FeedSpec] = Field(min_length=1)

    _file: Path | None = PrivateAttr(None)
    _lines: Mapping[tuple[str | int, ...], int] = PrivateAttr(default_factory=dict)

    @field_validator("time_zone")
    @classmethod
    def _a_zone(cls, value: str) -> str:
        if not is_zone(value):
            raise ValueError(f"{value[:40]!r} is not a time zone; write UTC or one like Europe/Berlin")
        return value

    @model_validator(mode="before")
    @classmethod
    def _default_delivery(cls, data: Any) -> Any:
        feeds = data.get("feeds") if isinstance(data, dict) else None
        if isinstance(feeds, dict):
            filled = {
                name: {"delivery": FEEDS[name].delivery, **spec} if name in FEEDS and isinstance(spec, dict) else spec
                for name, spec in feeds.items()
            }
            return {**data, "feeds": filled}
        return data

    @property
    def folder(self) -> Path | None:
        """Where the description lies: its data may lie beside it."""
        return self._file.parent if self._file else None

    def zone(self, feed_input: Input) -> str:
        """Where the input's clock times without a zone were read."""
        return self.time_zone if feed_input.precision == "second" else "UTC"

    def where(self, feed: str, feed_input: Input, *field: str) -> str:
        """File and line of a field of an input, for messages."""
        at = self.feeds[feed].inputs.index(feed_input)
        line = line_of(self._lines, ("feeds", feed, "inputs", at, *field))
        file = shown(self._file) if self._file else f"source {self.name}"
        return f"{file}:{line}" if line else file


def _stem(path: str) -> str:
    """A name for an input: its path's last part that is not only a pattern, without endings."""
    for part in reversed(path.split("/")):
        bare = DAY.sub("", part).replace("*", "").replace("?", "").strip("-_ ")
        stem = bare.split(".")[0] if not bare.startswith(".") else ""
        stem = re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("-_")
        if stem:
            return stem
    return "input"
