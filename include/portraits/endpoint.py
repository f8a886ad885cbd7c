"""A language model behind any endpoint that speaks as OpenAI's chat completions do (vLLM, llama.cpp's server, Ollama).

Protocol: https://platform.openai.com/docs/api-reference/chat/create. Nothing is sent but to the address that was named:
no redirect is followed, and proxies of the environment are not used.
"""

from __future__ import annotations

import json
import random
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, Field

from include.errors import BadInput, PortraitError
from include.portraits.answer import schema
from include.portraits.portray import NoReply, Reply
from include.portraits.prompt import MOST_TOKENS, Message

LONGEST_ANSWER = 1_000_000  # bytes of a response
_FORMATS: tuple[dict[str, Any], ...] = (
    {"response_format": {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema()}}},
    {"response_format": {"type": "json_object"}},
    {},
)
_NOT_UNDERSTOOD = {400, 422}  # a server that does not know a format says one of these
_TOO_LONG = {413}
_BUSY = {429}
_GIVES_UP = 3  # questions in a row without a reply: it is the server, not they
_REFUSES_ALL = 10  # questions, the first ones: it is not that they are too long
_LONGEST_WAIT = 30.0  # seconds between two tries, also where the server asks for more


@dataclass(frozen=True)
class Endpoint:
    """Where and how to ask. The key stays in its file, which every machine that asks must have.

    timeout: seconds for a whole answer
    tries: of each question, while the server is busy, in trouble or slow
    first_wait: seconds before the second try; doubled before each further one
    """

    url: str
    model: str
    key_file: Path | None = None
    timeout: float = 120.0
    tries: int = 4
    first_wait: float = 1.0

    @property
    def name(self) -> str:
        """Of the model, on rows."""
        return self.model


def check_url(url: str) -> str:
    """The address without a slash at its end; BadInput where it is none that can be asked."""
    try:
        parts = urlsplit(url.strip())
        _ = (parts.port, httpx.URL(url.strip()))  # each raises what it does not like
    except (ValueError, httpx.InvalidURL):
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise BadInput("PORTRAIT_LLM_URL is no address such as http://127.0.0.1:8000/v1; mend it, or unset it")
    if parts.username is not None or parts.password is not None:
        raise BadInput("PORTRAIT_LLM_URL holds a password; put it into a file and name that in PORTRAIT_LLM_KEY_FILE")
    return url.strip().rstrip("/")


