"""`make test-stack`: the services of docker-compose.yaml, for real, beside a stack that may be up.

A simulated shop of sixty days goes through Airflow on the Spark cluster: most of them in one run, a training on the
MLflow server, then a day each undisturbed, with a lake that cannot be written and MLflow down, with a Spark worker
killed, and with the scheduler restarted. The tables are read from outside and compared with those of `portrait build`
on this machine. Everything is taken down at the end. The figures go to build/stack.json; `--readme` writes them into
the README.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
from deltalake import DeltaTable

from include.errors import PortraitError
from include.settings import ROOT, Settings
from include.setup.airflow import free_port
from include.setup.follow import follow
from include.setup.rest import Api
from include.setup.stack import Stack
from include.setup.stack_env import PORTS
from include.shop import generate
from tests.bench.machine import commit, machine
from tests.compare import differences
from tests.readme import write_part
from tests.stack.cluster import KilledWorker, Restart, container, disturbed, quiet, require_accounts, require_cluster
from tests.stack.memory import Watch

FOLDER = ROOT / "build" / "stack"
RESULTS = ROOT / "build" / "stack.json"
BASE_IMAGES = ROOT.parent / "shared" / "tools" / "base-images.sh"
LAST = date(2019, 10, 2)  # of the simulated shop
DAYS = [LAST - timedelta(days=n) for n in range(3, -1, -1)]  # each in a run of its own
PAST = 56  # days before them, in one run
FIRST = DAYS[0] - timedelta(days=PAST)
DAG, TRAINING = "profiles_daily", "models_train"
_MOST_SECONDS = 1800  # of one run


class Parts:
    """Minutes by part, said as they pass."""

    def __init__(self) -> None:
        self.minutes: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        print(f"{name} ...", flush=True)
        started = time.monotonic()
        yield
        self.minutes[name] = round((time.monotonic() - started) / 60, 1)
        print(f"{name}: {self.minutes[name]} min", flush=True)


def main(arguments: list[str]) -> int:
    """Exit status: 1 if anything is not as it should be."""
    if arguments == ["--readme"]:
        write_part("stack", _table())
        return 0
    ports = {name: str(free_port()) for name in PORTS}
    given = {**ports, "STACK_DATA": str(FOLDER / "data"), "PORTRAIT_TAG": "test"}
    stack = Stack("portrait-test", FOLDER, given, files=("docker-compose.yaml", "tests/stack/compose.yaml"))
    if stack.env_file.exists():  # of a test that was stopped
        stack.run("down", "--volumes", "--remove-orphans")
    shutil.rmtree(FOLDER, ignore_errors=True)
    parts = Parts()
    try:
        with parts.part("base images and the shop's data"):
            _base_images()
            generate(FOLDER / "data" / "shop", users=2000, days=PAST + len(DAYS))
        with parts.part("image"):
            stack.prepare()
            stack.build()
        with parts.part("up, until healthy"):
            stack.up()
        with Watch(stack) as watch:
            _try(stack, parts)
        figures = {"minutes": parts.minutes, "image_gib": _image_gib(), "peak_gib": watch.peaks()}
        RESULTS.write_text(json.dumps({**figures, "machine": machine(), "commit": commit()}, indent=1) + "\n")
        print(_table())
    except (PortraitError, AssertionError, httpx.HTTPError) as error:
        print(f"test-stack: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        if stack.env_file.exists() and "STACK_KEEP" not in os.environ:
            stack.run("down", "--volumes", "--remove-orphans")
    return 0


def _try(stack: Stack, parts: Parts) -> None:
    values = stack.values()
    api = Api(f"http://127.0.0.1:{values['AIRFLOW_PORT']}", values["AIRFLOW_ENGINEER_PASSWORD"], "engineer")
    for dag in (DAG, TRAINING):
        api.pause(dag, False)

    def say(task: str, state: str) -> None:
        print(f"  {task:16s} {state}", flush=True)

    def to_the_end(dag: str, run: str) -> None:
        follow(api, dag, run, say, most_seconds=_MOST_SECONDS)

    def run(dag: str, form: dict[str, Any]) -> str:
        name = api.trigger(dag, form)
        to_the_end(dag, name)
        return name

    def fails(dag: str, name: str, said: str) -> None:
        try:
            to_the_end(dag, name)
        except PortraitError as error:
            assert said in str(error), f"{dag} failed without a word on {said!r}: {error}"
            print(f"  as it should: {error}", flush=True)
        else:
            raise AssertionError(f"{dag} ended well in spite of {said!r}")

    def days(start: date, end: date) -> dict[str, Any]:
        return {"start": str(start), "end": str(end + timedelta(days=1)), "sources": ["shop"]}

    with (
        parts.part(f"{PAST} days, Postgres restarted"),
        disturbed(api, DAG, "ingest", Restart(stack, "postgres", again=False)),
    ):
        run(DAG, days(FIRST, DAYS[0] - timedelta(days=1)))
    require_cluster(stack)
    require_accounts(stack, DAG)
    with parts.part("training on the MLflow server, down at first"):
        stack.run("stop", "mlflow")
        name = api.trigger(TRAINING, {})
        fails(TRAINING, name, "MLflow at http://mlflow:5000: does not answer")
        _back(stack, "mlflow")
        api.clear_failed(TRAINING, name)
        to_the_end(TRAINING, name)
        states = {task["task_id"]: task["state"] for task in api.tasks(TRAINING, name)}
        assert set(states.values()) == {"success"}, f"not everything was trained: {states}"
    with parts.part("a day with the model"):
        run(DAG, days(DAYS[0], DAYS[0]))
    with parts.part("a day, the lake read-only, then MLflow down, then neither"):
        _in(stack, "scheduler", "chmod", "-R", "a-w", "/srv/lake")
        name = api.trigger(DAG, days(DAYS[1], DAYS[1]))
        fails(DAG, name, "Permission denied")
        _in(stack, "scheduler", "chmod", "-R", "u+w", "/srv/lake")
        stack.run("stop", "mlflow")
        api.clear_failed(DAG, name)
        fails(DAG, name, "MLflow at http://mlflow:5000: does not answer")
        _back(stack, "mlflow")
        api.clear_failed(DAG, name)
        to_the_end(DAG, name)
    with parts.part("a day, a Spark worker killed"), disturbed(api, DAG, "ingest", KilledWorker(stack)):
        run(DAG, days(DAYS[2], DAYS[2]))
    with (
        parts.part("a day, the scheduler restarted"),
        disturbed(api, DAG, "ingest", Restart(stack, "scheduler", again=True)),
    ):
        run(DAG, days(DAYS[3], DAYS[3]))
    with parts.part("the same days here, and both compared"):
        outside = _copy_of_lake(stack)
        signals = DeltaTable(str(outside.table_path("silver.text_signals"))).to_pyarrow_table()
        read = signals["signal"].to_pylist().count("sentiment")
        assert read, "the model read no text"
        local = _build_here(stack)
        assert not (found := differences(outside, local)), "tables differ: " + "; ".join(found)
        days = DeltaTable(str(outside.table_path("silver.user_days"))).to_pyarrow_table(columns=["model_version"])
        held = len(days) - days["model_version"].null_count
        assert held, "no day was held against limits"
        print(
            f"  every table is equal, {read:,} texts were read by the models, {held:,} days of users judged", flush=True
        )


def _base_images() -> None:
    """The two public images; stand-ins where they cannot be pulled."""
    for image in ("python:3.11-slim-bookworm", "postgres:16-bookworm"):
        if quiet("docker", "image", "inspect", image) == 0 or quiet("docker", "pull", image) == 0:
            continue
        if not BASE_IMAGES.exists():
            raise PortraitError(f"{image}: it is not here and cannot be pulled; see the engine's log")
        print("  no registry answers: stand-ins of the base images are made", flush=True)
        if subprocess.call(["bash", str(BASE_IMAGES)]) != 0:
            raise PortraitError("the stand-ins of the base images were not made; the reason is printed above")
        return


def _back(stack: Stack, service: str) -> None:
    stack.run("start", service)
    stack.wait()


def _in(stack: Stack, service: str, *command: str) -> None:
    if stack.run("exec", "-T", service, *command) != 0:
        raise PortraitError(f"{service}: {' '.join(command)} failed")


def _copy_of_lake(stack: Stack) -> Settings:
    """The lake as it is in its volume, copied to this machine; read there with delta-rs, without our code or Spark."""
    folder = FOLDER / "copy"
    folder.mkdir(parents=True)
    scheduler = container(stack, "scheduler")["Id"]
    for name in ("lake", "lake-bronze"):
        if subprocess.call(["docker", "cp", "--quiet", f"{scheduler}:/srv/{name}", str(folder / name)]) != 0:
            raise PortraitError(f"{name} could not be copied out of the scheduler's container")
    return Settings(lake=folder / "lake", key_file=stack.key_file)


def _build_here(stack: Stack) -> Settings:
    """The same days: the past in one, the rest by `portrait build --daily` with the model on the stack's MLflow."""
    values = stack.values()
    lake = FOLDER / "here" / "lake"
    plain = os.environ | {"PORTRAIT_LAKE": str(lake), "PORTRAIT_KEY_FILE": str(stack.key_file),
                          "PORTRAIT_DATA": str(FOLDER / "data")}  # fmt: skip
    mlflow = {
        "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{values['MLFLOW_PORT']}",
        "MLFLOW_TRACKING_USERNAME": "portrait",
        "MLFLOW_TRACKING_PASSWORD": values["MLFLOW_PASSWORD"],
    }
    portrait = str(Path(sys.executable).with_name("portrait"))
    past = ["--start", str(FIRST), "--end", str(DAYS[0])]
    rest = ["--start", str(DAYS[0]), "--end", str(LAST + timedelta(days=1)), "--daily"]
    for days, environment in ((past, plain), (rest, plain | mlflow)):
        answer = subprocess.run(
            [portrait, "build", *days, "--source", "shop"], env=environment, capture_output=True, text=True
        )
        if answer.returncode != 0:
            raise PortraitError(f"portrait build here: {answer.stderr.strip().splitlines()[-1][:300]}")
    return Settings(lake=lake, key_file=stack.key_file)


def _image_gib() -> float:
    size = subprocess.run(["docker", "image", "inspect", "--format", "{{.Size}}", "portrait:test"],
                          capture_output=True, text=True, check=True).stdout  # fmt: skip
    return round(int(size) / 2**30, 1)


def _table() -> str:
    """The figures as Markdown."""
    found = json.loads(RESULTS.read_text())
    lines = ["| part | minutes |", "|---|---|", *(f"| {name} | {m} |" for name, m in found["minutes"].items())]
    peaks = ", ".join(f"{name} {gib}" for name, gib in found["peak_gib"].items())
    whole = round(sum(found["minutes"].values()), 1)
    return "\n".join([
        *lines, f"| all | {whole} |", "", f"Image: {found['image_gib']} GiB. Peak memory in GiB: {peaks}.", "",
        f"Measured with `make test-stack` on {found['machine']}; commit {found['commit']}.",
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
