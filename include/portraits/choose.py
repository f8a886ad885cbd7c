"""Which language model writes portraits: none, one behind an endpoint, or one in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from include.errors import BadInput
from include.portraits.endpoint import Connection, Endpoint, check_url, read_key
from include.portraits.local import Local, find_local, load_local
from include.portraits.portray import Ask
from include.settings import Settings

LanguageModel = Endpoint | Local
_AT_ONCE = 8  # questions of one task: a server that batches answers them in little more time than one


@dataclass(frozen=True)
class Asking:
    """A model that can be asked, by so many threads `at_once`."""

    ask: Ask
    at_once: int


def language_model(settings: Settings) -> LanguageModel | None:
    """What PORTRAIT_LLM_URL and PORTRAIT_LLM_MODEL name: a model of a server, or without an address a folder; None
    where both are empty.

    BadInput where they name nothing that can be asked; whether a server answers is only seen when it is asked.
    """
    url, model, key_file = (s.strip() for s in (settings.llm_url, settings.llm_model, settings.llm_key_file))
    if not url:
        return find_local(model, settings.device) if model else None
    if not model:
        raise BadInput("PORTRAIT_LLM_URL is set and PORTRAIT_LLM_MODEL is not; name the model, or unset the address")
    key = Path(key_file).expanduser().absolute() if key_file else None
    if key:
        read_key(key)
    return Endpoint(check_url(url), model, key)


@contextmanager
def opened(model: LanguageModel, gpu: str | None = None) -> Iterator[Asking]:
    """The model ready to be asked; `gpu` is the address of the one that a task was given."""
    if isinstance(model, Local):
        yield Asking(load_local(model, gpu).ask, 1)
        return
    connection = Connection(model)
    try:
        yield Asking(connection.ask, _AT_ONCE)
    finally:
        connection.close()
