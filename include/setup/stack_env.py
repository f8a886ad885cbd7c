"""`.env` and `.secrets` of the services: made once, and read as Compose reads them. Standard library only."""

from __future__ import annotations

import os
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path

from include.errors import BadInput
from include.privacy import write_secret

PORTS = {"AIRFLOW_PORT": "8080", "SPARK_PORT": "8081", "MLFLOW_PORT": "5000", "PAGES_PORT": "8090"}
_TYPED = ("AIRFLOW_ADMIN_PASSWORD", "AIRFLOW_ENGINEER_PASSWORD", "AIRFLOW_ANALYST_PASSWORD", "MLFLOW_PASSWORD")
_FERNET = "AIRFLOW_FERNET_KEY"
SECRETS = (*_TYPED, _FERNET, "POSTGRES_PASSWORD", "AIRFLOW_DB_PASSWORD", "MLFLOW_DB_PASSWORD", "AIRFLOW_SECRET_KEY",
           "AIRFLOW_JWT_SECRET", "MLFLOW_SECRET_KEY")  # fmt: skip
REQUIRED = ("PORTRAIT_UID", *SECRETS)
_DATA = "STACK_DATA"
_NOBODY = 50000  # who runs in the containers where root starts them
_LINE = re.compile(r"""\s*(?:export\s+)?(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|(.*?))\s*(?:(?<=\s)\#.*)?""")


def read(file: Path) -> dict[str, str]:
    """Names and values, without quotes and comments; what is empty is left out. BadInput where it cannot be read."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise BadInput(f"{file}: cannot be read: {why}") from None
    found = (_LINE.fullmatch(line) for line in lines if line.strip() and not line.lstrip().startswith("#"))
    values = {m[1]: next(value for value in (m[2], m[3], m[4]) if value is not None) for m in found if m}
    return {name: value for name, value in values.items() if value}


def checked(values: Mapping[str, str], file: Path, root: Path) -> dict[str, str]:
    """The values: ports that are ports, a user that is a number, a folder of data that is there, as a whole path.
    BadInput names what is not."""
    if missing := [name for name in REQUIRED if name not in values]:
        raise BadInput(f"{file}: {missing[0]} is missing; put it back: the volumes are bound to it")
    whole = PORTS | dict(values)
    for name in (*PORTS, "PORTRAIT_UID"):
        most = 65535 if name in PORTS else 2**31 - 1
        if not re.fullmatch(r"[0-9]{1,10}", whole[name]) or not 0 < int(whole[name]) <= most:
            raise BadInput(f"{file}: {name} is {whole[name]!r}, but has to be a number from 1 to {most}")
    ports = [whole[name] for name in PORTS]
    if twice := [name for name in PORTS if ports.count(whole[name]) > 1]:
        raise BadInput(f"{file}: {' and '.join(twice[:2])} are both {whole[twice[0]]}; each needs a port of its own")
    for name, value in values.items():
        if name in (*PORTS, *REQUIRED, _DATA) and ("$" in value or "\\" in value):
            raise BadInput(f"{file}: {name} holds a $ or a \\, which Compose reads as something else; choose another")
    data = whole.get(_DATA, "./build/data")
    if _DATA in whole and not Path(root / data).is_dir():
        raise BadInput(f"{file}: {_DATA} is {data!r}, but there is no folder {root / data}")
    return whole | {_DATA: str(root / data)}


def make(env: Path, key: Path, spark: Path, project: str) -> None:
    """Make what is not there yet. BadInput where the files cannot be written for their owner."""
    try:
        if not env.exists():
            _write_owned(env, _fresh(project))
        owner = int(os.environ.get("PORTRAIT_UID") or read(env)["PORTRAIT_UID"])
        if not key.exists():
            _write_owned(key, secrets.token_hex(32) + "\n", owner)
        if not spark.exists():
            _write_owned(spark, f"spark.authenticate true\nspark.authenticate.secret {secrets.token_hex(32)}\n", owner)
    except OSError as error:
        raise BadInput(f"{error.filename or env}: cannot be written: {error.strerror}") from None
    except (KeyError, ValueError):
        raise BadInput(f"{env}: PORTRAIT_UID is not a number; it is the user that owns {key.parent}") from None


def _fresh(project: str) -> str:
    """The first .env of a stack."""
    made = {name: secrets.token_urlsafe(12) if name in _TYPED else secrets.token_hex(32) for name in SECRETS}
    made[_FERNET] = urlsafe_b64encode(secrets.token_bytes(32)).decode()
    head = "# Made by `make up`. Keep it, and keep it to yourself: the volumes are bound to these secrets.\n"
    lines = {"COMPOSE_PROJECT_NAME": project, "PORTRAIT_UID": str(os.getuid() or _NOBODY), **PORTS, **made}
    return head + "".join(f"{name}={value}\n" for name, value in lines.items())


def _write_owned(file: Path, text: str, owner: int | None = None) -> None:
    """Whole or not at all: a key that belongs to nobody who needs it must not stay behind."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_secret(file, text)
    if owner is not None and owner != os.getuid():
        try:
            os.chown(file, owner, -1)
        except OSError:
            file.unlink()
            raise
