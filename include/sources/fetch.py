"""The MovieLens data: a member of a package, fetched once at run time. Never copied into the project."""

from __future__ import annotations

import hashlib
import logging
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from include.settings import ROOT

_PACKAGE = "recbole==1.2.1"
_FILE = "recbole-1.2.1-py3-none-any.whl"
_SHA256 = "9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407"
_SECONDS = 180

_log = logging.getLogger(__name__)


def fetch_movielens(folder: Path) -> Path | None:
    """The wheel in `folder`, fetched if it is not there yet. None, with the reason logged, if it cannot be had."""
    wheel = folder / _FILE
    if _is_it(wheel):
        return wheel
    try:
        with tempfile.TemporaryDirectory() as work:
            _download(Path(work))
            fetched = Path(work) / _FILE
            if not _is_it(fetched):
                raise OSError("what was fetched has another digest")
            folder.mkdir(parents=True, exist_ok=True)
            draft = wheel.with_suffix(".part")
            draft.write_bytes(fetched.read_bytes())
            draft.replace(wheel)
    except subprocess.TimeoutExpired:
        _log.warning("movielens: not there: fetching %s took over %d seconds", _PACKAGE, _SECONDS)
    except (OSError, subprocess.CalledProcessError) as error:
        _log.warning("movielens: not there: %s could not be fetched: %s", _PACKAGE, _reason(error))
    return wheel if _is_it(wheel) else None


def _download(folder: Path) -> None:
    command = [_python_with_pip(folder), "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check",
               "--no-input", "--dest", str(folder), _PACKAGE]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=_SECONDS)


def _python_with_pip(folder: Path) -> str:
    """This Python, or where it has no pip (an environment made by uv) one of a throw-away environment."""
    if find_spec("pip") is not None:
        return sys.executable
    place = folder / "environment"
    command = [sys.executable, "-m", "venv", str(place)]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=_SECONDS)
    return str(place / "bin" / "python")


def _is_it(file: Path) -> bool:
    if not file.is_file():
        return False
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == _SHA256


def _reason(error: Exception) -> str:
    said = (error.stderr or "") if isinstance(error, subprocess.CalledProcessError) else str(error)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "no reason was given"


def main() -> None:
    """`python -m include.sources.fetch movielens`. Ends well also without the data: the build goes on without it."""
    logging.basicConfig(format="%(message)s")
    if sys.argv[1:] != ["movielens"]:
        sys.exit("usage: python -m include.sources.fetch movielens")
    found = fetch_movielens(ROOT / "build" / "data" / "movielens")
    if found:
        print(f"movielens: {found.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
