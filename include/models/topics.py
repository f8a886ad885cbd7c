"""What texts are about, as a registered model: for each source the categories of its items, learned from texts about
them, and topics, which are clusters of its texts.

Sources stay apart: what is read out of a text is said for each source, and counts where the text stands. Plain
functions on arrays: no lake, no registry.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from include.models import artefact
from include.text.language import ENGLISH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]
    Indices = NDArray[np.intp]

Kind = Literal["category", "topic"]
CATEGORY, TOPIC = "category", "topic"
SURE = 0.5  # probability: a text that another training would rather put elsewhere is in no topic
STEP = " > "  # between the categories of a path
_NUMBERS, _WORDS = "numbers.safetensors", "model.json"
_OF_TOPICS, _OF_CATEGORIES = ("mean", "axes", "centroids"), ("weights", "intercepts")


class Reading(NamedTuple):
    """What a text is about if it stands in `source`: the id of a topic, or a category; and how probable that is."""

    source: str
    kind: Kind
    name: str
    confidence: float


@dataclass(frozen=True)
class Topic:
    """A cluster. `name` are its words; `nearest` the hashes of the texts nearest to its middle."""

    id: str
    name: str
    nearest: tuple[str, ...]


@dataclass(frozen=True)
class Clusters:
    """Topics of a source. A vector [dim] less `mean` is looked at along `axes` [p, dim], where the middles of the
    topics are the unit vectors `centroids` [k, p].

    `threshold`: cosine with the nearest middle below which a text is in none. `slope` and `shift` turn what the nearest
    is nearer than the second into the probability that training on other texts would put the text there too.
    """

    mean: Floats
    axes: Floats
    centroids: Floats
    topics: tuple[Topic, ...]
    threshold: float
    slope: float
    shift: float

    def assign(self, vectors: Floats) -> tuple[Indices, Doubles]:
        """Index into `topics` of each vector [n, dim], -1: unknown; and the confidence, [n]."""
        nearest, similarity, margin = near(self.cosines(vectors))
        confidence = logistic(self.slope * margin + self.shift)
        return np.where((similarity < self.threshold) | (confidence < SURE), -1, nearest), confidence

    def cosines(self, vectors: Floats) -> Doubles:
        """With the middle of each topic, [n, k]. What lies across all axes makes a vector far from all."""
        moved = vectors.astype(np.float64) - self.mean
        length = np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
        found: Doubles = (moved @ self.axes.T / length) @ self.centroids.T
        return found


@dataclass(frozen=True)
class Categories:
    """Multinomial logistic regression from vectors [dim] to the categories `names` of a source, on one `level` of its
    paths (1: the top). `weights` are [c, dim]; the logits are divided by `temperature` (Guo et al. 2017). A probability
    below `threshold` is no answer."""

    level: int
    names: tuple[str, ...]
    weights: Floats
    intercepts: Floats
    temperature: float
    threshold: float

    def assign(self, vectors: Floats) -> tuple[Indices, Doubles]:
        """Index into `names` of each vector [n, dim], -1: unknown; and the probability of the likeliest, [n]."""
        found = self.probabilities(vectors)
        best, confidence = found.argmax(axis=1), found.max(axis=1)
        return np.where(confidence < self.threshold, -1, best), confidence

    def probabilities(self, vectors: Floats) -> Doubles:
        """[n, c], each row adds up to one."""
        logits = (vectors.astype(np.float64) @ self.weights.T + self.intercepts) / self.temperature
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        found: Doubles = powers / powers.sum(axis=1, keepdims=True)
        return found


@dataclass(frozen=True)
class OfSource:
    """What was learned of a source, be it nothing. `texts`: how many there were to learn from."""

    texts: int
    clusters: Clusters | None
    categories: Categories | None


@dataclass(frozen=True)
class Topics:
    """A version. It reads texts in `language` by their vectors of `space`. `highest` is the highest number that the id
    of a topic ever had, in this version and those before it."""

    space: str
    sources: Mapping[str, OfSource]
    highest: int = 0
    language: str = ENGLISH

    def read(self, vectors: Floats) -> list[list[Reading]]:
        """What each text [n, dim] is about, if it stands in this or that source; nothing where no source is sure."""
        found: list[list[Reading]] = [[] for _ in vectors]
        for source, of in sorted(self.sources.items()):
            for kind, part, names in _parts(of):
                index, confidence = part.assign(vectors)
                for n in np.flatnonzero(index >= 0):
                    found[n].append(Reading(source, kind, names[index[n]], round(float(confidence[n]), 3)))
        return found

    def names(self) -> dict[str, str]:
        """How people call what is read: id of a topic to its words, path of a category to its last step."""
        clusters = (of.clusters.topics for of in self.sources.values() if of.clusters)
        paths = (of.categories.names for of in self.sources.values() if of.categories)
        words = {topic.id: topic.name for topics in clusters for topic in topics}
        return words | {path: path.split(STEP)[-1] for of in paths for path in of}

    def levels(self) -> dict[str, int]:
        """Source to the level of its categories that is read."""
        return {source: of.categories.level for source, of in self.sources.items() if of.categories}


def path_of(categories: Sequence[str] | None, level: int) -> str | None:
    """The categories of an item from the top down to a level, as one name; None if they do not go down so far."""
    return STEP.join(categories[:level]) if categories and len(categories) >= level else None


def near(cosines: Doubles) -> tuple[Indices, Doubles, Doubles]:
    """Of each row [n, k]: the nearest, how near it is, and how much nearer than the second."""
    nearest = cosines.argmax(axis=1)
    two = np.partition(cosines, -2, axis=1)[:, -2:]
    return nearest, two[:, 1], two[:, 1] - two[:, 0]


def logistic(x: Doubles) -> Doubles:
    found: Doubles = 1.0 / (1.0 + np.exp(-np.clip(x, -30, 30)))
    return found


def _parts(of: OfSource) -> list[tuple[Kind, Clusters | Categories, Sequence[str]]]:
    parts: list[tuple[Kind, Clusters | Categories, Sequence[str]]] = []
    if of.categories:
        parts.append(("category", of.categories, of.categories.names))
    if of.clusters:
        parts.append(("topic", of.clusters, [topic.id for topic in of.clusters.topics]))
    return parts


def save(model: Topics, folder: Path) -> str:
    """Write the files of a version; the digest by which it is known."""
    from safetensors.numpy import save_file

    numbers: dict[str, Floats] = {}
    words: dict[str, dict[str, Any]] = {}
    for source, of in model.sources.items():
        words[source] = {"texts": of.texts}
        for part, arrays in ((of.clusters, _OF_TOPICS), (of.categories, _OF_CATEGORIES)):
            if part is None:
                continue
            kind = type(part).__name__.lower()
            numbers |= {f"{kind}.{name}.{source}": np.ascontiguousarray(getattr(part, name)) for name in arrays}
            words[source][kind] = {name: value for name, value in asdict(part).items() if name not in arrays}
    save_file(numbers, folder / _NUMBERS)
    whole = {"space": model.space, "language": model.language, "highest": model.highest, "sources": words}
    (folder / _WORDS).write_text(json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    return artefact.seal(folder, (_NUMBERS, _WORDS))


def load(folder: Path, digest: str, name: str) -> Topics:
    """The model that was saved under this digest. BadInput that names the file if one is other than it was."""
    artefact.require_sealed(folder, digest, name, (_NUMBERS, _WORDS))
    from safetensors.numpy import load_file

    numbers = load_file(folder / _NUMBERS)
    words = json.loads((folder / _WORDS).read_text("utf-8"))

    def arrays(kind: str, names: Sequence[str], source: str) -> dict[str, Any]:
        return {name: numbers[f"{kind}.{name}.{source}"] for name in names}

    sources = {}
    for source, of in words["sources"].items():
        clusters = categories = None
        if found := of.get("clusters"):
            topics = tuple(Topic(t["id"], t["name"], tuple(t["nearest"])) for t in found.pop("topics"))
            clusters = Clusters(**arrays("clusters", _OF_TOPICS, source), **found, topics=topics)
        if found := of.get("categories"):
            names = tuple(found.pop("names"))
            categories = Categories(**arrays("categories", _OF_CATEGORIES, source), **found, names=names)
        sources[source] = OfSource(of["texts"], clusters, categories)
    return Topics(words["space"], sources, words["highest"], words["language"])
