"""Texts to vectors: a plain function around a sentence encoder. No Spark in here.

A whole partition is tokenised, sorted by length and cut into batches by a budget of tokens, padding included: arrival
order would spend most of the time on padding. The transformer runs in the device's precision, pooling and normalisation
in float32.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from include.errors import BadInput
from include.text.device import Device
from include.text.entities import Weights
from include.text.looks import Looks, looks
from include.text.padding import padded
from include.text.tags import Entity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from include.text.finder import Finder, Read

_BUDGET = {"cpu": 1024, "gpu": 65_536}  # tokens of a batch, padding included: small ones stay in a CPU's cache
_TOKENISED_AT_ONCE = 2048  # texts
_PART = 1000  # texts
_LONGEST_TOKEN = 100  # characters on average: a text is cut there before it is tokenised, so that 10 MB cost nothing


class Part(NamedTuple):
    """Some rows, with their vectors if they have any, and entities and aspects of each where they were looked for."""

    rows: NDArray[np.intp]
    vectors: NDArray[np.float32] | None
    entities: list[list[Entity] | None]
    aspects: list[list[Entity] | None]

    @classmethod
    def of(cls, rows: NDArray[np.intp], vectors: NDArray[np.float32] | None, found: Sequence[Read | None]) -> Part:
        return cls(rows, vectors, [read and read.entities for read in found], [read and read.aspects for read in found])


@dataclass(frozen=True)
class Tokens:
    """A text for the encoder, and for the finder of entities and aspects if they are looked for."""

    ids: NDArray[np.int32]
    looks: Looks | None = None

    def __len__(self) -> int:
        return len(self.ids)


class TextEncoder:
    """A loaded sentence encoder, with a finder of entities and aspects on a middle layer if there are `weights` of one.
    `dim` is the length of its vectors."""

    def __init__(self, folder: Path, device: Device, weights: Weights | None = None) -> None:
        self._folder, self.device, self._weights = folder, device, weights
        self._loaded = _load(folder, device, weights)
        transformer = self._loaded.modules[0]
        self._tokenizer = transformer.tokenizer.backend_tokenizer
        self._longest = int(transformer.max_seq_length or 512)
        # A tokenizer file brings its own truncation and padding along.
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self._longest)
        self._unknown = transformer.tokenizer.unk_token_id
        self._special = set(transformer.tokenizer.all_special_ids) - {self._unknown}
        self._padding = transformer.tokenizer.pad_token_id or 0
        self.dim = int(self._run([Tokens(np.array([self._padding], dtype=np.int32))], self._loaded)[0].shape[1])

    def encode(self, texts: Sequence[str | None]) -> NDArray[np.float32]:
        """Vectors [n, dim] of length one, in the order of the texts.

        A text with nothing the encoder knows (none, empty, only emoji) has no vector: its row is NaN. What is longer
        than the encoder's longest text is cut there.
        """
        vectors = np.full((len(texts), self.dim), np.nan, dtype=np.float32)
        for part in self.encode_in_parts(texts):
            if part.vectors is not None:
                vectors[part.rows] = part.vectors
        return vectors

    def encode_in_parts(
        self, texts: Sequence[str | None], has_entities: Sequence[bool] | None = None
    ) -> Iterator[Part]:
        """The same as it is done, in parts that together have each row once. Entities and aspects are looked
        for in the texts of which `has_entities` says so."""
        tokens = self._tokenise(texts, has_entities or [False] * len(texts))
        lengths = np.array([len(ids) for ids in tokens], dtype=np.int64)
        waiting: list[Part] = []
        for rows in batches(lengths, _BUDGET["gpu" if self.device.is_gpu else "cpu"]):
            waiting.append(Part.of(rows, *self._read([tokens[row] for row in rows])))
            if sum(len(part.rows) for part in waiting) >= _PART:
                yield _joined(waiting)
                waiting = []
        if waiting:
            yield _joined(waiting)
        if not lengths.all():
            rows = np.flatnonzero(lengths == 0)
            yield Part.of(rows, None, [None] * len(rows))

    def _tokenise(self, texts: Sequence[str | None], has_entities: Sequence[bool]) -> list[Tokens]:
        """Each text; without tokens where there is nothing to embed."""
        found: list[Tokens] = []
        cut = self._longest * _LONGEST_TOKEN
        for start in range(0, len(texts), _TOKENISED_AT_ONCE):
            # Half of a surrogate pair is no text for the tokenizer.
            part = [
                (text or "")[:cut].encode("utf-8", "replace").decode()
                for text in texts[start : start + _TOKENISED_AT_ONCE]
            ]
            # Offsets are for what stands at them alone.
            encode = self._tokenizer.encode_batch if self._loaded.finder else self._tokenizer.encode_batch_fast
            for text, encoding, wanted in zip(part, encode(part), has_entities[start:], strict=False):
                ids = encoding.ids
                known = any(i != self._unknown and i not in self._special for i in ids)
                seen = looks(text, encoding) if wanted and known and self._loaded.finder else None
                found.append(Tokens(np.array(ids if known else [], dtype=np.int32), seen))
        return found

    def _read(self, tokens: list[Tokens]) -> tuple[NDArray[np.float32], list[Read | None]]:
        """Vectors of one batch, and what is found in it. Where memory runs out: halves, and at last the CPU."""
        import torch

        try:
            return self._run(tokens, self._loaded)
        except torch.OutOfMemoryError:
            if self.device.is_gpu:
                torch.cuda.empty_cache()
        if len(tokens) > 1:
            half = len(tokens) // 2
            (first, of_first), (second, of_second) = self._read(tokens[:half]), self._read(tokens[half:])
            return np.concatenate([first, second]), of_first + of_second
        return self._run(tokens, _load(self._folder, Device("cpu", "float32"), self._weights))

    def _run(self, tokens: Sequence[Tokens], loaded: _Loaded) -> tuple[NDArray[np.float32], list[Read | None]]:
        """One forward pass over a padded batch."""
        import torch

        ids, mask = padded([t.ids for t in tokens], self._padding)
        with torch.inference_mode():
            where = loaded.modules[0].auto_model.device
            features = {
                "input_ids": torch.from_numpy(ids).to(where),
                "attention_mask": torch.from_numpy(mask).to(where),
            }
            features = loaded.modules[0](features)
            features["token_embeddings"] = features["token_embeddings"].float()
            for module in loaded.modules[1:]:
                features = module(features)
            pooled = torch.nn.functional.normalize(features["sentence_embedding"].float(), dim=1)
            nothing: list[Read | None] = [None] * len(tokens)
            found = loaded.finder.find([t.looks for t in tokens]) if loaded.finder else nothing
            return np.asarray(pooled.cpu().numpy(), dtype=np.float32), found


def _joined(parts: Sequence[Part]) -> Part:
    rows, vectors, entities, aspects = zip(*parts, strict=True)
    return Part(np.concatenate(rows), np.concatenate(vectors), list(chain(*entities)), list(chain(*aspects)))


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
def load_encoder(folder: Path, device: Device, weights: Weights | None = None) -> TextEncoder:
    """Once a process: a Python worker of Spark keeps it for all its tasks."""
    if device.note:
        print(device.note, file=sys.stderr, flush=True)
    return TextEncoder(folder, device, weights)


@dataclass(frozen=True)
class _Loaded:
    """The encoder's modules, a transformer, then pooling and the like; and the finder on its way."""

    modules: list[Any]
    finder: Finder | None


@cache
def _load(folder: Path, device: Device, weights: Weights | None) -> _Loaded:
    """No remote code, no pickle, no network."""
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
    if weights is None:
        return _Loaded(modules, None)
    from include.text.finder import Finder

    return _Loaded(modules, Finder(modules[0].auto_model, weights))
