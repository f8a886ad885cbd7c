"""What the finder of entities is told of a text's pieces beside the encoder's states, which know small letters only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from include.text.words import SHAPES, Word, words

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Encoding

_CAPITALS = {SHAPES.index(name) for name in ("capitals", "initial", "capitalised")}
_LETTERS = _CAPITALS | {SHAPES.index(name) for name in ("small", "mixed")}
_MARK = SHAPES.index("mark")
KINDS_OF_LOOKS = 1 + len(SHAPES) * 3 * 2 * 2


@dataclass(frozen=True)
class Looks:
    """Of a tokenised text: how each piece looks [pieces], and the words whose first piece is at `firsts` [words]."""

    pieces: NDArray[np.int64]
    firsts: NDArray[np.intp]
    words: list[Word]


def looks(text: str, encoding: Encoding) -> Looks:
    """A piece looks like its word, in a text with few, some or many capitals; first piece or not, at the
    beginning or after a mark or not. Words beyond the encoder's longest text have no piece."""
    found = words(text)
    written = [w for w in found if w.shape in _LETTERS]
    share = sum(w.shape in _CAPITALS for w in written) / max(1, len(written))
    shouting = 0 if share < 0.3 else 1 if share < 0.7 else 2
    pieces = np.zeros(len(encoding.ids), dtype=np.int64)
    firsts: list[int] = []
    kept: list[Word] = []
    at = -1  # the word that the last piece was in
    for piece, ((start, end), special) in enumerate(zip(encoding.offsets, encoding.special_tokens_mask, strict=True)):
        if special or start == end:
            continue
        before = at
        while at + 1 < len(found) and found[at + 1].start <= start:
            at += 1
        if at < 0 or start >= found[at].end:
            continue
        if at != before:
            firsts.append(piece)
            kept.append(found[at])
        begins = at == 0 or found[at - 1].shape == _MARK
        pieces[piece] = 1 + ((found[at].shape * 3 + shouting) * 2 + (at != before)) * 2 + begins
    return Looks(pieces, np.array(firsts, dtype=np.intp), kept)
