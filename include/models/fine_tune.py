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

from include.text.device import cpu_has_bf16

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
    longest: int = 256  # tokens
    seed: int = 7


def fine_tune(folder: Path, rows: Labelled, recipe: Recipe | None = None) -> Callable[[Sequence[str]], Floats]:
    """What says of texts the logit that their authors are pleased, learned from these by the encoder in a folder."""
    from transformers import AutoModel, AutoTokenizer

    recipe = recipe or Recipe()
    torch.manual_seed(recipe.seed)
    tokenizer, encoder = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
    for part in (encoder.embeddings, *encoder.encoder.layer[: recipe.lower]):
        part.requires_grad_(False)
    line = nn.Linear(encoder.config.hidden_size, 1)
    layers = [p for p in encoder.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": layers, "lr": recipe.rate}, {"params": list(line.parameters()), "lr": 10 * recipe.rate}],
        weight_decay=recipe.decay,
    )

    def logits(texts: Sequence[str]) -> torch.Tensor:
        batch = tokenizer(list(texts), padding=True, truncation=True, max_length=recipe.longest, return_tensors="pt")
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=cpu_has_bf16()):
            states = encoder(**batch).last_hidden_state
        mask = batch["attention_mask"][..., None]
        mean: Any = (states.float() * mask).sum(1) / mask.sum(1)
        found: torch.Tensor = line(mean)[:, 0]
        return found

    order = np.random.default_rng(recipe.seed)
    targets = torch.tensor(rows.positive, dtype=torch.float32)
    lengths = np.array([len(text) for text in rows.texts])
    for _ in range(recipe.epochs):
        encoder.train()
        about = lengths * order.uniform(0.8, 1.2, len(lengths))
        for some in _batches(about, recipe, order):
            loss = nn.functional.binary_cross_entropy_with_logits(logits([rows.texts[i] for i in some]), targets[some])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    encoder.eval()

    def read(texts: Sequence[str]) -> Floats:
        found = np.zeros(len(texts))
        for some in _batches(np.array([len(t) for t in texts]), recipe):
            with torch.inference_mode():
                found[some] = logits([texts[i] for i in some]).numpy()
        return found

    return read


def _batches(lengths: NDArray[Any], recipe: Recipe, order: np.random.Generator | None = None) -> list[list[int]]:
    """Rows of texts of about the same length, in any order of batches."""
    rows = np.argsort(lengths, kind="stable").tolist()
    found = [rows[start : start + recipe.batch] for start in range(0, len(rows), recipe.batch)]
    if order is not None:
        order.shuffle(found)
    return found
