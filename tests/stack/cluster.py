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
from include.tables import APPLICATIONS

_AFTER_SECONDS = 10  # a task begins, and then it is disturbed
_PATIENCE_SECONDS = 60
_LAUNCHED = re.compile(r"Launching executor (app-\S+)/\d+ on worker (\S+)")


class Disturbance(Protocol):
    """Something that happens while a run goes on. `require` is asked after it: AssertionError if nothing was felt."""

    def do(self) -> None: ...

    def require(self, task: dict[str, Any]) -> None: ...


class Restart:
    """A service is stopped in the middle, and started again."""

    def __init__(self, stack: Stack, service: str, *, again: bool) -> None:
        self._stack, self._service, self._again = stack, service, again

    def do(self) -> None:
        if self._stack.run("restart", "--timeout", "5", self._service) != 0:
            raise PortraitError(f"{self._service} was not restarted")

    def require(self, task: dict[str, Any]) -> None:
        """The task was at it when the service came back. It goes on without Postgres, and has to be tried again where
        the scheduler that ran it is gone."""
        came_back = str(container(self._stack, self._service)["State"]["StartedAt"])[:19]
        assert came_back < str(task["end_date"])[:19], f"{task['task_id']} had ended when {self._service} came back"
        if not self._again:
            assert came_back > str(task["start_date"])[:19], f"{self._service} was restarted before {task['task_id']}"
        attempts = int(task["try_number"])
        assert (attempts > 1) is self._again, (
            f"{task['task_id']} took {attempts} attempts, {self._service} was restarted"
        )


class KilledWorker:
    """As a crash would: a worker dies with its executors; Docker starts the container again."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._worker, self._application = "", ""

    def do(self) -> None:
        end = time.monotonic() + _PATIENCE_SECONDS
        while not (found := self._on_its_executor()):
            assert time.monotonic() < end, "spark-worker-1 never had an executor"
            time.sleep(0.5)
        self._worker, self._application = found
        if self._stack.run("exec", "-T", "spark-worker-1", "pkill", "-KILL", "java") != 0:
            raise PortraitError("spark-worker-1 was not killed")

    def require(self, task: dict[str, Any]) -> None:
        """Its worker is gone, another executor took the place of the lost one, and the first attempt ended well."""
        alive = {worker["id"] for worker in master(self._stack)["workers"] if worker["state"] == "ALIVE"}
        assert self._worker not in alive, "the killed worker is alive"
        ended = {app["id"]: app["state"] for app in master(self._stack)["completedapps"]}
        assert ended.get(self._application) == "FINISHED", f"the application ended as {ended.get(self._application)}"
        launched = [worker for application, worker in launches(self._stack) if application == self._application]
        assert self._worker in launched and len(launched) > 2, f"no executor replaced the lost one: {launched}"
        assert int(task["try_number"]) == 1, "the driver did not live through it"

    def _on_its_executor(self) -> tuple[str, str] | None:
        """The live worker of the container and the application that has an executor there."""
        address = next(iter(container(self._stack, "spark-worker-1")["NetworkSettings"]["Networks"].values()))
        record = master(self._stack)
        here = {w["id"] for w in record["workers"] if w["host"] == address["IPAddress"] and w["state"] == "ALIVE"}
        active = {app["id"] for app in record["activeapps"]}
        return next(((worker, app) for app, worker in launches(self._stack) if app in active and worker in here), None)


@contextmanager
def disturbed(api: Api, dag: str, task: str, disturbance: Disturbance) -> Iterator[None]:
    """Do it once, a little after `task` of the run that is started inside has begun, and require that it was felt."""
    gone, error = Event(), list[str]()
    before = {str(run["dag_run_id"]) for run in api.runs(dag)}

    def of_the_run() -> dict[str, Any] | None:
        new = [str(run["dag_run_id"]) for run in api.runs(dag) if str(run["dag_run_id"]) not in before]
        assert len(new) < 2, f"there are runs that nobody asked for: {new}"
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
    wanted = {f"portrait.{name}": "FINISHED" for name in APPLICATIONS}
    assert ended == wanted and len(record["completedapps"]) == len(wanted), f"the master knows {ended}"
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


def container(stack: Stack, service: str) -> dict[str, Any]:
    """What Docker says of the container of a service."""
    return next(c for c in stack.containers() if c["service"] == service)


def quiet(*command: str) -> int:
    """Exit status; 127 where there is no such command."""
    try:
        return subprocess.run(command, capture_output=True).returncode
    except FileNotFoundError:
        return 127
