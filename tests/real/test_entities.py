"""Entities found by the shipped weights, against what people labelled in sentences that these never saw."""

from __future__ import annotations

import pytest

from include.score.entities import wnut17_dev
from include.settings import ROOT
from include.text.corpora import DEV

DATA = ROOT.parent / "shared" / "data"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (DATA / "ner_gold" / DEV).is_file(), reason="the real data is not in ../shared/data"),
]


def test_wnut17():
    figures = wnut17_dev(DATA)
    print(figures)
    assert figures["f1"] >= 0.6
    assert min(figures["precision"], figures["recall"]) > 0.5
