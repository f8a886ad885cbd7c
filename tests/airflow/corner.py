"""A source of two days with a bit of everything: good rows, a correction, a late row, dirt. No run of it is heavy."""

from __future__ import annotations

import json
from pathlib import Path

DESCRIPTION = """
source: corner
about: a corner shop
licence: none
time_zone: UTC
history: {first: 2024-01-01}
feeds:
  events:
    path: corner/events-{day}.jsonl
    format: jsonl
    columns: {id: string, at: timestamp, user: string, kind: string, item: string, n: int, price: string, v: int}
    delivery: changes
    order: v
    map:
      event_id: id
      user_id: user
      kind: kind
      item_id: item
      quantity: n
      unit_price: try_cast(price AS decimal(18,4))
      currency: "'EUR'"
      happened_at: at
  users:
    path: corner/users-{day}.csv
    format: csv
    columns: {user: string, country: string}
    delivery: changes
    order: user
    map: {user_id: user, country: country}
"""
EVENTS = {
    "2024-01-01": """
        e1 | 2024-01-01T09:00:00 | ann | view     | tea | - | -    | 1
        e2 | 2024-01-01T09:05:00 | ann | purchase | tea | 2 | 3.50 | 1
        e3 | 2024-01-01T10:00:00 | bob | view     | cup | - | -    | 1
    """,
    "2024-01-02": """
        e4 | 2024-01-02T08:00:00 | ann | purchase | cup | 1 | 9    | 1
        e5 | 2024-01-02T08:10:00 | cid | view     | tea | - | -    | 1
        e6 | 2024-01-02T08:11:00 | cid | teleport | tea | - | -    | 1
        e7 | 2024-01-02T08:12:00 | cid | purchase | tea | 1 | 0    | 1
        e8 | 2024-01-01T23:00:00 | bob | cart     | cup | 1 | -    | 1
        e2 | 2024-01-01T09:05:00 | ann | purchase | tea | 3 | 3.50 | 2
    """,
}
USERS = {"2024-01-01": "user,country\nann,AT\nbob,DE\n", "2024-01-02": "user,country\ncid,CH\n"}


def write(sources: Path, data: Path) -> None:
    """The description and the files of both days. A run only sees those of its days."""
    (sources / "corner.yaml").write_text(DESCRIPTION)
    (data / "corner").mkdir()
    for day, table in EVENTS.items():
        rows = [_record(line) for line in table.strip().splitlines()]
        (data / "corner" / f"events-{day}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for day, text in USERS.items():
        (data / "corner" / f"users-{day}.csv").write_text(text)


def _record(line: str) -> dict[str, str | int | None]:
    cells = [None if cell.strip() == "-" else cell.strip() for cell in line.split("|")]
    names = ("id", "at", "user", "kind", "item", "n", "price", "v")
    return {name: int(cell) if cell and name in ("n", "v") else cell for name, cell in zip(names, cells, strict=True)}
