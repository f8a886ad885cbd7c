"""Where and on what a figure was measured: without that it says nothing."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from include.settings import ROOT

_FLAGS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")  # those that decide how fast vectors are
_PACKAGES = ("pyspark", "delta-spark", "deltalake", "duckdb", "torch", "sentence-transformers")


def machine() -> str:
    """Day, CPU, cores, versions."""
    facts = Path("/proc/cpuinfo").read_text()
    fields = dict(line.split(":", 1) for line in facts.splitlines() if ":" in line)
    cpu = {name.strip(): value.strip() for name, value in fields.items()}
    flags = " ".join(f for f in _FLAGS if f in cpu.get("flags", "").split())
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    return f"{today}, {cpu.get('model name', 'unknown CPU')} ({flags}), {os.cpu_count()} cores, {memory:.0f} GiB, {versions}"


def load() -> float:
    """Processes that wanted a core in the last minute: what else the machine did."""
    return round(os.getloadavg()[0], 1)


def commit() -> str:
    """Short name of the commit; `+` where files differ from it."""
    try:
        name = _git("rev-parse", "--short", "HEAD")
        return name + ("+" if _git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