class Connection:
    """Asks an endpoint, from any number of threads. Remembers which format it understands, and when it does not answer
    any more."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._client = httpx.Client(
            timeout=endpoint.timeout, follow_redirects=False, trust_env=False, verify=_certificates(),
            headers={"Authorization": f"Bearer {read_key(endpoint.key_file)}"} if endpoint.key_file else {},
        )  # fmt: skip
        self._format = 0
        self._unanswered = self._refused = 0
        self._has_answered = False
        self._lock = Lock()

    def ask(self, messages: Sequence[Message]) -> Reply:
        """What the model says.

        Raises NoReply where there is none for this question this time, and PortraitError where there will be none for
        any.
        """
        try:
            reply = self._patiently(messages)
        except NoReply as error:
            self._count(error.reason)
            raise
        with self._lock:
            self._unanswered, self._has_answered = 0, True
        return reply

    def close(self) -> None:
        self._client.close()

    def _count(self, reason: str) -> None:
        if reason == "refused":  # that is about this question, and says nothing of others
            with self._lock:
                self._refused += 1
                gives_up = self._refused >= _REFUSES_ALL and not self._has_answered
            if gives_up:
                raise self._error(f"refused the first {_REFUSES_ALL} questions; its log may tell why")
            return
        with self._lock:
            self._unanswered += 1
            gives_up = self._unanswered >= _GIVES_UP
        if gives_up:
            raise self._error(f"gave no answer to {_GIVES_UP} questions in a row ({reason})")

    def _patiently(self, messages: Sequence[Message]) -> Reply:
        for tried in range(1, self._endpoint.tries + 1):
            try:
                return self._in_a_format_it_knows(messages)
            except _Again as again:
                if tried == self._endpoint.tries:
                    if again.reason == "connection":
                        raise self._error(f"cannot be reached ({again.detail})") from None
                    raise NoReply(again.reason) from None
                time.sleep(self._wait(tried, again.wait))
        raise AssertionError("at least one try")

    def _wait(self, tried: int, asked_for: float) -> float:
        """Twice as long each time, and a little random so that threads do not come back at once."""
        wait = self._endpoint.first_wait * 2.0 ** (tried - 1) * random.uniform(1.0, 1.25)  # noqa: S311  # no secret
        return float(min(max(wait, asked_for), _LONGEST_WAIT))

    def _in_a_format_it_knows(self, messages: Sequence[Message]) -> Reply:
        """A format that is refused may be unknown, or the question too long: the success of the next one tells."""
        for place in range(self._format, len(_FORMATS)):
            response = self._post({
                "model": self._endpoint.model, "messages": list(messages), "temperature": 0, "max_tokens": MOST_TOKENS,
                "stream": False, **_FORMATS[place],
            })  # fmt: skip
            if response is not None:
                self._format = place
                return response
        raise NoReply("refused")

    def _post(self, body: dict[str, Any]) -> Reply | None:
        """A reply; None where the server does not understand the question."""
        started = time.monotonic()
        address = f"{self._endpoint.url}/chat/completions"
        try:
            # As it comes: what unpacks to more than it is has no place here.
            with self._client.stream("POST", address, json=body, headers={"Accept-Encoding": "identity"}) as response:
                if response.status_code in _NOT_UNDERSTOOD:
                    return None
                self._look_at(response)
                content = b""
                for part in response.iter_raw():
                    content += part
                    if len(content) > LONGEST_ANSWER:
                        raise NoReply("server error")
                    if time.monotonic() - started > self._endpoint.timeout:
                        raise _Again("timeout")
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise _Again("connection", type(error).__name__) from None
        except httpx.TimeoutException:
            raise _Again("timeout") from None
        except httpx.TransportError:
            raise _Again("server error") from None
        return _reply(content)

    def _look_at(self, response: httpx.Response) -> None:
        """Raises for anything but success."""
        code = response.status_code
        if response.is_success:
            return
        if response.is_redirect:
            raise self._error(f"sends on to another address ({code}), which is not followed; name that one")
        if code in (401, 403):
            raise self._error(f"asks for another key ({code}); name its file in PORTRAIT_LLM_KEY_FILE")
        if code == 404:
            raise self._error(f"knows no such address or model ({code}); mend PORTRAIT_LLM_URL or PORTRAIT_LLM_MODEL")
        if code in _TOO_LONG:
            raise NoReply("refused")
        if code in _BUSY or code == 503:
            raise _Again("busy", wait=_seconds(response.headers.get("Retry-After", "")))
        if code == 408 or code >= 500:
            raise _Again("server error")
        raise self._error(f"answers with status {code}")

    def _error(self, what: str) -> PortraitError:
        return PortraitError(f"language model {self._endpoint.url}: {what}. Portraits stay whose evidence is there")


class _Again(Exception):
    """Worth another try after `wait` seconds."""

    def __init__(self, reason: str, detail: str = "", wait: float = 0.0) -> None:
        super().__init__(reason)
        self.reason, self.detail, self.wait = reason, detail, wait


class _Said(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Said


class _Usage(BaseModel):
    prompt_tokens: int | None = Field(None, ge=0, lt=2**31)
    completion_tokens: int | None = Field(None, ge=0, lt=2**31)


class _Response(BaseModel):
    choices: list[_Choice]
    usage: _Usage | None = None


def _reply(content: bytes) -> Reply:
    try:
        whole = json.dumps(json.loads(content), ensure_ascii=False).encode("utf-8", "replace")  # no half of an emoji
        found = _Response.model_validate_json(whole)
    except (ValueError, RecursionError):  # a page of a proxy, say
        raise _Again("server error") from None
    usage = found.usage or _Usage()
    said = (found.choices[0].message.content or "") if found.choices else ""
    return Reply(said, usage.prompt_tokens, usage.completion_tokens)


@cache
def _certificates() -> ssl.SSLContext:
    """Whom this machine trusts, read once."""
    return ssl.create_default_context()


def _seconds(text: str) -> float:
    """Of a Retry-After header; a date in it is not read."""
    return float(text) if text.strip().isdecimal() else 0.0


def read_key(key_file: Path) -> str:
    """BadInput where the file holds none."""
    try:
        key = key_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"PORTRAIT_LLM_KEY_FILE {key_file}: cannot be read: {type(error).__name__}") from None
    if not key or not key.isascii() or not key.isprintable():
        raise BadInput(f"PORTRAIT_LLM_KEY_FILE {key_file}: holds no key of one line")
    return key
