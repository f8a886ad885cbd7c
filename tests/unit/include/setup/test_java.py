from __future__ import annotations

from pathlib import Path

import pytest

from include.errors import BadInput
from include.setup import java


def fake_java(folder: Path, says: str, status: int = 0) -> None:
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{says}\nEND\nexit {status}\n")
    program.chmod(0o755)


def test_no_java_at_all_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadInput, match="no java on the PATH and no JAVA_HOME; install Java 17"):
        java.check()


def test_a_wrong_java_home_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(BadInput, match=f"JAVA_HOME is {tmp_path}, but there is no bin/java in it"):
        java.check()


@pytest.mark.parametrize(
    "says", ['openjdk version "11.0.2"', 'openjdk version "25" 2025-09-16', 'java version "1.8.0_1"']
)
def test_a_java_that_spark_does_not_run_on_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, says: str):
    fake_java(tmp_path, says)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(BadInput, match=r"but Spark 4.2 needs 17 or 21"):
        java.check()


def test_java_17_is_taken_whatever_options_the_environment_gives_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    fake_java(tmp_path, 'Picked up JAVA_TOOL_OPTIONS: -Dversion="11"\nopenjdk version "17.0.15" 2025-04-15')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    java.check()
    assert java.describe() == 'openjdk version "17.0.15" 2025-04-15'


def test_a_java_that_does_not_run_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    fake_java(tmp_path, "Error: could not open libjvm.so", status=1)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(BadInput, match="bin/java does not run"):
        java.check()
