"""What stands beside a user's latest profile: interests, and what a language model says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from include.query import Lake
from include.show.values import percent, text

_BEGINNING = 100  # characters of a text
_INTERESTS = """
select kind, interest, score, texts, events, last_on, evidence from gold.user_interests
where source = ? and user_key = ? order by score desc, interest_id
"""
# Of this user alone: others may have written the same words. Undated ones tell of no interest.
_TEXTS = """
select text_hash, kind, day, text_key, left(text, ?) as words from silver.texts
where source = ? and user_key = ? and list_contains(?, text_hash) and known_to is null and precision != 'none'
order by day desc, text_key
"""
_PORTRAIT = """
select status, model, portrait, interests, preferences from gold.user_portraits where source = ? and user_key = ?
"""
_PARTS = ("portrait", "interests", "preferences")


@dataclass(frozen=True)
class Said:
    """A text of the user's that tells of an interest: `words` are its beginning."""

    kind: str
    day: date
    text_key: str
    words: str

    @property
    def line(self) -> str:
        """In one line, for people."""
        return f"{self.day}  {text(self.words)}"


@dataclass(frozen=True)
class Interest:
    """A category or topic: `score` is its share of all that tells of interests, `texts` and `events` tell of it. `said`
    is the newest of the texts that weigh most; None where none stands."""

    kind: str
    interest: str
    score: float
    texts: int
    events: int
    last_on: date
    said: Said | None = None

    @property
    def line(self) -> str:
        """What it rests on, for people."""
        return f"{percent(self.score)} ({self.texts:,} texts, {self.events:,} things done, last on {self.last_on})"


@dataclass(frozen=True)
class InWords:
    """What a language model says: (part, claim, ids of the evidence that it cites). Claims that their evidence does not
    bear out are not among them."""

    model: str
    claims: list[tuple[str, str, list[str]]]


def find_interests(lake: Lake, user: tuple[str, str]) -> list[Interest]:
    """Of a `user` (source, user_key), the strongest first."""
    rows = lake.rows(_INTERESTS, user)
    texts = _texts(lake, user, sorted({text_hash for row in rows for text_hash in row["evidence"]}))
    return [_interest(row, texts) for row in rows]


def find_words(lake: Lake, user: tuple[str, str]) -> InWords | None:
    """Of a `user`; None where no claim is left, or nobody asked."""
    for row in lake.rows(_PORTRAIT, user):
        if row["status"] == "value":
            return InWords(row["model"], [(part, *_claim(claim)) for part in _PARTS for claim in row[part]])
    return None


def _texts(lake: Lake, user: tuple[str, str], hashes: list[str]) -> list[tuple[str, Said]]:
    """(text_hash, text) of a `user`, the newest first."""
    if not hashes:
        return []
    return [(row.pop("text_hash"), Said(**row)) for row in lake.rows(_TEXTS, [_BEGINNING, *user, hashes])]


def _interest(row: dict[str, Any], texts: Sequence[tuple[str, Said]]) -> Interest:
    evidence = row.pop("evidence")
    # A copy of a later day than the interest's last is not what tells of it.
    newest = (said for text_hash, said in texts if text_hash in evidence and said.day <= row["last_on"])
    return Interest(**row, said=next(newest, None))


def _claim(claim: dict[str, Any]) -> tuple[str, list[str]]:
    return claim["text"], list(claim["evidence"])
