"""An encoder trained further for sentiment, its lower layers frozen: one more candidate of `compare`. Of BERT's kind.

It is measured and not registered: to read a text with it means to run two layers more, a third of what embedding costs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from include.models.sentiment import Labelled

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Recipe:
    """What a training depends on."""

    lower: int = 4  # layers of the encoder that stay as they are
    epochs: int = 3
    batch: int = 16
    rate: float = 1e-4  # of layers; the weights of the mean learn ten times as fast
    decay: float = 0.01
    longest: int = 128  # tokens: what comes after costs as much again and says little more
    seed: int = 7


def fine_tune(folder: Path, rows: Labelled, recipe: Recipe | None = None) -> Callable[[Sequence[str]], Floats]:
    """What says of texts the logit that their authors are pleased, learned from these by the encoder in a folder."""
    from transformers import AutoModel, AutoTokenizer

    recipe = recipe or Recipe()
    torch.manual_seed(recipe.seed)
    tokenizer, encoder = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    upper = encoder.encoder.layer[recipe.lower :]
    line = nn.Linear(encoder.config.hidden_size, 1)
    optimizer = torch.optim.AdamW(
        [{"params": upper.parameters(), "lr": recipe.rate}, {"params": line.parameters(), "lr": 10 * recipe.rate}],
        weight_decay=recipe.decay,
    )

    def states(texts: Sequence[str]) -> list[torch.Tensor]:
        """Of the layer below, [pieces, width] each."""
        found: list[torch.Tensor] = [torch.empty(0)] * len(texts)
        for some in _batches(np.array([len(text) for text in texts]), recipe.batch):
            batch = tokenizer([texts[i] for i in some], padding=True, truncation=True, max_length=recipe.longest,
                              return_tensors="pt")  # fmt: skip
            with torch.no_grad():
                below = encoder(**batch, output_hidden_states=True).hidden_states[recipe.lower]
            for i, of, mask in zip(some, below, batch["attention_mask"], strict=True):
                found[i] = of[: int(mask.sum())].clone()
        return found

    def logits(some: list[torch.Tensor]) -> torch.Tensor:
        above = nn.utils.rnn.pad_sequence(some, batch_first=True)
        mask = torch.tensor([[n < len(of) for n in range(above.shape[1])] for of in some])
        hidden = torch.zeros(mask.shape).masked_fill(~mask, torch.finfo(torch.float32).min)[:, None, None, :]
        for layer in upper:
            out: Any = layer(above, attention_mask=hidden)
            above = out[0] if isinstance(out, tuple) else out
        found: torch.Tensor = line((above * mask[..., None]).sum(1) / mask.sum(1, keepdim=True))[:, 0]
        return found

    order = np.random.default_rng(recipe.seed)
    known, targets = states(rows.texts), torch.tensor(rows.positive, dtype=torch.float32)
    lengths = np.array([len(of) for of in known])
    upper.train()
    for _ in range(recipe.epochs):
        batches = _batches(lengths * order.uniform(0.8, 1.2, len(lengths)), recipe.batch)
        order.shuffle(batches)
        for some in batches:
            loss = nn.functional.binary_cross_entropy_with_logits(logits([known[i] for i in some]), targets[some])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    upper.eval()

    def read(texts: Sequence[str]) -> Floats:
        found, asked = np.zeros(len(texts)), states(texts)
        for some in _batches(np.array([len(of) for of in asked]), recipe.batch):
            with torch.inference_mode():
                found[some] = logits([asked[i] for i in some]).numpy()
        return found

    return read


def _batches(lengths: NDArray[Any], size: int) -> list[list[int]]:
    """Rows of texts of about the same length."""
    rows = np.argsort(lengths, kind="stable").tolist()
    return [rows[start : start + size] for start in range(0, len(rows), size)]
