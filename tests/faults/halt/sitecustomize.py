"""Halts an application where a test wants it to. Python reads a file of this name when it starts, from PYTHONPATH.

PORTRAIT_FAULTS names a folder. Where its file `stop` says "ingest gated", say, the first `ingest` that comes to that
phase takes the file away, tells its process id in `reached` and waits for a file `go`. No line of the product knows.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CLAIMED, STAGED, GATED, BETWEEN, COMMITTED = "claimed", "staged", "gated", "between two commits", "committed"
_APPLICATIONS = ("portrait", "ingest.py", "understand.py", "profile.py")
Which = Callable[..., str | None]  # the application, from the arguments of what is called


def halt(application: str, phase: str) -> None:
    folder = Path(os.environ["PORTRAIT_FAULTS"])
    wanted, go = folder / "stop", folder / "go"
    try:
        if wanted.read_text() != f"{application} {phase}":
            return
        wanted.rename(folder / "taken")  # one of several threads
    except FileNotFoundError:
        return
    (folder / "writing").write_text(str(os.getpid()))
    (folder / "writing").rename(folder / "reached")
    while not go.exists():
        time.sleep(0.05)
    go.unlink()


def before(owner: Any, name: str, phase: str, which: Which) -> None:
    right = getattr(owner, name)

    def halting(*arguments: Any, **named: Any) -> Any:
        if application := which(*arguments, **named):
            halt(application, phase)
        return right(*arguments, **named)

    setattr(owner, name, halting)


def install() -> None:
    """Before the applications are imported, since these take some of the functions by their names."""
    from include import gate
    from include.lake import publish, staging, turn

    committing: set[str] = set()

    def to_commit(mine: Any, *_: Any) -> str:
        committing.add(mine.application)
        return str(mine.application)

    write = turn.Turn.write

    def halting(mine: Any, table: str, *arguments: Any) -> int:
        version = write(mine, table, *arguments)
        if mine.application in committing and not table.startswith("meta."):
            halt(mine.application, BETWEEN)
        return version

    before(staging.Staging, "__enter__", CLAIMED, lambda mine: mine._all.name)
    before(gate, "judge", STAGED, lambda _measured, pages, _run: pages.name)
    before(publish, "commit", GATED, to_commit)
    turn.Turn.write = halting  # type: ignore[method-assign]
    before(turn.Turn, "release", COMMITTED, lambda mine, **_: mine.application)


if "PORTRAIT_FAULTS" in os.environ and any(word.endswith(_APPLICATIONS) for word in sys.orig_argv):
    install()
