"""How much memory a process and all that it starts hold."""

from __future__ import annotations

import subprocess
import time
from typing import Any

import psutil


def peak(process: subprocess.Popen[Any]) -> float:
    """GiB of the process and what it has started, summed, until it ends. Pages that several share count once (PSS)."""
    most = 0
    while process.poll() is None:
        held = 0
        try:
            for one in [(root := psutil.Process(process.pid)), *root.children(recursive=True)]:
                held += int(one.memory_full_info().pss)
        except psutil.Error:  # ended meanwhile
            continue
        most = max(most, held)
        time.sleep(0.5)
    return most / 2**30
