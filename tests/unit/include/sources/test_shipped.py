"""The shipped descriptions read the real files: as many records as are known to be in them."""

import json
from pathlib import Path

import pytest

from include.settings import ROOT, Settings
from include.sources.discover import find_files, is_available, verify
from include.sources.load import load_sources
from include.sources.reader import read_records

SOURCES = load_sources([ROOT / "sources"])
FOLDERS = Settings().data_folders

#: source, feed, input: records, damaged ones. From the data's own notes.
KNOWN = {
    ("amazon_magazines", "texts", "Magazine_Subscriptions_5"): (2_375, 0),
    ("amazon_magazines", "items", "meta_Magazine_Subscriptions"): (3_385, 0),
    ("deskdrop", "events", "users_interactions"): (72_312, 0),
    ("rees46", "events", "2019-Oct-first-17434-events"): (17_435, 1),
    ("rees46", "items", "2019-Oct-first-17434-events"): (17_435, 1),
    ("lastfm", "events", "user_artists"): (92_834, 0),
    ("lastfm", "events", "user_taggedartists"): (186_479, 0),
    ("lastfm", "items", "artists"): (17_632, 0),
    ("lastfm", "follows", "user_friends"): (25_434, 0),
    ("movielens", "events", "ml-100k"): (100_000, 0),
    ("movielens", "items", "ml-100k"): (1_682, 0),
    ("movielens", "users", "ml-100k"): (943, 0),
}


def test_the_shipped_sources_are_these() -> None:
    assert sorted(SOURCES) == ["amazon_magazines", "deskdrop", "lastfm", "movielens", "rees46", "shop"]
    inputs = {(n, f, i.name) for n, s in SOURCES.items() for f, spec in s.feeds.items() for i in spec.inputs}
    assert {i for i in inputs if i[0] != "shop"} == set(KNOWN)


@pytest.mark.parametrize(("name", "feed", "wanted"), sorted(KNOWN))
def test_every_record_of_the_real_files_is_read(name: str, feed: str, wanted: str) -> None:
    source = SOURCES[name]
    if not is_available(source, FOLDERS):
        pytest.skip(f"the data of {name} is not on this machine")
    found = next(i for i in source.feeds[feed].inputs if i.name == wanted)
    records = damaged = 0
    for file in find_files(source, found, source.history.first, source.history.first, FOLDERS):
        verify(file, found)
        for record in read_records(file.path, found):
            records += 1
            damaged += record.damage is not None
    assert (records, damaged) == KNOWN[name, feed, wanted]


def test_no_description_maps_a_reviewer_s_name() -> None:
    text = (ROOT / "sources" / "amazon_magazines.yaml").read_text()
    assert "reviewerName" not in text


def test_deskdrop_ids_keep_all_their_digits() -> None:
    source = SOURCES["deskdrop"]
    if not is_available(source, FOLDERS):
        pytest.skip("the data of deskdrop is not on this machine")
    found = source.feeds["events"].inputs[0]
    file = find_files(source, found, source.history.first, source.history.first, FOLDERS)[0]
    record = json.loads(next(read_records(file.path, found)).record)
    assert record["contentId"] == "-3499919498720038879"
    assert found.columns["contentId"] == "string"
    assert Path(file.name).name == "users_interactions.csv.zip"
