"""Reading the lake with SQL and without Spark: DuckDB over delta-rs, every table at its released version.

A table is handed to DuckDB as a dataset that is read when a query asks for it, only the columns and files it needs.
The connection is in memory, sees no file, loads no extension and cannot be changed any more. Bronze is never in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from include.errors import BadInput, NoLake, PortraitError
from include.lake.meta import Meta
from include.settings import Settings
from include.sql import parse_select, tables_of
from include.tables import TABLES, Column
from include.tables.columns import FEEDS

if TYPE_CHECKING:
    import pyarrow.dataset
    from duckdb import DuckDBPyConnection

LAYERS = ("silver", "gold", "meta")
ASOF = "user_profiles_asof"
# Spilling would leave rows on disk; a name that is no table must not find a Python variable.
_LOCKS = """
set TimeZone = 'UTC';
set temp_directory = '';
set memory_limit = '2GB';
set python_enable_replacements = false;
set autoinstall_known_extensions = false;
set autoload_known_extensions = false;
set enable_external_access = false;
set lock_configuration = true;
"""


class Lake:
    """The published lake. Raises BadInput where there is none."""

    def __init__(self, settings: Settings, newest: Collection[str] = ()) -> None:
        """`newest`: tables that are read as they are, whatever was released."""
        self.settings, self._newest = settings, newest
        if not (settings.table_path("meta.releases") / "_delta_log").is_dir():
            raise NoLake(f"no lake in {settings.lake}: run `make demo`, or `portrait build`, or set PORTRAIT_LAKE")
        self.meta = Meta(settings)
        self._release: dict[str, int] | None = None

    def release(self) -> dict[str, int]:
        """Version of every released table: of two releases that name a table, the one with the higher fence counts.

        Asked once, so that all tables of one `Lake` belong together.
        """
        if self._release is None:
            self._release = self.meta.versions()
        return self._release

    def version(self, name: str) -> int | None:
        """The version a reader sees; None: the newest (meta). Created and never released: 0, which is empty."""
        return None if name.startswith("meta.") or name in self._newest else self.release().get(name, 0)

    def has(self, name: str) -> bool:
        """Whether set-up has created the table."""
        return (self.settings.table_path(name) / "_delta_log").is_dir()

    def dataset(self, name: str) -> pyarrow.dataset.Dataset:
        """A table of the lake, unread. The one way in: users to be left out would be left out here."""
        if name.startswith("bronze."):
            raise ValueError(f"{name} is not for readers")
        return _open(self.settings, name, self.version(name))

    def landed(self) -> list[tuple[str, str, date, int]]:
        """(source, feed, arrived_on, records) of bronze as it is now. Nothing else of bronze is read."""
        import duckdb

        counted = []
        for feed in FEEDS:
            if not self.has(f"bronze.{feed}"):
                continue
            with duckdb.connect(":memory:") as connection:
                connection.register("landed", _open(self.settings, f"bronze.{feed}", None))
                by_day = "select source, ?, arrived_on, count(*) from landed group by source, arrived_on"
                counted += connection.execute(by_day, [feed]).fetchall()
        return counted

    def connect(self, tables: Iterable[str] | None = None, *, macros: bool = True) -> DuckDBPyConnection:
        """A read-only connection with the schemas silver, gold and meta, and `user_profiles_asof`.

        `tables` limits it to those, where a caller knows which it needs: opening one takes milliseconds.
        """
        if not self.release():
            raise BadInput(f"nothing has been published in {self.settings.lake} yet: run `portrait build`")
        return _connection(self, sorted(TABLES if tables is None else tables), macros)

    def rows(self, sql: str, parameters: Iterable[Any] = (), *, macros: bool = False) -> list[dict[str, Any]]:
        """The rows of one of our own queries."""
        needed = None if macros else tables_of(parse_select(sql))
        with _connection(self, sorted(TABLES if needed is None else needed), macros) as connection:
            found = connection.execute(sql, list(parameters))
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _connection(lake: Lake, tables: Iterable[str], macros: bool) -> DuckDBPyConnection:
    import duckdb
    import pyarrow as pa
    from deltalake import Schema

    from include.derive.schema import to_json

    connection = duckdb.connect(":memory:")
    for layer in LAYERS:
        connection.execute(f"create schema {layer}")
    for name in tables:
        layer, table = name.split(".")
        if layer not in LAYERS:
            continue
        if lake.has(name):
            rows: Any = lake.dataset(name)
        else:  # declared since the last build: it has no rows yet
            rows = pa.schema(Schema.from_json(to_json(TABLES[name])).to_arrow()).empty_table()
        connection.register(f"{layer}__{table}", rows)
        _create_view(connection, name, [c for c in TABLES[name].columns if c.name not in rows.schema.names])
    if macros:
        _create_asof(lake, connection)
    connection.execute(_LOCKS)
    return connection


def _create_view(connection: DuckDBPyConnection, name: str, new: Iterable[Column]) -> None:
    """What a reader asks for by the table's name. Columns that are `new` since the last build are null until then."""
    from sqlglot import exp

    layer, table = name.split(".")
    nulls = [f', cast(null as {exp.DataType.build(c.type, "spark").sql("duckdb")}) as "{c.name}"' for c in new]
    connection.execute(f'create or replace view {layer}."{table}" as select *{"".join(nulls)} from "{layer}__{table}"')  # noqa: S608 declared names


def _create_asof(lake: Lake, connection: DuckDBPyConnection) -> None:
    """The macros name every declared trait."""
    from include.lake.catalogue import WIDE
    from include.traits.asof import create_macros
    from include.traits.columns import trait_columns
    from include.traits.load import load_traits

    traits = load_traits(lake.settings.trait_folders)
    for name in WIDE:
        if lake.has(name):
            there = lake.dataset(name).schema.names
            _create_view(connection, name, [c for c in trait_columns(traits) if c.name not in there])
    connection.execute(create_macros(traits, lake.meta.speakers()))


def _open(settings: Settings, name: str, version: int | None) -> pyarrow.dataset.Dataset:
    from deltalake.exceptions import DeltaError

    from include.lake.open import open_dataset, open_table

    try:
        table = open_table(settings, name, version)
        mapped = table.metadata().configuration.get("delta.columnMapping.mode", "none") != "none"
        if not mapped:
            return open_dataset(settings, name, version)
    except DeltaError as error:
        reason = str(error).splitlines()[0]
        raise PortraitError(f"{name} cannot be read at version {version}: {reason}") from None
    # Read as a plain table it would be all nulls, and say nothing.
    raise PortraitError(f"{name} has column mapping, which readers without Spark do not see; write it without")
