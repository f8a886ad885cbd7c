"""How hard the shop is to read. Nothing here is known to what reads it."""

from __future__ import annotations

from dataclasses import dataclass

from include.errors import BadInput


@dataclass(frozen=True)
class Difficulty:
    """Shares of one, unless said otherwise.

    favourite, second, third: of a person's looks, what goes to the three things he likes; the rest is browsing ·
    drifting, moving: people whose likes change slowly, and at once · households: people who share a home ·
    loyal: people with a brand of their own · wrong_stars: reviews whose stars do not say what their words say ·
    tangled: sentences that say it with a negation · bots: of all accounts · human_like: of the bots ·
    dirt: records of no use, for each good one
    """

    favourite: float
    second: float
    third: float
    drifting: float
    moving: float
    households: float
    loyal: float
    wrong_stars: float
    tangled: float
    bots: float
    human_like: float
    dirt: float


DIFFICULTIES = {
    "easy": Difficulty(0.65, 0.15, 0.05, 0.0, 0.0, 0.1, 0.4, 0.0, 0.0, 0.02, 0.0, 0.005),
    "middle": Difficulty(0.55, 0.15, 0.10, 0.05, 0.03, 0.2, 0.3, 0.05, 0.1, 0.02, 0.1, 0.01),
    "hard": Difficulty(0.40, 0.25, 0.10, 0.15, 0.10, 0.3, 0.2, 0.15, 0.3, 0.03, 0.4, 0.03),
}


def difficulty(name: str) -> Difficulty:
    if name not in DIFFICULTIES:
        raise BadInput(f"shop: there is no difficulty {name!r}; there are {', '.join(DIFFICULTIES)}")
    return DIFFICULTIES[name]
