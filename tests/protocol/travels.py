"""A source of reviews of hotels, whose users speak of places."""

from __future__ import annotations

from pathlib import Path

from tests.protocol.shop import ONE, jsonl

DESCRIPTION = """
source: {name}
about: Reviews of hotels
licence: none
history: {{first: 2024-01-01}}
feeds:
  texts:
    path: {name}/{{day}}.jsonl
    format: jsonl
    delivery: changes
    order: version
    columns: {{id: string, version: int, op: string, user: string, text: string, at: timestamp}}
    map: {{text_id: id, user_id: user, kind: "'review'", text: text, happened_at: at, op: op}}
"""
TEXTS = {
    "r1": ("u1", "We had a wonderful week in Paris."),
    "r2": ("u1", "The hotel in Paris was far too loud."),
    "r3": ("u1", "I stayed in Berlin for work."),
    "r4": ("u2", "My hotel in Paris was close to the station."),
    "r5": ("u2", "Breakfast in Paris is better than in London."),
}


def record(number: str, op: str | None = None, version: int = 1) -> dict[str, object]:
    user, text = TEXTS[number]
    return {"id": number, "version": version, "op": op, "user": user, "text": text, "at": "2024-01-01T10:00:00"}


class Travels:
    """What two users wrote on the first day, to a source of this name."""

    def __init__(self, name: str = "travels") -> None:
        self.name = name

    def write(self, sources: Path, data: Path) -> None:
        (sources / f"{self.name}.yaml").write_text(DESCRIPTION.format(name=self.name))
        (data / self.name).mkdir()
        (data / self.name / f"{ONE}.jsonl").write_text(jsonl(*map(record, TEXTS)))
