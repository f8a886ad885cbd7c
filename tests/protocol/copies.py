"""The same lake in another folder: a test starts from what another one built."""

from __future__ import annotations

import shutil
from copy import copy
from pathlib import Path
from typing import Any, TypeVar

from tests.lakes import Lake

L = TypeVar("L", bound=Lake)


def copied(lake: L, folder: Path, **settings: Any) -> L:
    """`lake` as it is now. Sources, data and key are shared with it; `settings` replace others."""
    made = copy(lake)
    made.settings = lake.settings.model_copy(update={"lake": folder / "lake", **settings})
    shutil.copytree(lake.settings.lake, made.settings.lake)
    shutil.copytree(lake.settings.bronze, made.settings.bronze)
    return made
