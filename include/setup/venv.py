"""The virtual environment. Standard library only: this runs in the Python that make found."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from include.errors import BadInput, PortraitError

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
_STAMP = VENV / ".installed"  # digest of what is installed
_REQUIREMENTS = ROOT / "requirements.txt"


def check_python() -> None:
    """Python 3.11 is what the packages are pinned for."""
    if sys.version_info[:2] != (3, 11):
        have = ".".join(map(str, sys.version_info[:3]))
        raise BadInput(f"Python: {sys.executable} is {have}, but 3.11 is needed; install it, or name it: PYTHON=...")


def create() -> bool:
    """Make `.venv`, or make it again where the Python it points to is gone."""
    if PYTHON.exists():
        return False
    try:
        _call(sys.executable, "-m", "venv", "--clear", str(VENV), what="Python cannot make a virtual environment "
              "(Debian: install python3.11-venv)")  # fmt: skip
    except PortraitError:
        PYTHON.unlink(missing_ok=True)  # half a venv must not look like one
        raise
    return True


def install() -> bool:
    """Install the pinned packages and the project itself, if any of their files changed."""
    digest = hashlib.sha256(_REQUIREMENTS.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if _STAMP.exists() and _STAMP.read_text() == digest:
        return False
    print("setup: installing packages (the first time takes some minutes)", flush=True)
    python = str(PYTHON)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as uv_alone:
        uv_alone.write(_pin_of("uv"))
        uv_alone.flush()
        _call(python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", uv_alone.name,
              what="pip could not install uv")  # fmt: skip
    uv = (python, "-m", "uv", "pip", "install", "--quiet", "--python", python)
    # Compiled once, here. Where Python may not write what it compiled (images, PYTHONDONTWRITEBYTECODE), every process
    # would compile again what it imports: a worker with torch took 25 seconds instead of 9.
    _call(*uv, "--compile-bytecode", "--require-hashes", "-r", str(_REQUIREMENTS),
          what="uv could not install the packages")  # fmt: skip
    _call(*uv, "--no-deps", "--no-build-isolation", "--editable", str(ROOT), what="uv could not install the project")
    _STAMP.write_text(digest)
    return True


def _pin_of(package: str) -> str:
    """The lines of requirements.txt that pin one package, hashes and all."""
    found = re.search(rf"^{package}==.*(?:\n +--hash=.*)*", _REQUIREMENTS.read_text(), re.MULTILINE)
    if not found:
        raise BadInput(f"requirements.txt: no pin of {package}; run `make lock`")
    return found[0] + "\n"


def _call(*command: str, what: str) -> None:
    """Run a client, its own words shown, and end with one line of ours if it fails."""
    if subprocess.call(command, cwd=ROOT, stdin=subprocess.DEVNULL) != 0:
        raise PortraitError(f"{what}; the reason is printed above")
