"""`make test-browser`: a headless browser presses Trigger and Backfill in Airflow's own pages, and the tables follow.

Needs Chromium (CHROMIUM names it where it is not on the path). Pictures of each step go to build/browser.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from include.settings import ROOT
from tests.airflow.installation import Installation, installed
from tests.compare import differences

PICTURES = ROOT / "build" / "browser"
DAG = "profiles_daily"
FIRST, SECOND, END = "2024-01-01", "2024-01-02", "2024-01-03"
LOGICAL = "2024-01-05"  # of the run by hand, so that the backfill's day is free
_QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
_PATIENCE_MS = 30_000


def main() -> int:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        print("test-browser: no Chromium; install it, or name it by CHROMIUM", file=sys.stderr)
        return 2
    PICTURES.mkdir(parents=True, exist_ok=True)
    with installed() as installation, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_QUIET)
        try:
            _try(installation, browser)
        finally:
            browser.close()
    print(f"test-browser: Trigger and Backfill were pressed, and the tables followed; pictures in {PICTURES}")
    return 0


def _try(installation: Installation, browser: Browser) -> None:
    installation.build(FIRST, END)
    by_command = installation.put_lake_aside("by-command")
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(_PATIENCE_MS)
    expect.set_options(timeout=_PATIENCE_MS)
    sign_in(installation, page)

    press_trigger(installation, page, FIRST, SECOND)
    _finish_all(installation, 1)
    press_backfill(installation, page, SECOND, SECOND)
    _finish_all(installation, 2)

    found = differences(installation.settings, by_command)
    assert not found, f"the tables are not those of `portrait build`: {'; '.join(found)}"
    page.goto(f"{installation.airflow.url}/dags/{DAG}")
    page.wait_for_timeout(3000)
    _picture(page, "6-grid")


def sign_in(installation: Installation, page: Page) -> None:
    page.goto(installation.airflow.url)
    page.locator("input[name=username]").fill("admin")
    page.locator("input[name=password]").fill(installation.airflow.password())
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    _picture(page, "1-home")


def press_trigger(installation: Installation, page: Page, start: str, end: str) -> None:
    """Trigger, start and end in the form, Trigger."""
    form = open_form(installation, page)
    # The DAG of the tests has an end: a run of today, which the form proposes, would be empty.
    pick(form, 0, LOGICAL, form.get_by_text("Data Interval"))
    page.locator("input[name=element_start]").fill(start)
    page.locator("input[name=element_end]").fill(end)
    _picture(page, "2-trigger")
    page.get_by_role("dialog").get_by_role("button", name="Trigger").click()
    expect(page.get_by_text("Dag Run Triggered").first).to_be_visible()
    _picture(page, "3-triggered")


def press_backfill(installation: Installation, page: Page, first: str, last: str) -> None:
    """Trigger, Backfill, both days, Run Backfill."""
    form = open_form(installation, page)
    form.get_by_text("Backfill", exact=True).click()
    for number, day in enumerate((first, last)):
        pick(form, number, day, form.get_by_text("Date Range"))
    expect(form.get_by_text("1 run will be triggered.")).to_be_visible()
    _picture(page, "4-backfill")
    form.get_by_role("button", name="Run Backfill").click()
    expect(page.get_by_text("Backfill generated").first).to_be_visible()
    _picture(page, "5-backfill-started")


def open_form(installation: Installation, page: Page) -> Locator:
    """The dialog in which a run or a backfill is asked for; a calendar that it opens is another one."""
    page.goto(f"{installation.airflow.url}/dags/{DAG}")
    page.get_by_role("button", name="Trigger").first.click()
    return page.get_by_role("dialog").first


def pick(form: Locator, number: int, day: str, beside: Locator) -> None:
    """Midnight of a day in a date field of the form; a click beside it closes its calendar."""
    form.get_by_test_id("datetime-input").nth(number).click()
    form.page.get_by_placeholder("YYYY/MM/DD").fill(day.replace("-", "/"))
    form.page.get_by_placeholder("HH:mm").fill("00:00")
    beside.click()


def _finish_all(installation: Installation, runs: int) -> None:
    """Wait until there are so many runs, and all of them have ended well."""
    end = time.monotonic() + 60
    while len(found := installation.api.runs(DAG)) < runs:
        assert time.monotonic() < end, f"{len(found)} runs instead of {runs}"
        time.sleep(0.5)
    for run in found:
        installation.finish(DAG, str(run["dag_run_id"]))


def _picture(page: Page, name: str) -> Path:
    file = PICTURES / f"{name}.png"
    page.screenshot(path=str(file))
    return file


if __name__ == "__main__":
    sys.exit(main())
