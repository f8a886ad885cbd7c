"""Which texts have no vector or no sentiment yet, asked of the published lake without Spark: where there are none, none
is started."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from include.errors import BadInput
from include.models.choose import Offered
from include.models.registry import Registry, Version
from include.models.sentiment import SentimentModel
from include.query import Lake
from include.settings import Settings
from include.sources.load import load_sources
from include.text.encoder import Encoder, find_encoder, name_of

_NEW = """
select count(distinct text_hash) as n from silver.texts
semi join (select source, day from meta.accounts where feed = 'texts' and fence > ? and fence <= ?) using (source, day)
anti join (select text_hash from silver.text_vectors where space = ?) using (text_hash)
"""
_UNREAD = """
select count(distinct text_hash) as n from silver.texts
semi join (select source, day from meta.accounts where feed = 'texts' and fence > ? and fence <= ?) using (source, day)
semi join (select text_hash from silver.text_vectors where space = ?) using (text_hash)
anti join (select text_hash from silver.text_signals where model_version = ?) using (text_hash)
"""
_ANY = "select count(*) as n from silver.texts"
_SPACES = "select distinct space from silver.text_vectors"


@dataclass(frozen=True)
class Pending:
    """`texts` without a vector in the encoder's space, on the days that ingest touched after `seen` up to `until`.

    `models` are all that read texts; those named in `behind` have not read all that have a vector. `is_needed`: there
    is something to do, or readers are told of another space, other models or another champion than these.
    """

    encoder: Encoder
    texts: int
    seen: int
    until: int
    registry: Registry
    models: tuple[Version, ...]
    behind: frozenset[str]
    is_needed: bool

    @property
    def offered(self) -> Offered:
        """What readers are told of the models."""
        champion = next((v.name for v in self.models if v.is_champion), None)
        return Offered({v.name: v.trained_through for v in self.models}, champion)

    def load_models(self) -> dict[str, SentimentModel]:
        """The models by name. BadInput that names the file where one is not what was registered."""
        return {v.name: self.registry.load(v) for v in self.models}


def pending_texts(settings: Settings) -> Pending | None:
    """None where there is no text at all: then no encoder is needed either.

    Raises BadInput for an encoder that is missing, damaged, or other than its name says; PortraitError where the
    registry of models does not answer.
    """
    lake = Lake(settings)
    ingested = lake.meta.passed("ingest")
    if not ingested or not lake.rows(_ANY)[0]["n"]:
        return None
    encoder = find_encoder(settings.encoder)
    _refuse_other_files(encoder, [row["space"] for row in lake.rows(_SPACES)])
    until = ingested[-1]["fence"]
    understood = lake.meta.passed("understand")
    seen = max((r["seen"] for r in understood if r["space"] == encoder.space), default=-1)
    texts = lake.rows(_NEW, [seen, until, encoder.space])[0]["n"]
    registry = Registry(settings.models)
    models = tuple(registry.in_service(encoder.space))
    told = understood[-1] if understood and understood[-1]["space"] == encoder.space else None
    known = offered_by(told).trained_through if told else {}
    behind = frozenset(
        v.name
        for v in models
        if v.name not in known or lake.rows(_UNREAD, [seen, until, encoder.space, v.name])[0]["n"]
    )
    pending = Pending(encoder, texts, seen, until, registry, models, behind, is_needed=False)
    is_told = told is not None and offered_by(told) == pending.offered
    return replace(pending, is_needed=bool(texts or behind or not is_told))


def offered_by(release: Mapping[str, Any]) -> Offered:
    """The models that a release of `understand` told of."""
    return Offered(dict(release["models"] or {}), release["champion"])


def require_encoder(settings: Settings, sources: Iterable[str] | None) -> None:
    """BadInput where a build of these sources, or of all, would come to need an encoder that is none.

    Asked before anything is started or written.
    """
    described = load_sources(settings.source_folders)
    if any("texts" in described[name].feeds for name in sources or described if name in described):
        encoder = find_encoder(settings.encoder)
        if (settings.table_path("silver.text_vectors") / "_delta_log").is_dir():
            _refuse_other_files(encoder, [row["space"] for row in Lake(settings).rows(_SPACES)])


def _refuse_other_files(encoder: Encoder, spaces: list[str]) -> None:
    """Files that changed under a name would fill a second space of that name, and nobody would have asked for it."""
    for space in spaces:
        if name_of(space) == encoder.name and space != encoder.space:
            raise BadInput(
                f"encoder {encoder.folder}: its files changed since they made the vectors of {space}. Put those back, "
                "or give the new ones a folder of another name: they fill a space of their own"
            )
