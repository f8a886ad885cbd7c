"""Where a model runs and in which precision."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from include.errors import BadInput

Wanted = Literal["auto", "cpu", "cuda"]
Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True)
class Device:
    """`name` is torch's (`cpu`, `cuda:1`); `note` is a line for a person where it is not what one might expect."""

    name: str
    precision: Precision
    note: str = ""

    @property
    def is_gpu(self) -> bool:
        return self.name != "cpu"


def choose_device(wanted: Wanted, address: str | None = None) -> Device:
    """The GPU that Spark gave the task (`address`), else the first one, else the CPU.

    Raises BadInput if a GPU was asked for (`cuda`) and there is none: `auto` would have gone on with the CPU.
    """
    import torch

    there = torch.cuda.device_count() if wanted != "cpu" and torch.cuda.is_available() else 0
    if there:
        number = int(address) if address is not None and address.isdigit() else 0
        # A worker that sees only its own GPU counts it as the first, whatever its address.
        name = f"cuda:{number if number < there else 0}"
        return Device(name, "bfloat16" if torch.cuda.is_bf16_supported() else "float32")
    if wanted == "cuda":
        raise BadInput("PORTRAIT_DEVICE is cuda, but torch finds no GPU here; set it to auto to go on with the CPU")
    note = f"Spark gave GPU {address}, but torch finds none: the CPU is used" if address and wanted == "auto" else ""
    return Device("cpu", "bfloat16" if cpu_has_bf16() else "float32", note)


def cpu_has_bf16() -> bool:
    """Whether the CPU multiplies bfloat16 itself; where it does not, bfloat16 is slower than float32."""
    try:
        told = Path("/proc/cpuinfo").read_text().lower()
    except OSError:
        return False
    words = set(told.replace(":", " ").split())
    return bool(words & ({"bf16"} if platform.machine() == "aarch64" else {"avx512_bf16", "amx_bf16"}))
