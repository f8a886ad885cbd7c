"""`make soak`: sixty days of the simulated shop back to back, with maintenance every week, and whether anything grows.

Each week is one `portrait build --daily`. After it every file of the lake is made a week older, as it would be, so that
Delta cleans its logs; then `portrait maintain`. Figures of each week go to build/soak.json; exit status 1 if in the end
there are more files, larger logs or more memory than there were, beyond a quarter.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from threading import Thread

from include.lake.catalogue import declared
from include.privacy import make_key
from include.settings import ROOT, Settings
from include.shop import LAST_DAY, generate
from tests.bench.machine import commit, machine
from tests.bench.peak import peak
from tests.helpers import last_line

RESULTS = ROOT / "build" / "soak.json"
DAYS, WEEK, USERS = 60, 7, 300
LOG_WEEKS = 5  # after which the first commits of the logs are deleted
MOST_GROWTH = 1.25
_PORTRAIT = str(Path(sys.executable).with_name("portrait"))
Figures = dict[str, float]


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="portrait-soak-"))
    settings = Settings(lake=folder / "lake", data=folder / "data", key_file=folder / "key", sources="", traits="")
    make_key(settings.key_file)
    generate(settings.data / "shop", users=USERS, days=DAYS)
    weeks: list[Figures] = []
    first = LAST_DAY - timedelta(days=DAYS - 1)
    for start in (first + timedelta(days=n) for n in range(0, DAYS, WEEK)):
        end = min(start + timedelta(days=WEEK), LAST_DAY + timedelta(days=1))
        started = time.monotonic()
        memory = _build(settings, start, end)
        minutes = (time.monotonic() - started) / 60
        _age(folder, WEEK)
        most = _files(settings)
        _portrait(settings, "maintain", "--keep-days", "0")
        weeks.append({"week": len(weeks) + 1, "days": (end - start).days, "minutes": round(minutes, 1),
                      "memory_gib": round(memory, 2), "files_before": most} | _sizes(settings))  # fmt: skip
        print(_line(weeks[-1]), flush=True)
    grown = growth(weeks)
    figures = {"weeks": weeks, "growth": grown, "bound": MOST_GROWTH, "machine": machine(), "commit": commit()}
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n")
    print(f"soak: the end over what was before: {', '.join(f'{k} {v}' for k, v in grown.items())}")
    shutil.rmtree(folder)
    return 1 if any(value > MOST_GROWTH for value in grown.values()) else 0


def growth(weeks: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Of what has to stay flat, in full weeks: the most of the last three over the most of the three before, since files
    gather and are put together in turns. Logs are kept for thirty days, and grow as long: from the week after to the
    last one."""
    full = [w for w in weeks if w["days"] == WEEK]
    early, late = full[-6:-3], full[-3:]
    peaks = {name: max(w[name] for w in late) / max(w[name] for w in early) for name in ("files", "memory_gib")}
    logs = {name: full[-1][name] / full[LOG_WEEKS][name] for name in ("log_files", "log_kib")}
    return {name: round(value, 3) for name, value in (peaks | logs).items()}


def _build(settings: Settings, start: date, end: date) -> float:
    """One run a day. GiB that the process and its children held at most."""
    command = [_PORTRAIT, "build", "--daily", "--start", str(start), "--end", str(end), "--source", "shop"]
    process = subprocess.Popen(command, env=_environment(settings), text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)  # fmt: skip
    said: list[str] = []
    reader = Thread(target=lambda: said.extend(process.stdout or ()), daemon=True)
    reader.start()
    held = peak(process)
    reader.join(timeout=60)
    if process.returncode:
        raise RuntimeError(f"the build of [{start}, {end}) ended with {process.returncode}: {last_line(''.join(said))}")
    return held


def _portrait(settings: Settings, *arguments: str) -> None:
    subprocess.run([_PORTRAIT, *arguments], env=_environment(settings), check=True, capture_output=True)


def _environment(settings: Settings) -> dict[str, str]:
    return os.environ | {
        "PORTRAIT_LAKE": str(settings.lake), "PORTRAIT_DATA": str(settings.data), "PORTRAIT_SOURCES": "",
        "PORTRAIT_KEY_FILE": str(settings.key_file), "PORTRAIT_TRAITS": "",
    }  # fmt: skip


def _age(folder: Path, days: int) -> None:
    """Make every file of the lake that much older."""
    for file in folder.glob("lake*/**/*"):
        at = file.stat()
        os.utime(file, (at.st_atime - days * 86_400, at.st_mtime - days * 86_400))


def _files(settings: Settings) -> int:
    """Data files of all tables that lie on the disk, part of a version or not."""
    tables = (settings.table_path(name) for name in declared(settings))
    return sum(1 for table in tables for file in table.rglob("*.parquet") if "_delta_log" not in file.parts)


def _sizes(settings: Settings) -> Figures:
    logs = [f for name in declared(settings) for f in (settings.table_path(name) / "_delta_log").rglob("*")]
    kib = sum(f.stat().st_size for f in logs if f.is_file()) / 1024
    return {"files": _files(settings), "log_files": len(logs), "log_kib": round(kib)}


def _line(week: Mapping[str, float]) -> str:
    return (
        f"week {week['week']:.0f}: {week['files_before']:.0f} files, {week['files']:.0f} after maintenance; logs "
        f"{week['log_files']:.0f} files, {week['log_kib']:,.0f} KiB; {week['memory_gib']} GiB; {week['minutes']} min"
    )


if __name__ == "__main__":
    sys.exit(main())
