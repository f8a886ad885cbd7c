"""Which texts have no vector, or were not read by some model yet, asked of the published lake without Spark: where
there are none, none is started."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

from include.errors import BadInput
from include.models.choose import Offered
from include.models.registry import Registry, Version
from include.models.sentiment import Sentiment
from include.query import Lake
from include.settings import Settings
from include.sources.load import load_sources
from include.tables import tables_of
from include.text.encoder import Encoder, find_encoder, name_of
from include.text.entities import packaged_weights
from include.text.language import language_version

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
_AGAIN = """
select count(distinct text_hash) as n from silver.texts
semi join (select text_hash from silver.text_vectors where space = ?) using (text_hash)
anti join (select text_hash from silver.text_signals where model_version = ?) using (text_hash)
"""
_ANY = "select count(*) as n from silver.texts"
_OWN = frozenset(table.name for table in tables_of("understand"))
_SPACES = "select distinct space from silver.text_vectors"


class Pending:
    """`texts` without a vector in the encoder's space, on the days that ingest touched after `seen` up to `until`, or
    whose entities were not looked for, and the models that read them."""

    def __init__(self, lake: Lake, encoder: Encoder) -> None:
        """`lake` is read as `understand` reads it: ingest's tables as released, its own as they are. What a run that
        died before its release has left in them counts as made, and yet as not there for readers."""
        self._lake, self.encoder, self.weights = lake, encoder, packaged_weights()
        self._released = Lake(lake.settings)
        self._registry = Registry.sentiment(lake.settings.models)
        understood = lake.meta.passed("understand")
        self._told = understood[-1] if understood and understood[-1]["space"] == encoder.space else None
        self.seen: int = max((r["seen"] for r in understood if r["space"] == encoder.space), default=-1)
        self.until: int = lake.meta.passed("ingest")[-1]["fence"]

    @cached_property
    def texts(self) -> int:
        """How many have to go through the encoder."""
        entities = self.weights.version
        again = self._lake.rows(_AGAIN, [self.encoder.space, entities])[0]["n"] if self._is_behind(entities) else 0
        return self._without_vector(self._lake) + int(again)

    @property
    def is_needed(self) -> bool:
        """Whether there are texts to embed or to read, or readers are told of another space, other models or another
        champion. PortraitError where the registry of models does not answer."""
        if self._told is None or self._without_vector(self._released):
            return True
        return bool(self.behind) or Offered.of(self._told) != self.offered

    @cached_property
    def models(self) -> tuple[Version, ...]:
        """Those that read texts."""
        recorded = {name for name in self._lake.meta.models_of_days().values() if name}
        return tuple(self._registry.readers(self.encoder.space, recorded))

    @cached_property
    def behind(self) -> frozenset[str]:
        """Names of models, and of what tells languages and entities, that have not read all texts with a vector."""
        readers = (language_version(), self.weights.version, *(v.name for v in self.models))
        return frozenset(filter(self._is_behind, readers))

    def _is_behind(self, version: str) -> bool:
        known = {*Offered.of(self._told).trained_through, *((self._told or {}).get("readers") or ())}
        return version not in known or self._unread(version)

    @property
    def offered(self) -> Offered:
        """What readers are told of the models."""
        champion = next((v.name for v in self.models if v.is_champion), None)
        return Offered({v.name: v.trained_through if v.may_be_chosen else None for v in self.models}, champion)

    def load_models(self, warn: Callable[[str], None]) -> dict[str, Sentiment]:
        """The models by name. BadInput that names the file where the champion is not what was registered; another
        model that is not reads no text and is not offered."""
        found = {}
        for version in self.models:
            try:
                found[version.name] = self._registry.load(version)
            except BadInput as error:
                if version.is_champion:
                    raise
                warn(f"warning: {error}; no champion any more, so it is left out")
        self.models = tuple(v for v in self.models if v.name in found)
        return found

    def _without_vector(self, lake: Lake) -> int:
        found: int = lake.rows(_NEW, [self.seen, self.until, self.encoder.space])[0]["n"]
        return found

    def _unread(self, version: str) -> bool:
        if self.seen == self.until:
            return False
        parameters = [self.seen, self.until, self.encoder.space, version]
        return any(lake.rows(_UNREAD, parameters)[0]["n"] for lake in (self._lake, self._released))


def pending_texts(settings: Settings) -> Pending | None:
    """None where there is no text at all: then no encoder is needed either.

    Raises BadInput for an encoder that is missing, damaged, or other than its name says.
    """
    lake = Lake(settings, newest=_OWN)
    if not lake.meta.passed("ingest") or not lake.rows(_ANY)[0]["n"]:
        return None
    encoder = find_encoder(settings.encoder)
    _refuse_other_files(encoder, [row["space"] for row in lake.rows(_SPACES)])
    return Pending(lake, encoder)


def require_encoder(settings: Settings, sources: Iterable[str] | None) -> None:
    """BadInput where a build of these sources, or of all, would come to need an encoder that is none.

    Asked before anything is started or written.
    """
    described = load_sources(settings.source_folders)
    if any("texts" in described[name].feeds for name in sources or described if name in described):
        encoder = find_encoder(settings.encoder)
        packaged_weights()
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
