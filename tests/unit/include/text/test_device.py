"""Where a model runs: with a GPU that is only pretended."""

from __future__ import annotations

import pytest
import torch

from include.errors import BadInput
from include.text import device
from include.text.device import choose_device


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.mark.usefixtures("two_gpus")
@pytest.mark.parametrize(("address", "name"), [("1", "cuda:1"), ("0", "cuda:0"), (None, "cuda:0"), ("7", "cuda:0")])
def test_a_task_uses_the_gpu_that_spark_gave_it(address: str | None, name: str):
    assert choose_device("auto", address) == choose_device("cuda", address) == device.Device(name, "bfloat16")


@pytest.mark.usefixtures("two_gpus")
def test_cpu_means_cpu():
    assert not choose_device("cpu", "1").is_gpu


@pytest.mark.usefixtures("no_gpu")
def test_a_gpu_that_is_asked_for_and_absent_is_refused():
    with pytest.raises(BadInput, match="PORTRAIT_DEVICE is cuda, but torch finds no GPU"):
        choose_device("cuda")


@pytest.mark.usefixtures("no_gpu")
def test_a_gpu_that_spark_gave_and_torch_does_not_see_is_said():
    assert choose_device("auto", "0").note == "Spark gave GPU 0, but torch finds none: the CPU is used"
    assert choose_device("auto").note == ""


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize(("flags", "precision"), [("sse avx512_bf16 amx", "bfloat16"), ("sse avx2", "float32")])
def test_the_cpu_uses_bfloat16_only_where_it_can(monkeypatch, tmp_path, flags: str, precision: str):
    told = tmp_path / "cpuinfo"
    told.write_text(f"flags\t\t: {flags}\n")
    monkeypatch.setattr(device, "Path", lambda _: told)
    monkeypatch.setattr(device.platform, "machine", lambda: "x86_64")
    assert choose_device("auto").precision == precision
