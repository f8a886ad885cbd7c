from __future__ import annotations

import pytest

from include.errors import unexpected


class Java:
    """An exception of Java, as Py4J shows it."""

    def __init__(self, name: str, cause: Java | None = None) -> None:
        self._name, self._cause = name, cause

    def getCause(self) -> Java | None:  # noqa: N802  # Java's name
        return self._cause

    def getClass(self) -> Java:  # noqa: N802
        return self

    def getName(self) -> str:  # noqa: N802
        return self._name


def test_what_nobody_foresaw_is_named_without_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTRAIT_DEBUG", raising=False)
    assert unexpected(ValueError("user u1")).startswith("unexpected error: ValueError. Nothing is half-published")


def test_of_java_the_cause_at_the_bottom_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTRAIT_DEBUG", raising=False)
    error = RuntimeError("a row of user u1")
    error.java_exception = Java("SparkException", Java("java.lang.OutOfMemoryError"))  # type: ignore[attr-defined]
    assert unexpected(error).startswith("unexpected error: RuntimeError java.lang.OutOfMemoryError. Nothing")
