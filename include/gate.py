"""The gate between building and publishing: counts in, verdict and pages out.

The counts come from one Spark pass over what is staged. GX validates them, once per application, and a failed
critical rule means that nothing is published. Neither the verdict nor the pages hold a value of a row.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from include.tables.model import Severity

if TYPE_CHECKING:
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

KEPT_RUNS = 20
INDEX = "index.html"
_VERDICT = "verdict.json"
_COUNTS = "counts"  # GX's name for where the frames come from
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Measured:
    """How many rows of a staged table break one rule. `failing` and `of` are rows; `why` says what the rule wants."""

    table: str
    rule: str
    severity: Severity
    failing: int
    of: int
    why: str

    @property
    def line(self) -> str:
        """The rule and its counts in one line, for a log or a terminal."""
        return f"{self.table} {self.rule} ({self.severity}): {self.failing:,} of {self.of:,} rows; {self.why}"


@dataclass(frozen=True)
class Verdict:
    """`passed` is false if a critical rule failed. `failed` holds critical rules, then warnings.

    `page` is where a person reads all of it; none if the pages could not be written, which never decides a gate.
    """

    passed: bool
    failed: tuple[Measured, ...]
    page: Path | None


def preload() -> None:
    """Starts the import of GX beside other work: it takes five seconds, which a starting JVM leaves idle."""
    threading.Thread(target=_import_gx, daemon=True).start()


def judge(measured: Iterable[Measured], pages: Path, run_id: str) -> Verdict:
    """Validates every count and writes the run's Data Docs under `pages`, the folder of one application's checks.

    The folder has one folder a run (the last 20) and an `index.html` that lists them.
    """
    measured = tuple(measured)
    twice = len(measured) - len({(m.table, m.rule) for m in measured})
    if twice:
        raise ValueError(f"{twice} rules were measured twice: a later count would hide an earlier one")
    context = _context()
    broken = _validate(context, measured, _folder(run_id))
    failed = tuple(sorted((m for m in measured if (m.table, m.rule) in broken), key=_gravest_first))
    try:
        page: Path | None = _write(context, pages, run_id, measured, failed)
    except OSError as error:
        _log.warning("the pages of the checks could not be written to %s: %s", pages, error.strerror)
        page = None
    return Verdict(_passed(failed), failed, page)


def page_of(run_id: str, pages: Path) -> Path:
    """Where the pages of a run begin."""
    return pages / _folder(run_id) / INDEX


def _passed(failed: Iterable[Measured]) -> bool:
    return not any(m.severity is Severity.CRITICAL for m in failed)


def _gravest_first(measured: Measured) -> tuple[bool, str, str]:
    return measured.severity is not Severity.CRITICAL, measured.table, measured.rule


def _import_gx() -> ModuleType:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations

    # Where it cannot write a page it logs a trace and goes on; `_write` looks whether all pages are there.
    logging.getLogger("great_expectations.render.renderer.site_builder").disabled = True
    return great_expectations


def _context() -> EphemeralDataContext:
    """GX in memory: no project folder, no telemetry, no progress bars."""
    context: EphemeralDataContext = _import_gx().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    context.delete_data_docs_site("local_site")
    return context


def _validate(context: EphemeralDataContext, measured: Sequence[Measured], run: str) -> set[tuple[str, str]]:
    """The (table, rule) pairs that failed: what GX says, and it must say something about each."""
    import pandas as pd
    from great_expectations import RunIdentifier, ValidationDefinition

    from include.derive.suite import suite_of

    counts = context.data_sources.add_pandas(_COUNTS)
    sound: set[tuple[str, str]] = set()
    for table in sorted({m.table for m in measured}):
        rows = [m for m in measured if m.table == table]
        batch = counts.add_dataframe_asset(table).add_batch_definition_whole_dataframe("staged")
        suite = context.suites.add(suite_of(table, ((m.rule, m.why, m.severity) for m in rows)))
        definition = context.validation_definitions.add(ValidationDefinition(name=table, data=batch, suite=suite))
        result = definition.run(
            batch_parameters={"dataframe": pd.DataFrame([{m.rule: m.failing for m in rows}])},
            result_format="BASIC",
            run_id=RunIdentifier(run_name=run),
        )
        configs = (r.expectation_config for r in result.results if r.success)
        sound |= {(table, config.kwargs["column"]) for config in configs if config}
    return {(m.table, m.rule) for m in measured} - sound


def _write(
    context: EphemeralDataContext, pages: Path, run_id: str, measured: Sequence[Measured], failed: Sequence[Measured]
) -> Path:
    """Written beside and moved in, so that two starts of one application never mix their pages."""
    pages.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=pages, prefix=".writing-") as temporary:
        docs, run = Path(temporary) / "docs", Path(temporary) / "run"
        run.mkdir()
        context.add_data_docs_site("checks", _site(docs))
        context.build_data_docs(["checks"])
        tables = {file.name.removeprefix(f"{_COUNTS}-"): file for file in docs.glob("validations/**/*.html")}
        if {f"{m.table}.html" for m in measured} - tables.keys():
            raise OSError(errno.EIO, "not all of them")
        for name, file in tables.items():
            (run / name).write_text(_self_contained(file.read_text("utf-8")), "utf-8")
        summary = _Summary(run_id, _passed(failed), len(measured), [m.line for m in failed])
        (run / _VERDICT).write_text(json.dumps(asdict(summary)), "utf-8")
        overview = _overview(measured, failed)
        (run / INDEX).write_text(_page(summary.html(), overview, f"<p><a href='../{INDEX}'>All runs</a></p>"), "utf-8")
        page = page_of(run_id, pages)
        shutil.rmtree(page.parent, ignore_errors=True)
        run.rename(page.parent)
        listing = Path(temporary) / INDEX
        listing.write_text(_listing(_prune(pages)), "utf-8")
        listing.rename(pages / INDEX)
    return page


def _overview(measured: Sequence[Measured], failed: Sequence[Measured]) -> str:
    """A line for each table, with a link to what GX says about it."""
    lines = []
    for table in sorted({m.table for m in measured}):
        rules = [m for m in measured if m.table == table]
        broken = [m for m in failed if m.table == table]
        worst = broken[0].severity.value if broken else "passed"  # the gravest comes first
        name, rows = escape(table), max(m.of for m in rules)
        lines.append(
            f'<tr class="{worst}"><td><a href="{name}.html">{name}</a></td><td>{rows:,}</td><td>{len(rules)}</td>'
            f"<td>{len(broken)}</td><td>{worst}</td></tr>"
        )
    head = "<tr><th>table</th><th>rows looked at</th><th>rules</th><th>failed</th><th>worst</th></tr>"
    return f"<table>{head}{''.join(lines)}</table>"


@dataclass(frozen=True)
class _Summary:
    """What the pages say about a run as a whole."""

    run: str
    passed: bool
    rules: int
    failed: list[str]

    def html(self, link: str | None = None) -> str:
        name = f'<a href="{escape(link)}">{escape(self.run)}</a>' if link else escape(self.run)
        lines = "".join(f"<li>{escape(line)}</li>" for line in self.failed)
        return f"<h2>{name}: {'passed' if self.passed else 'failed'}</h2><p>{self.rules} rules</p><ul>{lines}</ul>"


def _site(folder: Path) -> Any:
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "show_cta_footer": False},
        "site_section_builders": {"expectations": "None", "profiling": "None"},
    }


def _folder(run_id: str) -> str:
    """A run's folder: readable, never a path of somebody else's choosing, different for different runs."""
    readable = re.sub(r"[^A-Za-z0-9-]+", "-", run_id)[:60].strip("-")
    return f"{readable}-{hashlib.sha256(run_id.encode()).hexdigest()[:8]}"


def _prune(pages: Path) -> list[Path]:
    """Keeps the newest runs, newest first; another start may be pruning too."""
    dated: list[tuple[float, Path]] = []
    for verdict in pages.glob(f"*/{_VERDICT}"):
        try:
            dated.append((verdict.stat().st_mtime, verdict.parent))
        except FileNotFoundError:
            continue
    runs = [run for _, run in sorted(dated, reverse=True)]
    for old in runs[KEPT_RUNS:]:
        shutil.rmtree(old, ignore_errors=True)
    return runs[:KEPT_RUNS]


def _listing(runs: Iterable[Path]) -> str:
    parts = []
    for run in runs:
        try:
            summary = _Summary(**json.loads((run / _VERDICT).read_text("utf-8")))
        except FileNotFoundError:
            continue
        parts.append(summary.html(f"{run.name}/{INDEX}"))
    return _page(*parts)


def _page(*parts: str) -> str:
    head = f'<meta charset="utf-8"><title>Checks</title>{_STYLE}'
    return f"<!DOCTYPE html><html><head>{head}</head><body><h1>Checks</h1>{''.join(parts)}</body></html>"


# GX's pages load their style and scripts from other sites; a page about our data talks to nobody and reads offline.
_REMOTE = re.compile(
    r"<script\b.*?</script>|<link\b[^>]*>|<img\b[^>]*>|<footer\b.*?</footer>|url\('https?://[^']*'\)", re.DOTALL
)
_STYLE = """<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em }
table { border-collapse: collapse } th, td { border: 1px solid #ccc; padding: .3em .7em; text-align: left }
tr.critical td:last-child { color: #b91c1c } tr.warning td:last-child { color: #b45309 }
.nav-item, .breadcrumb-item { display: inline-block; margin-right: 1em }
.fa-check-circle::before { content: "\\2714"; color: #17803d } .fa-times::before { content: "\\2718"; color: #b91c1c }
.fa-exclamation-triangle::before { content: "!"; color: #b45309; font-weight: bold }
.popover, .modal, .btn-group, footer { display: none }
</style>"""


def _self_contained(html: str) -> str:
    """A page of GX that stands alone beside the run's index."""
    html = re.sub(r'href="(?:\.\./)+index\.html"', f'href="{INDEX}"', _REMOTE.sub("", html))
    html = re.sub(r'<a href="(?:\.\./)+expectations/[^"]*"\s*>(.*?)</a>', r"\1", html)
    return html.replace("</head>", _STYLE + "</head>", 1)
