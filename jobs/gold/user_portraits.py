"""gold.user_portraits: what a language model says of users, as far as their evidence bears it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from include.portraits.answer import KINDS
from include.portraits.check import Kept
from include.portraits.choose import LanguageModel, opened
from include.portraits.evidence import Evidence, choose, evidence_hash
from include.portraits.portray import Ask, portray
from include.portraits.prompt import prompt_version
from jobs.silver.text_vectors import gpu_of_the_task
from jobs.silver.validity import bucket_of

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

_USER = ("source", "user_key")
_EVIDENCE = ("evidence_id", "trait", "value", "day", "quote", "weight")


def gather(evidence: DataFrame) -> DataFrame:
    """Users with the evidence that a model would be shown, its `evidence_hash`, and `there`: the ids of all they have;
    of `evidence(source, user_key, evidence_id, trait, value, day, quote, weight)`.

    Who has an answer from this evidence, this prompt_version() and this model need not be asked.
    """
    weight = F.coalesce(F.col("weight").cast("double"), F.lit(0.0)).alias("weight")
    pieces = evidence.where("evidence_id is not null and trait is not null and value is not null").select(
        *_USER, F.struct(*_EVIDENCE[:-1], weight).alias("piece")
    )
    gathered = pieces.groupBy(*_USER).agg(F.collect_list("piece").alias("evidence"))
    return gathered.mapInArrow(_choose, from_arrow_schema(_gathered()))


def transform(users: DataFrame, *, model: LanguageModel, buckets: Mapping[str, int], partitions: int) -> DataFrame:
    """A row for each of `users`, as `gather` has them, whoever of them was asked before.

    In the worker of a partition the model is asked, by a few threads if it is behind an endpoint. One that cannot be
    asked at all is a PortraitError; where it had no answer for a user, the row says so. Keep what comes back before it
    is used twice: to compute it again is to ask again.
    """
    asked = users.select(*_USER, "evidence", "evidence_hash").repartition(partitions, *_USER)
    return asked.mapInArrow(_portray(model), from_arrow_schema(_portrayed())).withColumns(
        {
            "bucket": bucket_of(F.col("user_key"), buckets),
            "model": F.lit(model.name),
            "prompt_version": F.lit(prompt_version()),
        }
    )


def still_true(published: DataFrame, users: DataFrame) -> DataFrame:
    """Published portraits of `users`, as `gather` has them, with nothing cited that is not among their evidence any
    more, by whatever model, prompt and evidence."""
    claims = F.flatten(F.flatten(F.array(*(F.col(f"{kind}.evidence") for kind in KINDS))))
    known = published.join(users.select(*_USER, "there"), on=[*_USER], how="inner")
    return known.where(F.size(F.array_except(claims, "there")) == 0).drop("there")


def newer(written: DataFrame, true: DataFrame, version: str) -> DataFrame:
    """What was `written` without the users about whom the model had no answer now, and that are still `true` to an
    earlier one of this `version` of the prompt. Of another evidence than that of now, they are asked for again the next
    time."""
    of_it = true.where((F.col("prompt_version") == version) & (F.col("status") != "no answer"))
    answered = of_it.select(*_USER, F.lit(True).alias("is_answered"))
    known = written.join(answered, on=[*_USER], how="left")
    return known.where("status != 'no answer' or is_answered is null").drop("is_answered")


def _choose(arrived: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What a Python worker runs."""
    import pyarrow as pa

    for batch in arrived:
        rows = []
        for row in batch.to_pylist():
            evidence = _evidence(row)
            if not (chosen := choose(evidence)):
                continue
            pieces = [{name: getattr(e, name) for name in _EVIDENCE} for e in chosen]
            there = sorted({e.evidence_id for e in evidence})
            hashed = {"evidence_hash": evidence_hash(chosen), "there": there}
            rows.append({**{name: row[name] for name in _USER}, "evidence": pieces, **hashed})
        yield pa.RecordBatch.from_pylist(rows, _gathered())


def _portray(model: LanguageModel) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a Python worker runs."""

    def run(arrived: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        with ExitStack() as stack:
            pool: ThreadPoolExecutor | None = None
            for batch in arrived:
                if pool is None:  # a task without users loads no model
                    asking = stack.enter_context(opened(model, gpu_of_the_task()))
                    pool = stack.enter_context(ThreadPoolExecutor(asking.at_once))
                rows = list(pool.map(partial(_row, asking.ask), batch.to_pylist()))
                yield pa.RecordBatch.from_pylist(rows, _portrayed())

    return run


def _row(ask: Ask, user: dict[str, Any]) -> dict[str, Any]:
    found = portray(_evidence(user), ask)
    return {
        **{name: user[name] for name in (*_USER, "evidence_hash")},
        "status": found.status,
        "reason": found.reason,
        **{kind: _claims(getattr(found.said, kind)) for kind in KINDS},
        "dropped": list(found.said.dropped.items()),
        "prompt_tokens": found.prompt_tokens,
        "completion_tokens": found.completion_tokens,
        "seconds": round(found.seconds, 3),
    }


def _evidence(user: dict[str, Any]) -> list[Evidence]:
    return [Evidence(**piece) for piece in user["evidence"]]


def _claims(kept: tuple[Kept, ...]) -> list[dict[str, Any]]:
    return [{"text": claim.text, "evidence": list(claim.evidence)} for claim in kept]


def _gathered() -> pa.Schema:
    import pyarrow as pa

    piece = {name: pa.string() for name in _EVIDENCE} | {"day": pa.date32(), "weight": pa.float64()}
    text = [(name, pa.string()) for name in (*_USER, "evidence_hash")]
    lists = [("evidence", pa.list_(pa.struct(piece.items()))), ("there", pa.list_(pa.string()))]
    return pa.schema([*text, *lists])


def _portrayed() -> pa.Schema:
    import pyarrow as pa

    claims = pa.list_(pa.struct([("text", pa.string()), ("evidence", pa.list_(pa.string()))]))
    return pa.schema(
        [
            *((name, pa.string()) for name in (*_USER, "status", "reason", "evidence_hash")),
            *((kind, claims) for kind in KINDS),
            ("dropped", pa.map_(pa.string(), pa.int64())),
            ("prompt_tokens", pa.int64()),
            ("completion_tokens", pa.int64()),
            ("seconds", pa.float64()),
        ]
    )
