"""Which files make an encoder, and what is refused before Spark starts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from include.errors import BadInput
from include.text.encoder import find_encoder, name_of


@pytest.fixture
def copy(tiny: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny, tmp_path / "mine"))


def test_the_packaged_encoder_is_the_default():
    found = find_encoder("")
    assert found.name == "all-MiniLM-L6-v2"
    assert found.space == "all-MiniLM-L6-v2-" + found.space[-12:]
    assert name_of(found.space) == found.name


def test_a_space_is_the_name_and_what_decides_over_vectors(copy: Path):
    before = find_encoder(str(copy)).space
    assert before.startswith("mine-")
    (copy / "README.md").write_text("told anew")
    assert find_encoder(str(copy)).space == before
    (copy / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    assert find_encoder(str(copy)).space != before


def without_config(folder: Path) -> None:
    (folder / "config.json").unlink()


def without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def cut_off(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-5])


def no_header(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"\xff" * 40)


def empty(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"")


def no_json(folder: Path) -> None:
    (folder / "tokenizer.json").write_bytes(b'{"version": "1.0", \xff')


def pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def pickled_part(folder: Path) -> None:
    (folder / "2_Dense").mkdir()
    (folder / "2_Dense" / "pytorch_model.bin").write_bytes(b"x")


def own_code(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"auto_map": {"AutoModel": "evil.Model"}}))


def own_module(folder: Path) -> None:
    (folder / "modules.json").write_text('[{"idx": 0, "name": "0", "path": "", "type": "os.system"}]')


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (without_config, "has no config.json"),
        (without_weights, "has no weights in safetensors"),
        (cut_off, "model.safetensors: is damaged"),
        (no_header, "model.safetensors: is damaged"),
        (empty, "model.safetensors: is damaged"),
        (no_json, "tokenizer.json: is damaged"),
        (pickled, "pytorch_model.bin: pickled"),
        (pickled_part, "pytorch_model.bin: pickled"),
        (own_code, "code of its own"),
        (own_module, "'os.system' is not of sentence_transformers"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_no_encoder_is_one_clear_line(copy: Path, damage: Callable[[Path], None], said: str):
    damage(copy)
    with pytest.raises(BadInput, match=said.replace(".", r"\.")) as error:
        find_encoder(str(copy))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("wanted", ["/no/such/folder", "not a name", "../x/y/z"])
def test_what_is_not_there_is_said(wanted: str):
    with pytest.raises(BadInput, match="mend PORTRAIT_ENCODER"):
        find_encoder(wanted)


def test_a_hub_that_cannot_be_reached_is_said(monkeypatch: pytest.MonkeyPatch):
    import huggingface_hub

    def nobody(*_: object, **__: object) -> str:
        raise ConnectionError("no route\nto host")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", nobody)
    with pytest.raises(BadInput, match=r"cannot be had from the hub: ConnectionError: no route$"):
        find_encoder("owner/name@v1")


def test_files_of_the_packaged_encoder_that_changed_are_refused(monkeypatch: pytest.MonkeyPatch, copy: Path):
    import include.text.encoder as encoder

    monkeypatch.setattr(encoder, "_locate", lambda _: (copy, "all-MiniLM-L6-v2"))
    with pytest.raises(BadInput, match="are not those of all-MiniLM-L6-v2"):
        find_encoder("")
