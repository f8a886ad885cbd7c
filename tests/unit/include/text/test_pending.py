"""Whether there is something to embed, asked without Spark."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include.errors import BadInput
from include.models.registry import Registry
from include.text.encoder import find_encoder
from include.text.entities import packaged_weights
from include.text.language import language_version
from include.text.pending import Pending, pending_texts, require_encoder
from tests.models import register, word_model
from tests.unit.include.small_lake import SmallLake

DAY, NEXT = date(2019, 10, 1), date(2019, 10, 2)


@pytest.fixture
def small(tmp_path: Path, tiny: Path) -> SmallLake:
    lake = SmallLake(tmp_path / "lake")
    lake.settings = lake.settings.model_copy(update={"encoder": str(tiny)})
    return lake


def write(lake: SmallLake, day: date, *hashes: str) -> int:
    """Texts of the shop on a day, by an ingest run of their own."""
    lake.append("silver.texts", *({"source": "shop", "day": day, "text": h, "text_hash": h} for h in hashes))
    fence = lake.release()
    lake.append("meta.accounts", {"source": "shop", "feed": "texts", "day": day, "fence": fence})
    return fence


def embed(lake: SmallLake, *hashes: str, dies: bool = False) -> None:
    """By a run that ends with a release, or `dies` before it."""
    space = find_encoder(lake.settings.encoder).space
    lake.append("silver.text_vectors", *({"space": space, "text_hash": h} for h in hashes))
    readers = [language_version(), packaged_weights().version]
    lake.append("silver.text_signals", *({"model_version": r, "text_hash": h} for r in readers for h in hashes))
    if not dies:
        lake.release("understand", space=space, seen=lake.fence, readers=readers)


def found(lake: SmallLake) -> tuple[int, bool] | None:
    pending = pending_texts(lake.settings)
    return None if pending is None else (pending.texts, pending.is_needed)


def test_without_a_text_no_encoder_is_looked_at(small: SmallLake):
    small.settings = small.settings.model_copy(update={"encoder": "/no/such/folder"})
    assert found(small) is None
    small.release()
    assert found(small) is None


def test_a_text_counts_once_and_until_it_has_a_vector(small: SmallLake):
    write(small, DAY, "a", "b", "b")
    assert found(small) == (2, True)
    embed(small, "a")
    write(small, DAY)
    assert found(small) == (1, True)
    embed(small, "b")
    assert found(small) == (0, False)
    write(small, NEXT, "a")  # known words on another day
    assert found(small) == (0, False)


def test_vectors_that_no_reader_sees_are_work_to_do(small: SmallLake):
    write(small, DAY, "a")
    embed(small, "a")
    write(small, NEXT, "b")
    embed(small, "b", dies=True)
    assert found(small) == (0, True)
    embed(small)
    assert found(small) == (0, False)


def test_a_space_that_readers_are_not_told_of_is_work_to_do(small: SmallLake):
    write(small, DAY, "a")
    embed(small, "a")
    small.release("understand", space="other-000000000000", seen=small.fence)
    assert found(small) == (0, True)


@pytest.mark.parametrize("readers", [None, ["py3langid-0.3.0-1"]])
def test_texts_that_were_read_by_others_or_not_at_all_are_work_to_do(small: SmallLake, readers: list[str] | None):
    write(small, DAY, "a")
    space = find_encoder(small.settings.encoder).space
    small.append("silver.text_vectors", {"space": space, "text_hash": "a"})
    small.release("understand", space=space, seen=small.fence, readers=readers)
    assert found(small) == (1, True), "it goes through the encoder once more, for its entities"
    pending = pending_texts(small.settings)
    assert pending and pending.behind == {language_version(), packaged_weights().version}


def test_a_former_model_reads_no_texts_of_days_that_it_does_not_speak_about(
    small: SmallLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    registry, space = Registry.sentiment(small.settings.models), find_encoder(small.settings.encoder).space
    for through in (DAY, NEXT):
        register(registry, word_model(space), through)
    old, new = (v.name for v in registry.versions())
    write(small, DAY, "a")
    write(small, NEXT, "b")

    def pending() -> Pending:
        found = pending_texts(small.settings)
        assert found
        return found

    def release(**columns: Any) -> None:
        small.release("understand", space=space, seen=small.fence, **pending().offered.told, **columns)

    assert pending().read_until == {old: DAY}
    embed(small, "a", "b")
    small.append(
        "silver.text_signals", *({"model_version": v, "text_hash": h} for v, h in ((old, "a"), (new, "a"), (new, "b")))
    )
    release(read_until={old: DAY})
    assert not pending().is_needed
    write(small, NEXT, "a")
    write(small, DAY, "b")  # said earlier, too
    assert pending().behind == {old}
    small.append("silver.text_signals", {"model_version": old, "text_hash": "b"})
    write(small, NEXT, "c")
    embed(small, "c")
    small.append("silver.text_signals", {"model_version": new, "text_hash": "c"})
    release(read_until={old: DAY})
    assert not pending().is_needed
    small.append("meta.profile_days", {"source": "shop", "day": NEXT, "model_version": old})
    assert pending().behind == {old}, "it speaks about a later day"
    small.append("silver.text_signals", {"model_version": old, "text_hash": "c"})
    release(read_until={old: NEXT})
    registry.rollback()
    assert pending().read_until == {}, "what was rolled back and is recorded for no day reads nothing"
    assert pending().behind == {old}


def test_a_damaged_former_model_that_was_left_out_is_no_work_to_do_until_it_is_whole(
    small: SmallLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    registry, space = Registry.sentiment(small.settings.models), find_encoder(small.settings.encoder).space
    for through in (DAY, NEXT):
        register(registry, word_model(space), through)
    [file] = (small.settings.models / "artefacts" / registry.versions()[0].run_id).rglob("model.json")
    whole = file.read_bytes()
    file.write_bytes(b"{}")
    write(small, DAY, "a")
    pending = pending_texts(small.settings)
    assert pending
    embed(small, "a")
    small.append("silver.text_signals", {"model_version": registry.versions()[1].name, "text_hash": "a"})
    small.release("understand", space=space, seen=small.fence, **pending.offered.told)
    assert found(small) == (0, False)
    file.write_bytes(whole)
    assert found(small) == (0, True)


@pytest.mark.parametrize("sources", [None, ("shop",), ("rees46", "amazon_magazines")])
def test_a_build_of_texts_with_a_damaged_encoder_is_refused_at_once(small: SmallLake, sources: tuple[str, ...] | None):
    settings = small.settings.model_copy(update={"encoder": "/no/such/folder"})
    with pytest.raises(BadInput, match="mend PORTRAIT_ENCODER"):
        require_encoder(settings, sources)
    require_encoder(settings, ("rees46",))  # has no texts
    require_encoder(small.settings, sources)


def test_an_encoder_whose_files_changed_under_its_name_is_refused_at_once(small: SmallLake):
    small.append("silver.text_vectors", {"space": "tiny-000000000000", "text_hash": "a"})
    small.release("understand", space="tiny-000000000000", seen=0)
    with pytest.raises(BadInput, match="its files changed since they made the vectors of tiny-000000000000"):
        require_encoder(small.settings, None)
