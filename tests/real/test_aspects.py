"""What the shipped weights say is praised and blamed, against what people labelled in reviews of products that these never
saw; and beside it what one gets by looking up words."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

import pytest

from include.score.entities import product_reviews
from include.score.marks import aspects as score
from include.settings import ROOT
from include.text.corpora import Span
from include.text.product_reviews import FILE, HELD_OUT, PRODUCTS, Opinion, read_products
from include.text.tags import name_of_aspect

DATA = ROOT.parent / "shared" / "data"
FOLDER = DATA / "sentiment_gold"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (FOLDER / FILE).is_file(), reason="the real data is not in ../shared/data"),
]
_WORD = re.compile(r"\w+(?:['’]\w+)*")


def test_held_out_products():
    figures = product_reviews(DATA)
    sentences = read_products(FOLDER, HELD_OUT).sentences
    plain = score(looked_up(read_products(FOLDER, PRODUCTS).sentences, sentences), sentences)
    by_product = {name: product_reviews(DATA, [name]) for name in HELD_OUT}
    print(figures, by_product, "words looked up:", plain, sep="\n")
    assert figures["f1"] > max(0.38, plain["f1"] + 0.05)
    assert figures["precision"] > 0.55
    assert figures["polarity"] > 0.9


def looked_up(known: Sequence[Opinion], asked: Sequence[Opinion]) -> list[frozenset[Span]]:
    """Names labelled twice in the `known`, longest first, with the polarity of the words within five of them: the sum of
    how much likelier each is beside what is praised than beside what is blamed (log odds, one added). Nothing at zero."""
    named, beside = Counter[str](), {"praised": Counter[str](), "blamed": Counter[str]()}
    for s in known:
        for start, end, kind in s.aspects:
            named[name_of_aspect(s.text[start:end])] += 1
            beside[kind].update(_near(s.text, start, end))
    names = {name for name, n in named.items() if n >= 2}
    all_of = {kind: math.log(counts.total() + len(counts)) for kind, counts in beside.items()}

    def weight(word: str) -> float:
        praised, blamed = (math.log(beside[kind][word] + 1) - all_of[kind] for kind in ("praised", "blamed"))
        return praised - blamed if beside["praised"][word] + beside["blamed"][word] >= 3 else 0.0

    found = []
    for s in asked:
        mine: set[Span] = set()
        places = [match.span() for match in _WORD.finditer(s.text)]
        spans = [(places[a][0], places[b][1]) for a in range(len(places)) for b in range(a, min(a + 4, len(places)))]
        for start, end in sorted(spans, key=lambda span: span[0] - span[1]):
            taken = any(a < end and start < b for a, b, _ in mine)
            if not taken and name_of_aspect(s.text[start:end]) in names:
                said = sum(map(weight, _near(s.text, start, end)))
                if abs(said) > 0.5:
                    mine.add((start, end, "praised" if said > 0 else "blamed"))
        found.append(frozenset(mine))
    return found


def _near(text: str, start: int, end: int) -> list[str]:
    before = [word.casefold() for word in _WORD.findall(text[:start])][-5:]
    return before + [word.casefold() for word in _WORD.findall(text[end:])][:5]
