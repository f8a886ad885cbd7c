from __future__ import annotations

from subprocess import Popen
from types import SimpleNamespace

import pytest
from py4j.protocol import Py4JNetworkError
from pyspark import SparkContext

from include.errors import BadInput, unexpected
from tests.helpers import Java


def test_what_nobody_foresaw_is_named_without_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTRAIT_DEBUG", raising=False)
    assert unexpected(ValueError("user u1")).startswith("unexpected error: ValueError. Nothing is half-published")


def test_what_a_line_quotes_does_nothing_to_a_terminal() -> None:
    assert str(BadInput("a\x1b[2Jb\r\u202ec: wrong\nnext")) == r"a\x1b[2Jb\r\u202ec: wrong" + "\nnext"
    assert len(str(BadInput("x" * 10**6))) < 1000
    assert str(BadInput("Früchtetee 名字")) == "Früchtetee 名字"


def test_of_java_the_cause_at_the_bottom_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTRAIT_DEBUG", raising=False)
    error = RuntimeError("a row of user u1")
    error.java_exception = Java("SparkException", Java("java.lang.OutOfMemoryError"))  # type: ignore[attr-defined]
    assert unexpected(error).startswith("unexpected error: RuntimeError java.lang.OutOfMemoryError. Nothing")


def test_a_worker_that_died_is_called_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTRAIT_DEBUG", raising=False)
    at = "\tat java.base/java.io.OutputStream.write(OutputStream.java:162)\n\tat org.apache.spark"
    for said in (
        "org.apache.spark.SparkException: Python worker exited unexpectedly (crashed): EOF",
        f"java.io.IOException: Stream closed\n{at}.api.python.PythonWorkerFactory.stopWorker(PythonWorkerFactory.scala)",
    ):
        assert unexpected(RuntimeError(said)).startswith("a Python worker of Spark has died")
    unknown = unexpected(RuntimeError(f"java.io.IOException: Stream closed\n{at}.storage.BlockManager.put(B.scala)"))
    assert unknown.startswith("unexpected error: RuntimeError")


def test_a_jvm_that_is_gone_is_called_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTRAIT_DEBUG", raising=False)
    assert unexpected(Py4JNetworkError("Answer from Java side is empty")).startswith("Spark's JVM has ended")
    with Popen(["true"]) as ended:
        pass
    monkeypatch.setattr(SparkContext, "_gateway", SimpleNamespace(proc=ended))
    assert unexpected(ConnectionRefusedError("[Errno 111]")).startswith("Spark's JVM has ended")


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("java.io.FileNotFoundException: /lake/meta/_delta_log/1.json (Permission denied)\n\tat x",
         "/lake/meta/_delta_log/1.json: Permission denied"),
        ("java.io.IOException: FileNotFoundException: /my lake/meta/1.json (Permission denied)",
         "/my lake/meta/1.json: Permission denied"),
        ("[Errno 13] Permission denied: '/my lake/a b'", "/my lake/a b: Permission denied"),
        ("Generic error: Unable to open file /my lake/gold: Permission denied (os error 13)",
         "/my lake/gold: Permission denied"),
        ("Unable to open file /my lake/meta/3.json\n   \x1b[31m↳\x1b[0m Permission denied (os error 13)",
         "/my lake/meta/3.json: Permission denied"),
        ("[Errno 30] Read-only file system: '/lake/a'", "/lake/a: Read-only file system"),
        ("Unable to create dir /lake/gold: No space left on device (os error 28)", "/lake/gold: No space left on device"),
        ("Task 1 failed: java.io.IOException: No space left on device", "No space left on device"),
        ("java.io.IOException: Mkdirs failed to create file:/my lake/staging/7/a (exists=false, cwd=file:/x)",
         "/my lake/staging/7/a: cannot be made, for want of rights or of space"),
        ("org.apache.hadoop.fs.ChecksumException: Checksum error: file:/my lake/a.parquet at 0 exp: 1 got: 2",
         "/my lake/a.parquet: its bytes are not those that were written"),
        ("Could not open Parquet input source 'part-0.zstd.parquet': Parquet magic bytes not found in footer.",
         "part-0.zstd.parquet: its bytes are not those that were written"),
        ("java.lang.RuntimeException: file:/my lake/a.parquet is not a Parquet file. Expected magic number at tail",
         "/my lake/a.parquet: its bytes are not those that were written"),
        ("[Errno 27] File too large: '/lake/a'", "/lake/a: File too large"),
    ],
)  # fmt: skip
def test_what_the_system_said_of_a_file_is_told_with_the_file(
    message: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PORTRAIT_DEBUG", raising=False)
    assert unexpected(OSError(message)).startswith(f"{said}. Nothing is half-published; mend that")
