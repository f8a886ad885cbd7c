"""One lake with all golden cases in it. Each case is a source of its own, built by two runs for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from include.models.names import FREE, Name, Names
from include.models.registry import Registry
from include.plan import Plan
from include.text.encoder import find_encoder
from tests.encoder import make_encoder
from tests.lakes import Lake
from tests.llm_server import EMPTY, said, serving
from tests.models import means, register, register_limits, register_means, register_names, word_model
from tests.protocol.copies import copied

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HERE = Path(__file__).resolve().parent
FIRST, END = date(2024, 1, 1), date(2024, 1, 11)
PROFILED = (
    "g_interests",
    "g_mentions",
    "g_people",
    "g_writers",
)  # profiles are built of these sources alone, as of every day


@dataclass(frozen=True)
class Case:
    """A folder `<layer>/<table>/<case>`: `source.yaml` with `data/`, `why.md`, and expected rows by table."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.relative_to(HERE).as_posix()

    @property
    def table(self) -> str:
        """The table that the case is about."""
        layer, table, _ = self.folder.relative_to(HERE).parts
        return f"{layer}.{table}"

    @cached_property
    def source(self) -> str:
        return str(yaml.safe_load((self.folder / "source.yaml").read_text())["source"])

    @property
    def expected(self) -> dict[str, Path]:
        """Table to the file with its rows."""
        return {file.stem: file for file in sorted(self.folder.glob("*.jsonl"))}


CASES = [Case(file.parent) for file in sorted(HERE.glob("*/*/*/source.yaml"))]


class GoldenLake(Lake):
    """The cases' folders are the folders of sources; their data lies beside them."""

    def __init__(self, folder: Path, spark: SparkSession) -> None:
        super().__init__(folder, spark)
        self.names = tuple(sorted(case.source for case in CASES))
        folders = ":".join(str(case.folder) for case in CASES)
        encoder = str(make_encoder(folder / "encoder"))
        self.settings = self.settings.model_copy(update={"sources": folders, "encoder": encoder})

    def ingest(self) -> None:
        """With limits from before all of them, and item means of their first day."""
        limits = {"g_suspects": {"volume": 2.0, "burst": 2.0}}
        register_limits(Registry.limits(self.settings.models), limits, FIRST - timedelta(days=1))
        known = means("g_ratings", i1=("3.5", 8), i2=("2", 5))
        register_means(Registry.item_means(self.settings.models), known, FIRST)
        self._run("ingest", Plan(FIRST, END, self.names))

    def understand(self) -> None:
        """With a model from before all of them."""
        model = word_model(find_encoder(self.settings.encoder).space)
        register(Registry.sentiment(self.settings.models), model, FIRST - timedelta(days=1))
        paris = Name("g_mentions", "paris", "brand", "Paris", None, FREE)
        register_names(Registry.names(self.settings.models), Names((paris,)), FIRST - timedelta(days=1))
        self._run("understand", Plan(FIRST, END, self.names))

    def profile(self) -> None:
        self._run("profile", Plan(FIRST, END, PROFILED, every_day=True))

    def portray(self) -> None:
        """By a server that says the same of everybody."""
        says = EMPTY | {"interests": [{"text": "Rome", "evidence": ["e1"]}]}
        with serving(lambda *_: said(says, prompt_tokens=100, completion_tokens=20)) as served:
            self.settings = self.settings.model_copy(update={"llm_url": served.url, "llm_model": "tiny"})
            self._run("portray", Plan(FIRST, END))

    def _run(self, application: str, plan: Plan) -> None:
        from importlib import import_module

        result: Any = import_module(f"jobs.{application}").run(plan, "golden", settings=self.settings, spark=self.spark)
        assert result.passed, result.failed


@dataclass
class Built:
    """The lake after both runs, a copy of it as it was between them, and the Spark jobs that the second one took."""

    lake: GoldenLake
    ingested: GoldenLake
    profile_jobs: int


@cache
def built(spark: SparkSession, folder: Path) -> Built:
    """Built once a test run, whoever asks first."""
    lake = GoldenLake(folder / "golden", spark)
    lake.ingest()
    lake.understand()
    ingested = copied(lake, folder / "ingested")
    before = jobs_started(spark)
    lake.profile()
    jobs = jobs_started(spark) - before
    lake.portray()
    return Built(lake, ingested, jobs)


def jobs_started(spark: SparkSession) -> int:
    """Spark jobs since the session began."""
    return int(spark.sparkContext._jsc.sc().dagScheduler().numTotalJobs())
