"""Fitting of topics: from the published release to a registered version and a decision about it.

For each source: the categories of its items, where texts about them tell them; and clusters of its texts. It becomes
the champion unless it knows less, reads another space, has lost something of a source, has topics that would not come
back from other texts of the kind, or mostly other topics than the champion: then somebody has to look. A tenth more
texts are news; with fewer nothing is registered, since every version reads all texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from include.models.fit_categories import AboutItems, Learned, learn_categories
from include.models.fit_clusters import STABLE, Found, find_clusters
from include.models.newest import newest
from include.models.record import record
from include.models.registry import Registry, Version
from include.models.sentiment import TooFew
from include.models.topic_names import carried, words_of_topics
from include.models.topic_texts import Known, SourceTexts, highest_said, known_texts, texts_of, topics_said
from include.models.topics import Clusters, OfSource, Topic, Topics, save
from include.query import Lake
from include.settings import Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NEWS = 1.1  # times as many texts
_KEPT = 0.5  # of the champion's topics of a source, at least
_NEAREST = 5


@dataclass(frozen=True)
class Learnt:
    """What was learned of a source, how it was chosen, and how many of the topics there were before are still there."""

    of: OfSource
    clusters: Found | None
    categories: Learned | None
    before: int = 0
    kept: int = 0

    def figures(self) -> dict[str, float]:
        """By name; what there is none of is left out."""
        found: dict[str, float] = {"texts": self.of.texts}
        if self.clusters and self.of.clusters:
            chosen = self.clusters.chosen
            found |= {"topics": chosen.topics, "silhouette": chosen.silhouette, "stability": chosen.stability,
                      "topics_before": self.before, "topics_kept": self.kept}  # fmt: skip
        if c := self.categories:
            found |= {"categories": len(c.categories.names), "accuracy": c.accuracy, "gain": c.gain.value,
                      "accuracy_majority": c.accuracy_majority, "gain_low": c.gain.low, "gain_high": c.gain.high,
                      "answered": c.answered, "right": c.right, "test_texts": c.texts}  # fmt: skip
        return found


@dataclass(frozen=True)
class Clustered:
    """What a fitting came to: figures of each source, by name."""

    version: Version
    promoted: bool
    decision: str
    figures: Mapping[str, Mapping[str, float]]


def train_topics(settings: Settings, through: date, registry: Registry[Topics] | None = None) -> Clustered:
    """Fit on the texts known on `through`, log, register, decide. TooFew if no source has enough of them."""
    registry = registry or Registry.topics(settings.models)
    versions = registry.versions()  # first: a server that does not answer is told before anything is computed
    champion = next((v for v in versions if v.is_champion), None)
    lake = Lake(settings)
    known = known_texts(lake, through)
    before = registry.load_if_whole(champion)
    if champion and before and (why := _no_news(champion, before, known)):
        return Clustered(champion, False, why, {source: {"texts": of.texts} for source, of in before.sources.items()})
    highest = max(_highest(registry, versions), highest_said(lake))  # of what cannot be read, the lake tells
    tried: dict[str, Learnt] = {}
    for source in known.texts:
        of = texts_of(lake, known, source)
        said = _said_before(lake, champion, before, known.space, source, of)
        tried[source], highest = learn(of, said, highest)
    learnt = {source: found for source, found in tried.items() if found.of.clusters or found.of.categories}
    if not learnt:
        raise TooFew(f"topics: up to {through} no source has enough different English texts that tell topics apart")
    # Of the others how many texts told nothing: not before there are more of them is it worth another try.
    model = Topics(known.space, {source: found.of for source, found in tried.items()}, highest)
    doubt = why_not(champion, before, model, learnt, max(known.newest[source] for source in learnt))
    figures = {source: found.figures() for source, found in learnt.items()}
    decision = f"{doubt}; look, then promote by hand" if doubt else "; ".join(map(_in_words, figures, figures.values()))
    methods = {f"method_{s}": f"{f.clusters.chosen.method} {f.clusters.chosen.asked}"
               for s, f in learnt.items() if f.clusters}  # fmt: skip
    version = record(
        registry, partial(save, model), learned={source: known.newest[source] for source in learnt}, decision=decision,
        parameters={"space": known.space, **methods}, figures=figures, promoted=not doubt, space=known.space,
    )  # fmt: skip
    return Clustered(version, not doubt, decision, figures)


def newest_day(settings: Settings) -> date:
    """The newest day on which a text arrived. TooFew if there is none, or no lake yet."""
    return newest(settings, "select max(known_from) as day from silver.texts", "topics", "there are no texts yet")


def learn(texts: SourceTexts, before: Mapping[str, str], highest: int) -> tuple[Learnt, int]:
    """What the texts of a source tell, and the highest number of a topic. `before`: text hash to topic by the version
    before."""
    oldest = sorted((n for n, path in enumerate(texts.paths) if path), key=lambda n: (texts.days[n], texts.hashes[n]))
    about = AboutItems(
        vectors=texts.vectors[oldest],
        paths=[texts.paths[n] for n in oldest],
        days=[texts.days[n] for n in oldest],
        users=[texts.users[n] for n in oldest],
    )
    categories = learn_categories(about)
    found = find_clusters(texts.vectors)
    if found is None:
        of = OfSource(texts.known, None, categories.categories if categories else None)
        return Learnt(of, None, categories, len(set(before.values()))), highest
    labels = found.clusters.assign(texts.vectors)[0]
    ids, highest = carried([before.get(h) for h in texts.hashes], labels, len(found.clusters.centroids), highest)
    clusters = replace(found.clusters, topics=_topics(found.clusters, texts, labels, ids))
    of = OfSource(texts.known, clusters, categories.categories if categories else None)
    there = set(before.values())
    return Learnt(of, found, categories, len(there), len(there.intersection(ids))), highest


def why_not(
    champion: Version | None, before: Topics | None, model: Topics, learnt: Mapping[str, Learnt], learned: date
) -> str | None:
    """Why the new version must not become the champion by itself, in words."""
    for source, found in learnt.items():
        if found.clusters and not found.clusters.is_stable:
            return f"{source}: topics are not stable, {found.clusters.chosen.stability:.2f} of {STABLE} asked for"
    if champion is None:
        return None
    if learned < champion.trained_through:
        return champion.knows_later
    if champion.space != model.space:
        return f"version {champion.number} reads another space"
    for source, of in before.sources.items() if before else ():
        now = model.sources.get(source)
        for name in ("clusters", "categories"):
            if getattr(of, name) and not (now and getattr(now, name)):
                return f"{source}: there would be no {name} any more"
    for source, found in learnt.items():
        if found.kept < _KEPT * found.before:
            return f"{source}: {found.kept} of {found.before} topics would be left"
    return None


def _no_news(champion: Version, before: Topics, known: Known) -> str | None:
    """Why there is nothing to learn, in words."""
    if champion.space != known.space:
        return None
    news = [s for s, n in known.texts.items() if s not in before.sources or n >= _NEWS * before.sources[s].texts]
    return None if news else f"no news: since version {champion.number} no source has a tenth more texts"


def _highest(registry: Registry[Topics], versions: Sequence[Version]) -> int:
    """The highest number of a topic in any version: the newest that can be read knows those of all before it."""
    return next((model.highest for v in reversed(versions) if (model := registry.load_if_whole(v))), 0)


def _said_before(
    lake: Lake, champion: Version | None, before: Topics | None, space: str, source: str, texts: SourceTexts
) -> dict[str, str]:
    """What the champion says of these texts; where it reads another space, what it said when they were read."""
    if champion is None:
        return {}
    if before is None or before.space != space:
        return topics_said(lake, champion.name, source)
    of = before.sources.get(source)
    if of is None or of.clusters is None:
        return {}
    index, _ = of.clusters.assign(texts.vectors)
    return {h: of.clusters.topics[k].id for h, k in zip(texts.hashes, index, strict=True) if k >= 0}


def _topics(clusters: Clusters, texts: SourceTexts, labels: NDArray[np.intp], ids: Sequence[str]) -> tuple[Topic, ...]:
    words = words_of_topics(texts.texts, texts.users, labels, len(ids))
    cosines = clusters.cosines(texts.vectors)
    nearest = [np.argsort(-cosines[:, k], kind="stable")[:_NEAREST] for k in range(len(ids))]
    return tuple(
        Topic(name, ", ".join(of), tuple(texts.hashes[n] for n in near))
        for name, of, near in zip(ids, words, nearest, strict=True)
    )


def _in_words(source: str, figures: Mapping[str, float]) -> str:
    said = [f"{figures['texts']:,} texts"]
    if "topics" in figures:
        said.append(f"{figures['topics']} topics, stability {figures['stability']:.2f}")
    if "categories" in figures:
        said.append(f"{figures['categories']} categories, accuracy {figures['accuracy']:.2f} "
                    f"against {figures['accuracy_majority']:.2f}")  # fmt: skip
    return f"{source}: {', '.join(said)}"
