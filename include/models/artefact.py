"""A model as files: numbers in safetensors, everything else in JSON, and a manifest of their digests. No pickle.

A file that is not as the manifest says is not read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from include.errors import BadInput
from include.models.sentiment import Sentiment, SentimentModel
from include.text.language import ENGLISH

MANIFEST = "manifest.json"
_NUMBERS, _WORDS = "numbers.safetensors", "model.json"
_PLAIN = ("language", "learner", "features", "space", "strength", "intercept", "slope", "shift", "vocabulary")
_ARRAYS = ("weights", "idf")


def save(models: Sentiment, folder: Path) -> str:
    """Write the files; the manifest's own digest, by which the version is known."""
    from safetensors.numpy import save_file

    numbers = {f"{code}.{name}": np.ascontiguousarray(getattr(model, name))
               for code, model in models.items() for name in _ARRAYS}  # fmt: skip
    save_file(numbers, folder / _NUMBERS)
    words = {code: {name: getattr(model, name) for name in _PLAIN} for code, model in models.items()}
    (folder / _WORDS).write_text(json.dumps(words, ensure_ascii=False), "utf-8")
    return seal(folder, (_NUMBERS, _WORDS))


def load(folder: Path, digest: str, name: str) -> Sentiment:
    """The models whose manifest has this digest. BadInput that names the file if one is missing or other than it
    was."""
    require_sealed(folder, digest, name, (_NUMBERS, _WORDS))
    from safetensors.numpy import load_file

    numbers = load_file(folder / _NUMBERS)
    words = json.loads((folder / _WORDS).read_text("utf-8"))
    if "features" in words:  # from when a version read one language; at first that was always English
        words = {words.get("language", ENGLISH): words}
        numbers = {f"{code}.{array}": value for code in words for array, value in numbers.items()}
    return {code: _model(plain, {array: numbers[f"{code}.{array}"] for array in _ARRAYS})
            for code, plain in words.items()}  # fmt: skip


def _model(plain: Mapping[str, Any], arrays: Mapping[str, Any]) -> SentimentModel:
    """What has no value in a version is from after it."""
    known = {field: plain[field] for field in _PLAIN if field in plain}
    return SentimentModel(**known | {"vocabulary": tuple(plain["vocabulary"])}, **arrays)


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
