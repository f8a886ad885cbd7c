"""The one reader: a file of any described format as records of JSON text. Plain Python, in bounded memory.

It never raises for what is in the file. A line that cannot be read becomes a damaged record; when the archive itself
breaks off, what came before stays and one damaged record stands for the rest. Blank lines are no records.

Damage: `unreadable_line` (no JSON object, quoting that does not end, a Parquet value that JSON cannot tell, such as a
time beyond the year 9999), `wrong_field_count`, `bad_encoding`, `too_long` (a record over 4 MiB), `cut_off` (the file
breaks off), `too_large` (unpacks beyond all measure).
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from include.errors import BadInput
from include.sources.archive import BROKEN, TooLargeError, open_data
from include.sources.model import FileSpec, Options

if TYPE_CHECKING:
    import pyarrow as pa

LONGEST = 4 << 20  # characters of one record
_SHOWN = 10_000  # characters kept of a damaged one
csv.field_size_limit(LONGEST)


class Record(NamedTuple):
    """One record. `position` counts from 1; `record` is JSON: an object, or a string with the text of a damaged one."""

    position: int
    record: str
    damage: str | None


@dataclass(frozen=True)
class _Line:
    text: str
    damage: str | None = None


def read_records(path: Path, spec: FileSpec) -> Iterator[Record]:
    """The records of a file, in its order."""
    for position, (record, damage) in enumerate(_all(path, spec), start=1):
        yield Record(position, record if damage is None else json.dumps(record[:_SHOWN]), damage)


def _all(path: Path, spec: FileSpec) -> Iterator[tuple[str, str | None]]:
    try:
        if spec.format == "parquet":
            yield from _parquet(path)
            return
        with open_data(path, spec.member) as stream:
            lines = _lines(stream, spec.options.encoding)
            yield from _csv(lines, spec) if spec.format == "csv" else _jsonl(lines)
    except TooLargeError:
        yield "", "too_large"
    except (BadInput, UnicodeError, *BROKEN):
        yield "", "cut_off"


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are not of the encoding, each as the low surrogate of its number: no text of any encoding has one."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(_FIRST_MARK + byte) for byte in error.object[error.start : error.end]), error.end


_FIRST_MARK = 0xDC00
_MARK = re.compile("[\udc00-\udcff]")
codecs.register_error("portrait.mark", _mark)


def _lines(stream: io.BufferedReader, encoding: str) -> Iterator[_Line]:
    """Lines with their ends. Bytes that are not of the encoding are kept as \\x.., and told."""
    encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    text = io.TextIOWrapper(stream, encoding=encoding, errors="portrait.mark", newline="\n")
    while line := text.readline(LONGEST + 1):
        if len(line) > LONGEST and not line.endswith("\n"):
            while (rest := text.readline(LONGEST)) and not rest.endswith("\n"):
                pass
            yield _Line(line[:_SHOWN].encode("utf-8", "replace").decode(), "too_long")
        elif not line.isascii() and _MARK.search(line):
            yield _Line(_MARK.sub(lambda mark: f"\\x{ord(mark[0]) - _FIRST_MARK:02x}", line), "bad_encoding")
        else:
            yield _Line(line)


def _jsonl(lines: Iterator[_Line]) -> Iterator[tuple[str, str | None]]:
    for line in lines:
        text = line.text.strip()
        if line.damage or not text:
            if line.damage:
                yield text, line.damage
            continue
        try:
            whole = isinstance(json.loads(text), dict)
        except (ValueError, RecursionError):
            whole = False
        yield text, None if whole else "unreadable_line"


def _csv(lines: Iterator[_Line], spec: FileSpec) -> Iterator[tuple[str, str | None]]:
    for _ in range(spec.options.skip):
        next(lines, None)
    source = _Source(lines)
    rows = _rows(source, spec.options)
    header = list(spec.columns)
    if spec.options.header:
        header = clean_header(next(rows, ([], None))[0])
    nulls = {"", *spec.options.nulls}
    for fields, damage in rows:
        raw = "".join(source.taken).rstrip("\r\n")
        if damage is None and not fields:
            continue
        if damage is None and len(fields) != len(header):
            damage = "wrong_field_count"
        if damage is not None:
            yield raw, damage
            continue
        record = {name: value for name, value in zip(header, fields, strict=True) if value not in nulls}
        yield json.dumps(record, ensure_ascii=False), None


def clean_header(fields: list[str]) -> list[str]:
    """Column names of a header line, without blanks around them."""
    return [f.strip() for f in fields]


class _Source:
    """Feeds the CSV parser and remembers the lines of the record it is in, and what is wrong with them."""

    def __init__(self, lines: Iterator[_Line]) -> None:
        self._lines = lines
        self.start()

    def start(self) -> None:
        self.taken: list[str] = []
        self.damage: str | None = None
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.taken.append(line.text)
        self._size += len(line.text)
        self.damage = self.damage or line.damage
        if self._size > LONGEST:
            raise csv.Error("field larger than field limit")
        return line.text if line.damage is None else line.text.replace('"', "") + "\n"


def _rows(source: _Source, options: Options) -> Iterator[tuple[list[str], str | None]]:
    """Fields of each record, or what is wrong with it; `source.taken` holds its text."""
    several_signs = len(options.separator) > 1
    parser = None if several_signs else _parser(source, options)
    while True:
        source.start()
        try:
            fields = next(source).rstrip("\r\n").split(options.separator) if parser is None else next(parser)
        except StopIteration:
            return
        except csv.Error as error:
            yield [], "too_long" if "limit" in str(error) else source.damage or "unreadable_line"
            continue
        if several_signs and fields == [""]:
            fields = []
        yield fields, source.damage


def _parser(source: _Source, options: Options) -> Iterator[list[str]]:
    quoted = options.quote != "none"
    return csv.reader(
        source,
        delimiter=options.separator,
        quotechar=options.quote if quoted else None,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        escapechar=options.escape,
        doublequote=options.escape is None,
        strict=quoted,
    )


def _parquet(path: Path) -> Iterator[tuple[str, str | None]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        for batch in pq.ParquetFile(path).iter_batches(batch_size=1000):
            yield from _parquet_rows(batch)
    except (pa.ArrowException, ValueError):
        yield "", "cut_off"


def _parquet_rows(batch: pa.RecordBatch) -> list[tuple[str, str | None]]:
    """The records of a batch. Python reads all of it or nothing, so it is halved until what it cannot read is alone."""
    import pyarrow as pa

    try:
        return [(_object(row), None) for row in batch.to_pylist(maps_as_pydicts="strict")]
    except (ArithmeticError, LookupError, TypeError, ValueError, pa.ArrowException) as error:
        if batch.num_rows == 1:
            values = batch.to_string(preview_cols=batch.num_columns).partition("\n----\n")[2]
            return [(values, "bad_encoding" if isinstance(error, UnicodeError) else "unreadable_line")]
    half = batch.num_rows // 2
    return [*_parquet_rows(batch.slice(0, half)), *_parquet_rows(batch.slice(half))]


def _object(row: dict[str, Any]) -> str:
    present = {name: _plain(value) for name, value in row.items() if not _is_missing(value)}
    return json.dumps(present, ensure_ascii=False, default=str)


def _plain(value: Any) -> Any:
    """The value with its bytes, which must be UTF-8, as text, and the keys of its maps as JSON allows them."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k if isinstance(k, str | int | float) else str(_plain(k)): _plain(v) for k, v in value.items()}
    return value


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def first_fields(path: Path, spec: FileSpec) -> list[str]:
    """The names in a CSV header or a Parquet schema; empty if there is no such line. BadInput if it is unreadable."""
    if spec.format == "parquet":
        return _parquet_names(path)
    with open_data(path, spec.member) as stream:
        lines = _lines(stream, spec.options.encoding)
        for _ in range(spec.options.skip):
            next(lines, None)
        fields, damage = next(_rows(_Source(lines), spec.options), ([], None))
    if damage:
        raise BadInput(f"{path.name}: the header line cannot be read ({damage}); check encoding, separator and quote")
    return clean_header(fields)


def _parquet_names(path: Path) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return list(pq.read_schema(path).names)
    except (pa.ArrowException, OSError, ValueError):
        raise BadInput(f"{path.name}: is not a Parquet file, or damaged") from None
