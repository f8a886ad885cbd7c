"""The benches. Each returns its value, the single measurements behind it, and a note for people."""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Literal

import yaml
from deltalake import DeltaTable

from include.settings import ROOT, Settings
from include.sources.discover import is_available
from include.sources.load import load_sources
from include.tables import APPLICATIONS, TABLES
from include.text.device import cpu_has_bf16
from include.traits.load import load_traits
from tests.bench.embedding import Embedding
from tests.bench.memory import worker_memory
from tests.bench.million import build_memory
from tests.bench.place import EVENTS, FIRST, HISTORY, PARTS, TEXTS, Place, Ran

Measured = tuple[float, list[float], str]  # value, runs, note
RUNS = 3
MANY = 200  # traits
_PORTRAIT = str(Path(sys.executable).parent / "portrait")


@dataclass(frozen=True)
class Bench:
    """One figure. `bound` holds on this CPU, `aim` is where it should get."""

    bound: float
    aim: float
    what: str
    measure: Callable[[Place], Measured]
    better: Literal["lower", "higher"] = "lower"

    def holds(self, value: float) -> bool:
        return value <= self.bound if self.better == "lower" else value >= self.bound


def startup_share_of_day(place: Place) -> Measured:
    """New days, one after the other, in a lake that has some."""
    shares: list[float] = []
    parts: dict[str, float] = dict.fromkeys(PARTS, 0.0)
    walls: list[float] = []
    lake = place.copy(place.lake, "days")
    for n in range(RUNS):
        day = FIRST + timedelta(days=HISTORY + n)
        place.write_day(day)
        ran = [place.run(application, lake, day) for application in APPLICATIONS]
        wall = sum(r.wall for r in ran)
        walls.append(wall)
        shares.append(sum(r.parts["start"] for r in ran) / wall)
        for part in PARTS:
            parts[part] += sum(r.parts[part] for r in ran)
    parts["end"] = sum(walls) - sum(parts.values())  # release, JVM stop
    told = ", ".join(f"{part} {seconds / sum(walls):.0%}" for part, seconds in parts.items())
    return median(shares), shares, f"of {median(walls):.0f} s, in all runs together: {told}"


def extra_trait_over_day(place: Place) -> Measured:
    """The same day's profiles in two lakes that differ in their traits, in turn."""
    shipped = len(load_traits([ROOT / "traits"]))
    more = _traits(place.folder / "traits", MANY - shipped)
    day = FIRST + timedelta(days=HISTORY)
    place.write_day(day)
    lakes = {"few": (place.copy(place.lake, "few"), None), "many": (place.copy(place.history, "many"), more)}
    place.run("profile", lakes["many"][0], FIRST, days=HISTORY, traits=more)
    ingest = median(place.run("ingest", lake, day, traits=traits).wall for lake, traits in lakes.values())
    ran: dict[str, list[Ran]] = {"few": [], "many": []}
    for _ in range(RUNS):
        for name, (lake, traits) in lakes.items():
            fresh = place.copy(lake, "fresh")
            ran[name].append(place.run("profile", fresh, day, traits=traits))
    few, many = ([r.wall for r in ran[name]] for name in ("few", "many"))
    runs = [(b - a) / (MANY - shipped) / (ingest + a) for a, b in zip(few, many, strict=True)]
    note = (
        f"profile took {median(few):.1f} s with {shipped}, {median(many):.1f} s with {MANY}; smallest {min(runs):.2g}"
    )
    return median(runs), runs, f"{note}; a day takes {ingest + median(few):.0f} s"


def files_per_archived_source(place: Place) -> Measured:
    """Whole histories of closed sources, in one build: those whose files are here, and one made up."""
    _write_archive(place)
    folders = Settings().data_folders
    described = load_sources([ROOT / "sources", place.sources]).values()
    closed = [s for s in described if s.history.last and is_available(s, folders) and s.name != "shop"]
    first = min(s.history.first for s in closed)
    last = max(s.history.last for s in closed if s.history.last)
    names = [word for s in closed for word in ("--source", s.name)]
    lake = place.folder / "archive"
    print(f"  build [{first}, {last}] of {', '.join(s.name for s in closed)}", flush=True)
    print(place.call([_PORTRAIT, "build", "--start", str(first), "--end", str(last + timedelta(days=1)), *names], lake))
    counts = Counter({
        (table, source): n
        for table in TABLES
        if not table.startswith("meta.")
        for source, n in _files(Settings(lake=lake).table_path(table)).items()
    })  # fmt: skip
    (table, source), most = counts.most_common(1)[0]
    told = ", ".join(sorted(s.name for s in closed))
    return most, [float(n) for _, n in counts.most_common(3)], f"{table} of {source}; sources: {told}"


def first_query_seconds(place: Place) -> Measured:
    """A whole process, as a person types it."""
    command = [_PORTRAIT, "sql", "select * from gold.user_profiles limit 5"]
    lake, runs = place.lake, []
    for _ in range(RUNS):
        started = time.monotonic()
        place.call(command, lake)
        runs.append(time.monotonic() - started)
    return min(runs), runs, "best of three"


def _embedding(mine: str, theirs: str) -> Callable[[Place], Measured]:
    """The ratio of two contestants' seconds, round by round."""
    return lambda place: _median(place.embedding, place.embedding.ratios(mine, theirs))


def signals_over_embedding(place: Place) -> Measured:
    return _median(place.signals, place.signals.signals())


def signals_without_entities(place: Place) -> Measured:
    return _median(place.signals, place.signals.ratios("other signals", "job"))


