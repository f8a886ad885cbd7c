"""Finds persons, places, organisations and products in English text: upper layers of their own on the encoder's middle
ones.

The packaged encoder runs its lower layers for the vectors anyway; from their states the tagger goes on with layers that
were trained for entities, and a linear layer over each word's first piece. That encoder reads small letters only, so
what words look like is told to it by an embedding of its own. How it was trained is in `train_tagger`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from include.text.looks import KINDS_OF_LOOKS
from include.text.tags import TAGS


class Tagger(nn.Module):
    """`upper` are layers as the encoder has them."""

    def __init__(self, upper: nn.ModuleList, width: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.upper = upper
        self.look = nn.Embedding(KINDS_OF_LOOKS, width)
        nn.init.normal_(self.look.weight, std=0.02)
        self.tag = nn.Linear(2 * width, len(TAGS))
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: torch.Tensor, pieces: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Log probabilities [texts, pieces, TAGS], of the states of a middle layer [texts, pieces, width]."""
        look = self.look(pieces)
        states = states + look
        hidden = torch.zeros_like(mask, dtype=states.dtype).masked_fill(mask == 0, torch.finfo(states.dtype).min)
        for layer in self.upper:
            out: Any = layer(states, attention_mask=hidden[:, None, None, :])
            states = out[0] if isinstance(out, tuple) else out
        scores: torch.Tensor = self.tag(self.dropout(torch.cat([states, look], dim=-1)))
        return scores.float().log_softmax(dim=-1)
