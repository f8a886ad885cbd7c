"""The files of a model in a folder: whole, without code of their own or pickle, and their digest. Without torch."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from include.errors import BadInput

_PICKLED = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"}
_LONGEST_HEADER = 100_000_000  # bytes; safetensors' own limit


@dataclass(frozen=True)
class ModelFolder:
    """`what`: its name in errors. `read`: suffixes of files that a loader may read, `but` not those of these names."""

    what: str
    path: Path
    read: tuple[str, ...]
    but: frozenset[str] = frozenset()

    def files(self) -> list[Path]:
        found = (f for f in self.path.rglob("*") if f.suffix in self.read and f.name not in self.but and f.is_file())
        return sorted(f for f in found if not any(part.startswith(".") for part in f.relative_to(self.path).parts))

    def digest(self) -> str:
        """SHA-256 over names and contents; computed once a process as long as no file changes."""
        return _digest(self, tuple((f, f.stat().st_mtime_ns, f.stat().st_size) for f in self.files()))

    def check(self) -> None:
        """BadInput that names the file, where one is missing, damaged, pickled, or asks for code of its own."""
        for file in self.files():
            if file.suffix == ".json":
                read_json(self.what, file)
        config = self.path / "config.json"
        if not config.is_file():
            raise BadInput(f"{self.what} {self.path}: has no config.json, so it is no {self.what}")
        if "auto_map" in read_json(self.what, config):
            raise BadInput(f"{self.what} {config}: asks for code of its own (auto_map), which is never run")
        weights = [f for f in self.files() if f.suffix == ".safetensors"]
        for file in self.path.rglob("*"):
            if file.suffix in _PICKLED and not any(w.parent == file.parent for w in weights):
                raise BadInput(f"{self.what} {file}: pickled weights are never loaded; save them as safetensors")
        if not weights:
            raise BadInput(f"{self.what} {self.path}: has no weights in safetensors")
        for file in weights:
            _check_safetensors(self.what, file)


def read_json(what: str, file: Path) -> Any:
    """BadInput that names the file where it is damaged."""
    found = _parse(file.read_bytes())
    if found is None:
        raise BadInput(f"{what} {file}: is damaged: not JSON")
    return found


@cache
def _digest(folder: ModelFolder, _state: tuple[tuple[Path, int, int], ...]) -> str:
    whole = hashlib.sha256()
    for file in folder.files():
        with file.open("rb") as opened:
            content = hashlib.file_digest(opened, "sha256").hexdigest()
        whole.update(f"{file.relative_to(folder.path).as_posix()}\n{content}\n".encode())
    return whole.hexdigest()


def _check_safetensors(what: str, file: Path) -> None:
    """Its header says how long it is: https://github.com/huggingface/safetensors#format"""
    size = file.stat().st_size
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        whole = size > 8 and length <= min(size - 8, _LONGEST_HEADER)
        header = _parse(opened.read(length)) if whole else None
    if not isinstance(header, dict):
        raise BadInput(f"{what} {file}: is damaged: it has no safetensors header")
    ends = [t["data_offsets"][1] for name, t in header.items() if name != "__metadata__"]
    if not ends or size != 8 + length + max(ends):
        raise BadInput(f"{what} {file}: is damaged: {size:,} bytes are not what its header says")


def _parse(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:  # also of bytes that are no UTF-8
        return None
