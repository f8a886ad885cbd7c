"""Categories of items, learned from texts about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from include.models.fit_categories import AboutItems, learn_categories, level_of
from tests.unit.include.models.topical import FIRST, about, topical


def items(**more: object) -> AboutItems:
    texts = topical()
    oldest = sorted(range(len(texts.days)), key=lambda n: texts.days[n])
    rows = AboutItems(
        texts.vectors[oldest], *([of[n] for n in oldest] for of in (texts.paths, texts.days, texts.users))
    )  # type: ignore[arg-type]
    return replace(rows, **more)


def test_categories_are_learned_and_measured_on_later_texts():
    learned = learn_categories(items())
    assert learned
    assert (learned.categories.level, len(learned.categories.names)) == (2, 4)
    assert learned.texts == 48  # of the newest fifth of the days
    assert (learned.accuracy, learned.accuracy_majority) == (1.0, 0.25)
    assert learned.gain.low > 0
    cars = learned.categories.assign(about(3, 5, 77))[0]
    assert [learned.categories.names[n] for n in cars] == ["Shop > Cars"] * 5


def test_two_categories_are_learned_too():
    rows = items()
    two = [n for n, path in enumerate(rows.paths) if path[1] in ("Cars", "Music")]
    learned = learn_categories(AboutItems(rows.vectors[two], *([of[n] for n in two] for of in (rows.paths, rows.days, rows.users))))  # type: ignore[arg-type] # fmt: skip
    assert learned
    assert learned.categories.names == ("Shop > Cars", "Shop > Music")
    assert learned.categories.assign(np.concatenate([about(3, 3, 7), about(2, 3, 7)]))[0].tolist() == [0, 0, 0, 1, 1, 1]


def test_what_texts_do_not_tell_is_not_learned():
    rows = items()
    mixed = np.random.default_rng(3).permutation(len(rows.paths))
    assert learn_categories(replace(rows, paths=[rows.paths[n] for n in mixed])) is None


def test_the_largest_category_alone_is_no_knowledge():
    """Four of five answers are right, and no more than by always saying Cars."""
    rows = items()
    chance = np.random.default_rng(3)
    mostly = [("Shop", "Music") if n < 40 else ("Shop", "Cars") for n in chance.permutation(len(rows.paths))]
    noise = chance.normal(size=rows.vectors.shape).astype(np.float32)
    assert learn_categories(replace(rows, paths=mostly, vectors=noise)) is None


def test_the_level_is_the_first_one_that_tells_items_apart():
    paths = [("Shop", "Cars")] * 20 + [("Shop", "Music", "Loud")] * 20 + [("Shop",)] * 20
    assert level_of(paths) == 2
    assert level_of(paths[:20] + [("Blog",)] * 20) == 1
    assert level_of([("Shop", "Cars")] * 90 + [("Shop", "Music")] * 19) is None
    assert level_of([]) is None


def test_texts_of_one_day_cannot_be_parted_by_time():
    rows = items(days=[date(2019, 1, 1)] * 240)
    assert learn_categories(rows) is None


def test_few_writers_are_no_category():
    rows = items()
    alone = [{"u1"} if path[1] == "Cars" else who for path, who in zip(rows.paths, rows.users, strict=True)]
    learned = learn_categories(replace(rows, users=alone))
    assert learned
    assert "Shop > Cars" not in learned.categories.names
    assert rows.days[0] == FIRST
