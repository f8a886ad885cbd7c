"""Readable rows in, readable rows out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


# Settings of Spark where a few rows are planned and compiled far longer than they are computed.
NO_CODEGEN = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}


def table(spark: SparkSession, schema: str, text: str) -> DataFrame:
    """A frame from lines of cells parted by `|`; `-` is null. Cells are cast to the types of `schema`."""
    from pyspark.sql import functions as F

    names = [part.split()[0] for part in _parts(schema)]
    cells = [tuple(_cell(c) for c in line.split("|")) for line in text.strip().splitlines()]
    rows = spark.createDataFrame(cells, ", ".join(f"{n} string" for n in names))
    return rows.select(
        *(_typed(F.col(n), part.split(None, 1)[1]).alias(n) for n, part in zip(names, _parts(schema), strict=True))
    )


def lines(frame: DataFrame, *columns: str) -> list[str]:
    """The rows as lines of the same form, sorted."""
    return sorted(" | ".join(_text(row[c]) for c in columns) for row in frame.select(*columns).collect())


def expected(text: str) -> list[str]:
    """Hand-written rows, in the form of `lines`."""
    return sorted(" | ".join(cell.strip() for cell in line.split("|")) for line in text.strip().splitlines())


def _cell(text: str) -> str | None:
    return None if text.strip() == "-" else text.strip()


def _typed(column: Any, ddl: str) -> Any:
    from pyspark.sql import functions as F

    if ddl == "array<string>":
        return F.filter(F.split(column, ","), lambda word: word != "")
    return column.cast(ddl)


def _text(value: object) -> str:
    if value is None:
        return "-"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _parts(schema: str) -> list[str]:
    return [part.strip() for part in schema.split(", ")]


def last_line(said: str) -> str:
    """Of all that a command said, the line that a person reads."""
    return (said.strip().splitlines() or ["(no word)"])[-1]


class Java:
    """An exception of Java, as Py4J shows it."""

    def __init__(self, name: str, cause: Java | None = None, message: str = "") -> None:
        self._name, self._cause, self._message = name, cause, message

    def getCause(self) -> Java | None:  # noqa: N802  # Java's name
        return self._cause

    def getClass(self) -> Java:  # noqa: N802
        return self

    def getMessage(self) -> str:  # noqa: N802
        return self._message

    def getName(self) -> str:  # noqa: N802
        return self._name