def _median(of: Embedding, runs: list[float]) -> Measured:
    return median(runs), runs, f"smallest {min(runs):.3g}; {of.note}"


def bf16_cosine(place: Place) -> Measured:
    """Over all different texts."""
    least, low, middle = place.embedding.cosines
    return least, [least, low, middle], "runs: the smallest, the first percentile, the median"


def worker_gib_of_a_million(place: Place) -> Measured:
    """One run: the largest of the workers."""
    folder = place.folder / "memory"
    folder.mkdir()
    peaks, note = worker_memory(folder)
    return peaks[0], peaks, f"{note}; runs: the workers"


def build_gib_of_a_million(place: Place) -> Measured:
    """One run: the largest of the applications."""
    peaks, note = build_memory(place)
    return max(peaks), peaks, note


_BF16 = cpu_has_bf16()
BENCHES = {
    "startup_share_of_day": Bench(
        0.35, 0.15, f"share of Spark's start-up in a day of {EVENTS:,} events and {TEXTS:,} texts, median of {RUNS}",
        startup_share_of_day),
    "extra_trait_over_day": Bench(
        0.01, 0.001, f"what one more trait adds to a day, as a share of it, median of {RUNS}", extra_trait_over_day),
    "files_per_archived_source": Bench(
        50, 50, "most data files of a table and source after a build of whole histories; runs: the three largest",
        files_per_archived_source),
    "first_query_seconds": Bench(
        3, 3, 'seconds of `portrait sql "select * from gold.user_profiles limit 5"`', first_query_seconds),
    "embed_job_over_raw_forward": Bench(
        1.25, 1.08, f"the embedding job over its forward passes alone, median of {RUNS}", _embedding("job", "raw")),
    "naive_over_embed_job": Bench(
        6 if _BF16 else 3, 15, f"a naive pandas UDF over the job, both over one text in ten, median of {RUNS}",
        _embedding("naive", "job over some"),
        "higher"),
    "encode_over_embed_job": Bench(
        1.8 if _BF16 else 1.0, 5, f"sentence-transformers' encode over the job, both over one text in ten, median of {RUNS}",
        _embedding("encode", "job over some"), "higher"),
    "reembed_1pct_over_first": Bench(
        0.10, 0.03, f"the job over 1 % new texts over the first one, median of {RUNS}",
        _embedding("job over 1 % new", "job")),
    "bf16_cosine": Bench(
        0.999, 0.9999, "smallest cosine of a text's vectors in bfloat16 and float32", bf16_cosine, "higher"),
    "sentiment_over_embedding": Bench(
        0.05, 0.01, f"scoring all texts over embedding them, median of {RUNS}", _embedding("sentiment", "job")),
    "signals_over_embedding": Bench(
        0.45, 0.20, f"all signals of all texts over embedding them, entities and names among them, median of {RUNS}",
        signals_over_embedding),
    "signals_without_entities": Bench(
        0.10, 0.05, f"language, sentiment and topics of all texts over embedding them, median of {RUNS}",
        signals_without_entities),
    "worker_gib_of_a_million": Bench(
        3, 1, "GiB that a Python worker holds at most while a million short texts are embedded", worker_gib_of_a_million),
    "build_gib_of_a_million": Bench(
        6, 3, "GiB that driver and workers hold at most to build a million events in one interval", build_gib_of_a_million),
}  # fmt: skip


def _traits(folder: Path, count: int) -> Path:
    """A folder with so many made-up traits: other kinds, measures and windows."""
    folder.mkdir(exist_ok=True)
    forms: list[dict[str, Any]] = [
        {"from": "behaviour_daily", "measure": "count"},
        {"from": "behaviour_daily", "measure": {"distinct": {"of": "day"}}},
        {"from": "behaviour_daily", "measure": "last"},
        {"from": "behaviour_items_daily", "measure": {"distinct": {"of": "item_id"}}},
        {"from": "behaviour_items_daily", "measure": {"top_k": {"of": "category", "k": 5}}},
    ]
    kinds = ("view", "cart", "purchase", "review")
    common = {"family": "quality", "version": 1, "meaning": "made up", "privacy": "quasi_identifier",
              "purpose": "bench", "owner": "bench"}  # fmt: skip
    made = [
        {"trait": f"made_{n}", "where": f"kind = '{kinds[n % 4]}'", "window": f"{1 + n % 30 * 12}d", **common,
         **forms[n % len(forms)]}
        for n in range(count)
    ]  # fmt: skip
    (folder / "made.yaml").write_text(yaml.safe_dump_all(made, sort_keys=False))
    return folder


def _write_archive(place: Place) -> None:
    """Ten sparse years in one file."""
    chance, first = random.Random(10), date(2010, 1, 1)
    place.describe({
        "source": "archive", "about": "Made up for the bench", "licence": "none",
        "history": {"first": "2010-01-01", "last": "2019-12-31"},
        "feeds": {"events": {
            "path": "archive.csv", "format": "csv", "columns": {"day": "string", "who": "string", "what": "string"},
            "map": {"happened_at": "to_timestamp(day)", "user_id": "who", "item_id": "what", "kind": "'view'"},
        }},
    })  # fmt: skip
    rows = (
        f"{first + timedelta(days=n % 3652)} 12:00:00,u{chance.randrange(900)},i{chance.randrange(99)}\n"
        for n in range(100_000)
    )
    (place.sources / "archive.csv").write_text("day,who,what\n" + "".join(rows))


def _files(path: Path) -> Counter[str]:
    """Source to its data files in the newest version."""
    added = DeltaTable(str(path)).get_add_actions(flatten=True)
    return Counter(str(source) for source in added.column("partition.source").to_pylist())
