"""What the Spark master says of its workers and applications, and who may do what in Airflow: asked from outside."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any, Protocol

import httpx

from include.errors import PortraitError
from include.setup.rest import Api
from include.setup.stack import Stack

APPLICATIONS = ("ingest", "understand", "profile")
_AFTER_SECONDS = 10  # a task begins, and then it is disturbed
_LAUNCHED = re.compile(r"Launching executor (app-\S+)/\d+ on worker (\S+)")


class Disturbance(Protocol):
    """Something that happens while a run goes on. `require` is asked after it: AssertionError if nothing was disturbed."""

    def do(self) -> None: ...

    def require(self, task: dict[str, Any]) -> None: ...


class Restart:
    """A service is stopped in the middle, and started again."""

    def __init__(self, stack: Stack, service: str, *, again: bool) -> None:
        self._stack, self._service, self._again = stack, service, again

    def do(self) -> None:
        self._stack.run("restart", "--timeout", "5", self._service)

    def require(self, task: dict[str, Any]) -> None:
        """A task goes on without Postgres, and has to be tried again where the scheduler that ran it is gone."""
        attempts = int(task["try_number"])
        assert (attempts > 1) is self._again, (
            f"{task['task_id']} took {attempts} attempts, {self._service} was restarted"
        )


class KilledWorker:
    """As a crash would: a worker dies with its executors; Docker starts the container again."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._worker: dict[str, Any] = {}

    def do(self) -> None:
        address = _address(self._stack, "spark-worker-1")
        self._worker = _wait_for(lambda: _busy(self._stack, address), "spark-worker-1 never had an executor")
        if self._stack.run("exec", "-T", "spark-worker-1", "pkill", "-KILL", "java") != 0:
            raise PortraitError("spark-worker-1 was not killed")

    def require(self, task: dict[str, Any]) -> None:
        """The master lost the worker, started an executor in place of the lost one, and the first attempt ended well."""
        workers = {worker["id"]: worker["state"] for worker in master(self._stack)["workers"]}
        assert workers.get(self._worker["id"], "DEAD") == "DEAD", "the killed worker is alive"
        last = master(self._stack)["completedapps"]
        disturbed = {a["id"] for a in last if a["name"] == f"portrait.{task['task_id']}"}
        launched = [app for app, _ in launches(self._stack) if app in disturbed]
        most = max(launched.count(app) for app in disturbed)
        assert most > 2, "no executor was started in place of the lost one"
        assert int(task["try_number"]) == 1, "the driver did not live through it"


@contextmanager
def disturbed(api: Api, dag: str, task: str, disturbance: Disturbance) -> Iterator[None]:
    """Do it once, a little after `task` of the run that is started inside has begun, and require that it was felt."""
    gone, error = Event(), list[str]()
    before = {str(run["dag_run_id"]) for run in api.runs(dag)}

    def of_the_run() -> dict[str, Any] | None:
        new = [str(run["dag_run_id"]) for run in api.runs(dag) if str(run["dag_run_id"]) not in before]
        return next((t for run in new for t in api.tasks(dag, run) if t["task_id"] == task), None)

    def wait() -> None:
        try:
            while not gone.wait(1):
                if (found := of_the_run()) and found["state"] == "running":
                    if not gone.wait(_AFTER_SECONDS):
                        disturbance.do()
                        print(f"  {task} was disturbed", flush=True)
                    return
            error.append(f"{task} was never running")
        except Exception as caught:  # told below, in the thread that waits for the run
            error.append(str(caught))

    thread = Thread(target=wait, daemon=True)
    thread.start()
    try:
        yield
    finally:
        gone.set()
        thread.join()
    assert not error, error[0]
    ended = of_the_run()
    assert ended, f"{task} is not known"
    disturbance.require(ended)


def master(stack: Stack) -> dict[str, Any]:
    """The Spark master's own record of workers and applications."""
    answer = httpx.get(f"http://127.0.0.1:{stack.values()['SPARK_PORT']}/json/", timeout=30)
    return dict(answer.json())


def launches(stack: Stack) -> list[tuple[str, str]]:
    """Application and worker of each executor that the master had started, out of its log."""
    return _LAUNCHED.findall(stack.logs("spark-master"))


def require_cluster(stack: Stack) -> None:
    """The master's own record: the three applications ended well, on executors of both workers."""
    record = master(stack)
    ended = {app["name"]: app["state"] for app in record["completedapps"]}
    print(f"  Spark's master: {len(record['workers'])} workers, {ended}", flush=True)
    assert ended == {f"portrait.{name}": "FINISHED" for name in APPLICATIONS}, f"the master knows {ended}"
    for app in record["completedapps"]:
        where = {worker for launched, worker in launches(stack) if launched == app["id"]}
        assert len(where) == 2, f"{app['name']} ran on {len(where)} workers"


def require_accounts(stack: Stack, dag: str) -> None:
    """A wrong password opens nothing; an analyst looks and may start nothing; MLflow asks who one is."""
    values = stack.values()
    url = f"http://127.0.0.1:{values['AIRFLOW_PORT']}"
    _refused(401, lambda: Api(url, "wrong", "engineer"))
    analyst = Api(url, values["AIRFLOW_ANALYST_PASSWORD"], "analyst")
    assert analyst.dag_is_known(dag), "an analyst does not see the DAG"
    _refused(403, lambda: analyst.trigger(dag, {}))
    _refused(403, lambda: analyst.pause(dag, False))
    models = httpx.post(f"http://127.0.0.1:{values['MLFLOW_PORT']}/api/2.0/mlflow/experiments/search", json={})
    assert models.status_code == 401, f"MLflow answered {models.status_code} to somebody unknown"
    print("  who may not, may not: wrong password, an analyst, MLflow without an account", flush=True)


def _refused(status: int, act: Any) -> None:
    try:
        act()
    except PortraitError as error:
        assert f"answered {status}" in str(error), str(error)
    else:
        raise AssertionError(f"what has to be refused with {status} was done")


def _address(stack: Stack, service: str) -> str:
    container = next(c for c in stack.containers() if c["service"] == service)
    return str(next(iter(container["NetworkSettings"]["Networks"].values()))["IPAddress"])


def _busy(stack: Stack, address: str) -> dict[str, Any] | None:
    """The live worker of that address, if it has an executor."""
    workers = master(stack)["workers"]
    return next((w for w in workers if w["host"] == address and w["state"] == "ALIVE" and w["coresused"] > 0), None)


def _wait_for(look: Any, otherwise: str, seconds: float = 60) -> dict[str, Any]:
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, otherwise
        time.sleep(0.5)
    return dict(found)


def quiet(*command: str) -> int:
    """Exit status; 127 where there is no such command."""
    try:
        return subprocess.run(command, capture_output=True).returncode
    except FileNotFoundError:
        return 127
