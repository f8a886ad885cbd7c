"""A description for a test: the lines that matter, in a file."""

from __future__ import annotations

from pathlib import Path

from include.sources.load import load_source
from include.sources.model import FileSpec, Source

HEAD = """\
source: corner
about: A corner shop
licence: Made up
"""


def write(folder: Path, text: str, head: str = HEAD) -> Path:
    """The description in `folder`; its first line after the head is line 4."""
    file = folder / "corner.yaml"
    file.write_text(head + text)
    return file


def source(folder: Path, text: str) -> Source:
    return load_source(write(folder, text))


def csv_file(**options: object) -> FileSpec:
    """How a CSV file with the columns a and b is described."""
    return FileSpec.model_validate(
        {"path": "x.csv", "format": "csv", "columns": {"a": "string", "b": "string"}, "options": options}
    )


def json_file(**options: object) -> FileSpec:
    return FileSpec.model_validate({"path": "x", "format": "jsonl", "columns": {"a": "string"}, "options": options})
