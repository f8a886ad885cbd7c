"""The class-data archive (AppCDS): classes as a JVM has them in memory, dumped by one training run.

It saves about 3 s of each start. It fits one build of Java, one class path and one set of JVM options, so it is made
again when any of them changed; a JVM that finds it unfit goes on without it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from include.errors import PortraitError
from include.lake.session import ARCHIVE, java_options, spark_conf
from include.setup import java

_STAMP = ARCHIVE.with_suffix(".stamp")


def build() -> bool:
    """Train and dump the archive, if what it depends on changed. True if it was made."""
    wanted = _fingerprint()
    if ARCHIVE.exists() and _STAMP.exists() and _STAMP.read_text() == wanted:
        return False
    draft = ARCHIVE.with_suffix(".draft")
    command = [sys.executable, "-m", "include.setup.train", str(draft)]
    answer = subprocess.run(
        command, env=os.environ | {"SPARK_LOCAL_IP": "127.0.0.1"}, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if answer.returncode != 0 or not draft.exists():
        last = (answer.stdout.strip().splitlines() or ["no word"])[-1]
        raise PortraitError(f"class-data archive: the training run ended with {answer.returncode}: {last[:200]}")
    draft.replace(ARCHIVE)
    _STAMP.write_text(wanted)
    return True


def _fingerprint() -> str:
    """Digest of all that the archive must fit."""
    parts = [
        java.describe(),
        java_options(Path("none")),
        spark_conf()["spark.driver.extraClassPath"],
        version("pyspark"),
        Path(__file__).with_name("train.py").read_text(),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
