"""Made-up Chinese reviews."""

from __future__ import annotations

import random
from datetime import timedelta

import numpy as np

from include.models.sentiment import Labelled
from tests.unit.include.models.reviews import FIRST

PRAISE = ("质量很好", "我非常喜欢", "值得推荐", "做工精细", "送货很快", "孩子爱看")
BLAME = ("质量很差", "我很失望", "不值得买", "做工粗糙", "送货太慢", "已经退货")
FILL = ("这本杂志", "上个月买的", "包装是纸盒", "在网上下的单", "给家人用", "一共两期")


def chinese_reviews(n: int, seed: int = 1) -> Labelled:
    """One in twenty says the opposite of what its author feels. Without vectors."""
    chance = random.Random(seed)
    texts, positive = [], []
    for row in range(n):
        pleased = chance.random() < 0.7
        said = pleased if chance.random() > 0.05 else not pleased
        parts = [*chance.sample(FILL, 2), *chance.sample(PRAISE if said else BLAME, 2), f"订单{row}"]
        chance.shuffle(parts)
        texts.append("，".join(parts) + "。")
        positive.append(pleased)
    return Labelled(tuple(texts), np.zeros((n, 0), dtype=np.float32), np.array(positive),
                    tuple(FIRST + timedelta(days=i // 3) for i in range(n)), tuple(f"u{i % 50}" for i in range(n)))  # fmt: skip
