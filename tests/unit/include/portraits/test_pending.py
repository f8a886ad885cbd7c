"""Whether `portray` has anything to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from deltalake import DeltaTable

from include.errors import BadInput
from include.portraits.pending import has_portraits, is_needed
from include.settings import Settings
from tests.unit.include.small_lake import SmallLake


@pytest.fixture
def small(tmp_path: Path) -> SmallLake:
    lake = SmallLake(tmp_path)
    lake.release("portray")
    return lake


def test_there_is_nothing_to_do_without_a_model_and_without_portraits(small: SmallLake, tmp_path: Path):
    assert not is_needed(small.settings)
    assert not is_needed(Settings(lake=tmp_path / "never built"))


def test_a_model_is_there_to_be_asked(small: SmallLake):
    named = {"llm_url": "http://127.0.0.1:8000/v1", "llm_model": "tiny"}
    assert is_needed(small.settings.model_copy(update=named))
    assert not has_portraits(small.settings)


def test_a_model_that_is_none_is_told(small: SmallLake):
    with pytest.raises(BadInput, match="there is no folder /no/such"):
        is_needed(small.settings.model_copy(update={"llm_model": "/no/such"}))


def test_portraits_without_a_model_are_looked_after_whether_or_not_readers_see_them_yet(small: SmallLake):
    small.append("gold.user_portraits", {"source": "shop", "user_key": "k1"})
    assert is_needed(small.settings), "a run has died before its release"
    small.release("portray")
    assert is_needed(small.settings)
    DeltaTable(str(small.settings.table_path("gold.user_portraits"))).delete()
    assert is_needed(small.settings), "they are gone, and readers still see them"
    small.release("portray")
    assert not is_needed(small.settings)
