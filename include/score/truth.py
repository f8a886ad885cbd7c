"""What is so in the simulated shop."""

from __future__ import annotations

import json
from typing import Any

from include.settings import Settings

SOURCE = "shop"


def truth_of(settings: Settings, what: str) -> list[dict[str, Any]]:
    """The rows of one file of its truth: accounts, texts or dirt."""
    file = settings.data / SOURCE / "truth" / f"{what}.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()]
