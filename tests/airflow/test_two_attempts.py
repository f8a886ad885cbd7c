"""Of two attempts of one interval the elder, waking up after the younger has published, loses and says so."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest
from deltalake import DeltaTable

from include.lake.meta import Meta
from include.settings import Settings
from tests.airflow.installation import Installation
from tests.compare import content

pytestmark = [pytest.mark.airflow, pytest.mark.slow]  # tests/protocol/test_turns.py has the same without a scheduler


def test_the_elder_attempt_loses_and_says_so(installation: Installation):
    api, settings = installation.api, installation.settings
    run = api.trigger("profiles_daily", {"start": "2024-01-02", "end": "2024-01-03"})
    within(300, "a claim", lambda: claims(settings))
    elder = spark_submit(installation)
    with asleep(elder):
        # No heartbeat comes any more: Airflow gives the first attempt up and starts a second one.
        installation.finish("profiles_daily", run)
        tries = {task["task_id"]: task["try_number"] for task in api.tasks("profiles_daily", run)}
        assert tries["ingest"] == 2
        published = content(settings)
        assert published["gold.user_profiles"]
        released = Meta(settings).versions()

        for process in [elder, *elder.children(recursive=True)]:
            process.resume()
        within(300, "the end of the elder", lambda: elder.status() == psutil.STATUS_ZOMBIE)

    assert Meta(settings).versions() == released
    assert content(settings) == published
    said = within(60, "its last words", lambda: find(api.log("profiles_daily", run, "ingest", 1), "lost its turn"))
    assert "ingest of [2024-01-02, 2024-01-03) lost its turn" in said
    installation.put_lake_aside("two-attempts")


def test_a_killed_task_leaves_no_application_behind(installation: Installation):
    run = installation.api.trigger("profiles_daily", {"start": "2024-01-02", "end": "2024-01-03"})
    within(300, "a claim", lambda: claims(installation.settings))
    application = spark_submit(installation)
    family = [application, *application.children(recursive=True)]

    application.parent().kill()

    _, alive = psutil.wait_procs(family, timeout=15)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
    installation.finish("profiles_daily", run)  # the second attempt takes over
    installation.put_lake_aside("killed")


def claims(settings: Settings) -> list[dict[str, Any]]:
    path = str(settings.table_path("meta.claims"))
    return DeltaTable(path).to_pyarrow_table().to_pylist() if DeltaTable.is_deltatable(path) else []


def spark_submit(installation: Installation) -> psutil.Process:
    """The JVM that runs the only application of this Airflow."""
    (found,) = [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "java" and str(installation.folder) in " ".join(process.environ().values())
    ]
    return found


@contextmanager
def asleep(application: psutil.Process) -> Iterator[None]:
    """An application, the task that started it and that task's supervisor, stopped as if the machine hung."""
    task = application.parent()
    supervisor = task.parent()
    chain = [supervisor, task, application, *application.children(recursive=True)]
    for process in chain:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in reversed(chain):  # the task hands on what it still has to say before its supervisor looks
            if process.is_running():
                process.send_signal(signal.SIGCONT)
                time.sleep(0.5)


def find(text: str, words: str) -> str | None:
    return next((line for line in text.splitlines() if words in line), None)


def within(seconds: float, what: str, look: Callable[[], Any]) -> Any:
    """What `look` finds, as soon as it finds anything."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"{what} did not come in {seconds} s"
        time.sleep(0.1)
    return found
