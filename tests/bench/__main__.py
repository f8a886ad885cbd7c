"""`make bench`: measure, and write build/bench.json. `make bench ONLY=name` measures one and keeps the others' entries.

`--readme` measures nothing: it writes the table of the README from build/bench.json.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from include.settings import ROOT
from tests.bench.machine import commit, load, machine
from tests.bench.measures import BENCHES
from tests.bench.place import Place
from tests.readme import write_part

RESULTS = ROOT / "build" / "bench.json"


def main(arguments: list[str]) -> int:
    """Exit status: 1 if a figure is beyond its bound, 2 for a name that there is not."""
    if arguments == ["--readme"]:
        write_table()
        return 0
    unknown = [name for name in arguments if name not in BENCHES]
    if unknown:
        print(f"bench: there is no {unknown[0]!r}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    beyond = []
    folder = ROOT / "build"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=folder) as temporary:
        place = Place(Path(temporary))
        for name in arguments or BENCHES:
            entry = _measure(name, place)
            _keep(entry)
            held = BENCHES[name].holds(entry["value"])
            beyond += [] if held else [name]
            words = "within" if held else "BEYOND"
            print(f"{name}: {entry['value']} ({words} the bound of {entry['bound']}, aim {entry['aim']})", flush=True)
            print(f"  {entry['what']}\n  runs: {entry['runs']}", flush=True)
    return 1 if beyond else 0


def _measure(name: str, place: Place) -> dict[str, Any]:
    """One entry of the file. `runs` are the single measurements, in their order."""
    bench = BENCHES[name]
    started, busy = time.monotonic(), load()
    print(f"{name} ...", flush=True)
    value, runs, note = bench.measure(place)
    print(f"{name} took {time.monotonic() - started:.0f} s", flush=True)
    return {
        "name": name, "value": _short(value), "better": bench.better, "bound": bench.bound, "aim": bench.aim,
        "what": f"{bench.what}; {note}" if note else bench.what, "runs": [_short(run) for run in runs],
        "machine": machine(), "load": busy, "commit": commit(),
    }  # fmt: skip


def _short(number: float) -> float:
    return float(f"{number:.4g}")


def _keep(entry: dict[str, Any]) -> None:
    """Put the entry in place of the earlier one of its name."""
    kept = {e["name"]: e for e in _read()} | {entry["name"]: entry}
    order = [*BENCHES, *(name for name in kept if name not in BENCHES)]
    RESULTS.write_text(json.dumps([kept[name] for name in order if name in kept], indent=1) + "\n")


def _read() -> list[dict[str, Any]]:
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else []


def write_table() -> None:
    """The README's table, between its two marks."""
    lines = ["| name | value | bound | aim | what | runs |", "|---|---|---|---|---|---|"]
    for e in _read():
        runs = ", ".join(str(run) for run in e["runs"])
        lines.append(f"| `{e['name']}` | {e['value']} | {e['bound']} | {e['aim']} | {e['what']} | {runs} |")
    for where in dict.fromkeys((e["machine"], e["commit"]) for e in _read()):
        loads = [e["load"] for e in _read() if (e["machine"], e["commit"]) == where]
        told = f"load {' to '.join(str(load) for load in sorted({min(loads), max(loads)}))} before; commit {where[1]}"
        lines += ["", f"Measured with `make bench` on {where[0]}; {told}."]
    if missing := [name for name in BENCHES if name not in {e["name"] for e in _read()}]:
        lines += ["", f"Not measured yet: {', '.join(f'`{name}`' for name in missing)}."]
    write_part("bench", "\n".join(lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
