"""Words, and what is left of them."""

import pytest

from include.portraits.stems import stem, words


@pytest.mark.parametrize("alike", ["battery batteries", "price prices pricing priced", "glass glasses", "run runs running",
                                   "like likes liked", "puzzle puzzles puzzling", "day days", "buyer buyer's"])  # fmt: skip
def test_forms_of_a_word_have_one_stem(alike: str):
    assert len({stem(word) for word in alike.split()}) == 1


@pytest.mark.parametrize(
    "different", ["price prize", "string stringent", "not note", "was wash", "bus but", "king kin", "red read"]
)
def test_other_words_have_another(different: str):
    assert len({stem(word) for word in different.split()}) == 2


def test_words_are_told_apart_in_other_scripts_and_spellings():
    assert words("Doesn’t won't: ＫＩＮＤＬＥ 电池, e-reader's_life") == [
        "does", "not", "wo", "not", "kindle", "电", "池", "e", "reader's", "life",
    ]  # fmt: skip
