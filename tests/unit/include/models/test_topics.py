"""Topics of texts: read, saved, and refused where they are damaged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from include.errors import BadInput
from include.models.topics import Categories, Clusters, OfSource, Reading, Topic, Topics, load, path_of, save

# Two dimensions, no mean: one topic to the right, one upwards.
CLUSTERS = Clusters(
    mean=np.zeros(2, dtype=np.float32), axes=np.eye(2, dtype=np.float32), centroids=np.eye(2, dtype=np.float32),
    topics=(Topic("t0003", "oven, recipe", ("h1", "h2")), Topic("t0007", "", ("h3",))),
    threshold=0.5, slope=10.0, shift=-1.0,
)  # fmt: skip
CATEGORIES = Categories(
    level=2, names=("Shop > Cars", "Shop > Music"), weights=np.array([[3, 0], [0, 3]], dtype=np.float32),
    intercepts=np.zeros(2, dtype=np.float32), temperature=1.0, threshold=0.9,
)  # fmt: skip
MODEL = Topics("space", {"shop": OfSource(200, CLUSTERS, CATEGORIES), "blog": OfSource(300, CLUSTERS, None)}, 7)


def test_the_nearest_topic_is_read_and_what_lies_between_two_is_unknown():
    right, up, between, away = (np.array([[*xy]], dtype=np.float32) for xy in ((1, 0), (0, 1), (0.7, 0.7), (-1, 0)))
    assert [int(CLUSTERS.assign(v)[0][0]) for v in (right, up, between, away)] == [0, 1, -1, -1]
    assert CLUSTERS.assign(right)[1][0] == pytest.approx(1 / (1 + np.exp(-9)))  # margin 1: slope 10, shift -1


def test_a_vector_across_all_axes_is_unknown():
    one_axis = replace(CLUSTERS, mean=np.zeros(3, dtype=np.float32), axes=np.eye(2, 3, dtype=np.float32))
    assert one_axis.assign(np.array([[0.1, 0.0, 5.0]], dtype=np.float32))[0].tolist() == [-1]
    assert one_axis.assign(np.array([[5.0, 0.0, 0.1]], dtype=np.float32))[0].tolist() == [0]


def test_a_category_is_read_where_its_probability_is_high_enough():
    vectors = np.array([[1, 0], [0.2, 0], [0, 1]], dtype=np.float32)
    index, confidence = CATEGORIES.assign(vectors)
    assert index.tolist() == [0, -1, 1]
    assert confidence[0] == pytest.approx(1 / (1 + np.exp(-3)))
    assert replace(CATEGORIES, temperature=3.0).assign(vectors)[0].tolist() == [-1, -1, -1]


def test_what_is_read_is_said_for_each_source():
    assert MODEL.read(np.array([[1, 0], [-1, -1]], dtype=np.float32)) == [
        [Reading("blog", "topic", "t0003", 1.0), Reading("shop", "category", "Shop > Cars", 0.953),
         Reading("shop", "topic", "t0003", 1.0)],
        [],
    ]  # fmt: skip
    assert MODEL.read(np.empty((0, 2), dtype=np.float32)) == []


def test_people_read_words_and_the_last_category():
    assert MODEL.names() == {"t0003": "oven, recipe", "t0007": "", "Shop > Cars": "Cars", "Shop > Music": "Music"}
    assert MODEL.levels() == {"shop": 2}


def test_a_path_ends_at_its_level():
    assert path_of(["Shop", "Cars", "Old ones"], 2) == "Shop > Cars"
    assert path_of(["Shop"], 2) is None
    assert path_of(None, 1) is None


def test_a_version_is_read_as_it_was_saved(tmp_path: Path):
    digest = save(MODEL, tmp_path)
    found = load(tmp_path, digest, "topics version 1")
    vectors = np.random.default_rng(1).normal(size=(50, 2)).astype(np.float32)
    assert found.read(vectors) == MODEL.read(vectors)
    assert (found.space, found.highest, found.language, found.names()) == ("space", 7, "en", MODEL.names())
    assert found.sources["blog"].categories is None
    assert (found.sources["shop"].texts, found.sources["shop"].clusters.topics) == (200, CLUSTERS.topics)
    assert {file.name for file in tmp_path.iterdir()} == {"manifest.json", "model.json", "numbers.safetensors"}


@pytest.mark.parametrize("name", ["manifest.json", "model.json", "numbers.safetensors"])
def test_a_damaged_file_is_refused(tmp_path: Path, name: str):
    digest = save(MODEL, tmp_path)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes() + b" ")
    with pytest.raises(BadInput, match=f"model topics version 1: {name} is not what was registered"):
        load(tmp_path, digest, "topics version 1")
    (tmp_path / name).unlink()
    with pytest.raises(BadInput, match=f"{name} is missing"):
        load(tmp_path, digest, "topics version 1")
