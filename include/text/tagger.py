"""Tells of each word of an English text whether it is in an entity, and whether in something praised or blamed.

The packaged encoder runs its layers for the vectors anyway; a state of its middle layers knows its word in the whole
text already, so that looking at the words beside it is enough. That encoder reads small letters only: what words
look like is told beside. How it was trained is in `train_tagger`.
"""

from __future__ import annotations

import torch
from torch import nn

from include.text.looks import KINDS_OF_LOOKS
from include.text.tags import ASPECT_TAGS, ENTITY_TAGS

_WIDTH, _LOOK, _DEPTH = 256, 64, 2


class Tagger(nn.Module):
    """`width` of the encoder's states. Texts are laid out in one row, a place of nothing between them: no padding."""

    def __init__(self, width: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.look = nn.Embedding(KINDS_OF_LOOKS, _LOOK)
        nn.init.normal_(self.look.weight, std=0.1)
        self.begin = nn.Linear(width + _LOOK, _WIDTH)
        self.near = nn.ModuleList(nn.Linear(3 * _WIDTH, _WIDTH) for _ in range(_DEPTH))
        self.norms = nn.ModuleList(nn.LayerNorm(_WIDTH) for _ in range(_DEPTH + 1))
        self.entity = nn.Linear(_WIDTH + _LOOK, len(ENTITY_TAGS))
        self.aspect = nn.Linear(_WIDTH + _LOOK, len(ASPECT_TAGS))
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, states: torch.Tensor, looks: torch.Tensor, is_word: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Log probabilities [places, ENTITY_TAGS] and [places, ASPECT_TAGS], of the states of words' first pieces
        [places, width], how they look [places], and which places have a word [places]."""
        real = is_word[:, None].to(states.dtype)
        look = self.look(looks)
        words = self.norms[0](self.begin(torch.cat([self.dropout(states), look], dim=-1))) * real
        for near, norm in zip(self.near, self.norms[1:], strict=True):
            beside = nn.functional.pad(words, (0, 0, 1, 1))
            three = torch.cat([beside[:-2], words, beside[2:]], dim=-1)
            words = norm(words + self.dropout(nn.functional.gelu(near(three)))) * real
        known = torch.cat([self.dropout(words), look], dim=-1)
        return self.entity(known).float().log_softmax(dim=-1), self.aspect(known).float().log_softmax(dim=-1)
