"""Everything that differs from one installation to the next. Read from the environment, when asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import get_args
from urllib.parse import quote

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from include.errors import BadInput
from include.text.device import Wanted

ROOT = Path(__file__).resolve().parent.parent


def _default_data() -> Path:
    shared = ROOT.parent / "shared" / "data"
    return shared if shared.is_dir() else ROOT / "build" / "data"


def _default_key_file() -> Path:
    config = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(config).expanduser() / "portrait" / "pseudonym.key"


class Settings(BaseSettings):
    """PORTRAIT_LAKE, PORTRAIT_SOURCES and so on; a folder list is separated by colons."""

    model_config = SettingsConfigDict(env_prefix="PORTRAIT_", frozen=True)

    lake: Path = Field(default_factory=lambda: ROOT / "build" / "lake")
    sources: str = ""
    traits: str = ""
    data: Path = Field(default_factory=_default_data)
    key_file: Path = Field(default_factory=_default_key_file)
    encoder: str = ""
    device: Wanted = "auto"
    llm_url: str = ""
    llm_model: str = ""
    llm_key_file: str = ""
    pages_url: str = ""

    @field_validator("lake", "data", "key_file", mode="before")
    @classmethod
    def _path(cls, value: str | Path, info: ValidationInfo) -> Path:
        """An empty path would be the folder one happens to stand in."""
        if not str(value).strip():
            raise BadInput(
                f"PORTRAIT_{str(info.field_name).upper()}: is empty; set it to a path, or unset it for the default"
            )
        return Path(value).expanduser().absolute()

    @field_validator("device", mode="before")
    @classmethod
    def _device(cls, value: str) -> str:
        if value not in get_args(Wanted):
            raise BadInput(f"PORTRAIT_DEVICE is {value!r}; it may be auto, cpu or cuda")
        return value

    @property
    def bronze(self) -> Path:
        """Raw identifiers have a root of their own, beside the lake."""
        return self.lake.with_name(self.lake.name + "-bronze")

    @property
    def pages(self) -> Path:
        """Where HTML pages are written."""
        return self.lake.with_name(self.lake.name + "-pages")

    def address_of(self, page: Path) -> str:
        """Where a browser finds a page: under PORTRAIT_PAGES_URL where a server shows them, else the file itself."""
        return (
            f"{self.pages_url.rstrip('/')}/{quote(str(page.relative_to(self.pages)))}"
            if self.pages_url
            else page.as_uri()
        )

    @property
    def models(self) -> Path:
        """MLflow's embedded store, where no server is named. One a lake, whose rows name versions of its models."""
        return self.lake.with_name(self.lake.name + "-models")

    @property
    def source_folders(self) -> tuple[Path, ...]:
        return (ROOT / "sources", *_folders(self.sources))

    @property
    def trait_folders(self) -> tuple[Path, ...]:
        return (ROOT / "traits", *_folders(self.traits))

    def require_data(self) -> None:
        """BadInput if a data folder was named that is not there; without a name there need be none."""
        if "data" in self.model_fields_set and not self.data.is_dir():
            raise BadInput(f"PORTRAIT_DATA: there is no folder {self.data}")

    @property
    def data_folders(self) -> tuple[Path, ...]:
        """Where relative data paths are looked up: the data folder, then what the project itself made or fetched."""
        return (self.data, ROOT / "build" / "data")

    def table_path(self, name: str) -> Path:
        layer, table = name.split(".")
        return self.bronze / table if layer == "bronze" else self.lake / layer / table


def _folders(text: str) -> tuple[Path, ...]:
    return tuple(Path(p).expanduser() for p in text.split(":") if p)
