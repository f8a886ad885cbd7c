"""Two days of two small sources, with a bit of everything, and lakes of them that `portrait build` makes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import psutil

from include.lake.meta import Meta
from include.privacy import make_key
from include.query import Lake
from include.settings import Settings
from include.show.accounts import accounts
from include.tables import APPLICATIONS
from tests.airflow import corner
from tests.compare import content
from tests.encoder import make_encoder
from tests.helpers import NO_CODEGEN, last_line
from tests.protocol.letters import Letters

ONE, TWO, END = "2024-01-01", "2024-01-02", "2024-01-03"
HALT = Path(__file__).with_name("halt")
# As root one may write what one may not: without these capabilities a folder that is read-only is that to root, too.
_RIGHTS = "-dac_override,-dac_read_search"
_AS_ANYBODY = ("setpriv", f"--bounding-set={_RIGHTS}", f"--inh-caps={_RIGHTS}") if os.geteuid() == 0 else ()
_SPARK = {"spark.master": "local[1]", "spark.driver.memory": "1g", **NO_CODEGEN}
_GONE_SECONDS = 30

Tables = dict[str, list[str]]


@dataclass(frozen=True)
class Place:
    """A lake in a folder of its own, and the files by which its runs are halted."""

    folder: Path
    inputs: Path  # the folder of sources, data, key and encoder

    @property
    def settings(self) -> Settings:
        return Settings(
            lake=self.folder / "lake", sources=str(self.inputs / "sources"), data=self.inputs / "data",
            key_file=self.inputs / "key", encoder=str(self.inputs / "encoder"),
        )  # fmt: skip

    def environment(self) -> dict[str, str]:
        """What makes a process work on this lake."""
        given = self.settings
        return os.environ | {
            "PORTRAIT_LAKE": str(given.lake), "PORTRAIT_SOURCES": given.sources, "PORTRAIT_DATA": str(given.data),
            "PORTRAIT_KEY_FILE": str(given.key_file), "PORTRAIT_ENCODER": given.encoder,
            "PORTRAIT_FAULTS": str(self.folder), "PYTHONPATH": str(HALT), "TMPDIR": str(self.folder / "tmp"),
            "PYSPARK_SUBMIT_ARGS": " ".join(f"--conf {k}={v}" for k, v in _SPARK.items()) + " pyspark-shell",
        }  # fmt: skip

    def build(self, start: str = TWO, end: str = END) -> subprocess.Popen[str]:
        """A `portrait build` that goes on beside us, and takes over from whoever is dead."""
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        command = [*_AS_ANYBODY, str(Path(sys.executable).with_name("portrait")), "build", "--take"]
        return subprocess.Popen(
            [*command, "--start", start, "--end", end, "--source", "corner", "--source", "letters"],
            env=self.environment(), text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def built(self, start: str = TWO, end: str = END) -> None:
        """A `portrait build` that must end well."""
        run = self.build(start, end)
        said, _ = run.communicate()
        if run.returncode:
            raise AssertionError(f"a run that nothing disturbs ended with {run.returncode}: {last_line(said)}")

    def copied(self, folder: Path) -> Place:
        """The same lake elsewhere."""
        for part in self.folder.glob("lake*"):
            shutil.copytree(part, folder / part.name)
        return Place(folder, self.inputs)

    def released(self) -> Tables:
        """What a reader sees: every table of silver and gold at its released version."""
        found = content(self.settings, Lake(self.settings).release())
        return {name: rows for name, rows in found.items() if not name.startswith("bronze.")}

    def processes(self) -> list[psutil.Process]:
        """Every JVM, Python driver and Python worker that works on this lake."""
        mine = f"{self.folder}/lake"
        return [p for p in psutil.process_iter() if _environment(p).get("PORTRAIT_LAKE") == mine and _builds(p)]

    def left(self) -> list[str]:
        """What a run must not leave behind, in words: processes, claims, staged rows, rows whose day is not published."""
        _, alive = psutil.wait_procs(self.processes(), timeout=_GONE_SECONDS)
        found = [f"process {p.pid} is still there" for p in alive]
        meta = Meta(self.settings)
        for name in APPLICATIONS:
            found += [f"a claim of {name} is not released" for _ in meta.unreleased(name)]
        found += [f"staged: {p}" for p in (self.settings.lake / "staging").rglob("*") if p.is_file()]
        return found + [f"{a.source} {a.feed}: {a.held} rows held" for a in accounts(Lake(self.settings)) if a.held]


@dataclass
class World:
    """The inputs, the lake of the first day, and what the second day makes of it where nothing disturbs a run."""

    root: Path
    first: Place = field(init=False)

    def __post_init__(self) -> None:
        for name in ("sources", "data", "first"):
            (self.root / name).mkdir(parents=True)
        corner.write(self.root / "sources", self.root / "data")
        Letters().write(self.root / "sources", self.root / "data")
        make_key(self.root / "key")
        make_encoder(self.root / "encoder")
        self.first = Place(self.root / "first", self.root)
        self.first.built(ONE, TWO)

    @cached_property
    def before(self) -> Tables:
        """What a reader sees after the first day."""
        return self.first.released()

    @cached_property
    def undisturbed(self) -> Place:
        place = self.first.copied(self.root / "undisturbed")
        place.built()
        return place

    @cached_property
    def after(self) -> Tables:
        """What a reader sees after the second."""
        return self.undisturbed.released()

    @cached_property
    def rows(self) -> Tables:
        """All that the tables hold in the end."""
        return content(self.undisturbed.settings)

    def lost_and_doubled(self, place: Place) -> tuple[int, int]:
        """How many rows `place` lacks, and has beyond what it should."""
        found = content(place.settings)
        pairs = [(Counter(self.rows[table]), Counter(found[table])) for table in self.rows]
        return sum((want - got).total() for want, got in pairs), sum((got - want).total() for want, got in pairs)


def _builds(process: psutil.Process) -> bool:
    """Not the scheduler, whose environment is the same."""
    try:
        command = " ".join(process.cmdline())
    except psutil.Error:
        return False
    return any(word in command for word in ("org.apache.spark", "pyspark.daemon", "portrait build", "/jobs/"))


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except (psutil.Error, OSError):
        return {}
