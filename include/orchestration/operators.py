"""A Spark application as an Airflow task."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from include.errors import BadInput, LostTurn
from include.lake.session import spark_conf
from include.orchestration.watchdog import mark_launcher

if TYPE_CHECKING:
    from airflow.sdk import Context

_NO_RETRY = (BadInput.exit_code, LostTurn.exit_code)  # the same again would fail again, or take the newer one's turn


class SparkApplication(SparkSubmitOperator):
    """spark-submit through a connection: its host is the master, `conf` in its extra holds memory, cores and the like.

    `conf.understand` in the extra is for that application alone: a GPU, say, that the others have no use for.

    `needed` is asked first: where it says no, Spark is not started and the task is done.

    Everything of this machine (class path, Java options, environment) is looked up when the task runs, not when the
    DAG is read.
    """

    def __init__(self, *, needed: Callable[[], bool] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._needed = needed

    def execute(self, context: Context) -> None:
        """Run to the end. What ended with a mistake of its input, or lost its turn, is not tried again."""
        try:
            if self._needed and not self._needed():
                self.log.info("%s: nothing to do, Spark is not started", self.task_id)
                return
        except BadInput as error:
            raise AirflowFailException(str(error)) from None
        mark_launcher()
        extra: dict[str, Any] = BaseHook.get_connection(self._conn_id).extra_dejson
        self.conf = spark_conf() | dict(extra.get("conf", {})) | dict(extra.get(f"conf.{self.task_id}", {}))
        # The driver inherits the environment. The provider's `env_vars` would stand in the command on YARN and
        # Kubernetes, where whoever lists processes reads the passwords among them.
        # Without this a job's folder is searched first, and jobs/profile.py would be taken for Python's own `profile`.
        os.environ["PYTHONSAFEPATH"] = "1"
        try:
            super().execute(context)
        except AirflowException as error:
            process = self._hook._submit_sp if self._hook else None
            if process is not None and process.returncode in _NO_RETRY:
                raise AirflowFailException(self._own_words(str(error))) from None
            raise AirflowException(self._own_words(str(error))) from None

    def _own_words(self, error: str) -> str:
        """The line in which the application says what was wrong, out of the whole command and its last output."""
        said = [line.strip() for line in error.splitlines()]
        name = f"{self.task_id}: "
        return next((line.removeprefix(name) for line in reversed(said) if line.startswith(name)), error)
