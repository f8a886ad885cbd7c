"""A model as files: numbers in safetensors, everything else in JSON, and a manifest of their digests. No pickle.

A file that is not as the manifest says is not read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from include.errors import BadInput
from include.models.sentiment import SentimentModel

MANIFEST = "manifest.json"
_NUMBERS, _WORDS = "numbers.safetensors", "model.json"
_PLAIN = ("language", "features", "space", "strength", "intercept", "slope", "shift")


def save(model: SentimentModel, folder: Path) -> str:
    """Write the files; the manifest's own digest, by which the model is known."""
    from safetensors.numpy import save_file

    save_file(
        {"weights": np.ascontiguousarray(model.weights), "idf": np.ascontiguousarray(model.idf)}, folder / _NUMBERS
    )
    words: dict[str, Any] = {name: getattr(model, name) for name in _PLAIN} | {"vocabulary": list(model.vocabulary)}
    (folder / _WORDS).write_text(json.dumps(words, ensure_ascii=False), "utf-8")
    return seal(folder, (_NUMBERS, _WORDS))


def load(folder: Path, digest: str, name: str) -> SentimentModel:
    """The model whose manifest has this digest. BadInput that names the file if one is missing or other than it was."""
    require_sealed(folder, digest, name, (_NUMBERS, _WORDS))
    from safetensors.numpy import load_file

    numbers = load_file(folder / _NUMBERS)
    words = json.loads((folder / _WORDS).read_text("utf-8"))
    return SentimentModel(
        weights=numbers["weights"], idf=numbers["idf"], vocabulary=tuple(words["vocabulary"]),
        **{field: words[field] for field in _PLAIN if field in words},  # no language: from before there were several
    )  # fmt: skip


def seal(folder: Path, files: Iterable[str]) -> str:
    """Write the manifest of these files; its own digest."""
    digests = {name: digest_of(folder / name) for name in files}
    (folder / MANIFEST).write_text(json.dumps(digests, indent=1, sort_keys=True) + "\n", "utf-8")
    return digest_of(folder / MANIFEST)


def require_sealed(folder: Path, digest: str, name: str, files: Iterable[str]) -> None:
    """BadInput that names the file if the manifest or one of these files is missing or other than it was."""
    _require(folder / MANIFEST, digest, name)
    digests = json.loads((folder / MANIFEST).read_text("utf-8"))
    for file in files:
        _require(folder / file, digests[file], name)


def _require(file: Path, digest: str, name: str) -> None:
    if not file.is_file():
        raise BadInput(f"model {name}: {file.name} is missing from the registry; train again, or roll back")
    if digest_of(file) != digest:
        raise BadInput(f"model {name}: {file.name} is not what was registered; train again, or roll back")


def digest_of(file: Path) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
