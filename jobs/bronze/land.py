"""Landing: files become rows of bronze, once per content.

Grain: one record of one file, original as JSON. The same bytes under another name, or delivered again on another day,
land once; the earliest delivery counts, so that the order of runs does not matter. Arrival day, day and key follow from
the description: bytes that landed under another description land again in place of what they were.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from include.errors import BadInput, PortraitError
from include.lake.frames import few_rows, union
from include.lake.side_by_side import side_by_side
from include.lake.units import Unit, period_column
from include.plan import NAME, Plan
from include.sources.discover import find_files, verify
from include.sources.mapping import to_canonical
from include.sources.reader import read_records
from include.tables.silver import BY_FEED
from jobs.silver.clean import plausible
from jobs.silver.identity import key_of

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import Column, DataFrame, SparkSession

    from include.lake.read import Reader
    from include.lake.turn import Turn
    from include.sources.model import FeedSpec, Input, Source

_RECORD = (
    "source string, input string, file string, sha256 string, arrived_on date, described_by string, "
    "position bigint, damage string, record string"
)
_INPUT = re.compile(r"[A-Za-z0-9_.-]+")
_BATCH = 5_000


@dataclass(frozen=True)
class Delivery:
    """A file as it was found. `arrived_on` is None for a replayed file, whose rows know their own day."""

    source: str
    feed: str
    input: str
    file: str
    path: str
    sha256: str
    arrived_on: date | None
    described_by: str

    @property
    def content(self) -> tuple[str, str, str]:
        """What lands once in a feed."""
        return self.source, self.input, self.sha256


def find_deliveries(sources: Iterable[Source], plan: Plan, data_folders: Sequence[Path]) -> list[Delivery]:
    """The readable files of the interval. Raises BadInput for a file that cannot be what its description says."""
    found = []
    for source in sources:
        for feed, spec in source.feeds.items():
            for wanted in spec.inputs:
                description = _digest(source, spec, wanted)
                for file in find_files(source, wanted, plan.start, plan.end, data_folders):
                    try:
                        verify(file, wanted)
                    except BadInput as error:
                        raise BadInput(f"{source.where(feed, wanted, 'path')}: {error}") from None
                    content, path = _sha256(file.path), str(file.path)
                    found.append(
                        Delivery(source.name, feed, wanted.name, file.name, path, content, file.arrived_on, description)
                    )
    return found


def once(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """One delivery for each (source, feed, input, content): the earliest."""
    earliest: dict[tuple[str, str, str, str], Delivery] = {}
    for d in sorted(deliveries, key=lambda d: (d.arrived_on or date.min, d.file)):
        earliest.setdefault((d.source, d.feed, d.input, d.sha256), d)
    return list(earliest.values())


@dataclass
class Landed:
    """`files` counts what was written; `left` are the (source, day) that records moved between by feed, see `land`."""

    files: int = 0
    left: dict[str, list[Unit]] = field(default_factory=dict)


def land(turn: Turn, reader: Reader, published: Reader, sources: Mapping[str, Source], deliveries: list[Delivery],
         grains: Mapping[str, str], data_folders: Sequence[Path]) -> Landed:  # fmt: skip
    """Write what is new, one append a feed.

    Bytes that were known from a later day move to their earlier one, and those that were described otherwise to where
    they belong now. The days their records were on, and are on, must be built again. `published` reads what the newest
    release knew: a run that died after moving them has not built those days.
    """
    landed = Landed()

    def one(feed: str) -> tuple[str, int, list[Unit]]:
        mine = [d for d in once(deliveries) if d.feed == feed]
        return feed, *_land_feed(turn, reader, published, sources, feed, mine, grains, data_folders)

    for feed, files, left in side_by_side([partial(one, feed) for feed in sorted({d.feed for d in deliveries})]):
        landed.files += files
        landed.left[feed] = left
    return landed


def _land_feed(turn: Turn, reader: Reader, published: Reader, sources: Mapping[str, Source], feed: str,
               mine: list[Delivery], grains: Mapping[str, str], data_folders: Sequence[Path],
               ) -> tuple[int, list[Unit]]:  # fmt: skip
    """How many files were written, and the days to build again."""
    table = f"bronze.{feed}"
    known = _known(reader, table, mine)
    new = [d for d in mine if d.content not in known]
    again = [_at_its_earliest(d, known[d.content]) for d in mine if _is_out_of_date(d, known.get(d.content))]
    left = _days_of(reader, table, again)
    moved = []
    if published.is_behind(table):
        before = _known(published, table, mine)
        moved = [d for d in mine if _is_out_of_date(d, before.get(d.content))]
        left += _days_of(published, table, moved)
    if new or again:
        rows = to_bronze(turn.spark, [*new, *again], sources, grains, data_folders)
        rows = rows.withColumn("landed", F.lit(turn.fence).cast("bigint"))
        turn.write(table, rows, _same_content([*new, *again]) if again else None)
    return len(new) + len(again), left + _days_of(reader, table, [*again, *moved])


def to_bronze(spark: SparkSession, deliveries: list[Delivery], sources: Mapping[str, Source],
              grains: Mapping[str, str], data_folders: Sequence[Path]) -> DataFrame:  # fmt: skip
    """The records of files of one feed with their envelope."""
    inputs = sorted({(d.source, d.feed, d.input) for d in deliveries})
    parts = []
    for source, feed, name in inputs:
        mine = [d for d in deliveries if (d.source, d.input) == (source, name)]
        wanted = _input(sources[source], feed, name)
        parts.append(envelope(read_files(spark, mine, wanted), sources[source], feed, wanted, data_folders))
    rows = union(parts)
    return rows.withColumn("period", period_column(F.col("day"), F.col("source"), grains))


def read_files(spark: SparkSession, deliveries: list[Delivery], wanted: Input) -> DataFrame:
    """One row a record, read where the workers are, one task a file."""
    files = [(d.source, d.input, d.file, d.path, d.sha256, d.arrived_on, d.described_by) for d in deliveries]
    schema = (
        "source string, input string, file string, path string, sha256 string, arrived_on date, described_by string"
    )
    tasks = min(len(files), spark.sparkContext.defaultParallelism)
    frame = spark.createDataFrame(files, schema).repartition(tasks, "sha256")
    return frame.mapInArrow(_reading(wanted), _RECORD)


def envelope(records: DataFrame, source: Source, feed: str, wanted: Input, data_folders: Sequence[Path]) -> DataFrame:
    """When records arrived, what day they are about, and the key where versions of one thing compete."""
    delivered = records.withColumnRenamed("arrived_on", "delivered_on").withColumn("original", F.col("record"))
    rows = to_canonical(delivered, source, feed, wanted, data_folders)
    replayed_on = F.to_date("arrives")
    first, last = F.lit(source.history.first), F.lit(source.history.last or date.max)
    within = F.when(replayed_on.between(first, last), replayed_on).otherwise(first)
    rows = rows.withColumn("arrived_on", F.coalesce("delivered_on", within))
    about: Column = F.lit(None).cast("date")
    if "day" in BY_FEED[feed].replaced_by:
        about = F.when(plausible(F.col("happened_at"), F.col("arrived_on")), F.to_date("happened_at"))
    # Of a damaged record one cannot say what it is a version of: with a key, all of them would be of one thing.
    competes = F.lit(source.feeds[feed].delivery == "changes") & F.col("damage").isNull()
    return rows.select(
        "source",
        F.coalesce(about, "arrived_on").alias("day"),
        "arrived_on",
        "input",
        "file",
        "sha256",
        "described_by",
        "position",
        F.when(competes, F.sha2(key_of(feed), 256)).alias("key"),
        "damage",
        F.col("original").alias("record"),
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _input(source: Source, feed: str, name: str) -> Input:
    return next(i for i in source.feeds[feed].inputs if i.name == name)


def _reading(wanted: Input) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """The function that turns rows of files into rows of records."""

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for batch in batches:
            for file in batch.to_pylist():
                path = Path(file.pop("path"))
                records = read_records(path, wanted)
                while chunk := list(islice(records, _BATCH)):
                    rows = {name: [value] * len(chunk) for name, value in file.items()}
                    rows["position"] = [r.position for r in chunk]
                    rows["damage"] = [r.damage for r in chunk]
                    rows["record"] = [r.record for r in chunk]
                    yield pa.RecordBatch.from_pydict(rows, schema=_arrow_schema())
                if _sha256(path) != file["sha256"]:  # its new records would land again under their own digest
                    raise PortraitError(f"{path}: changed while it was read; nothing of it has landed. Run it again")

    return read


def _arrow_schema() -> pa.Schema:
    import pyarrow as pa

    types = {"arrived_on": pa.date32(), "position": pa.int64()}
    names = [part.split()[0] for part in _RECORD.split(", ")]
    return pa.schema([(name, types.get(name, pa.string())) for name in names])


def _digest(source: Source, spec: FeedSpec, wanted: Input) -> str:
    """Equal for two descriptions under which a file lands as the same rows."""
    told = wanted.model_dump(mode="json", exclude={"name", "path", "member"})
    parts = [wanted.by_day, told, spec.delivery, spec.order, source.time_zone, source.history.model_dump(mode="json")]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class _Known:
    """A content in bronze: the arrival day of its first record, and the description it landed under."""

    arrived_on: date
    described_by: str


def _known(reader: Reader, table: str, deliveries: list[Delivery]) -> dict[tuple[str, str, str], _Known]:
    """(source, input, content) that bronze holds."""
    sources, contents = {d.source for d in deliveries}, {d.sha256 for d in deliveries}
    rows = (
        reader.table(table, ("source", "in", sorted(sources)), ("sha256", "in", sorted(contents)))
        .groupBy("source", "input", "sha256")
        .agg(F.min("arrived_on").alias("arrived_on"), F.max("described_by").alias("described_by"))
    )
    return {
        (r["source"], r["input"], r["sha256"]): _Known(r["arrived_on"], r["described_by"])
        for r in few_rows(rows, "known files")
    }


def _days_of(reader: Reader, table: str, deliveries: list[Delivery]) -> list[Unit]:
    """The (source, day) of the records of these contents."""
    if not deliveries:
        return []
    rows = reader.where(table, _same_content(deliveries)).select("source", "day").distinct()
    return [(r["source"], r["day"]) for r in few_rows(rows, "days of files")]


def _is_out_of_date(delivery: Delivery, known: _Known | None) -> bool:
    if known is None:
        return False
    is_earlier = delivery.arrived_on is not None and delivery.arrived_on < known.arrived_on
    return is_earlier or delivery.described_by != known.described_by


def _at_its_earliest(delivery: Delivery, known: _Known) -> Delivery:
    if delivery.arrived_on is None:
        return delivery
    return replace(delivery, arrived_on=min(delivery.arrived_on, known.arrived_on))


def _same_content(deliveries: list[Delivery]) -> str:
    """Selects the records of these files, to land them again under their earlier day."""
    parts = []
    for d in deliveries:
        if not NAME.fullmatch(d.source) or not _INPUT.fullmatch(d.input) or not d.sha256.isalnum():
            raise ValueError("not a source, an input and a digest")
        parts.append(f"(source = '{d.source}' AND input = '{d.input}' AND sha256 = '{d.sha256}')")
    return " OR ".join(parts)
