"""Airflow's home: its database with tables and pools, its configuration file with fresh secrets, its password file."""

from __future__ import annotations

import json
import secrets
from importlib.metadata import version
from pathlib import Path

from include.orchestration.defaults import POOLS
from include.privacy import write_secret
from include.setup import postgres
from include.setup.airflow import HOME, Airflow

_STAMP = "made-by"  # holds the Airflow version whose tables the database has


def create(home: Path = HOME) -> bool:
    """True if anything was made. Leaves no server running."""
    stamp = home / _STAMP
    wanted = f"{version('apache-airflow')} {json.dumps(POOLS, sort_keys=True)}"
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    home.mkdir(parents=True, exist_ok=True)
    _make_secrets(Airflow(home))
    pools = home / "pools.json"
    pools.write_text(json.dumps(POOLS))
    airflow = Airflow(home)
    airflow.open_database()
    try:
        airflow.command("db", "migrate")
        airflow.command("pools", "import", str(pools))
    finally:
        postgres.stop(airflow.postgres)
    stamp.write_text(wanted)
    return True


def _make_secrets(airflow: Airflow) -> None:
    """A password and a signing key of its own for each home, readable by their owner only."""
    made = {
        airflow.password_file: json.dumps({"admin": secrets.token_urlsafe(12)}),
        airflow.secret_file: secrets.token_hex(64),
    }
    for file, text in made.items():
        if not file.exists():
            write_secret(file, text)
