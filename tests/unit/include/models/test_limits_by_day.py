from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from include.errors import BadInput
from include.models.limits import Limits
from include.models.limits_by_day import limits_by_day
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


def held(registry: Registry[Limits], *days: tuple[str, date], recorded=None, said=None) -> dict[object, str]:  # type: ignore[no-untyped-def]
    found = limits_by_day(
        registry, registry.versions(), days, recorded or {}, (said if said is not None else []).append
    )
    return {day: f"{h.version.split('-')[0]} {h.limits['volume']}" for day, h in found.items()}


def test_a_day_is_held_against_no_limits_that_know_of_later_days(registry: Registry[Limits]):
    assert held(registry, ("s", MAR), ("s", FEB), ("s", date(2020, 2, 1)), ("s", date(2020, 1, 1)), ("t", FEB),
                ("t", JAN), ("u", MAR)) == {
        ("s", MAR): "2 9.0", ("s", FEB): "2 9.0", ("s", date(2020, 2, 1)): "1 1.0", ("t", FEB): "2 5.0",
    }  # fmt: skip


def test_a_day_keeps_what_it_was_held_against(registry: Registry[Limits]):
    first = registry.versions()[0].name
    assert held(registry, ("s", MAR), recorded={("s", MAR): first}) == {("s", MAR): "1 1.0"}
    assert held(registry, ("s", MAR), recorded={("s", MAR): None}) == {}


def test_what_was_rolled_back_speaks_about_no_further_day(registry: Registry[Limits]):
    second = registry.versions()[1].name
    registry.rollback()
    assert held(registry, ("s", MAR), ("t", MAR)) == {("s", MAR): "1 1.0"}
    assert held(registry, ("s", MAR), recorded={("s", MAR): second}) == {("s", MAR): "2 9.0"}


def test_a_version_that_is_gone_is_warned_of(registry: Registry[Limits]):
    said: list[str] = []
    assert held(registry, ("s", MAR), recorded={("s", MAR): "7-abc"}, said=said) == {}
    assert said == ["warning: limits 7-abc, by which s was judged on 2020-03-28, are not in the registry any more"]


def test_a_damaged_champion_is_refused_and_another_one_warned_of(registry: Registry[Limits], tmp_path: Path):
    for version in registry.versions():
        run = next((tmp_path / "models").rglob(f"{version.run_id}/artifacts/{FOLDER}/limits.json"))
        run.write_text("{}")
    said: list[str] = []
    assert held(registry, ("s", JAN), said=said) == {}
    assert "limits.json is not what was registered" in said[0]
    with pytest.raises(BadInput, match=r"limits\.json is not what was registered"):
        held(registry, ("s", MAR))


def test_without_a_registry_nothing_is_held_against_anything(tmp_path: Path):
    assert held(Registry.limits(tmp_path), ("s", MAR)) == {}
