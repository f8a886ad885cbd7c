"""The most memory that each service had, looked at every few seconds."""

from __future__ import annotations

import json
import subprocess
from threading import Event, Thread
from typing import Self

from include.setup.stack import Stack

_EVERY_SECONDS = 5
_UNITS = {"B": 1.0, "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30}


class Watch:
    """Looks while it is open. Page cache does not count: Docker leaves it out."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._most: dict[str, float] = {}
        self._sum = 0.0
        self._done = Event()
        self._error: Exception | None = None
        self._thread = Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        if self._error:
            raise self._error

    def peaks(self) -> dict[str, float]:
        """GiB by service, and of all at one moment."""
        return {name: round(n, 2) for name, n in sorted(self._most.items())} | {"all at once": round(self._sum, 2)}

    def _look(self) -> None:
        try:
            self._look_on()
        except Exception as error:  # a peak of half the time would be told as one of all of it
            self._error = error

    def _look_on(self) -> None:
        while not self._done.wait(_EVERY_SECONDS):
            services = {c["Id"][:12]: c["service"] for c in self._stack.containers()}
            answer = subprocess.run(["docker", "stats", "--no-stream", "--format", "{{json .}}"],
                                    capture_output=True, text=True).stdout  # fmt: skip
            now = {}
            for row in map(json.loads, answer.splitlines()):
                if (service := services.get(row["ID"][:12])) and not row["MemUsage"].startswith("--"):  # it is ending
                    now[service] = _gib(row["MemUsage"].split("/")[0].strip())
            self._sum = max(self._sum, sum(now.values()))
            self._most |= {name: max(gib, self._most.get(name, 0.0)) for name, gib in now.items()}


def _gib(text: str) -> float:
    """`1.5GiB` or `300MiB`, as Docker writes it."""
    unit = next(u for u in ("GiB", "MiB", "KiB", "B") if text.endswith(u))
    return float(text.removesuffix(unit)) * _UNITS[unit] / 2**30
