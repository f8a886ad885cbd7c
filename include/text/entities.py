"""The weights that find entities and aspects, as they stand beside this file. Without torch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from include.errors import BadInput
from include.models.artefact import digest_of
from include.text.encoder import find_encoder
from include.text.language import language_version

_FILE = Path(__file__).with_name("tagger.safetensors")


@dataclass(frozen=True)
class Weights:
    """They go on from this `layer` of the encoder of `space`. Of aspects less sure than `least` nothing is said.
    `version` says what an answer depends on, also what tells which texts are English: no others are read."""

    file: Path
    layer: int
    least: float
    space: str
    version: str


@cache
def packaged_weights() -> Weights:
    """BadInput where they are not what was trained, or the packaged encoder is not what they were trained on."""
    weights = read_weights(_FILE)
    if (there := find_encoder("").space) != weights.space:
        raise BadInput(f"entities {_FILE}: were trained on {weights.space}, and {there} is installed; run `make setup`")
    return weights


def read_weights(file: Path) -> Weights:
    """What the file beside them says of them, which has their digest. BadInput where one is missing or damaged."""
    about = file.with_suffix(".json")
    try:
        told = json.loads(about.read_text("utf-8"))
        expected, layer, least, space = (told[name] for name in ("sha256", "layer", "least_of_aspects", "space"))
        digest = digest_of(file)
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(f"entities {file}: cannot be read: {type(error).__name__}; install Portrait again") from None
    if digest != expected:
        raise BadInput(f"entities {file}: is not what {about.name} tells of; install Portrait again")
    version = f"entities-{digest[:12]}-{float(least):g}-{language_version()}"
    return Weights(file, int(layer), float(least), str(space), version)
