"""A source of texts and nothing else, and a lake that its applications are run on one by one."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from include.lake.open import open_dataset
from include.models.registry import Registry
from include.plan import Plan
from include.text.encoder import find_encoder
from tests.lakes import Lake
from tests.models import register, word_model
from tests.protocol.shop import jsonl

if TYPE_CHECKING:
    from jobs.application import Result

DESCRIPTION = """
source: letters
about: Reviews of magazines
licence: none
history: {first: 2024-01-01}
feeds:
  texts:
    path: letters/{day}.jsonl
    format: jsonl
    delivery: changes
    order: version
    columns: {id: string, version: int, user: string, text: string, item: string, at: timestamp, language: string}
    map: {text_id: id, user_id: user, kind: "'review'", text: text, item_id: item, happened_at: at, language: language}
"""


def review(number: int, user: str, text: str, day: int = 1, version: int = 1) -> dict[str, object]:
    return {"id": str(number), "version": version, "user": user, "text": text, "item": "a", "language": "en",
            "at": f"2024-01-0{day}T10:00:00"}  # fmt: skip


DAYS = {
    1: [review(1, "u1", "good magazine"), review(2, "u2", "good magazine"), review(3, "u1", "very late"),
        review(4, "u3", "😀")],
    2: [review(5, "u1", "bad", 2), review(2, "u2", "the paper is bad", 1, 2)],
}  # fmt: skip


class Letters:
    name = "letters"

    def write(self, sources: Path, data: Path) -> None:
        (sources / "letters.yaml").write_text(DESCRIPTION)
        (data / "letters").mkdir()
        for day, records in DAYS.items():
            (data / "letters" / f"2024-01-0{day}.jsonl").write_text(jsonl(*records))


class TextLake(Lake):
    def run(self, application: str, day: date, **options: Any) -> Result:
        plan = Plan(day, day + timedelta(days=1), self.names)
        job = import_module(f"jobs.{application}")
        result: Result = job.run(plan, "run", settings=self.settings, spark=self.spark, **options)
        return result

    def all(self, day: date, *applications: str) -> None:
        for application in applications:
            assert self.run(application, day).passed

    def with_encoder(self, folder: Path) -> None:
        self.settings = self.settings.model_copy(update={"encoder": str(folder)})

    def with_champion(self, through: date) -> str:
        """A model of three words becomes the champion; what the lake calls it."""
        registry = Registry.sentiment(self.settings.models)
        number = register(registry, word_model(find_encoder(self.settings.encoder).space), through)
        return next(v.name for v in registry.versions() if v.number == number)

    def vectors(self) -> dict[str, np.ndarray]:
        """Text hash to vector, of the encoder's own space."""
        space = find_encoder(self.settings.encoder).space
        rows = open_dataset(self.settings, "silver.text_vectors").to_table().to_pylist()
        mine = [r for r in rows if r["space"] == space]
        assert len(mine) == len({r["text_hash"] for r in mine})
        return {r["text_hash"]: np.array(r["vector"]) for r in mine if r["status"] == "value"}

    def users(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = open_dataset(self.settings, "gold.user_vectors").to_table().to_pylist()
        return sorted(found, key=lambda row: -row["texts"])
