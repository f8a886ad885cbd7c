"""Java, as Spark will find it: JAVA_HOME, else the PATH. Standard library only: this runs before the packages come."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from include.errors import BadInput

SUPPORTED = (17, 21)  # what Spark 4.2 runs on; the project is tested on 17


def find() -> Path:
    """The java that Spark's launcher would start."""
    home = os.environ.get("JAVA_HOME")
    if home:
        java = Path(home) / "bin" / "java"
        if not os.access(java, os.X_OK):
            raise BadInput(f"Java: JAVA_HOME is {home}, but there is no bin/java in it; point it at a Java 17")
        return java
    found = shutil.which("java")
    if not found:
        raise BadInput("Java: no java on the PATH and no JAVA_HOME; install Java 17 (Debian: openjdk-17-jre-headless)")
    return Path(found)


def describe() -> str:
    """The version text of that Java: its full build, since a class-data archive fits one build only."""
    java = find()
    try:
        answer = subprocess.run([str(java), "-version"], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        raise BadInput(f"Java: {java} does not run; install Java 17 or set JAVA_HOME") from None
    # A JVM told options by the environment says so first, in a line of its own.
    return "\n".join(line for line in answer.stderr.splitlines() if not line.startswith("Picked up "))


def check() -> bool:
    """Refuse a Java that Spark does not run on. Nothing is made, so always False."""
    text = describe()
    found = re.search(r'version "(\d+)', text)
    if not found or int(found[1]) not in SUPPORTED:
        have = found[1] if found else text.split("\n")[0][:60]
        raise BadInput(f"Java: {find()} is {have}, but Spark 4.2 needs 17 or 21; install Java 17 or set JAVA_HOME")
    return False
