"""What stands beside a user's latest profile: interests, and what a language model says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from include.query import Lake

_INTERESTS = """
select kind, interest, score, texts, events, last_on from gold.user_interests
where source = ? and user_key = ? order by score desc, interest_id
"""
_PORTRAIT = """
select status, model, portrait, interests, preferences from gold.user_portraits where source = ? and user_key = ?
"""
_PARTS = ("portrait", "interests", "preferences")


@dataclass(frozen=True)
class Interest:
    """A category or topic: `score` is its share of all that tells of interests, `texts` and `events` tell of it."""

    kind: str
    interest: str
    score: float
    texts: int
    events: int
    last_on: date

    @property
    def line(self) -> str:
        """What it rests on, for people."""
        return f"{self.score:.0%} ({self.texts:,} texts, {self.events:,} things done, last on {self.last_on})"


@dataclass(frozen=True)
class InWords:
    """What a language model says: (part, claim, ids of the evidence that it cites). Claims that their evidence does not
    bear out are not among them."""

    model: str
    claims: list[tuple[str, str, list[str]]]


def find_interests(lake: Lake, user: tuple[str, str]) -> list[Interest]:
    """Of a `user` (source, user_key), the strongest first."""
    return [Interest(**row) for row in lake.rows(_INTERESTS, user)]


def find_words(lake: Lake, user: tuple[str, str]) -> InWords | None:
    """Of a `user`; None where no claim is left, or nobody asked."""
    for row in lake.rows(_PORTRAIT, user):
        if row["status"] == "value":
            return InWords(row["model"], [(part, *_claim(claim)) for part in _PARTS for claim in row[part]])
    return None


def _claim(claim: dict[str, Any]) -> tuple[str, list[str]]:
    return claim["text"], list(claim["evidence"])
