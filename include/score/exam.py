"""One exam: a shop is made, the platform builds it as it would any source, and the marks are read off its tables.

The seed is drawn when it begins, so that nothing can have been fitted to it. The first three quarters of the days are
built, the models are trained on them, and the rest is built with them: they are asked about what they have not seen.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from include.errors import PortraitError
from include.privacy import make_key, pseudonym, read_key
from include.query import Lake
from include.score.marks import Place, bots, rejected_is_dirt, top_interest
from include.score.readings import readings
from include.score.truth import SOURCE, truth_of
from include.settings import ROOT, Settings
from include.shop import LAST_DAY, Truth, generate
from include.tables.columns import FEEDS

FOLDER = ROOT / "build" / "score"
RESULTS = ROOT / "build" / "score.json"
_USERS, _ITEMS, _DAYS, _PAST = 2000, 300, 60, 45
Say = Callable[[str], None]


@dataclass(frozen=True)
class Mark:
    """One figure. `bound`: what it has to reach; none where nothing was promised."""

    name: str
    difficulty: str
    seed: int
    value: float | None
    bound: float | None

    @property
    def is_met(self) -> bool:
        return self.bound is None or (self.value is not None and self.value >= self.bound)


# Promised for `middle`; dirt is dirt at any difficulty.
_BOUNDS = {("shop_top_interest", "middle"): 0.8, ("shop_bot_precision", "middle"): 0.9,
           ("shop_bot_recall", "middle"): 0.9, ("shop_rejected_is_dirt", None): 1.0,
           ("wnut17_dev_f1", None): 0.5, ("shop_entity_f1", "middle"): 0.9}  # fmt: skip


def examine(difficulty: str, seed: int | None, say: Say) -> list[Mark]:
    """Make, build, compare. PortraitError if the platform cannot build it."""
    seed = secrets.randbelow(10**6) if seed is None else seed
    folder = FOLDER / difficulty
    shutil.rmtree(folder, ignore_errors=True)
    say(f"{difficulty}: seed {seed}, {_USERS:,} users, {_DAYS} days")
    truth = generate(folder / "data" / SOURCE, seed, _USERS, _ITEMS, _DAYS, difficulty)
    settings = Settings(lake=folder / "lake", data=folder / "data", key_file=folder / "key", sources="", traits="")
    _build(settings, truth, say)
    marks = (_interests, _bots, _rejected, readings)
    found = {name: value for mark in marks for name, value in mark(settings).items()}
    return [_mark(name, difficulty, seed, value) for name, value in found.items()]


def write(marks: list[Mark]) -> Path:
    """build/score.json: the newest marks of each difficulty."""
    levels = {mark.difficulty for mark in marks}
    kept = [m for m in (json.loads(RESULTS.read_text()) if RESULTS.exists() else []) if m["difficulty"] not in levels]
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps([*kept, *map(asdict, marks)], indent=1) + "\n")
    return RESULTS


def _mark(name: str, difficulty: str, seed: int, value: float) -> Mark:
    bound = _BOUNDS.get((name, difficulty), _BOUNDS.get((name, None)))
    return Mark(name, difficulty, seed, None if value != value else round(value, 4), bound)


def _build(settings: Settings, truth: Truth, say: Say) -> None:
    """As anybody would, by the commands."""
    middle, end = truth.first + timedelta(days=_PAST), LAST_DAY + timedelta(days=1)
    environment = os.environ | {
        "PORTRAIT_LAKE": str(settings.lake), "PORTRAIT_DATA": str(settings.data), "PORTRAIT_SOURCES": "",
        "PORTRAIT_TRAITS": "", "PORTRAIT_KEY_FILE": str(settings.key_file),
    }  # fmt: skip
    for name in ("MLFLOW_TRACKING_URI", "PORTRAIT_LLM_URL", "PORTRAIT_LLM_MODEL", "PORTRAIT_LLM_KEY_FILE"):
        environment.pop(name, None)  # the models of an exam belong to its lake, and nobody is portrayed for it
    make_key(settings.key_file)
    portrait = str(Path(sys.executable).with_name("portrait"))
    for what, arguments in (
        (f"build {_PAST} days", ["build", "--start", str(truth.first), "--end", str(middle), "--source", SOURCE]),
        ("train", ["models", "train"]),
        (f"build {_DAYS - _PAST} days", ["build", "--start", str(middle), "--end", str(end), "--source", SOURCE]),
    ):
        say(f"  {what}")
        _run([portrait, *arguments], environment)


def _run(command: list[str], environment: Mapping[str, str]) -> None:
    answer = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    if answer.returncode != 0:
        said = [line for line in answer.stderr.splitlines() if line.strip()] or ["no word"]
        raise PortraitError(f"score: {' '.join(command[1:3])} ended with {answer.returncode}: {said[-1][:300]}")


def _interests(settings: Settings) -> dict[str, float]:
    rows = Lake(settings).rows(
        "select p.user_key, p.interest_categories[1].value as category, e.n from gold.user_profiles p join "
        "(select user_key, count(*) n from silver.events where known_to is null group by all) e using (user_key)"
    )
    key = read_key(settings.key_file)
    leaf = {pseudonym(key, "user", SOURCE, str(t["user_id"])): str(t["interest"]).rpartition(" > ")[2]
            for t in truth_of(settings, "accounts") if t["interest"]}  # fmt: skip
    found = {str(r["user_key"]): str(r["category"]) for r in rows}
    return {"shop_top_interest": top_interest(found, leaf, {str(r["user_key"]): int(r["n"]) for r in rows})}


def _bots(settings: Settings) -> dict[str, float]:
    """Over the days that were held against limits."""
    lake = Lake(settings)
    suspects = lake.rows("select distinct user_key from silver.user_days where limits_broken is not null")
    judged = lake.rows("select distinct day from silver.user_days where model_version is not null")
    days = {str(r["day"]) for r in judged}
    key = read_key(settings.key_file)
    busy_on = {pseudonym(key, "user", SOURCE, str(t["user_id"])): t["busy_on"]
               for t in truth_of(settings, "accounts") if t["bot"]}  # fmt: skip
    busy = {bot for bot, on in busy_on.items() if days.intersection(on)}
    found = bots({str(r["user_key"]) for r in suspects}, busy, set(busy_on))
    return {"shop_bot_precision": found.precision, "shop_bot_recall": found.recall}


def _rejected(settings: Settings) -> dict[str, float]:
    rejected = [
        Place(str(r["file"]).removeprefix(f"{SOURCE}/"), int(r["position"]))
        for feed in FEEDS
        for r in Lake(settings).rows(f"select file, position from silver.{feed}__rejected")  # noqa: S608 declared names
    ]
    dirt = [Place(str(t["file"]), int(t["position"])) for t in truth_of(settings, "dirt")]
    return {"shop_rejected_is_dirt": rejected_is_dirt(rejected, dirt)}
