"""What the finder of entities is told of a text's pieces beside the encoder's states, which know small letters only."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from include.text.words import SHAPES, Words, words

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Encoding

_IS_CAPITALS = np.isin(SHAPES, ("capitals", "initial", "capitalised"))
_IS_LETTERS = _IS_CAPITALS | np.isin(SHAPES, ("small", "mixed"))
_MARK = SHAPES.index("mark")
KINDS_OF_LOOKS = 1 + len(SHAPES) * 3 * 2 * 2


@dataclass(frozen=True)
class Looks:
    """Of a tokenised `text`: how each piece looks [pieces], and the words whose first piece is at `firsts` [words]."""

    text: str
    pieces: NDArray[np.int64]
    firsts: NDArray[np.intp]
    words: Words


def looks(text: str, encoding: Encoding) -> Looks:
    """A piece looks like its word, in a text with few, some or many capitals; first piece or not, at the
    beginning or after a mark or not. Words beyond the encoder's longest text have no piece."""
    found = words(text)
    pieces = np.zeros(len(encoding.ids), dtype=np.int64)
    offsets = np.fromiter(chain.from_iterable(encoding.offsets), np.int64, 2 * len(pieces)).reshape(-1, 2)
    read = np.flatnonzero(offsets[:, 0] < offsets[:, 1])  # special ones are no characters long
    starts = offsets[read, 0]
    word = np.maximum.accumulate(found.starts.searchsorted(starts, side="right") - 1)
    inside = (word >= 0) & (starts < found.ends[word]) if len(found.starts) else np.zeros(len(read), bool)
    is_first = np.diff(word, prepend=-1) != 0
    read, word, is_first = read[inside], word[inside], is_first[inside]
    begins = (word == 0) | (found.shapes[word - 1] == _MARK)
    pieces[read] = 1 + ((found.shapes[word] * 3 + _shouting(found.shapes)) * 2 + is_first) * 2 + begins
    kept = word[is_first]
    return Looks(text, pieces, read[is_first], Words(*(of_words[kept] for of_words in found)))


def _shouting(shapes: NDArray[np.int64]) -> int:
    """Whether few, some or many of the words have capitals."""
    share = _IS_CAPITALS[shapes].sum() / max(1, int(_IS_LETTERS[shapes].sum()))
    return 0 if share < 0.3 else 1 if share < 0.7 else 2
