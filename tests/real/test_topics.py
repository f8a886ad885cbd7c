"""Topics and categories of magazine reviews: learned through 2016, and again from all of them."""

from __future__ import annotations

from datetime import date

import pytest

from include.models.registry import Registry
from include.models.train_topics import newest_day, train_topics
from include.settings import ROOT, Settings

DATA = ROOT.parent / "shared" / "data"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (DATA / "rees46_sample").is_dir(), reason="the real data is not in ../shared/data"),
]


def test_topics_are_stable_and_categories_are_told_better_than_by_the_largest(settings: Settings):
    first = train_topics(settings, date(2016, 12, 31))
    again = train_topics(settings, newest_day(settings))
    registry = Registry.topics(settings.models)
    for came in (first, again):
        of = came.figures["amazon_magazines"]
        clusters = registry.load(came.version).sources["amazon_magazines"].clusters
        assert clusters
        print(came.decision, *(f"{t.id} {t.name}" for t in clusters.topics), sep="\n  ")
        print({name: round(value, 3) for name, value in of.items()})
        assert of["stability"] >= 0.5
    assert "categories" not in first.figures["amazon_magazines"]  # no threshold lets four of five answers be right
    assert again.figures["amazon_magazines"]["gain_low"] > 0
    assert again.figures["amazon_magazines"]["right"] > 0.6
    assert again.figures["amazon_magazines"]["topics_kept"] > 0
