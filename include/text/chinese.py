"""Chinese text as words: there are no spaces between them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jieba import Tokenizer


def words(text: str) -> list[str]:
    """The words of a text in their order, by a dictionary and, where it has none, a hidden Markov model (jieba). What
    has no letter or digit is left out."""
    return [word for word in _segmenter().cut(text) if any(c.isalnum() for c in word)]


@cache
def _segmenter() -> Tokenizer:
    """Once a process, a second. Not by jieba's own way, which would trust a cache in a folder that all can write to."""
    from jieba import Tokenizer

    found = Tokenizer()
    found.FREQ, found.total = found.gen_pfdict(found.get_dict_file())
    found.initialized = True
    return found
