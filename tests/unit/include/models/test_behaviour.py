"""What anybody would expect of a reader of sentiment, and what is said where it falls short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from include.models.behaviour import Behaviour, Case, _passes, behaviours, doubt, pass_rates, texts
from include.text.language import detect

ASKED = {text: np.zeros(2, dtype=np.float32) if text else np.full(2, np.nan, dtype=np.float32)
         for text in texts(["en", "zh"])}  # fmt: skip


@dataclass(frozen=True)
class Reader:
    """It knows `bad` words; negation only if it `understands` it."""

    bad: tuple[str, ...]
    understands: bool = True

    def probability(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> NDArray[np.float64]:  # noqa: ARG002
        return np.array([0.05 if self._is_bad(text) else 0.95 for text in texts])

    def _is_bad(self, text: str) -> bool:
        negated = self.understands and (" not " in text)
        return any(word in text for word in self.bad) != negated


BAD = ("bad", "terrible", "useless", "boring")


def test_a_reader_that_understands_negation_passes_more_of_it():
    good, simple = (pass_rates({"en": Reader(BAD, understands)}, ASKED) for understands in (True, False))
    assert good["negation"] > 0.85
    assert simple["negation"] < 0.15
    assert simple["praise and blame"] == good["praise and blame"] > 0.85
    assert simple["intensifiers"] == simple["brands"] == 1


def test_what_is_misspelt_is_lost_on_a_reader_of_whole_words():
    assert pass_rates({"en": Reader(BAD)}, ASKED)["typos"] == 0.5
    assert pass_rates({"en": Reader(())}, ASKED)["typos"] == 1  # and nothing is lost on one that reads none


def test_foreign_texts_are_for_the_language_that_they_are_in():
    alone, both = (pass_rates(dict.fromkeys(codes, Reader(BAD)), ASKED) for codes in (("en",), ("en", "zh")))
    assert alone["unreadable"] == both["unreadable"] == both["zh unreadable"] == 1
    assert not [name for name in alone if name.startswith("zh")]


def test_names_of_all_behaviours_and_enough_cases_of_each():
    found = {behaviour.name: len(behaviour.cases) for behaviour in behaviours("en")}
    assert set(found) == {"praise and blame", "negation", "intensifiers", "brands", "typos", "paraphrase", "unreadable",
                          "sarcasm"}  # fmt: skip
    assert min(found.values()) >= 12
    assert [behaviour.name for behaviour in behaviours("en") if behaviour.is_known_weakness] == ["sarcasm"]
    assert behaviours("de") == ()


def test_no_case_is_asked_twice_and_all_are_in_their_language():
    for language in ("en", "zh"):
        for behaviour in behaviours(language):
            assert len(set(behaviour.cases)) == len(behaviour.cases), behaviour.name
            told = [detect(case.text).code for case in behaviour.cases]
            right = sum(code == language for code in told) / len(told)
            assert right == 0 if behaviour.name == "unreadable" else right > 0.9, (language, behaviour.name)


@pytest.mark.parametrize(
    ("expected", "now", "before", "passes"),
    [("pleased", 0.5, 0.1, True), ("pleased", 0.49, 0.1, False), ("displeased", 0.49, 0.1, True),
     ("displeased", 0.5, 0.1, False), ("as before", 0.51, 0.99, True), ("as before", 0.49, 0.55, True),
     ("as before", 0.3, 0.6, False), ("no less pleased", 0.85, 0.9, True), ("no less pleased", 0.7, 0.9, False),
     ("no more pleased", 0.15, 0.1, True), ("no more pleased", 0.3, 0.1, False), ("nothing", np.nan, 0.5, True),
     ("nothing", 0.5, 0.5, False), ("pleased", np.nan, np.nan, False), ("as before", np.nan, np.nan, False)],
)  # fmt: skip
def test_when_a_case_passes(expected: str, now: float, before: float, passes: bool):
    assert bool(_passes(expected, now, before)) is passes  # type: ignore[arg-type]


def test_much_worse_in_one_is_a_doubt_and_a_known_weakness_is_not():
    champion = {"negation": 0.5, "typos": 0.9, "sarcasm": 1.0, "unreadable": 1.0}
    assert doubt({"negation": 0.41, "typos": 0.81, "sarcasm": 0.0, "unreadable": 1.0}, champion) is None
    said = doubt({"negation": 0.35, "typos": 0.9, "sarcasm": 1.0, "unreadable": 1.0}, champion)
    assert said == "negation: 35% of the cases pass, where the champion has 50%"
    assert doubt({"negation": 0.0, "unreadable": 1.0}, {}) is None  # there is no champion to be worse than
    assert "nothing to be read" in (doubt({"zh unreadable": 0.9}, {}) or "")


def test_a_case_stands_for_itself():
    assert Behaviour("b", (Case("a", "pleased"),)).cases[0].before == ""
