"""Made-up reviews whose words tell what their author thinks, most of the time."""

from __future__ import annotations

import random
from datetime import date, timedelta

import numpy as np

from include.models.sentiment import Labelled

GOOD, BAD = ("great", "lovely", "useful"), ("late", "torn", "dull")
FILL = ("the", "magazine", "came", "with", "paper", "and", "pictures", "every", "month")
FIRST = date(2010, 1, 1)


def reviews(n: int, seed: int = 1, noise: float = 0.1, told: bool = True) -> Labelled:
    """`told`: words say it; the vectors always do, a little."""
    chance = random.Random(seed)
    texts, positive = [], []
    for _ in range(n):
        pleased = chance.random() < 0.7
        said = pleased if chance.random() > noise else not pleased
        words = chance.choices(FILL, k=8) + (chance.choices(GOOD if said else BAD, k=2) if told else [])
        chance.shuffle(words)
        texts.append(" ".join(words))
        positive.append(pleased)
    truth = np.array(positive)
    vectors = np.random.default_rng(seed).normal(size=(n, 4)).astype(np.float32)
    vectors[:, 0] += np.where(truth, 0.5, -0.5)
    days = tuple(FIRST + timedelta(days=i // 3) for i in range(n))
    return Labelled(tuple(texts), vectors, truth, days, tuple(f"u{i % 50}" for i in range(n)))
