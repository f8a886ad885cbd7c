"""Keyed pseudonyms. The key is a file outside the lake; the lake keeps a check value of it, never the key.

A pseudonym is HMAC-SHA256 (RFC 2104) over kind, source and value, cut to 128 bits: without the key it cannot be
recomputed from a list of ids, and the same id in two sources gives two pseudonyms.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import stat
from pathlib import Path

from include.errors import BadInput

LAKE_FORMAT = 1
_DIGITS = 32
RECORD = "key"  # kind of the pseudonym of what makes two records versions of one thing
OWN_ID_MARK = "id:"  # before a source's own id there, so that it is never taken for the text of a natural key


def pseudonym(key: bytes, kind: str, source: str, value: str) -> str:
    """32 hexadecimal digits. `kind` keeps a user id and an equal order id apart."""
    message = "\x1f".join((kind, source, value)).encode()
    return hmac.digest(key, message, "sha256").hex()[:_DIGITS]


def record_key(key: bytes, source: str, own_id: str) -> str:
    """The `event_key` or `text_key` of a record that its source gives an id."""
    return pseudonym(key, RECORD, source, OWN_ID_MARK + own_id)


def make_key(file: Path) -> bool:
    """Write a new key, readable by its owner only; False if there is one already."""
    if file.exists():
        return False
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_secret(file, secrets.token_hex(32) + "\n")
    return True


def write_secret(file: Path, text: str) -> None:
    """A new file that its owner alone reads, from its first byte on."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)


def read_key(file: Path) -> bytes:
    """The pseudonym key."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        text = file.read_text().strip()
    except FileNotFoundError:
        raise BadInput(f"pseudonym key: no file {file}; run `make setup`, or set PORTRAIT_KEY_FILE") from None
    except OSError as error:
        raise BadInput(f"pseudonym key: cannot read {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadInput(f"pseudonym key: {file} must hold 64 hexadecimal digits") from None
    if mode & 0o077:
        raise BadInput(f"pseudonym key: {file} is open to others (mode {mode:03o}); run `chmod 600` on it")
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise BadInput(f"pseudonym key: {file} must hold 64 hexadecimal digits")
    return key


def check_value(key: bytes) -> str:
    """What the lake keeps to recognise its key."""
    return hashlib.sha256(b"portrait key check\x1f" + key).hexdigest()[:16]


def require_lake_key(lake: Path, key: bytes, *, create: bool = False) -> None:
    """Refuse a lake written with another key or by a newer version. `create` marks a new lake with this key."""
    file = lake / "lake.json"
    if not file.exists():
        if create:
            try:
                lake.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise BadInput(f"lake: cannot make the folder {lake}: {error.strerror}; set PORTRAIT_LAKE") from None
            draft = file.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps({"format": LAKE_FORMAT, "key_check": check_value(key)}) + "\n")
            draft.replace(file)
        return
    try:
        mark = json.loads(file.read_text())
        written, check = int(mark["format"]), str(mark["key_check"])
    except (ValueError, KeyError, TypeError):
        raise BadInput(f"lake: {file} is damaged; restore it from a backup, or start a new lake") from None
    if written > LAKE_FORMAT:
        raise BadInput(f"lake: {lake} was written by a newer version (format {written}, this one knows {LAKE_FORMAT})")
    if check != check_value(key):
        raise BadInput(f"pseudonym key: {lake} was built with another key; set PORTRAIT_KEY_FILE to that one")
