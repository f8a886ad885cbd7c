"""The write protocol: one writer per application, and a writer that lost its turn cannot write.

A start appends a row to meta.claims; the version of that commit is its fence. Every later write carries the fence as
Delta's transaction number, so that the write of an older start is dropped: by Delta where Spark writes, which raises
nothing, but the writer does not find its commit in the table's log; by `append` where a few rows are written. Where an
earlier start never ended, its writer may still be alive: the new one first seals its tables with an empty append, from
where on the older one cannot write and reads are stable.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random

from include.errors import LostTurn, Unreleased
from include.lake.append import append, committed
from include.lake.meta import Meta
from include.plan import Plan
from include.settings import Settings
from include.tables import tables_of
from include.tables.meta import META

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_WRITES_PER_TURN = 1000  # transaction number = fence * 1000 + how many writes came before


def _is_conflict(error: BaseException) -> bool:
    """Somebody of the same application committed meanwhile. The rightful one gets through on the next try."""
    text = str(error)
    return "ConcurrentTransactionException" in text or "DELTA_CONCURRENT_TRANSACTION" in text


@dataclass
class Turn:
    """The right of one start of an application to write. Get one from `take_turn`."""

    spark: SparkSession
    settings: Settings
    application: str
    run_id: str
    plan: Plan
    claim_ids: list[str]
    fence: int
    writes: Iterator[int] = field(default_factory=lambda: count(1))
    versions: dict[str, int] = field(default_factory=dict)

    def __enter__(self) -> Turn:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """A turn that ends with an error says so, where it still can: nobody needs to wait for it or take over."""
        if isinstance(error, Exception) and not isinstance(error, LostTurn) and (lost := self._give_up()):
            # A newer start deletes what older ones staged: that was the error.
            raise lost from error

    def _give_up(self) -> LostTurn | None:
        """Release as ended by an error; the error if that was no longer ours to do."""
        with suppress(Exception):
            try:
                self.release(sources=[], verdict="error", versions={}, moved_forward=False, seconds={})
            except LostTurn as lost:
                return lost
        return None

    def write(self, table: str, frame: DataFrame, where: str | None = None) -> int:
        """Append, or replace the rows that `where` selects. Returns the version committed.

        Several tables may be written at the same time.
        Raises LostTurn if a newer start of the application has taken over.
        """
        number, note = self._next_write()

        def write() -> None:
            writer = (
                frame.write.format("delta")
                .mode("overwrite" if where else "append")
                .option("txnAppId", self._transaction)
                .option("txnVersion", number)
                .option("userMetadata", note)
            )
            if where:
                writer = writer.option("replaceWhere", where)
            writer.save(str(self.settings.table_path(table)))

        _until_no_conflict(write)
        version = committed(self.settings, table, note)
        if version is None:  # Delta dropped it as an older transaction
            raise self._lost(table)
        self.versions[table] = version
        return version

    def append_rows(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Append a few rows made here to a meta table. Raises LostTurn as `write` does."""
        if rows:
            self._append(table, rows)

    def seal(self) -> None:
        """From here on no older start of this application can write any of its tables."""
        for table in (*tables_of(self.application), *(t for t in META if t.name != "meta.claims")):
            self._append(table.name, [])

    def _append(self, table: str, rows: list[dict[str, Any]]) -> None:
        number, note = self._next_write()
        if append(self.settings, table, rows, note, (self._transaction, number)) is None:
            raise self._lost(table)

    def _next_write(self) -> tuple[int, str]:
        """Number of the transaction, and the note by which its commit is found in the log."""
        if (write_number := next(self.writes)) >= _WRITES_PER_TURN:
            raise RuntimeError(f"more than {_WRITES_PER_TURN} writes in one turn")
        number = self.fence * _WRITES_PER_TURN + write_number
        return number, json.dumps({"run_id": self.run_id, "fence": self.fence, "write": number})

    @property
    def _transaction(self) -> str:
        return f"portrait.{self.application}"

    def _lost(self, table: str) -> LostTurn:
        return LostTurn(
            f"{self.application} of [{self.plan.start}, {self.plan.end}) lost its turn: a newer start took over; "
            f"{table} was not written by this one. Nothing to do: the newer one does the work"
        )

    def release(self, **columns: Any) -> None:
        """End the turn. The row names the versions that belong together and releases the claims."""
        row = {
            "application": self.application,
            "fence": self.fence,
            "claim_ids": self.claim_ids,
            "run_id": self.run_id,
            "interval_start": self.plan.start,
            "interval_end": self.plan.end,
            **columns,
        }
        self.append_rows("meta.releases", [row])


def take_turn(spark: SparkSession, settings: Settings, application: str, run_id: str, plan: Plan, take: bool) -> Turn:
    """Claim the application's tables. Refuses while an earlier start is unreleased, unless `take`."""
    meta = Meta(settings)
    before = meta.unreleased(application)
    if before and not take:
        other = before[-1]
        raise Unreleased(
            f"{application}: run {other['run_id']} of [{other['interval_start']}, {other['interval_end']}) has not "
            "ended. Wait for it; if it is dead, run again with --take"
        )
    claim_id = uuid.uuid4().hex
    claim = {"application": application, "claim_id": claim_id, "run_id": run_id,
             "interval_start": plan.start, "interval_end": plan.end}  # fmt: skip
    note = json.dumps({"run_id": run_id, "claim": claim_id})
    fence = append(settings, "meta.claims", [claim], note, transaction=None)
    if fence is None:
        raise RuntimeError("a claim has no transaction, and yet was an older one")
    # Read again, up to our own claim: a start that claimed between the look and the claim is older than this one.
    older = [row["claim_id"] for row in meta.unreleased(application, fence) if row["claim_id"] != claim_id]
    turn = Turn(spark, settings, application, run_id, plan, [claim_id, *older], fence)
    if older:
        turn.seal()
    return turn


@retry(
    retry=retry_if_exception(_is_conflict),
    stop=stop_after_attempt(5),
    wait=wait_random(0.1, 0.6),
    reraise=True,
)
def _until_no_conflict(write: Callable[[], None]) -> None:
    write()
