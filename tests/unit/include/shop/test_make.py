"""The simulated shop: the same for the same seed, and as dirty as it says."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from include.errors import BadInput
from include.settings import ROOT
from include.shop import LAST_DAY, generate, is_finished
from include.shop.__main__ import main
from include.shop.dirt import KINDS
from include.sources.discover import find_files, verify
from include.sources.load import load_source
from include.sources.reader import read_records

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def digests(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    generate(data / "shop", seed=7, users=150, items=60, days=30)
    return data


def events(data: Path) -> list[tuple[date, dict[str, object]]]:
    found = []
    for file in sorted((data / "shop" / "events").iterdir()):
        for line in gzip.decompress(file.read_bytes()).decode("utf-8", "replace").splitlines():
            try:
                found.append((date.fromisoformat(file.name[:10]), json.loads(line)))
            except ValueError:
                continue
    return found


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate(tmp_path / name, seed=seed, users=20, items=10, days=9)
    assert digests(tmp_path / "a") == digests(tmp_path / "b") != digests(tmp_path / "c")
    generate(tmp_path / "a", seed=2, users=20, items=10, days=3)
    generate(tmp_path / "a", seed=2, users=20, items=10, days=9)
    assert digests(tmp_path / "a") == digests(tmp_path / "c")


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_the_description_fits_and_the_truth_counts_what_was_written(shop: Path) -> None:
    described = load_source(ROOT / "sources" / "shop.yaml")
    truth = json.loads((shop / "shop" / "truth.json").read_text())
    assert (truth["first"], truth["last"]) == ("2019-09-03", "2019-10-02")
    dirt = lines(shop / "shop" / "truth" / "dirt.jsonl")
    for feed, spec in described.feeds.items():
        files = find_files(described, spec.inputs[0], date(2019, 8, 1), date(2019, 10, 3), [shop])
        for file in files:
            verify(file, spec.inputs[0])
        records = [(f.path.name, r) for f in files for r in read_records(f.path, spec.inputs[0])]
        assert len(records) == truth["feeds"][feed]["landed"] > 0
        damaged = {(f"{feed}/{name}", r.position) for name, r in records if r.damage is not None}
        told = {
            (d["file"], d["position"]) for d in dirt if d["kind"] in ("cut", "glued", "bytes") and d["feed"] == feed
        }
        assert damaged == told, "what cannot be read is where the truth says"
        assert sum(d["feed"] == feed for d in dirt) == truth["feeds"][feed]["dirt"]


def test_events_are_late_corrected_deleted_and_doubled_as_often_as_told(shop: Path) -> None:
    told = json.loads((shop / "shop" / "truth.json").read_text())["feeds"]["events"]
    found = [(day, e) for day, e in events(shop) if e["event_id"][0] == "e"]  # type: ignore[index]
    first = [(day, e) for day, e in found if e["version"] == 1]
    late = sum(str(day) > str(e["at"])[:10] for day, e in first)
    assert told["late"] <= late <= told["late"] + told["duplicates"]
    assert 0.08 < late / len(first) < 0.12
    assert all((day - date.fromisoformat(str(e["at"])[:10])).days <= 6 for day, e in first)
    later = [e for _, e in found if e["version"] == 2]
    assert sum(e["op"] == "upsert" for e in later) == told["corrected"]
    assert sum(e["op"] == "delete" for e in later) == told["deleted"]
    assert 0.01 < told["corrected"] / len(first) < 0.03
    assert 0.004 < told["deleted"] / len(first) < 0.015
    seen = [e["event_id"] for _, e in first]
    assert len(seen) - len(set(seen)) == told["duplicates"] > 0
    assert told["moved"] > 0


def test_every_kind_of_dirt_is_there_in_a_shop_that_is_large_and_hard(tmp_path: Path) -> None:
    generate(tmp_path, users=1600, items=300, days=40, level="hard")
    found = {(d["feed"], d["kind"]) for d in lines(tmp_path / "truth" / "dirt.jsonl")}
    assert found == {(feed, kind) for feed, kinds in KINDS.items() for kind in kinds}


def test_the_truth_of_a_text_says_where_its_words_stand(shop: Path) -> None:
    spec = load_source(ROOT / "sources" / "shop.yaml").feeds["texts"].inputs[0]
    texts = {t["text_id"]: t for f in (shop / "shop" / "texts").iterdir() for r in read_records(f, spec)
             if r.damage is None and (t := json.loads(r.record))["text_id"][0] == "t"}  # fmt: skip
    truth = lines(shop / "shop" / "truth" / "texts.jsonl")
    assert {t["text_id"] for t in truth} == set(texts)
    for told in truth:
        for span in told["spans"]:  # type: ignore[attr-defined]
            assert texts[told["text_id"]]["text"][span["start"] : span["end"]] == span["text"]
    assert {told["polarity"] for told in truth if told["kind"] == "review"} == {-1, 0, 1}


def test_people_are_what_the_truth_says(tmp_path: Path) -> None:
    generate(tmp_path / "shop", users=400, items=200, days=60, level="easy")
    truth = {str(t["user_id"]): t for t in lines(tmp_path / "shop" / "truth" / "accounts.jsonl")}
    shelf = {row["sku"]: row["category"] for file in (tmp_path / "shop" / "items").iterdir()
             for row in csv.DictReader(file.open())}  # fmt: skip
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for _, e in events(tmp_path):
        if e.get("kind") == "view" and str(e.get("user_id")) in truth and e.get("item_id") in shelf:
            seen[str(e["user_id"])][shelf[str(e["item_id"])]] += 1
    honest = [who for who, looks in seen.items() if not truth[who]["bot"] and looks.total() >= 10]
    right = sum(seen[who].most_common(1)[0][0] == truth[who]["interest"] for who in honest)
    assert right / len(honest) > 0.9
    bots = [who for who, told in truth.items() if told["bot"] and who in seen]
    assert min(seen[who].total() for who in bots) > 100


def test_with_spark_the_same_bytes_are_made(tmp_path: Path, spark: SparkSession) -> None:
    sizes = {"seed": 3, "users": 40, "items": 20, "days": 9}
    here = generate(tmp_path / "here", **sizes)  # type: ignore[arg-type]
    there = generate(tmp_path / "there", **sizes, spark=spark)  # type: ignore[arg-type]
    assert here == there
    assert digests(tmp_path / "here") == digests(tmp_path / "there")


def test_the_shop_has_everything_a_source_can_have(shop: Path) -> None:
    found = [e for _, e in events(shop) if str(e["event_id"])[0] == "e"]
    kinds = {e.get("kind") for e in found}
    assert {"view", "search", "favourite", "cart", "purchase"} <= kinds
    assert {e.get("currency") for e in found} == {None, "EUR"}
    assert any("user_id" not in e and e["op"] == "upsert" for e in found)
    assert any("order_id" in e for e in found)
    texts = [json.loads(r.record) for f in (shop / "shop" / "texts").iterdir()
             for r in read_records(f, load_source(ROOT / "sources" / "shop.yaml").feeds["texts"].inputs[0])
             if r.damage is None and json.loads(r.record)["text_id"][0] == "t"]  # fmt: skip
    assert {t["kind"] for t in texts} == {"review", "question", "answer"}
    assert all(("stars" in t) == (t["kind"] == "review") for t in texts)
    questions = {t["text_id"] for t in texts if t["kind"] == "question"}
    assert all(t["parent_id"] in questions for t in texts if t["kind"] == "answer")


def test_any_size_works_and_senseless_ones_are_refused(tmp_path: Path) -> None:
    truth = generate(tmp_path / "one", users=1, items=1, days=1)
    assert truth.first == truth.last == LAST_DAY
    assert truth.feeds["users"]["landed"] == 1
    with pytest.raises(BadInput, match="days must be at least 1, not 0"):
        generate(tmp_path / "none", days=0)


def test_a_shop_that_was_not_made_to_its_end_is_not_taken_for_one(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    assert not is_finished(shop)
    with pytest.raises(ZeroDivisionError), pytest.MonkeyPatch.context() as patch:
        patch.setattr("include.shop.make.write_file", lambda *_of: 1 / 0)
        generate(shop, users=2, items=2, days=2)
    assert not is_finished(shop)
    generate(shop, users=2, items=2, days=2)
    assert is_finished(shop)


def test_never_writes_over_what_it_did_not_make(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(BadInput, match="holds other files"):
        generate(tmp_path)
    main([str(tmp_path / "new"), "--users", "2", "--items", "2", "--days", "2"])
    assert "from 2019-10-01 to 2019-10-02, seed 1, middle" in capsys.readouterr().out


def test_the_default_history_is_the_described_one() -> None:
    history = load_source(ROOT / "sources" / "shop.yaml").history
    assert history.last == LAST_DAY
    assert (LAST_DAY - history.first).days + 1 == 60
