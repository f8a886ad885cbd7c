"""What the code on a build's path may not do, read from its syntax trees."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.settings import ROOT

NOT_ON_THE_PATH = {ROOT / "include/sources/check.py"}  # `portrait sources check` shows a person a few mapped rows
PATH = sorted(
    {
        *(ROOT / "jobs").rglob("*.py"),
        *(ROOT / "include/lake").rglob("*.py"),
        *(ROOT / "include/sources").rglob("*.py"),
        *(ROOT / "include/traits").rglob("*.py"),
        *(ROOT / "include/derive").rglob("*.py"),
        *(ROOT / "include").glob("*.py"),
    }
    - NOT_ON_THE_PATH
)
# Rows to the driver, whole frames, Python loops over rows, and results that hang on the order of rows.
FORBIDDEN = {"collect", "toPandas", "toLocalIterator", "rdd", "foreach", "foreachPartition", "dropDuplicates",
             "drop_duplicates", "dropDuplicatesWithinWatermark", "inferSchema", "samplingRatio", "mergeSchema",
             "overwriteSchema"}  # fmt: skip
MAY = {("include/lake/frames.py", "few_rows", "collect"): "the one place where rows come to the driver, counted"}
SQL = {"sql", "expr", "selectExpr"}
# Things that change. `as_of` joins to them by day; the others read them whole for the reason that is told.
CHANGING = {"silver.items", "silver.users", "silver.follows"}
READS_CHANGING = {
    ("jobs/ingest.py", "_items"): "hands the versions to as_of",
    ("jobs/profile_tables.py", "_interests_by"): "hands the versions to as_of",
    ("jobs/ingest.py", "_days_of_changed_items"): "compares versions with versions",
    ("jobs/profile_tables.py", ""): "inputs of the compiled pass, which takes the versions valid on each as-of day",
}


def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def _walk(node: ast.AST, function: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Every node with the name of the innermost function that it is in."""
    for child in ast.iter_child_nodes(node):
        inside = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function
        yield inside, child
        yield from _walk(child, inside)


def _words(node: ast.AST) -> Iterator[str]:
    """What is called, set or given as an option here."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield node.func.attr
    elif isinstance(node, ast.Attribute) and node.attr == "rdd":
        yield node.attr
    elif isinstance(node, ast.keyword) and node.arg:
        yield node.arg
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def test_the_path_is_not_empty():
    assert {"jobs/ingest.py", "jobs/silver/resolve.py", "include/lake/read.py", "include/sources/mapping.py"} <= {
        _name(file) for file in PATH
    }


@pytest.mark.parametrize("file", PATH, ids=_name)
def test_no_rows_come_to_the_driver_and_no_schema_is_guessed(file: Path):
    for function, node in _walk(_tree(file)):
        for word in _words(node):
            if word in FORBIDDEN:
                assert (_name(file), function, word) in MAY, f"{_name(file)}:{node.lineno}: {word}"  # type: ignore[attr-defined]


def test_the_exception_is_still_there():
    found = {(_name(file), function, word) for file in PATH for function, node in _walk(_tree(file))
             for word in _words(node) if word in FORBIDDEN}  # fmt: skip
    assert found == set(MAY)


@pytest.mark.parametrize("file", PATH, ids=_name)
def test_no_action_but_few_rows_and_writes(file: Path):
    """`count()`, `first()` and the like start a job of their own; a run's jobs must not grow with what it builds."""
    actions = {"count", "first", "head", "take", "tail", "show", "isEmpty", "toArrow"}
    for _, node in _walk(_tree(file)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in actions:
            of_functions = isinstance(node.func.value, ast.Name) and node.func.value.id == "F"
            on_text = node.func.attr == "count" and node.args  # str.count, list.count
            assert of_functions or on_text, f"{_name(file)}:{node.lineno}: {node.func.attr}()"


@pytest.mark.parametrize("file", PATH, ids=_name)
def test_sql_is_never_put_together_from_text(file: Path):
    for _, node in _walk(_tree(file)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SQL:
            of_tree = isinstance(node.func.value, ast.Name | ast.Call | ast.Subscript) and not node.args
            for argument in node.args:
                built = isinstance(argument, ast.JoinedStr | ast.BinOp) or (
                    isinstance(argument, ast.Call)
                    and isinstance(argument.func, ast.Attribute)
                    and argument.func.attr in ("format", "join", "replace")
                )
                assert of_tree or not built, f"{_name(file)}:{node.lineno}: text is made into SQL"


@pytest.mark.parametrize("file", PATH, ids=_name)
def test_things_that_change_are_joined_as_of_a_day(file: Path):
    if file.is_relative_to(ROOT / "include") or file == ROOT / "jobs/silver/validity.py":
        return  # declarations, the pass over versions, and as_of itself
    for function, node in _walk(_tree(file)):
        if isinstance(node, ast.Constant) and node.value in CHANGING:
            assert (_name(file), function) in READS_CHANGING, f"{_name(file)}:{node.lineno}: reads {node.value}"


def test_as_of_is_how_items_are_joined():
    users = {_name(f) for f in PATH for _, n in _walk(_tree(f)) if isinstance(n, ast.Name) and n.id == "as_of"}
    assert "jobs/gold/behaviour_items_daily.py" in users


@pytest.mark.parametrize("module", ["include.tables", "include.plan", "include.errors", "include.traits.load"])
def test_declarations_import_nothing_heavy(module: str):
    """A DAG file and `portrait --help` import them. Standard library only, for the tables themselves."""
    heavy = ["pyspark", "pandas", "great_expectations", "delta", "duckdb", "deltalake", "airflow", "mlflow", "torch"]
    light = [] if module.startswith("include.traits") else ["pydantic", "sqlglot", "yaml", "numpy", "pyarrow"]
    code = f"import sys, {module}; print([m for m in {[*heavy, *light]} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[]", done.stderr


def _modules(file: Path) -> Iterator[str]:
    """Modules that a file imports, wherever in it."""
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_the_exam_and_what_is_examined_know_nothing_of_each_other():
    """The shop's truth must not be made with what is scored by it; the session is only where it is computed."""
    shop = {module for file in (ROOT / "include/shop").glob("*.py") for module in _modules(file)}
    ours = {module for module in shop if module.startswith(("include", "jobs"))}
    assert {m for m in ours if not m.startswith("include.shop")} == {"include.errors", "include.lake.session"}
    knows_it = {_name(file) for folder in ("include", "jobs", "dags") for file in (ROOT / folder).rglob("*.py")
                if any(module.startswith("include.shop") for module in _modules(file))}  # fmt: skip
    others = {name for name in knows_it if not name.startswith("include/shop/")}
    assert others == {"include/score/exam.py", "include/setup/demo.py", "include/cli.py"}
