"""The form in which a language model answers: claims, each with the evidence that it cites."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

KINDS = ("portrait", "interests", "preferences")
_THOUGHT = re.compile(r"^.*</think>", re.DOTALL)  # what some models say to themselves first


class Claim(BaseModel):
    """`evidence`: numbers of pieces of evidence, `e1` for the first."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    text: str = Field(description="One short sentence, or a label of a few words")
    evidence: tuple[str, ...] = Field(description="Ids of the evidence that says so")


class Answer(BaseModel):
    """An empty list says that it is unknown."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    portrait: tuple[Claim, ...] = Field(description="At most five sentences about the user")
    interests: tuple[Claim, ...] = Field(description="Subjects and things the user is interested in")
    preferences: tuple[Claim, ...] = Field(description="What the user likes or dislikes in things")


class Malformed(ValueError):
    """An answer that is not of the form. The message says where, for the model, and quotes nothing of the answer but
    names of fields."""


def schema() -> dict[str, Any]:
    """JSON schema of an answer: without the lengths, which not every server knows how to enforce."""
    return Answer.model_json_schema()


def parse(text: str) -> Answer:
    """The answer in what a model has said; thoughts before it and words or a fence around it do not count.

    Raises Malformed.
    """
    text = _THOUGHT.sub("", text).strip()
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise Malformed("there is no JSON object in it")
    try:
        return Answer.model_validate_json(text[start : end + 1])
    except ValidationError as error:
        raise Malformed("; ".join(map(_mistake, error.errors(include_input=False, include_url=False)[:3]))) from None


def _mistake(found: Any) -> str:
    where = ".".join(str(part)[:40] for part in found["loc"])
    return f"{where}: {found['msg']}" if where else str(found["msg"])
