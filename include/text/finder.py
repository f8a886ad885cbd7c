"""The finder of entities and aspects beside a running encoder: it listens to a middle layer, and goes on from there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from include.text.entities import Weights
from include.text.looks import Looks
from include.text.tagger import Tagger
from include.text.tags import ASPECT_TAGS, ENTITY_TAGS, Entity, Tags, name_of_aspect, name_of_entity, tagged

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Read(NamedTuple):
    """What is found in one text."""

    entities: list[Entity]
    aspects: list[Entity]


class Finder:
    """`find` is asked after a pass of the `transformer`, and speaks of the texts of that pass. For one thread."""

    def __init__(self, transformer: Any, weights: Weights) -> None:
        from safetensors.torch import load_file

        tagger = Tagger(transformer.config.hidden_size)
        tagger.load_state_dict(load_file(weights.file))
        self._tagger = tagger.to(device=transformer.device, dtype=transformer.dtype).eval()
        self._least = weights.least
        self._states = torch.empty(0)
        transformer.encoder.layer[weights.layer - 1].register_forward_hook(self._listen)

    def _listen(self, _layer: Any, _given: Any, out: Any) -> None:
        self._states = out[0] if isinstance(out, tuple) else out

    def find(self, seen: Sequence[Looks | None]) -> list[Read | None]:
        """What is in each text of the pass; None where it is not looked for."""
        wanted = [(row, of_text) for row, of_text in enumerate(seen) if of_text is not None]
        found: list[Read | None] = [None] * len(seen)
        if not wanted:
            return found
        longest, width = self._states.shape[1:]
        row = in_a_row([of_text for _, of_text in wanted], [row * longest for row, _ in wanted])
        where = self._states.device
        states = self._states.reshape(-1, width)[torch.from_numpy(row.pieces).to(where)]
        looks, is_word = (torch.from_numpy(a).to(where) for a in (row.looks, row.is_word))
        entities, aspects = (scores.cpu().numpy() for scores in self._tagger(states, looks, is_word))
        for (n, of_text), start in zip(wanted, row.starts, strict=True):
            words = slice(start, start + len(of_text.firsts))
            read = _in_characters(of_text, entities[words], ENTITY_TAGS, name_of_entity)
            opinions = _in_characters(of_text, aspects[words], ASPECT_TAGS, name_of_aspect)
            found[n] = Read(read, [aspect for aspect in opinions if aspect.confidence >= self._least])
        return found


class Row(NamedTuple):
    """Words of texts one after another, a place of nothing behind each [places]; where each text begins [texts]."""

    pieces: NDArray[np.int64]
    looks: NDArray[np.int64]
    is_word: NDArray[np.bool_]
    starts: list[int]


def in_a_row(seen: Sequence[Looks], offsets: Sequence[int]) -> Row:
    """`pieces` are the first pieces of words, counted on from the offset of their text."""
    pieces: list[NDArray[np.int64]] = []
    looks: list[NDArray[np.int64]] = []
    starts, at = [], 0
    nothing = np.array([-1])
    for of_text, offset in zip(seen, offsets, strict=True):
        pieces += [of_text.firsts + offset, nothing]
        looks += [of_text.pieces[of_text.firsts], nothing]
        starts.append(at)
        at += len(of_text.firsts) + 1
    places = np.concatenate(pieces)
    return Row(places.clip(0), np.concatenate(looks).clip(0), places >= 0, starts)


def _in_characters(seen: Looks, scores: NDArray[np.float32], tags: Tags, name: Callable[[str], str]) -> list[Entity]:
    found = []
    for word in tagged(scores, tags):
        start, end = int(seen.words.starts[word.first]), int(seen.words.ends[word.last])
        found.append(Entity(start, end, word.kind, word.confidence, name(seen.text[start:end])))
    return found
