"""Which texts have no vector, or were not read by some model yet, asked of the published lake without Spark: where
there are none, none is started."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property, partial
from typing import Any

from include.errors import BadInput
from include.models.choose import SENTIMENT, Offered, Readers, Speaking, last_days
from include.models.registry import Registry, Version, offered
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
where day <= ?
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
        self._registries = Registry.of_texts(lake.settings.models)
        understood = lake.meta.passed("understand")
        self._told = understood[-1] if understood and understood[-1]["space"] == encoder.space else None
        self._read = Readers.of(self._told)
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
        return bool(self.behind) or self._read != self.offered

    @cached_property
    def models(self) -> dict[str, tuple[Version, ...]]:
        """Those that read texts, by the name of the model."""
        recorded = {version for day in self._recorded.values() for version in day.versions}
        found = {r.model: tuple(filter(partial(self._is_whole, r), r.readers(self.encoder.space, recorded)))
                 for r in self._registries}  # fmt: skip
        asked = last_days(map(offered, found.values()), self._recorded)
        return {model: tuple(v for v in versions if v.name in asked) for model, versions in found.items()}

    def _is_whole(self, registry: Registry[Any], version: Version) -> bool:
        """Whether there is any use in asking it: a former version that readers are not told of may be damaged, and was
        left out before. Others are looked at when they are loaded."""
        is_known = version.is_champion or version.name in self._read.versions
        return is_known or registry.load_if_whole(version) is not None

    @cached_property
    def read_until(self) -> dict[str, date]:
        """Version of a model to the newest day whose texts it has to read, where there is one."""
        asked = last_days(map(offered, self.models.values()), self._recorded)
        return {v.name: asked[v.name] for of in self.models.values() for v in of if asked[v.name] < date.max}

    @cached_property
    def _recorded(self) -> dict[tuple[str, date], Speaking]:
        return self._lake.meta.models_of_days()

    @cached_property
    def behind(self) -> frozenset[str]:
        """Names of models, and of what tells languages and entities, that have not read all texts with a vector."""
        return frozenset(filter(self._is_behind, self.offered.versions))

    @property
    def readers(self) -> tuple[str, ...]:
        """Versions of what tells languages, and of what finds entities."""
        return language_version(), self.weights.version

    def _is_behind(self, version: str) -> bool:
        if self._told is None or version not in self._read.versions:
            return True
        before = dict(self._told.get("read_until") or {}).get(version, date.max)
        return before < self._last_day(version) or self._unread(version)

    def _last_day(self, version: str) -> date:
        return self.read_until.get(version, date.max)

    @property
    def offered(self) -> Readers:
        """What readers are told of the models."""
        found = {model: offered(versions) for model, versions in self.models.items() if versions}
        return Readers(found.pop(SENTIMENT, Offered()), found, self.readers)

    def load_models(self, warn: Callable[[str], None]) -> dict[str, dict[str, Any]]:
        """The models by name and version. BadInput that names the file where a champion is not what was registered;
        another version that is not reads no text and is not offered."""
        found: dict[str, dict[str, Any]] = {}
        for registry in self._registries:
            mine = found[registry.model] = {}
            for version in self.models[registry.model]:
                try:
                    mine[version.name] = registry.load(version)
                except BadInput as error:
                    if version.is_champion:
                        raise
                    warn(f"warning: {error}; no champion any more, so it is left out")
            if len(mine) < len(self.models[registry.model]):
                self.models[registry.model] = tuple(v for v in self.models[registry.model] if v.name in mine)
                for told in ("behind", "read_until"):  # others may have to speak for it
                    self.__dict__.pop(told, None)
        return found

    def _without_vector(self, lake: Lake) -> int:
        found: int = lake.rows(_NEW, [self.seen, self.until, self.encoder.space])[0]["n"]
        return found

    def _unread(self, version: str) -> bool:
        if self.seen == self.until:
            return False
        parameters = [self.seen, self.until, self.encoder.space, version, self._last_day(version)]
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
