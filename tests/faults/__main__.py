"""`make faults`: many faults, drawn from a seed, and whether all is well after each. SEED=n draws the same again.

Figures go to build/faults.json. Exit status 1 if anything was lost, doubled, left behind or shown too early.
"""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from include.settings import ROOT
from tests.airflow.installation import installed
from tests.bench.machine import commit, machine
from tests.faults import scheduler
from tests.faults.builds import History, live
from tests.faults.world import World

RESULTS = ROOT / "build" / "faults.json"
_AT_A_TIME = 2


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="draws the same faults again")
    parser.add_argument("--builds", type=int, default=80, help="how many faults of `portrait build`")
    parser.add_argument("--scheduler", type=int, default=20, help="how many faults of runs in the scheduler")
    parser.add_argument("--history", type=int, help="only this one, and keep its lake")
    given = parser.parse_args(arguments)
    print(f"faults: seed {given.seed}", flush=True)
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="portrait-faults-"))
    world = World(folder)
    changed = sum(rows != world.after[table] for table, rows in world.before.items())
    print(f"faults: the second day changes {changed} tables of {len(world.rows)}", flush=True)
    if given.history is not None:
        return _code([live(world, given.seed, given.history, _say)])
    with ThreadPoolExecutor(1) as beside:  # the scheduler waits for heartbeats half of the time
        of_builds = beside.submit(_of_builds, world, given.seed, given.builds)
        of_scheduler = _of_scheduler(world, given.seed, given.scheduler)
        histories = of_builds.result() + of_scheduler
    figures = {
        "tried": sum(h.tried for h in histories), "survived": sum(h.survived for h in histories),
        "lost": sum(h.lost for h in histories), "doubled": sum(h.doubled for h in histories), "seed": given.seed,
        "problems": [f"history {h.number}: {p}" for h in histories for p in h.problems],
        "minutes": round((time.monotonic() - started) / 60, 1), "machine": machine(), "commit": commit(),
    }  # fmt: skip
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))
    if not figures["problems"]:
        shutil.rmtree(folder)
    return _code(histories)


def _of_builds(world: World, seed: int, wanted: int) -> list[History]:
    """As many as it takes to try `wanted` faults."""
    found: list[History] = []
    numbers = count(1)

    def lane() -> None:
        while sum(h.tried for h in found) < wanted:
            found.append(live(world, seed, next(numbers), _say))

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        for ended in [pool.submit(lane) for _ in range(_AT_A_TIME)]:
            ended.result()
    return found


def _of_scheduler(world: World, seed: int, wanted: int) -> list[History]:
    found: list[History] = []
    if wanted:
        with installed(**scheduler.environment(world)) as installation:
            while sum(h.tried for h in found) < wanted:
                found.append(scheduler.live(installation, world, seed, len(found) + 1, _say))
        scheduler.end_orphans(installation)
    return found


def _code(histories: list[History]) -> int:
    return 1 if any(h.problems for h in histories) else 0


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
