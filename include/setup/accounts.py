"""`python -m include.setup.accounts`: the database of Airflow as services, its pools, and who may sign in.

Passwords come from the environment, and are set anew at each start: what .env says holds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from include.errors import BadInput, PortraitError
from include.orchestration.defaults import POOLS
from include.setup.telling import telling

# Account, role of Airflow's FAB auth manager. An engineer starts, clears and backfills; an analyst looks.
ACCOUNTS = {"admin": "Admin", "engineer": "Op", "analyst": "Viewer"}


def main() -> int:
    """Exit status; what cannot be done is said in one line."""
    try:
        passwords = {name: _password(name) for name in ACCOUNTS}
        _airflow("db", "migrate")
        _make_pools()
        _make_accounts(passwords)
    except PortraitError as error:
        print(f"init: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _password(account: str) -> str:
    variable = f"AIRFLOW_{account.upper()}_PASSWORD"
    if password := os.environ.get(variable):
        return password
    raise BadInput(f"{variable} is not set, so there is no password for {account}")


def _make_pools() -> None:
    file = Path("/tmp/pools.json")  # noqa: S108  # the container's own, and nothing secret
    file.write_text(json.dumps(POOLS))
    _airflow("pools", "import", str(file))


def _make_accounts(passwords: dict[str, str]) -> None:
    """By Airflow's own code and not by its commands, which would show a password to whoever lists processes."""
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        manager = builder.sm
        for name, role in ACCOUNTS.items():
            if user := manager.find_user(username=name):
                manager.reset_password(user.id, passwords[name])
            elif not manager.add_user(name, name, "", f"{name}@localhost", manager.find_role(role), passwords[name]):
                raise PortraitError(f"Airflow did not make the account {name}")


def _airflow(*arguments: str) -> None:
    answer = subprocess.run(["airflow", *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if answer.returncode != 0:
        raise PortraitError(f"airflow {' '.join(arguments[:2])}: {telling(answer.stdout.splitlines())}")


if __name__ == "__main__":
    sys.exit(main())
