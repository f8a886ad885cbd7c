"""The portrait of one user: ask a language model, once more if its answer is not of the form, and check the answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from include.portraits.answer import Answer, Malformed, parse
from include.portraits.check import Checked, check
from include.portraits.evidence import Evidence
from include.portraits.prompt import AGAIN, Message, messages

_QUOTED_BACK = 2000  # characters of a malformed answer

Status = Literal["value", "unknown", "no answer"]
STATUSES: tuple[Status, ...] = ("value", "unknown", "no answer")
UNKNOWN = ("nothing said", "nothing left", "malformed")
NO_ANSWER = ("timeout", "server error", "busy", "refused")


@dataclass(frozen=True)
class Reply:
    """What a model said, and what it counted; null where it does not tell."""

    text: str
    prompt_tokens: int | None
    completion_tokens: int | None


class NoReply(Exception):
    """A model said nothing, this time: `reason` is one of NO_ANSWER."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Ask = Callable[[Sequence[Message]], Reply]  # raises NoReply


@dataclass(frozen=True)
class Portrait:
    """`status`: `unknown`, with the `reason`, is an answer and stays until the evidence changes; `no answer` is none,
    and the next run asks again. Tokens and seconds are of all that was asked."""

    status: Status
    reason: str | None
    said: Checked
    prompt_tokens: int | None
    completion_tokens: int | None
    seconds: float


def portray(chosen: Sequence[Evidence], ask: Ask) -> Portrait:
    """The portrait from evidence that was chosen. An answer of whatever kind raises nothing."""
    started = time.monotonic()
    answer, reason, replies = _answer(chosen, ask)
    said = check(answer, chosen) if answer else Checked()
    if answer:
        reason = None if not said.is_empty else "nothing left" if said.dropped else "nothing said"
    status: Status = "no answer" if reason in NO_ANSWER else "unknown" if reason else "value"
    return Portrait(
        status,
        reason,
        said,
        _total([reply.prompt_tokens for reply in replies]),
        _total([reply.completion_tokens for reply in replies]),
        time.monotonic() - started,
    )


def _answer(chosen: Sequence[Evidence], ask: Ask) -> tuple[Answer | None, str | None, list[Reply]]:
    """An answer of the form, or why there is none; and all replies."""
    question = messages(chosen)
    replies: list[Reply] = []
    for _ in range(2):
        try:
            replies.append(ask(question))
            return parse(replies[-1].text), None, replies
        except NoReply as error:
            return None, error.reason, replies
        except Malformed as error:
            said: Message = {"role": "assistant", "content": replies[-1].text[:_QUOTED_BACK] or "{}"}
            question = [*question[:2], said, {"role": "user", "content": AGAIN.format(why=error)}]
    return None, "malformed", replies


def _total(counts: Sequence[int | None]) -> int | None:
    """Null where a part is not known, or nothing was counted."""
    known = [n for n in counts if n is not None]
    return sum(known) if known and len(known) == len(counts) else None
