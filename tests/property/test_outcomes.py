"""What became of each record, against the rules applied by hand to 240 random worlds of records.

A world is one source with a few things and records about them, delivered over some days, repeated, late and damaged.
All worlds are one frame, so that Spark plans the transform once. PORTRAIT_SEED says where to start.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from jobs.silver.outcomes import compete, is_row, replace_by_snapshot

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SEED = int(os.environ.get("PORTRAIT_SEED", "20240101"))
DELIVERIES = ("append", "changes", "snapshot")
WORLDS = 80  # under each of them
FIRST = date(2024, 1, 1)
SCHEMA = (
    "source string, identity string, content bigint, arrived_on date, sha256 string, position bigint, input string, "
    "landed bigint, `order` string, mapped int, op string, reasons array<string>"
)


@dataclass(frozen=True)
class Record:
    source: str
    identity: str
    content: int
    arrived_on: date
    sha256: str
    position: int
    input: str
    landed: int
    order: str | None
    mapped: int
    op: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """Outcome of a record and the days between which it was the known version of its thing."""

    outcome: str
    known_from: date | None = None
    known_to: date | None = None


World = list[Record]


def draw(delivery: str, number: int) -> World:
    dice = random.Random(f"{SEED} {delivery} {number}")
    world: World = []
    for file in range(dice.randint(1, 4)):
        # Under a snapshot a later file arrives later, or on the same day and lands later.
        arrived = FIRST + timedelta(days=dice.randint(0, 5))
        for position in range(1, dice.randint(1, 5)):
            thing, content = dice.choice("ab"), dice.randint(1, 3)
            damaged = dice.random() < 0.15
            world.append(
                Record(
                    source=f"{delivery}{number}",
                    identity=f"itself {file} {position}" if damaged else thing,
                    # Equal content has equal order, operation and number of mapped columns.
                    content=content,
                    arrived_on=arrived,
                    sha256=f"f{dice.randint(0, 9)}{file}" if position == 1 else world[-1].sha256,
                    position=position,
                    input="i",
                    landed=file,
                    order=str(content % 2) if delivery == "changes" else None,
                    mapped=3 + content % 2,
                    op="delete" if delivery == "changes" and content == 3 else "upsert",
                    reasons=("missing:kind",) if damaged else (),
                )
            )
    return world


def by_hand(world: World, delivery: str) -> dict[Record, Known]:
    """The rules as sentences: day by day, what is known at its end."""
    return _snapshots(world) if delivery == "snapshot" else _facts(world, delivery == "changes")


def _facts(world: World, is_changes: bool) -> dict[Record, Known]:
    good = sorted((r for r in world if not r.reasons), key=lambda r: (r.arrived_on, r.sha256, r.position))
    first = {(r.identity, r.content): r for r in reversed(good)}  # the first of equal content
    found = {r: Known("rejected") if r.reasons else Known("duplicate") for r in world}
    for thing in {r.identity for r in good}:
        candidates = [r for r in good if r.identity == thing and first[thing, r.content] is r]
        if is_changes:
            found |= {r: Known("superseded") for r in candidates}
        winner: Record | None = None
        for day in sorted({r.arrived_on for r in candidates}):
            there = [r for r in candidates if r.arrived_on <= day]
            best = max(there, key=_newest if is_changes else _richest)
            if best is winner:
                continue
            if winner:
                found[winner] = replace(
                    found[winner], outcome="superseded" if is_changes else "duplicate", known_to=day
                )
            winner, found[best] = best, Known("published", day)
    return found


def _newest(r: Record) -> tuple[object, ...]:
    return (r.order, r.arrived_on, r.landed, r.sha256, r.position)


def _richest(r: Record) -> tuple[object, ...]:
    return (r.mapped, -r.arrived_on.toordinal(), r.sha256, -r.position)


def _snapshots(world: World) -> dict[Record, Known]:
    found = {r: Known("rejected") if r.reasons else Known("duplicate") for r in world}
    files = sorted({(r.arrived_on, r.landed, r.sha256) for r in world})
    current: dict[str, Record] = {}  # thing to the record that started its present version
    for file in files:
        inside: dict[str, Record] = {}
        for r in sorted((r for r in world if r.sha256 == file[2]), key=lambda r: (-r.mapped, r.position)):
            if not r.reasons:
                inside.setdefault(r.identity, r)
        kept = {t: r for t, r in current.items() if t in inside and inside[t].content == r.content}
        for r in current.values():
            if r not in kept.values():
                since = found[r].known_from
                found[r] = Known("superseded", None if since == file[0] else since, file[0])
        started = {t: r for t, r in inside.items() if t not in kept}
        found |= {r: Known("published", file[0]) for r in started.values()}
        current = kept | started
    return found


def resolved(spark: SparkSession, delivery: str, worlds: list[World]) -> DataFrame:
    from pyspark.sql import functions as F

    rows = [tuple(vars(r).values()) for world in worlds for r in world]
    random.Random(SEED).shuffle(rows)
    frame = spark.createDataFrame(rows, SCHEMA)
    if delivery == "snapshot":
        return replace_by_snapshot(frame)
    return compete(frame, F.lit(delivery == "changes"))


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_equal_to_the_rules_applied_by_hand(spark, delivery):
    worlds = [draw(delivery, n) for n in range(WORLDS)]
    found = {
        (r["source"], r["sha256"], r["position"]): Known(r["outcome"], r["known_from"], r["known_to"])
        for r in resolved(spark, delivery, worlds).collect()
    }
    for world in worlds:
        for record, known in by_hand(world, delivery).items():
            there = found.pop((record.source, record.sha256, record.position))
            assert there == known, f"PORTRAIT_SEED={SEED}: {record} in\n" + "\n".join(map(str, world))
    assert not found, "one row out for each row in"


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_what_arrives_later_does_not_change_what_was_known(spark, delivery):
    worlds = [draw(delivery, n) for n in range(WORLDS)]
    day = FIRST + timedelta(days=2)
    until_then = [[r for r in world if r.arrived_on <= day] for world in worlds]
    assert known_on(day, resolved(spark, delivery, worlds)) == known_on(day, resolved(spark, delivery, until_then))


def known_on(day: date, rows: DataFrame) -> set[tuple[str, str, int]]:
    """Source, thing and content that a reader sees as known on `day`."""
    return {
        (r["source"], r["identity"], r["content"])
        for r in rows.where(is_row()).collect()
        if r["known_from"] <= day and (r["known_to"] is None or day < r["known_to"])
    }
