"""Texts to vectors: a plain function around a sentence encoder. No Spark in here.

A whole partition is tokenised, sorted by length and cut into batches by a budget of tokens, padding included: arrival
order would spend most of the time on padding. The transformer runs in the device's precision, pooling and normalisation
in float32.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from include.errors import BadInput
from include.text.device import Device

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BUDGET = {"cpu": 1024, "gpu": 65_536}  # tokens of a batch, padding included: small ones stay in a CPU's cache
_TOKENISED_AT_ONCE = 2048  # texts
_PART = 1000  # texts
_LONGEST_TOKEN = 100  # characters on average: a text is cut there before it is tokenised, so that 10 MB cost nothing


Part = tuple["NDArray[np.intp]", "NDArray[np.float32] | None"]  # rows, and their vectors if they have any


class TextEncoder:
    """A loaded sentence encoder. `dim` is the length of its vectors."""

    def __init__(self, folder: Path, device: Device) -> None:
        self._folder, self.device = folder, device
        self._modules = _load(folder, device)
        self._tokenizer = self._modules[0].tokenizer.backend_tokenizer
        self._longest = int(self._modules[0].max_seq_length or 512)
        # A tokenizer file brings its own truncation and padding along.
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self._longest)
        self._unknown = self._modules[0].tokenizer.unk_token_id
        self._special = set(self._modules[0].tokenizer.all_special_ids) - {self._unknown}
        self._padding = self._modules[0].tokenizer.pad_token_id or 0
        self.dim = int(self._run([[self._padding]], self._modules).shape[1])

    def encode(self, texts: Sequence[str | None]) -> NDArray[np.float32]:
        """Vectors [n, dim] of length one, in the order of the texts.

        A text with nothing the encoder knows (none, empty, only emoji) has no vector: its row is NaN. What is longer
        than the encoder's longest text is cut there.
        """
        vectors = np.full((len(texts), self.dim), np.nan, dtype=np.float32)
        for rows, found in self.encode_in_parts(texts):
            if found is not None:
                vectors[rows] = found
        return vectors

    def encode_in_parts(self, texts: Sequence[str | None]) -> Iterator[Part]:
        """The same as it is done, in parts that together have each row once."""
        tokens = self._tokenise(texts)
        lengths = np.array([len(ids) for ids in tokens], dtype=np.int64)
        waiting: list[tuple[NDArray[np.intp], NDArray[np.float32]]] = []
        for rows in batches(lengths, _BUDGET["gpu" if self.device.is_gpu else "cpu"]):
            waiting.append((rows, self._vectors([tokens[row] for row in rows])))
            if sum(len(rows) for rows, _ in waiting) >= _PART:
                yield _joined(waiting)
                waiting = []
        if waiting:
            yield _joined(waiting)
        if not lengths.all():
            yield np.flatnonzero(lengths == 0), None

    def _tokenise(self, texts: Sequence[str | None]) -> list[NDArray[np.int32]]:
        """Token ids of each text; none where there is nothing to embed."""
        found: list[NDArray[np.int32]] = []
        cut = self._longest * _LONGEST_TOKEN
        for start in range(0, len(texts), _TOKENISED_AT_ONCE):
            # Half of a surrogate pair is no text for the tokenizer.
            part = [
                (text or "")[:cut].encode("utf-8", "replace").decode()
                for text in texts[start : start + _TOKENISED_AT_ONCE]
            ]
            for encoding in self._tokenizer.encode_batch_fast(part):
                ids = encoding.ids
                known = any(i != self._unknown and i not in self._special for i in ids)
                found.append(np.array(ids if known else [], dtype=np.int32))
        return found

    def _vectors(self, tokens: list[NDArray[np.int32]]) -> NDArray[np.float32]:
        """Vectors of one batch. Where memory runs out: halves, and at last the CPU."""
        import torch

        try:
            return self._run(tokens, self._modules)
        except torch.OutOfMemoryError:
            if self.device.is_gpu:
                torch.cuda.empty_cache()
        if len(tokens) > 1:
            half = len(tokens) // 2
            return np.concatenate([self._vectors(tokens[:half]), self._vectors(tokens[half:])])
        return self._run(tokens, _load(self._folder, Device("cpu", "float32")))

    def _run(self, tokens: Sequence[Sequence[int] | NDArray[np.int32]], modules: Any) -> NDArray[np.float32]:
        """One forward pass over a padded batch."""
        import torch

        ids = np.full((len(tokens), max(map(len, tokens))), self._padding, dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, found in enumerate(tokens):
            ids[row, : len(found)] = found
            mask[row, : len(found)] = 1
        with torch.inference_mode():
            where = modules[0].auto_model.device
            features = {
                "input_ids": torch.from_numpy(ids).to(where),
                "attention_mask": torch.from_numpy(mask).to(where),
            }
            features = modules[0](features)
            features["token_embeddings"] = features["token_embeddings"].float()
            for module in modules[1:]:
                features = module(features)
            pooled = torch.nn.functional.normalize(features["sentence_embedding"].float(), dim=1)
            return np.asarray(pooled.cpu().numpy(), dtype=np.float32)


def _joined(parts: Sequence[tuple[NDArray[np.intp], NDArray[np.float32]]]) -> Part:
    return np.concatenate([rows for rows, _ in parts]), np.concatenate([vectors for _, vectors in parts])


def batches(lengths: NDArray[np.int64], budget: int) -> Iterator[NDArray[np.intp]]:
    """Rows of texts of like length, longest first, so that rows times the longest stays within `budget`.

    A text longer than the budget is a batch alone; texts of length none are in no batch.
    """
    order = np.argsort(-lengths, kind="stable")
    order = order[: int(np.count_nonzero(lengths))]
    start = 0
    while start < len(order):
        rows = max(1, budget // int(lengths[order[start]]))
        yield order[start : start + rows]
        start += rows


@cache
def load_encoder(folder: Path, device: Device) -> TextEncoder:
    """Once a process: a Python worker of Spark keeps it for all its tasks."""
    if device.note:
        print(device.note, file=sys.stderr, flush=True)
    return TextEncoder(folder, device)


@cache
def _load(folder: Path, device: Device) -> Any:
    """The encoder's modules: a transformer, then pooling and the like. No remote code, no pickle, no network."""
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    # A bar of every worker, and a report on weights that are not used, in the midst of what a build says.
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        model = SentenceTransformer(
            str(folder),
            device=device.name,
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={"use_safetensors": True},
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise BadInput(f"encoder {folder}: cannot be loaded: {type(error).__name__}: {reason}") from None
    modules = list(model.eval())
    modules[0].to(getattr(torch, device.precision))
    return modules
