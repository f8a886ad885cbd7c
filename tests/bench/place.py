"""A folder with a made-up source and lakes of its own. The real lake is never touched."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import yaml

from include.lake.meta import Meta
from include.privacy import make_key
from include.settings import ROOT, Settings
from tests.bench.embedding import Embedding, measure_embedding

FIRST, HISTORY = date(2024, 1, 1), 2  # the days that are there before the first bench day
EVENTS, TEXTS, USERS, ITEMS = 200_000, 2_000, 20_000, 2_000
SOURCE = "bench"
PARTS = ("start", "read", "compute", "check", "commit")
_KINDS = ("view",) * 80 + ("cart",) * 12 + ("purchase",) * 8
_WORDS = ("a", "book", "of", "old", "stories", "that", "came", "late", "but", "was", "read", "in", "one", "night")
_DESCRIPTION: dict[str, object] = {
    "source": SOURCE, "about": "Made up for the bench", "licence": "none", "history": {"first": str(FIRST)},
    "feeds": {
        "events": {
            "path": "bench/events_{day}.csv", "format": "csv",
            "columns": {"id": "string", "at": "timestamp", "user": "string", "kind": "string", "item": "string",
                        "quantity": "int", "price": "decimal(18,4)"},
            "map": {"event_id": "id", "happened_at": "at", "user_id": "`user`", "kind": "kind", "item_id": "item",
                    "quantity": "quantity", "unit_price": "price", "currency": "'EUR'"},
        },
        "texts": {
            "path": "bench/texts_{day}.csv", "format": "csv", "rating_scale": [1, 5],
            "columns": {"id": "string", "at": "timestamp", "user": "string", "item": "string", "stars": "int",
                        "body": "string"},
            "map": {"text_id": "id", "kind": "'review'", "happened_at": "at", "user_id": "`user`", "item_id": "item",
                    "rating": "stars", "text": "body"},
        },
        "items": {
            "path": "bench/items_{day}.csv", "format": "csv",
            "columns": {"item": "string", "brand": "string", "category": "string"},
            "map": {"item_id": "item", "brand": "brand", "categories": "split(category, ' > ')"},
        },
    },
}  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """One application that ran to its end: seconds of the whole process, and by part as it says itself."""

    wall: float
    parts: dict[str, float]


class Place:
    """Everything a bench needs, made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sources = folder / "sources"  # the descriptions, and the data beside them
        self.key = folder / "key"
        (self.sources / "bench").mkdir(parents=True)
        make_key(self.key)
        self.describe(_DESCRIPTION)

    def describe(self, description: dict[str, object]) -> None:
        """Add a source."""
        file = self.sources / f"{description['source']}.yaml"
        file.write_text(yaml.safe_dump(description, sort_keys=False, allow_unicode=True))

    @cached_property
    def history(self) -> Path:
        """A lake with the first days ingested, without profiles."""
        for n in range(HISTORY):
            self.write_day(FIRST + timedelta(days=n))
        lake = self.folder / "history"
        self.run("ingest", lake, FIRST, days=HISTORY)
        return lake

    @cached_property
    def lake(self) -> Path:
        """A lake with profiles of the first days. Benches that build more work on a copy."""
        lake = self.copy(self.history, "lake")
        self.run("profile", lake, FIRST, days=HISTORY)
        return lake

    @cached_property
    def embedding(self) -> Embedding:
        """What the benches of embedding are ratios of: measured together, once."""
        folder = self.folder / "embedding"
        folder.mkdir()
        return measure_embedding(folder)

    @cached_property
    def signals(self) -> Embedding:
        """The same for what is read out of texts."""
        folder = self.folder / "signals"
        folder.mkdir()
        return measure_embedding(folder, signals=True)

    def copy(self, lake: Path, name: str) -> Path:
        """The same lake, with its bronze, under another name."""
        for suffix in ("", "-bronze"):
            copied = self.folder / (name + suffix)
            shutil.rmtree(copied, ignore_errors=True)
            shutil.copytree(lake.with_name(lake.name + suffix), copied)
        return self.folder / name

    def run(self, application: str, lake: Path, start: date, *, days: int = 1, traits: Path | None = None) -> Ran:
        """Start the application as a process of its own, as Airflow does. Raises CalledProcessError with its words."""
        run_id = f"bench-{application}-{start}-{time.time_ns()}"
        end = start + timedelta(days=days)
        command = [sys.executable, str(ROOT / "jobs" / f"{application}.py"), "--start", str(start), "--end", str(end),
                   "--run-id", run_id, "--source", SOURCE]  # fmt: skip
        print(f"  {lake.name}: {application} [{start}, {end}) ", end="", flush=True)
        started = time.monotonic()
        self.call(command, lake, traits)
        wall = time.monotonic() - started
        meta = Meta(Settings(lake=lake))
        release = next(row for row in meta.releases(application) if row["run_id"] == run_id)
        if release["verdict"] != "passed":
            raise RuntimeError(f"{run_id}: its checks failed; the figures would be of nothing")
        told = dict(release["seconds"])
        parts = {part: round(told[part], 1) for part in PARTS}
        print(f"{wall:.1f} s {parts}", flush=True)
        return Ran(wall, parts)

    def call(self, command: list[str], lake: Path, traits: Path | None = None) -> str:
        """Run a command on a lake of this place; what it printed on standard output."""
        environment = os.environ | {
            "PORTRAIT_LAKE": str(lake), "PORTRAIT_SOURCES": str(self.sources),
            "PORTRAIT_TRAITS": str(traits or ""), "PORTRAIT_KEY_FILE": str(self.key), "SPARK_LOCAL_IP": "127.0.0.1",
            "PYTHONSAFEPATH": "1",  # else jobs/profile.py is taken for Python's own `profile`
        }  # fmt: skip
        ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
        if ended.returncode != 0:
            raise RuntimeError(f"{' '.join(command[:3])} ended with {ended.returncode}:\n{ended.stderr[-2000:]}")
        return ended.stdout

    def write_day(self, day: date) -> None:
        """The files that arrive on one day, always the same."""
        chance = random.Random(str(day))
        folder = self.sources / "bench"

        def who_and_what() -> tuple[str, str]:  # some users and items are seen much more than others
            return f"u{int(USERS * chance.random() ** 2)}", f"i{int(ITEMS * chance.random() ** 2)}"

        def moment() -> str:
            second = int(86_400 * chance.random())
            return f"{day} {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"

        with (folder / f"events_{day}.csv").open("w") as file:
            file.write("id,at,user,kind,item,quantity,price\n")
            for n in range(EVENTS):
                user, item = who_and_what()
                kind = chance.choice(_KINDS)
                bought = "1" if kind == "purchase" else ""
                file.write(f"e{day}-{n},{moment()},{user},{kind},{item},{bought},{1 + n % 90}.5\n")
        with (folder / f"texts_{day}.csv").open("w") as file:
            file.write("id,at,user,item,stars,body\n")
            for n in range(TEXTS):
                user, item = who_and_what()
                body = " ".join(chance.choices(_WORDS, k=60))
                file.write(f"t{day}-{n},{moment()},{user},{item},{1 + n % 5},{body}\n")
        if day == FIRST:
            rows = (f"i{n},brand {n % 50},Top {n % 7} > Leaf {n % 40}\n" for n in range(ITEMS))
            (folder / f"items_{day}.csv").write_text("item,brand,category\n" + "".join(rows))
