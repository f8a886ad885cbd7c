"""Faults of a lake at rest: files that are other than they were when a run begins. All but the clock are undone after it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from urllib.parse import unquote, urlparse

from deltalake import DeltaTable

from include.lake.catalogue import declared
from tests.faults.halted import outcome
from tests.faults.world import Place

_DAY = 86_400
Fault = Callable[[Place, Random], str]


def cut_log(place: Place, rng: Random) -> str:
    """The newest commit of a table ends in the middle."""
    table = rng.choice(sorted(declared(place.settings)))
    newest = max((place.settings.table_path(table) / "_delta_log").glob("*.json"))
    with _put_back(place, newest):
        newest.write_bytes(newest.read_bytes()[: newest.stat().st_size // 2])
        return f"{table} {newest.name}: {_run(place)}"


def damage_parquet(place: Place, rng: Random) -> str:
    """A data file of a table has other bytes where its footer was, or lost its second half."""
    tables = sorted(declared(place.settings))
    rng.shuffle(tables)
    files = (f for name in tables for f in DeltaTable(str(place.settings.table_path(name))).file_uris())
    file = Path(unquote(urlparse(next(files)).path))
    table = file.relative_to(place.folder).parts[:3]
    with _put_back(place, file):
        size = file.stat().st_size
        if rng.random() < 0.5:
            os.truncate(file, size // 2)
        else:
            file.write_bytes(file.read_bytes()[: size // 2] + rng.randbytes(size - size // 2))
        return f"{'.'.join(table[-2:])}: {_run(place)}"


def step_clock(place: Place, rng: Random) -> str:
    """The clock went back or forth since the lake was written: by a day, or by more than a log is kept. The run does
    all that is to do."""
    by = rng.choice((-1, 1, -60, 60)) * _DAY
    for file in place.folder.glob("lake*/**/*"):
        at = file.stat()
        os.utime(file, (at.st_atime + by, at.st_mtime + by))
    said = _run(place)
    assert said == "exit 0", f"the clock is {by // _DAY} days off: {said}"
    return f"{by // _DAY:+d} days: {said}"


FAULTS: dict[str, Fault] = {"log cut": cut_log, "Parquet damaged": damage_parquet}


def _run(place: Place) -> str:
    run = place.build()
    said, _ = run.communicate()
    return outcome(run.returncode, said, [])


@contextmanager
def _put_back(place: Place, file: Path) -> Iterator[None]:
    kept = place.folder / "kept"
    shutil.copy2(file, kept)
    try:
        yield
    finally:
        kept.replace(file)
