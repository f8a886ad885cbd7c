"""Counts in, verdict and pages out."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from include import gate
from include.gate import Measured, judge
from include.tables.model import Severity

CRITICAL, WARNING = Severity.CRITICAL, Severity.WARNING


def measured(rule: str, failing: int, severity: Severity = CRITICAL, table: str = "silver.events") -> Measured:
    return Measured(table, rule, severity, failing, of=1000, why=f"{rule} holds")


def test_passes_when_no_row_breaks_a_rule(tmp_path: Path) -> None:
    verdict = judge([measured("kind__null", 0), measured("volume", 0, WARNING)], tmp_path, "run-1")
    assert verdict.passed
    assert verdict.failed == ()


def test_a_critical_rule_blocks_and_a_warning_is_only_recorded(tmp_path: Path) -> None:
    late, missing = measured("freshness", 7, WARNING), measured("kind__null", 1, table="silver.texts")
    assert judge([late, measured("kind__null", 0)], tmp_path, "a").passed
    verdict = judge([late, measured("kind__null", 0), missing], tmp_path, "b")
    assert not verdict.passed
    assert verdict.failed == (missing, late)


def test_a_rule_that_counted_below_zero_failed(tmp_path: Path) -> None:
    """A count below zero means that the counting is broken, not that the rows are good."""
    assert not judge([measured("key__duplicate", -1)], tmp_path, "a").passed


def test_nothing_measured_passes(tmp_path: Path) -> None:
    assert judge([], tmp_path, "a").passed


def test_a_rule_measured_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 rules were measured twice"):
        judge([measured("kind__null", 3), measured("kind__null", 0)], tmp_path, "a")


def test_the_pages_say_the_rule_and_its_count_and_load_nothing_from_elsewhere(tmp_path: Path) -> None:
    rules = [measured("kind__null", 31), measured("key__duplicate", 0, table="gold.user_profiles")]
    page = judge(rules, tmp_path, "manual__2019").page
    assert page is not None
    assert "kind__null (critical): 31 of 1,000 rows; kind__null holds" in page.read_text()
    assert sorted(file.name for file in page.parent.glob("*.html")) == [
        "gold.user_profiles.html", "index.html", "silver.events.html",
    ]  # fmt: skip
    assert ">silver.events</a></td><td>1,000</td><td>1</td><td>1</td><td>critical</td>" in page.read_text()
    assert ">gold.user_profiles</a></td><td>1,000</td><td>1</td><td>0</td><td>passed</td>" in page.read_text()
    events = (page.parent / "silver.events.html").read_text()
    assert "kind__null holds (critical)" in events
    assert 'href="index.html"' in events
    for file in tmp_path.rglob("*.html"):
        assert "://" not in file.read_text()


def test_no_text_of_a_rule_or_a_run_becomes_markup_or_a_path(tmp_path: Path) -> None:
    hostile = Measured("silver.events", "r", WARNING, 1, 1, "<svg onload=alert(1)>")
    page = judge([hostile], tmp_path / "pages", "../../<svg onload=alert(2)>").page
    assert page is not None
    assert page.is_relative_to(tmp_path / "pages")
    assert [p.name for p in tmp_path.iterdir()] == ["pages"]
    assert all("<svg" not in file.read_text() for file in tmp_path.rglob("*.html"))


def test_a_run_judged_again_replaces_its_pages(tmp_path: Path) -> None:
    assert judge([measured("a", 1)], tmp_path, "run").page == judge([measured("a", 0)], tmp_path, "run").page
    listing = (tmp_path / "index.html").read_text()
    assert "run</a>: passed" in listing
    assert "failed" not in listing


def test_only_the_last_runs_keep_their_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "KEPT_RUNS", 2)
    for age, run in ((30, "one"), (20, "two"), (10, "three")):
        page = judge([measured("a", 0)], tmp_path, run).page
        assert page is not None
        old = time.time() - age
        os.utime(page.parent / "verdict.json", (old, old))
    kept = sorted(p.name.split("-")[0] for p in tmp_path.iterdir())
    assert kept == ["index.html", "three", "two"]


def test_a_folder_that_cannot_be_written_does_not_decide(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    verdict = judge([measured("a", 2)], tmp_path / "file" / "checks", "run")
    assert not verdict.passed
    assert verdict.page is None


def test_a_disk_that_is_full_is_one_line_and_does_not_decide(tmp_path: Path) -> None:
    """In a process of its own, whose files cannot grow any more. GX writes its pages, or logs a trace and goes on."""
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY)); "
    judged = (
        "from pathlib import Path; from include.gate import *; "
        f"verdict = judge([Measured('silver.a', 'rule', Severity.WARNING, 0, 9, 'why')], Path({str(tmp_path)!r}), 'run'); "
    )
    command = [sys.executable, "-c", full + judged + "print(verdict.passed, verdict.page)"]
    answer = subprocess.run(command, capture_output=True, text=True)
    assert answer.stdout.splitlines()[-1:] == ["True None"], answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr
    assert "the pages of the checks could not be written" in answer.stderr
