"""The shop's files: one a feed and day, the same bytes for the same records."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from include.shop.dirt import Line, line_of
from include.shop.pen import Sent

FEEDS = ("events", "texts", "items", "users", "follows")
LINES = ("events", "texts")  # gzipped JSON lines; the others are CSV


class Dirty(NamedTuple):
    """A record that is no use: where it is, the first of a file being 1, and what is wrong with it."""

    feed: str
    file: str
    position: int
    kind: str


def write_file(out: Path, feed: str, day: date, sent: Iterable[Sent]) -> list[Dirty]:
    """The records that arrive on a day, in the order of what they tell. Which of them are no use."""
    ordered = sorted(sent, key=lambda s: (s.when, s.who, s.nth))
    file = f"{feed}/{day}.{'jsonl.gz' if feed in LINES else 'csv'}"
    (out / file).parent.mkdir(parents=True, exist_ok=True)
    (_write_gzip if feed in LINES else _write_csv)(out / file, [s.record for s in ordered])
    return [Dirty(feed, file, n, s.dirt) for n, s in enumerate(ordered, start=1) if s.dirt]


def write_lines(file: Path, rows: Iterable[object]) -> None:
    """JSON lines."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as out:
        out.writelines(line_of(row) + "\n" for row in rows)


def as_line(record: Line) -> bytes:
    if isinstance(record, bytes):
        return record
    return (record if isinstance(record, str) else line_of(record)).encode()


def _write_gzip(file: Path, records: Sequence[Line]) -> None:
    # No name and no time in the archive: the same seed gives the same bytes.
    with file.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as packed:
        packed.writelines(as_line(record) + b"\n" for record in records)


def _write_csv(file: Path, records: Sequence[Line]) -> None:
    rows = [record for record in records if isinstance(record, dict)]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    file.write_text(text.getvalue(), encoding="utf-8")
