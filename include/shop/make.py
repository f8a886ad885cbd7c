"""Makes the shop: here, or for millions of events on all cores with Spark. Both make the same bytes."""

from __future__ import annotations

import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from include.errors import BadInput
from include.shop.difficulty import difficulty
from include.shop.files import FEEDS, LINES, Dirty, as_line, write_file, write_lines
from include.shop.life import live, truth, visit
from include.shop.pen import Pen, Sent
from include.shop.world import LAST_DAY, World

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import SparkSession

_ACCOUNTS_A_TASK = 250
_TEXTS, _COUNTS = "truth of texts", "counts"  # go through Spark as if they were feeds


@dataclass(frozen=True)
class Truth:
    """What was put in, by feed: records written, and of these the late, corrected, deleted ones and so on.

    landed: all records · late: arrived after their day · corrected, deleted: records that replace or remove an
    earlier one · moved: corrected to another day · duplicates: second copies · dirt: records that are no use
    """

    seed: int
    level: str
    first: date
    last: date
    feeds: Mapping[str, Mapping[str, int]]

    def to_json(self) -> str:
        whole = {"seed": self.seed, "difficulty": self.level, "first": str(self.first), "last": str(self.last),
                 "feeds": self.feeds}  # fmt: skip
        return json.dumps(whole, indent=2, sort_keys=True) + "\n"


def generate(out: Path, seed: int = 1, users: int = 300, items: int = 200, days: int = 60, level: str = "middle",
             spark: SparkSession | None = None) -> Truth:  # fmt: skip
    """Write the shop's files below `out`, in place of those of an earlier call."""
    for name, value in (("users", users), ("items", items), ("days", days)):
        if value < 1:
            raise BadInput(f"shop: {name} must be at least 1, not {value}")
    difficulty(level)
    _clear(out)
    world = World(seed, users, items, days, level)
    counts, dirt = _here(world, out) if spark is None else _in_spark(world, out, spark)
    write_lines(out / "truth" / "dirt.jsonl", (d._asdict() for d in sorted(dirt)))
    feeds = {
        feed: {"landed": 0, "dirt": 0} | {what: n for (f, what), n in sorted(counts.items()) if f == feed}
        for feed in FEEDS
    }
    told = Truth(seed, level, world.first_day, LAST_DAY, feeds)
    (out / "truth.json").write_text(told.to_json())
    return told


def is_finished(out: Path) -> bool:
    """Whether a shop was made there to its end."""
    file = out / "truth.json"
    return file.exists() and "feeds" in json.loads(file.read_text())


def _clear(out: Path) -> None:
    if out.exists() and any(out.iterdir()) and not (out / "truth.json").exists():
        raise BadInput(f"shop: {out} holds other files; name a folder that is empty or was made by this command")
    for folder in (*FEEDS, "truth"):
        shutil.rmtree(out / folder, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    # Marks the folder as ours before the first file is there.
    (out / "truth.json").write_text("{}\n")


def _pen(world: World, number: int) -> Pen:
    """Accounts, then visitors, then the catalogue, by one running number."""
    if number < world.users:
        return live(world, number)
    if number < world.users + world.visitors:
        return visit(world, number - world.users)
    return _catalogue(world)


def _how_many(world: World) -> int:
    return world.users + world.visitors + 1


def _catalogue(world: World) -> Pen:
    """The whole catalogue is sent every week; prices change between."""
    pen = Pen(world, world.users + world.visitors, Random(f"{world.seed} catalogue"))  # noqa: S311
    for day in world.days[::7]:
        for item in world.items:
            if item.is_sold(day):
                pen.item(day, item)
    return pen


def _here(world: World, out: Path) -> tuple[Counter[tuple[str, str]], list[Dirty]]:
    counts, texts = Counter[tuple[str, str]](), list[object]()
    files: dict[tuple[str, date], list[Sent]] = defaultdict(list)
    for pen in (_pen(world, number) for number in range(_how_many(world))):
        counts += pen.counts
        texts += pen.texts
        for sent in pen.sent:
            files[sent.feed, sent.day].append(sent)
    write_lines(out / "truth" / "accounts.jsonl", (truth(world, n) for n in range(world.users)))
    write_lines(out / "truth" / "texts.jsonl", texts)
    return counts, [dirty for (feed, day), sent in files.items() for dirty in write_file(out, feed, day, sent)]


def _in_spark(world: World, out: Path, spark: SparkSession) -> tuple[Counter[tuple[str, str]], list[Dirty]]:
    """The same: what accounts do on all cores, and then each file by one task. Texts' truth and counts go along."""
    import pandas as pd

    n = _how_many(world)

    def lives(chunks: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for chunk in chunks:
            for number in chunk["id"]:
                yield pd.DataFrame(_rows(_pen(world, number)), columns=list(Sent._fields))

    def to_file(key: tuple[str, date], rows: pd.DataFrame) -> pd.DataFrame:
        feed, day = key
        sent = [Sent(*row) for row in rows.itertuples(index=False)]
        told: list[Dirty] = []
        if feed == _TEXTS:
            ordered = sorted(sent, key=lambda s: (s.who, s.nth))
            write_lines(out / "truth" / "texts.jsonl", (_told(s) for s in ordered))
        elif feed == _COUNTS:
            counts = sum((Counter(_told(s)) for s in sent), Counter[str]())
            told = [Dirty(_COUNTS, what, number, "") for what, number in counts.items()]
        else:
            as_rows = [s if feed in LINES else s._replace(record=_told(s)) for s in sent]
            told = write_file(out, feed, day, as_rows)
        return pd.DataFrame(told, columns=list(Dirty._fields))

    made = spark.range(0, n, 1, max(1, n // _ACCOUNTS_A_TASK)).mapInPandas(
        lives, "feed string, day date, when string, who long, nth long, record binary, dirt string"
    )
    found = made.groupBy("feed", "day").applyInPandas(to_file, "feed string, file string, position long, kind string")
    rows = [Dirty(*row) for row in found.collect()]
    write_lines(out / "truth" / "accounts.jsonl", (truth(world, number) for number in range(world.users)))
    counts = Counter({tuple(d.file.split("/")): d.position for d in rows if d.feed == _COUNTS})
    return counts, [d for d in rows if d.feed != _COUNTS]  # type: ignore[return-value]


def _told(sent: Sent) -> dict[str, Any]:
    """What `as_line` made bytes of."""
    assert isinstance(sent.record, bytes)  # noqa: S101
    return dict(json.loads(sent.record))


def _rows(pen: Pen) -> Iterator[Sent]:
    """What a pen has written, as bytes, and what is so about it."""
    yield from (sent._replace(record=as_line(sent.record)) for sent in pen.sent)
    yield from (Sent(_TEXTS, LAST_DAY, "", pen.who, n, as_line(text), None) for n, text in enumerate(pen.texts))
    counts = {f"{feed}/{what}": number for (feed, what), number in pen.counts.items()}
    yield Sent(_COUNTS, LAST_DAY, "", pen.who, 0, as_line(counts), None)
