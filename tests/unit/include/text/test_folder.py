"""Files of a model in a folder, of whatever kind. What is refused is in test_encoder, by the encoder's names."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.errors import BadInput
from include.text.folder import ModelFolder

READ = (".json", ".safetensors")


def _names(folder: ModelFolder) -> list[str]:
    return [file.relative_to(folder.path).as_posix() for file in folder.files()]


def test_files_are_those_that_a_loader_may_read(tmp_path: Path):
    for name in ("config.json", "README.md", "told.json", "sub/model.safetensors", ".cache/old.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    found = ModelFolder("model", tmp_path, READ, frozenset({"told.json"}))
    assert _names(found) == ["config.json", "sub/model.safetensors"]


def test_the_digest_is_of_names_and_contents(tmp_path: Path):
    (tmp_path / "a.json").write_text("{}")
    found = ModelFolder("model", tmp_path, READ)
    digests = [found.digest()]
    (tmp_path / "b.json").write_text("{}")
    digests.append(found.digest())
    (tmp_path / "b.json").rename(tmp_path / "c.json")
    digests.append(found.digest())
    (tmp_path / "c.json").unlink()
    assert found.digest() == digests[0]
    assert len(set(digests)) == 3


def test_errors_call_it_by_its_name(tmp_path: Path):
    with pytest.raises(BadInput, match=f"language model {tmp_path}: has no config.json, so it is no language model"):
        ModelFolder("language model", tmp_path, READ).check()
