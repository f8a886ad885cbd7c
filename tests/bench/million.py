"""How much memory the driver and its workers take together to build a million events of the shop in one interval."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from include.settings import ROOT
from tests.bench.peak import peak
from tests.bench.place import Place

USERS, ITEMS, DAYS = 9_000, 2_000, 60
_APPLICATIONS = ("jobs.ingest", "jobs.understand", "jobs.profile")


def build_memory(place: Place) -> tuple[list[float], str]:
    """GiB that each application and all its children held at once at most, and what was run."""
    data = place.folder / "million"
    shop = [sys.executable, "-m", "include.shop", str(data / "shop"), "--seed", "7", "--spark"]
    sizes = {"users": USERS, "items": ITEMS, "days": DAYS}
    print("  a shop of a million events is made", flush=True)
    subprocess.run([*shop, *(f"--{name}={n}" for name, n in sizes.items())], cwd=ROOT, check=True, capture_output=True)
    truth = json.loads((data / "shop" / "truth.json").read_text())
    end = date.fromisoformat(truth["last"]) + timedelta(days=1)
    environment = os.environ | {
        "PORTRAIT_LAKE": str(data / "lake"), "PORTRAIT_DATA": str(data), "PORTRAIT_KEY_FILE": str(place.key),
        "PORTRAIT_SOURCES": "", "PORTRAIT_TRAITS": "",
    }  # fmt: skip
    peaks, started = [], time.monotonic()
    for application in _APPLICATIONS:
        command = [sys.executable, "-m", application, "--start", truth["first"], "--end", str(end), "--run-id", "bench",
                   "--source", "shop"]  # fmt: skip
        with (data / f"{application}.log").open("w") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
            peaks.append(peak(process))
        if process.returncode != 0:
            raise RuntimeError(f"{application} ended with {process.returncode}: {Path(log.name).read_text()[-2000:]}")
        print(f"  {application}: {peaks[-1]:.2f} GiB", flush=True)
    landed = truth["feeds"]
    told = f"{landed['events']['landed']:,} records of events, {landed['texts']['landed']:,} texts, {DAYS} days"
    return peaks, f"{told}, {time.monotonic() - started:.0f} s; runs: ingest, understand, profile"
