from __future__ import annotations

import sys

import pytest

from include.errors import BadInput
from include.setup import venv


def test_another_python_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "version_info", (3, 12, 1))
    with pytest.raises(BadInput, match=r"is 3.12.1, but 3.11 is needed"):
        venv.check_python()


def test_a_pin_comes_with_its_hashes_and_nothing_else():
    pin = venv._pin_of("uv")
    assert pin.startswith("uv==")
    assert all(line.lstrip().startswith("--hash=sha256:") for line in pin.splitlines()[1:])
    assert len(pin.splitlines()) > 1


def test_every_package_is_pinned_with_hashes():
    lines = [line for line in venv._REQUIREMENTS.read_text().splitlines() if line and line[0].isalnum()]
    assert len(lines) > 100
    assert all("==" in line and line.endswith("\\") for line in lines)


def test_a_package_without_a_pin_is_named():
    with pytest.raises(BadInput, match="no pin of left-pad; run `make lock`"):
        venv._pin_of("left-pad")
