"""`make demo`: the main job on the data that is here, in Airflow's own scheduler, and what came of it.

The same lake is filled each time, so that a second demo finds its work done and changes nothing.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import date

from rich.console import Console
from rich.text import Text

from include.errors import PortraitError
from include.settings import ROOT, Settings
from include.setup.airflow import Airflow
from include.setup.follow import follow
from include.setup.rest import Api
from include.shop import is_finished
from include.tables import APPLICATIONS

DAG, TRAINING = "profiles_daily", "models_train"
INTERVALS = (("1995-01-01", "2016-01-01"), ("2016-01-01", "2019-10-01"))
BACKFILL = (date(2019, 10, 1), date(2019, 10, 2))
_PARSE_SECONDS = 60
_AIRFLOW = {
    # The demo runs what it says and nothing else: without this, an unpaused DAG gets a run for yesterday as well.
    "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "false",
    # Nobody edits a DAG meanwhile, and reading it again every half minute takes a tenth of a core.
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.3",
}
_STYLES = {"success": "green", "failed": "bold red", "up_for_retry": "yellow"}


class Progress:
    """Lines with the time since the start, and the seconds of each part."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._console = Console(highlight=False)
        self._started = time.monotonic()

    def say(self, text: str, style: str = "") -> None:
        elapsed = int(time.monotonic() - self._started)
        self._console.print(Text(f"{elapsed // 60:3d}:{elapsed % 60:02d}  ", "dim") + Text(text, style), soft_wrap=True)

    def task(self, task: str, state: str) -> None:
        """One change of a task's state."""
        self.say(f"  {task:16s} {state}", _STYLES.get(state, "dim"))

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time what happens inside, under that name."""
        self.say(name, "bold")
        started = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - started, 1)


def main() -> int:
    """Exit status; not 0 if any run failed."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a stop from outside cleans up as well
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    progress = Progress()
    try:
        _run(progress)
        from include.models.registry import every_version
        from include.show.summary import print_summary

        print_summary(progress.seconds, versions=every_version(Settings().models))
    except PortraitError as error:
        print(f"demo: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("demo: stopped", file=sys.stderr)
        return 130
    return 0


def _prepare_data(progress: Progress) -> None:
    """The simulated shop always; MovieLens if it can be had."""
    shop = ROOT / "build" / "data" / "shop"
    with progress.part("make the shop's data"):
        if not is_finished(shop):
            _python("include.shop", str(shop))
    with progress.part("fetch MovieLens"):
        _python("include.sources.fetch", "movielens")


def _run(progress: Progress) -> None:
    """Manual runs over the past, then a backfill of the last days, as a person would start them."""
    airflow = Airflow(extra=_AIRFLOW)
    with ExitStack() as until_done, ThreadPoolExecutor(1) as beside:
        data = beside.submit(_prepare_data, progress)
        with progress.part("start Airflow"):
            until_done.enter_context(airflow)
            api = Api(airflow.url, airflow.password())
            for dag in (DAG, TRAINING):
                _wait_for_dag(api, dag)
        data.result()
        progress.say(f"{airflow.url}, user admin, password {airflow.password()}", "dim")
        for dag in (DAG, TRAINING):
            api.end_leftovers(dag)
            api.pause(dag, False)
            until_done.callback(api.pause, dag, True)
        for start, end in INTERVALS:
            run = api.trigger(DAG, {"start": start, "end": end})
            _follow(progress, airflow, api, run, f"run [{start}, {end})")
            # From the past alone: what comes after can tell what a model is worth, and is held against its limits.
            with progress.part(f"train the models on what is before {end}"):
                follow(api, TRAINING, api.trigger(TRAINING, {}), progress.task, airflow.watch)
        # Two at once: while the profiles of one day are built, the other one's files are read.
        for run in api.backfill(DAG, *BACKFILL, at_once=2):
            _follow(progress, airflow, api, run, f"backfill of {api.run(DAG, run)['logical_date'][:10]}")


def _follow(progress: Progress, airflow: Airflow, api: Api, run: str, name: str) -> None:
    with progress.part(name):
        tasks = follow(api, DAG, run, progress.task, airflow.watch)
    for application in APPLICATIONS:
        progress.seconds[f"  {name}: {application}"] = tasks[application]


def _wait_for_dag(api: Api, dag: str) -> None:
    end = time.monotonic() + _PARSE_SECONDS
    while not api.dag_is_known(dag):
        if errors := api.import_errors():
            raise PortraitError(f"a DAG does not load: {errors[0]}")
        if time.monotonic() > end:
            raise PortraitError(f"Airflow: {dag} did not appear in {_PARSE_SECONDS} s")
        time.sleep(0.5)


def _python(module: str, *arguments: str) -> None:
    """Run a module of ours that says what it does."""
    status = subprocess.call([sys.executable, "-m", module, *arguments], cwd=ROOT, stdin=subprocess.DEVNULL)
    if status != 0:
        raise PortraitError(f"{module} ended with {status}; the reason is printed above")


if __name__ == "__main__":
    sys.exit(main())
