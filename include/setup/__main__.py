"""`make setup`: makes a machine with Python 3.11 and Java 17 ready. Each step looks first and is quick when it is done.

The first half runs in the Python that make found, with the standard library alone, and makes `.venv`; the second half
runs in `.venv`. An image is made in three steps, `packages`, `jars` and `image`: no key and no database belong into it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

from include.errors import PortraitError
from include.setup import java, venv

Step = tuple[str, Callable[[], bool]]


def main(arguments: list[str]) -> int:
    """Exit status; a step that cannot be done says why in one line."""
    packages = [(".venv", venv.create), ("packages", venv.install)]
    try:
        match arguments:
            case ["packages"]:
                _run(packages)
                return 0
            case ["jars"]:
                _run(_jars())
                return 0
            case ["image"]:
                _run(_for_spark())
                return 0
            case ["--inside"]:
                _run(_inside())
                return 0
        venv.check_python()
        java.check()
        _run(packages)
        return subprocess.call([str(venv.PYTHON), "-m", "include.setup", "--inside"], cwd=venv.ROOT)
    except PortraitError as error:
        print(f"setup: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130


def _jars() -> list[Step]:
    from include.setup import jars

    return [("Delta jars", jars.fetch)]


def _for_spark() -> list[Step]:
    from include.setup import archive

    return [*_jars(), ("class-data archive", archive.build)]


def _inside() -> list[Step]:
    """The steps that need the packages."""
    from include.setup import database, key

    return [
        *_for_spark(),
        ("pseudonym key", key.create),
        ("Airflow's Postgres", database.create),
    ]


def _run(steps: list[Step]) -> None:
    """Name each step that has something to do, with its seconds."""
    for name, step in steps:
        started = time.monotonic()
        if step():
            print(f"setup: {name} made in {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
