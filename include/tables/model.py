"""What a table declaration consists of. Standard library only: a DAG file may import it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Privacy(StrEnum):
    """How far a column reaches back to a person. It decides where the column's values may appear."""

    IDENTIFIER = "identifier"  # names a person; bronze only
    PSEUDONYM = "pseudonym"  # keyed hash of an identifier; may be a file statistic, nothing else
    QUASI_IDENTIFIER = "quasi_identifier"  # narrows a person down together with others
    FREE_TEXT = "free_text"  # a person wrote it
    NONE = "none"


class Severity(StrEnum):
    """What a failed rule does: `critical` blocks publishing, `warning` is recorded."""

    CRITICAL = "critical"
    WARNING = "warning"


@dataclass(frozen=True)
class Column:
    """One column. `type` is Spark DDL; `low` and `high` are inclusive.

    `exact` columns are part of the table's content hash. Columns that tell who built a row and when are not.
    """

    name: str
    type: str
    about: str
    unit: str | None = None
    privacy: Privacy = Privacy.NONE
    nullable: bool = True
    allowed: tuple[str, ...] | None = None
    low: str | None = None
    high: str | None = None
    exact: bool = True

    def required(self) -> Column:
        """The same column where a value must be there."""
        return replace(self, nullable=False)


@dataclass(frozen=True)
class Rule:
    """A check on staged rows: what breaks it, said in one of three ways, in Spark SQL.

    failing: true for a row that breaks the rule
    unique: expressions; each row of a unit beyond the first with the same values breaks it (two nulls are the same)
    same: expressions; each combination of values in a unit beyond the first breaks it (with a null it is none)
    """

    name: str
    why: str
    failing: str | None = None
    unique: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    severity: Severity = Severity.CRITICAL

    def __post_init__(self) -> None:
        if [bool(self.failing), bool(self.unique), bool(self.same)].count(True) != 1:
            raise ValueError(f"rule {self.name}: say one of failing, unique, same")


@dataclass(frozen=True)
class Table:
    """One table of the lake.

    `application` is the only one that writes it. `replaced_by` names the columns whose combinations are replaced
    whole by a publish (`source`, `day` for tables of events); empty means append only.
    """

    name: str
    grain: str
    about: str
    application: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    partition_by: tuple[str, ...] = ()
    replaced_by: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    owner: str = "profiles"

    @property
    def layer(self) -> str:
        return self.name.split(".")[0]

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    @property
    def exact_columns(self) -> tuple[Column, ...]:
        """The columns of the content hash. Partition columns other than `source` are layout, not content."""
        layout = set(self.partition_by) - {"source"}
        return tuple(c for c in self.columns if c.exact and c.name not in layout)

    def with_columns(self, *more: Column) -> Table:
        """The same table with `more` columns before its provenance."""
        tail = tuple(c for c in self.columns if not c.exact)
        head = tuple(c for c in self.columns if c.exact)
        return replace(self, columns=(*head, *more, *tail))
