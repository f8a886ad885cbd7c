"""The finder of entities beside a running encoder: it listens to a middle layer, and goes on from there."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch

from include.text.entities import Weights
from include.text.looks import Looks
from include.text.padding import padded
from include.text.tagger import Tagger
from include.text.tags import Entity, entities

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Finder:
    """`find` is asked after a pass of the `transformer`, and speaks of the texts of that pass. For one thread."""

    def __init__(self, transformer: Any, weights: Weights) -> None:
        from safetensors.torch import load_file

        layers = transformer.encoder.layer
        tagger = Tagger(copy.deepcopy(layers[weights.lower :]), transformer.config.hidden_size)
        tagger.load_state_dict(load_file(weights.file))
        self._tagger = tagger.to(device=transformer.device, dtype=transformer.dtype).eval()
        self._states = torch.empty(0)
        layers[weights.lower - 1].register_forward_hook(self._listen)

    def _listen(self, _layer: Any, _given: Any, out: Any) -> None:
        self._states = out[0] if isinstance(out, tuple) else out

    def find(self, seen: Sequence[Looks | None]) -> list[list[Entity] | None]:
        """The entities of each text of the pass; None where they are not looked for."""
        wanted = [(row, of_text) for row, of_text in enumerate(seen) if of_text is not None]
        found: list[list[Entity] | None] = [None] * len(seen)
        if not wanted:
            return found
        pieces, mask = padded([of_text.pieces for _, of_text in wanted])
        states = self._states[[row for row, _ in wanted], : pieces.shape[1]]
        scores = self._tagger(states, *(torch.from_numpy(a).to(states.device) for a in (pieces, mask)))
        for (row, of_text), of_pieces in zip(wanted, scores.cpu().numpy(), strict=True):
            found[row] = _in_characters(of_text, of_pieces[of_text.firsts])
        return found


def _in_characters(seen: Looks, scores: NDArray[np.float32]) -> list[Entity]:
    where = seen.words
    return [Entity(int(where.starts[t.first]), int(where.ends[t.last]), t.kind, t.confidence) for t in entities(scores)]
