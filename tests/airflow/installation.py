"""The real scheduler on a home, a Postgres and a lake of its own, with a small source."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from include.errors import PortraitError
from include.privacy import make_key
from include.settings import ROOT, Settings
from include.setup import database
from include.setup.airflow import Airflow
from include.setup.follow import follow
from include.setup.rest import Api
from tests.airflow import corner
from tests.helpers import NO_CODEGEN

DAG = (ROOT / "dags" / "profiles_daily.py").read_text()
SPARK_CONF = {
    # An application that slept for two minutes would take its own executor for dead, and wait for another for ever.
    "spark.network.timeout": "1h",
    **NO_CODEGEN,
}
SPARK = {"conn_type": "spark", "host": "local[2]", "extra": {"conf": SPARK_CONF}}
HEARTBEAT_SECONDS = "30"

# Fault injection without a line of it in the product: while the file `broken` is there, an application that
# spark-submit starts finds one more rule in the declarations, which no row can meet.
BREAK_A_RULE = """
import os, pathlib
if "PYSPARK_GATEWAY_PORT" in os.environ and pathlib.Path(__file__).with_name("broken").exists():
    from dataclasses import replace
    from include.tables import TABLES
    from include.tables.model import Rule
    events = TABLES["silver.events"]
    TABLES["silver.events"] = replace(events, rules=(*events.rules, Rule("no_row_meets_this", "a test", "true")))
"""


@dataclass
class Installation:
    """One running Airflow and the folder with everything of it."""

    folder: Path
    airflow: Airflow
    api: Api

    @property
    def settings(self) -> Settings:
        return settings_of(self.folder)

    def finish(self, dag: str, run: str) -> None:
        """Wait for the end of a run. PortraitError if it failed."""
        follow(self.api, dag, run, lambda task, state: print(f"{dag} {run}: {task} {state}"), self.airflow.watch)

    def failure(self, dag: str, run: str) -> str:
        """Wait for a run that must fail; why it did."""
        with pytest.raises(PortraitError) as caught:
            self.finish(dag, run)
        return str(caught.value)

    def build(self, start: str, end: str) -> None:
        """`portrait build --daily` in the lake of the next run."""
        command = [Path(sys.executable).with_name("portrait"), "build", "--start", start, "--end", end, "--daily"]
        arguments = " ".join(f"--conf {name}={value}" for name, value in NO_CODEGEN.items())
        environment = os.environ | self.airflow.extra | {"PYSPARK_SUBMIT_ARGS": f"{arguments} pyspark-shell"}
        answer = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert answer.returncode == 0, answer.stderr

    def put_lake_aside(self, name: str) -> Settings:
        """The next run starts with no lake; the settings that read this one."""
        aside = self.folder / name
        aside.mkdir()
        for part in self.folder.glob("lake*"):
            part.rename(aside / part.name)
        return settings_of(aside)

    @contextmanager
    def broken_rule(self) -> Iterator[None]:
        flag = self.folder / "python" / "broken"
        flag.touch()
        try:
            yield
        finally:
            flag.unlink()


@contextmanager
def installed(**more: str) -> Iterator[Installation]:
    """An installation with `more` environment. Everything of it is gone in the end."""
    # Not pytest's folder: that one is closed to other users, and as root the Postgres runs as one.
    folder = Path(tempfile.mkdtemp(prefix="portrait-"))
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # a stop from outside cleans up as well
    try:
        home = folder / "airflow"
        airflow = Airflow(home, dags=folder / "dags", extra=write_inputs(folder) | more)
        database.create(home)
        with airflow:
            api = Api(airflow.url, airflow.password())
            for dag in write_dags(folder / "dags"):
                wait_for(api, dag)
            api.pause("profiles_daily", False)
            yield Installation(folder, airflow, api)
    finally:
        shutil.rmtree(folder)
        signal.signal(signal.SIGTERM, before)


def write_inputs(folder: Path) -> dict[str, str]:
    """Sources, data, key and fault injection; the environment that makes Airflow's tasks use them."""
    for name in ("sources", "data", "python", "dags"):
        (folder / name).mkdir()
    corner.write(folder / "sources", folder / "data")
    make_key(folder / "key")
    (folder / "python" / "sitecustomize.py").write_text(BREAK_A_RULE)
    return {
        "PORTRAIT_LAKE": str(folder / "lake"),
        "PORTRAIT_SOURCES": str(folder / "sources"),
        "PORTRAIT_DATA": str(folder / "data"),
        "PORTRAIT_KEY_FILE": str(folder / "key"),
        "PYTHONPATH": str(folder / "python"),
        "PORTRAIT_FAULTS": str(folder),  # where tests/faults says what to halt
        "AIRFLOW_CONN_SPARK_DEFAULT": json.dumps(SPARK),
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": HEARTBEAT_SECONDS,
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    }


def settings_of(folder: Path) -> Settings:
    """Settings with the lake in `folder`, and the sources and the key of the installation around it."""
    root = next(place for place in (folder, *folder.parents) if (place / "key").exists())
    return Settings(lake=folder / "lake", sources=str(root / "sources"), data=root / "data", key_file=root / "key")


def write_dags(folder: Path) -> list[str]:
    """The shipped DAG with an end in the past, so that the scheduler starts no run of its own; and once more with
    catch-up over the one day 2024-01-02, so that it starts exactly that."""
    quiet = edited(DAG, ("catchup=False", "catchup=False, end_date=FIRST_DAY.replace(year=2024, month=2)"))
    day = "FIRST_DAY.replace(year=2024, day=2)"
    catching_up = edited(
        DAG,
        ("start_date=FIRST_DAY, catchup=False", f"start_date={day}, end_date={day}, catchup=True"),
        ("def profiles_daily", "def profiles_catchup"),
        ("\nprofiles_daily()", "\nprofiles_catchup()"),
    )
    (folder / "profiles_daily.py").write_text(quiet)
    (folder / "profiles_catchup.py").write_text(catching_up)
    return ["profiles_daily", "profiles_catchup"]


def edited(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def wait_for(api: Api, dag: str) -> None:
    end = time.monotonic() + 60
    while not api.dag_is_known(dag):
        assert not api.import_errors(), api.import_errors()
        assert time.monotonic() < end, f"{dag} did not appear"
        time.sleep(0.5)
