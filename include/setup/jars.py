"""The two Delta jars, in build/jars, so that later starts resolve nothing over the network."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from include.errors import PortraitError
from include.lake.session import JARS

# Coordinate to SHA-256. delta-spark without delta-storage fails; the kernel jars and the other dependencies that
# delta-spark names are not needed for what we do, or are in Spark.
WANTED = {
    "io.delta:delta-spark_4.2_2.13:4.4.0": "27d4fd8b1f879535c573ed1c718177d6a27f24d3e626ba02e216369725721ead",
    "io.delta:delta-storage:4.4.0": "c46735481fa8e326b0957be02b4420cbcab4b325bb08009b7f2045a95133f1cc",
}


def fetch() -> bool:
    """Fetch what is missing or damaged. True if anything was fetched."""
    wanted = {coordinate: JARS / _file_name(coordinate) for coordinate in WANTED}
    missing = [coordinate for coordinate, file in wanted.items() if not _is_right(file, WANTED[coordinate])]
    if not missing:
        return False
    JARS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=JARS.parent) as folder:
        log = _resolve(missing, Path(folder))
        for coordinate in missing:
            found = next(Path(folder, "jars").glob(f"*{_file_name(coordinate)}"), None)
            if found is None:
                raise PortraitError(f"Delta jars: {coordinate} could not be fetched from Maven Central: {_reason(log)}")
            if not _is_right(found, WANTED[coordinate]):
                raise PortraitError(f"Delta jars: {coordinate} came with another SHA-256 than expected; not used")
            shutil.copy(found, wanted[coordinate].with_suffix(".part"))
            wanted[coordinate].with_suffix(".part").replace(wanted[coordinate])
    return True


def _resolve(coordinates: list[str], cache: Path) -> str:
    """Let Spark's own resolver fetch them into `cache`; it needs nothing but Java. Returns what it said."""
    command = [sys.executable, "-m", "include.setup.resolve", str(cache), *coordinates]
    environment = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    answer = subprocess.run(
        command, env=environment, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return answer.stdout


def _reason(log: str) -> str:
    """The line of the resolver's report that says most."""
    lines = [line.strip() for line in log.splitlines()]
    telling = ("not found", "refused", "timed out", "unknown host", "Error")
    told = [line for line in lines if any(word in line for word in telling)]
    return (told or lines or ["no word from the resolver"])[0][:160]


def _file_name(coordinate: str) -> str:
    _, name, version = coordinate.split(":")
    return f"{name}-{version}.jar"


def _is_right(file: Path, digest: str) -> bool:
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == digest
