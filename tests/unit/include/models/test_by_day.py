from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from include.errors import BadInput
from include.models.by_day import HeldLimits, Registered, limits_by_day, means_by_day
from include.models.limits import Limits
from include.models.registry import FOLDER, Registry
from tests.models import register_limits

JAN, FEB, MAR = (date(2020, n, 28) for n in (1, 2, 3))
LOW, HIGH = {"s": {"volume": 1.0}}, {"s": {"volume": 9.0}, "t": {"volume": 5.0}}


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry[Limits]:
    monkeypatch.chdir(tmp_path)
    found = Registry.limits(tmp_path / "models")
    register_limits(found, LOW, JAN)
    register_limits(found, HIGH, FEB)
    return found


def held(
    registry: Registry[Limits],
    *days: tuple[str, date],
    recorded: dict[tuple[str, date], HeldLimits | None] | None = None,
) -> dict[object, str]:
    found = limits_by_day(Registered(registry, registry.versions), days, recorded or {})
    return {day: f"{h.version.split('-')[0]} {h.limits['volume']}" for day, h in found.items()}


def test_a_day_is_held_against_no_limits_that_know_of_later_days(registry: Registry[Limits]):
    assert held(registry, ("s", MAR), ("s", FEB), ("s", date(2020, 2, 1)), ("s", date(2020, 1, 1)), ("t", FEB),
                ("t", JAN), ("u", MAR)) == {
        ("s", MAR): "2 9.0", ("s", FEB): "2 9.0", ("s", date(2020, 2, 1)): "1 1.0", ("t", FEB): "2 5.0",
    }  # fmt: skip


def test_a_day_keeps_what_it_was_held_against_whatever_became_of_the_registry(registry: Registry[Limits]):
    recorded = {("s", MAR): HeldLimits("7-gone", {"volume": 3.0}), ("t", MAR): None}
    assert held(registry, ("s", MAR), ("t", MAR), recorded=recorded) == {("s", MAR): "7 3.0"}


def test_what_was_rolled_back_speaks_about_no_further_day(registry: Registry[Limits]):
    registry.rollback()
    assert held(registry, ("s", MAR), ("t", MAR)) == {("s", MAR): "1 1.0"}


def test_a_file_that_is_not_what_was_registered_is_refused(registry: Registry[Limits], tmp_path: Path):
    for version in registry.versions():
        run = next((tmp_path / "models").rglob(f"{version.run_id}/artifacts/{FOLDER}/limits.json"))
        run.write_text("{}")
    with pytest.raises(BadInput, match=r"limits\.json is not what was registered"):
        held(registry, ("s", MAR))


def test_without_a_registry_nothing_is_held_against_anything(tmp_path: Path):
    assert held(Registry.limits(tmp_path), ("s", MAR)) == {}


def test_item_means_know_nothing_of_the_day_itself(registry: Registry[Limits]):
    first, second = (v.name for v in registry.versions())
    after = date(2020, 2, 29)
    assert means_by_day(Registered(registry, registry.versions), [("s", JAN), ("s", FEB), ("t", FEB), ("s", after), ("u", MAR)], {}) == {
        ("s", FEB): first, ("s", after): second,
    }  # fmt: skip


def test_a_day_keeps_its_item_means(registry: Registry[Limits]):
    recorded = {("s", MAR): "7-gone", ("t", MAR): None}
    assert means_by_day(Registered(registry, registry.versions), [("s", MAR), ("t", MAR)], recorded) == {
        ("s", MAR): "7-gone"
    }
