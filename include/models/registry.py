"""The registry of models: MLflow, on SQLite beside the lake or on a server (MLFLOW_TRACKING_URI).

What decides is in the tags of a version: how far its knowledge goes, the space it reads, the digest of its manifest.
The aliases `champion` and `challenger` say which versions count. A version is loaded by number and digest, never by
name alone, and never by MLflow's own loaders, which would run what they find.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from include.errors import BadInput, PortraitError
from include.models import artefact, item_means, limits, names, topics
from include.models.choose import Offered, version_name
from include.models.limits import Limits
from include.models.names import Names
from include.models.sentiment import Sentiment
from include.models.topics import Topics

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from include.models.item_means import ItemMeans

M = TypeVar("M")
Load = Callable[[Path, str, str], M]  # a folder of files, the digest of their manifest, what to call the model
CHAMPION, CHALLENGER = "champion", "challenger"
FOLDER = "model"  # of a run's artefacts
_DATABASE, _ARTEFACTS = "mlflow.db", "artefacts"


@dataclass(frozen=True)
class Version:
    """One registered version. `trained_through` is the newest day it has learned from; `promoted`, if it became the
    champion and was not rolled back."""

    number: int
    run_id: str
    trained_through: date
    digest: str
    aliases: tuple[str, ...]
    decision: str
    promoted: bool
    space: str | None = None  # that it reads vectors of
    learned: Mapping[str, date] = field(default_factory=dict)  # source it says something of, to the newest day it knows
    prefix: str = ""  # of its name
    behaviour: Mapping[str, float] = field(default_factory=dict)  # to the share of cases that passed

    @property
    def name(self) -> str:
        """How the lake calls it."""
        return version_name(self.number, self.digest, self.prefix)

    @property
    def may_be_chosen(self) -> bool:
        """Whether it may speak about a new day: the champion, and former ones that were not rolled back."""
        return self.promoted or self.is_champion

    @property
    def knows_later(self) -> str:
        """Why a version that knows of fewer days does not take its place, in words."""
        return f"version {self.number} knows of later days, up to {self.trained_through}"

    @property
    def is_champion(self) -> bool:
        return CHAMPION in self.aliases


class Registry(Generic[M]):
    """The versions of one model: on the server that MLFLOW_TRACKING_URI names, else in `folder`."""

    def __init__(self, folder: Path, model: str, load: Load[M], prefix: str = "") -> None:
        self.model, self.name, self.prefix = model, f"portrait-{model}", prefix
        self._load, self._folder = load, folder
        self._server = os.environ.get("MLFLOW_TRACKING_URI")
        self.uri = self._server or f"sqlite:///{folder / _DATABASE}"

    @classmethod
    def sentiment(cls, folder: Path) -> Registry[Sentiment]:
        """What the author of a text feels."""
        return Registry(folder, "sentiment", artefact.load)

    @classmethod
    def limits(cls, folder: Path) -> Registry[Limits]:
        """Beyond what a user's day is a suspect."""
        return Registry(folder, "limits", limits.load)

    @classmethod
    def item_means(cls, folder: Path) -> Registry[ItemMeans]:
        """What the users of a source give an item on average."""
        return Registry(folder, "item_means", item_means.load)

    @classmethod
    def names(cls, folder: Path) -> Registry[Names]:
        """What the items of a source are called."""
        return Registry(folder, "names", names.load, "names-")

    @classmethod
    def topics(cls, folder: Path) -> Registry[Topics]:
        """What texts of a source are about."""
        return Registry(folder, "topics", topics.load, "topics-")

    @classmethod
    def of_texts(cls, folder: Path) -> tuple[Registry[Any], ...]:
        """Of those models that read texts."""
        return cls.sentiment(folder), cls.names(folder), cls.topics(folder)

    @property
    def is_there(self) -> bool:
        """Whether there may be models. Without MLflow."""
        return bool(self._server) or (self._folder / _DATABASE).exists()

    @cached_property
    def client(self) -> MlflowClient:
        """PortraitError if the server does not answer."""
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
        os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
        logging.getLogger("mlflow").setLevel(logging.WARNING)
        logging.getLogger("alembic").setLevel(logging.WARNING)
        from mlflow import MlflowClient

        self._folder.mkdir(parents=True, exist_ok=True)
        with self.plainly(), self._alone():
            client = MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)
            client.search_registered_models(max_results=1)
        return client

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time: whoever comes first makes MLflow's tables, and those who come meanwhile would, too. A
        server makes its own."""
        if self._server:
            yield
            return
        with (self._folder / "mlflow.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def versions(self) -> list[Version]:
        """All versions, oldest first."""
        if not self.is_there:
            return []
        with self.plainly():
            if not self.client.search_registered_models(f"name = '{self.name}'"):
                return []
            aliases = self.client.get_registered_model(self.name).aliases
            found = self.client.search_model_versions(f"name = '{self.name}'")
        return sorted(
            (_version(mv, aliases, self.prefix) for mv in found if "digest" in mv.tags), key=lambda v: v.number
        )

    def champion(self) -> Version | None:
        return next((v for v in self.versions() if v.is_champion), None)

    def readers(self, space: str, recorded: Collection[str]) -> list[Version]:
        """Versions that read texts: those that may be chosen for a day, and those `recorded` for one; of this space, or
        without need of vectors."""
        of_space = [v for v in self.versions() if v.space in (None, space)]
        return [v for v in of_space if v.may_be_chosen or v.name in recorded]

    def load(self, version: Version) -> M:
        """Its files, checked against its digest. BadInput that names the file if one is not what was registered."""
        name = f"{self.name} version {version.number}"
        mine = self._folder / _ARTEFACTS / version.run_id / "artifacts" / FOLDER
        if not self._server and mine.is_dir():  # wherever the folder was when MLflow wrote down its address
            return self._load(mine, version.digest, name)
        from mlflow.artifacts import download_artifacts

        with tempfile.TemporaryDirectory() as folder:
            try:
                found = download_artifacts(
                    run_id=version.run_id, artifact_path=FOLDER, dst_path=folder, tracking_uri=self.uri
                )
            except Exception as error:  # of many kinds, as many as there are stores
                if _silence(error):  # nothing is wrong with the model
                    raise self._trouble(error) from None
                raise BadInput(f"model {name}: its files cannot be had: {_first_line(error)}") from None
            return self._load(Path(found), version.digest, name)

    def load_if_whole(self, version: Version | None) -> M | None:
        """The same; None of none, and of one whose files are not what was registered."""
        try:
            return self.load(version) if version else None
        except BadInput:
            return None

    def promote(self, number: int, why: str) -> None:
        """The version becomes the champion; the one before it keeps its number in a tag, for `rollback`."""
        self.require(number)
        before = self.champion()
        with self.plainly():
            if before and before.number != number:
                self.client.set_model_version_tag(self.name, str(number), "before", str(before.number))
                was = self.client.get_model_version(self.name, str(number)).tags.get("promoted", "false")
                self.client.set_model_version_tag(self.name, str(number), "was_promoted", was)
            self.client.set_registered_model_alias(self.name, CHAMPION, str(number))
            self.client.set_model_version_tag(self.name, str(number), "decision", why)
            self.client.set_model_version_tag(self.name, str(number), "promoted", "true")

    def rollback(self) -> Version:
        """The version that was the champion before becomes it again. The one that was speaks about no further day,
        unless it did before it was promoted by hand."""
        now = self.champion()
        if now is None:
            raise PortraitError(f"model {self.name}: there is no champion to roll back from")
        with self.plainly():
            tags = self.client.get_model_version(self.name, str(now.number)).tags
            before = tags.get("before")
        if before is None:
            raise PortraitError(f"model {self.name}: version {now.number} is the first champion; nothing was before it")
        with self.plainly():
            self.client.set_registered_model_alias(self.name, CHAMPION, before)
            self.client.set_model_version_tag(self.name, before, "promoted", "true")
            self.client.set_model_version_tag(self.name, str(now.number), "decision", "rolled back")
            was = tags.get("was_promoted", "false")
            self.client.set_model_version_tag(self.name, str(now.number), "promoted", was)
        return self.require(int(before))

    @contextmanager
    def experiment(self, name: str) -> Iterator[str]:
        """Id of the experiment, made if it is not there; inside, MLflow's functions write to this registry.

        Artefacts of the embedded store lie beside its database. Afterwards nothing of it is left in the process:
        MLflow would tell its children of it in the environment, and a later registry would take it for its server.
        """
        import mlflow

        where = None if self._server else (self._folder / _ARTEFACTS).as_uri()
        found = self.client.get_experiment_by_name(name)
        if found and where and found.artifact_location != where:
            raise BadInput(
                f"models in {self._folder}: they were moved or copied from {found.artifact_location}, where MLflow "
                "would write further ones. They are read here; to train, put them back, or begin a new folder"
            )
        mlflow.set_tracking_uri(self.uri)
        try:
            yield found.experiment_id if found else self.client.create_experiment(name, where)
        finally:
            mlflow.set_tracking_uri(self._server)  # type: ignore[arg-type]  # None forgets it

    def register(self, uri: str, run_id: str, tags: Mapping[str, str], model_id: str | None = None) -> int:
        """A new version of the model; its number. A server takes the address of a logged model with its id only."""
        if not self.client.search_registered_models(f"name = '{self.name}'"):
            self.client.create_registered_model(self.name)
        made = self.client.create_model_version(self.name, uri, run_id, tags=dict(tags), model_id=model_id)
        return int(made.version)

    def require(self, number: int) -> Version:
        """The version of a number. BadInput where there is none."""
        found = next((v for v in self.versions() if v.number == number), None)
        if found is None:
            there = ", ".join(str(v.number) for v in self.versions()) or "none"
            raise BadInput(f"model {self.name}: there is no version {number}; there are: {there}")
        return found

    @contextmanager
    def plainly(self) -> Iterator[None]:
        """What goes wrong with MLflow inside is one line."""
        from mlflow.exceptions import MlflowException
        from requests import RequestException  # of artefacts that cannot be sent

        try:
            yield
        except (MlflowException, RequestException) as error:
            raise self._trouble(error) from None

    def _trouble(self, error: Exception) -> PortraitError:
        """What MLflow or the way to it has, in one line."""
        return PortraitError(f"MLflow at {_without_password(self.uri)}: {_answer(error)}")


def every_version(folder: Path) -> dict[str, list[Version]]:
    """The versions of each model, by its name."""
    kinds = (Registry.sentiment, Registry.limits, Registry.item_means, Registry.names, Registry.topics)
    return {r.model: r.versions() for r in (kind(folder) for kind in kinds)}


def offered(versions: Collection[Version]) -> Offered:
    """What versions of one model say of the days that they may speak about."""
    champion = next((v.name for v in versions if v.is_champion), None)
    through = {v.name: v.trained_through if v.may_be_chosen else None for v in versions}
    return Offered(through, champion, {v.name: v.learned for v in versions if v.learned})


def _version(found: Any, aliases: Mapping[str, str], prefix: str) -> Version:
    tags = found.tags
    return Version(
        number=int(found.version),
        run_id=found.run_id,
        trained_through=date.fromisoformat(tags["trained_through"]),
        digest=tags["digest"],
        aliases=tuple(sorted(alias for alias, number in aliases.items() if int(number) == int(found.version))),
        decision=tags.get("decision", ""),
        promoted=tags.get("promoted") == "true",
        space=tags.get("space"),
        learned={source: date.fromisoformat(day) for source, day in json.loads(tags.get("learned", "{}")).items()},
        prefix=prefix,
        behaviour=json.loads(tags.get("behaviour", "{}")),
    )


def _answer(error: Exception) -> str:
    """What a server said; of one that said nothing, the name of the reason alone."""
    silence = _silence(error)
    return f"does not answer ({silence}); start it, then run this again" if silence else _first_line(error)


def _silence(error: Exception) -> str | None:
    """Why a server said nothing, None if it did."""
    found = re.search(r"Max retries exceeded.*Caused by (\w+)", str(error))
    return found[1] if found else None


def _first_line(error: Exception) -> str:
    return _without_password((str(error).splitlines() or [type(error).__name__])[0])[:300]


def _without_password(text: str) -> str:
    """Addresses in it lose what stands before the host."""
    return re.sub(r"//[^/@\s]+@", "//…@", text)
