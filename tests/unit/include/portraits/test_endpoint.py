"""Asking a real server, which is good, slow, busy, broken or hostile."""

from __future__ import annotations

import gzip
import json
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from include.errors import BadInput, PortraitError
from include.portraits.endpoint import LONGEST_ANSWER, Connection, Endpoint, check_url
from include.portraits.portray import NoReply, Reply
from include.portraits.prompt import Message
from tests.llm_server import EMPTY, Response, connected, in_turn, said

QUESTION: list[Message] = [{"role": "user", "content": "?"}]
LONG: list[Message] = [{"role": "user", "content": "? " * 99}]
GOOD = said(EMPTY, prompt_tokens=7, completion_tokens=3)


def test_a_good_answer_comes_with_what_it_cost():
    with connected(in_turn(GOOD)) as (connection, served):
        assert connection.ask(QUESTION) == Reply(json.dumps(EMPTY), 7, 3)
    asked = served.asked[0]
    assert (asked["model"], asked["temperature"], asked["messages"]) == ("tiny", 0, QUESTION)
    assert asked["response_format"]["json_schema"]["schema"]["additionalProperties"] is False
    assert served.headers[0]["path"] == "/v1/chat/completions"
    assert "Authorization" not in served.headers[0]


def test_what_the_server_does_not_count_is_not_known():
    with connected(in_turn(said(EMPTY))) as (connection, _):
        assert connection.ask(QUESTION) == Reply(json.dumps(EMPTY), None, None)


def test_the_key_is_read_from_its_file_and_sent(tmp_path: Path):
    (tmp_path / "key").write_text("s3cret\n")
    with connected(in_turn(GOOD), key_file=tmp_path / "key") as (connection, served):
        connection.ask(QUESTION)
    assert served.headers[0]["Authorization"] == "Bearer s3cret"


@pytest.mark.parametrize("content", [None, b"", b"\n", b"two\nlines", b"\xff\xfe"])
def test_a_key_that_is_none_is_refused_without_being_told(tmp_path: Path, content: bytes | None):
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    with pytest.raises(BadInput, match=r"PORTRAIT_LLM_KEY_FILE .*/key: ") as error:
        Connection(Endpoint("http://127.0.0.1:1/v1", "tiny", key_file=tmp_path / "key"))
    assert "two" not in str(error.value)


@pytest.mark.parametrize(("known", "formats"), [
    ("json_object", ["json_schema", "json_object", "json_object"]),
    (None, ["json_schema", "json_object", None, None]),
])  # fmt: skip
@pytest.mark.parametrize("status", [400, 422])
def test_a_format_that_a_server_does_not_know_is_not_asked_for_again(
    known: str | None, formats: list[str | None], status: int
):
    def answer(_: int, body: dict[str, Any]) -> Response:
        return GOOD if body.get("response_format", {}).get("type") == known else Response(status)

    with connected(answer) as (connection, served):
        connection.ask(QUESTION)
        connection.ask(QUESTION)
    assert [body.get("response_format", {}).get("type") for body in served.asked] == formats


def test_a_question_that_is_refused_tells_nothing_of_the_format():
    with connected(in_turn(Response(400), Response(400), Response(400), GOOD)) as (connection, served):
        with pytest.raises(NoReply, match="refused"):
            connection.ask(QUESTION)
        connection.ask(QUESTION)
    assert served.asked[3]["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize("trouble", [Response(429, headers={"Retry-After": "0"}), Response(500), Response(502), Response(503), Response(408),
                                     Response(body=b"<html>"), Response(body=b'{"choices": 1}')],
                         ids=["429", "500", "502", "503", "408", "page", "other"])  # fmt: skip
def test_trouble_that_passes_is_waited_for(trouble: Response):
    with connected(in_turn(trouble, trouble, GOOD)) as (connection, served):
        assert connection.ask(QUESTION).prompt_tokens == 7
    assert len(served.asked) == 3


@pytest.mark.parametrize(("trouble", "reason"), [
    (Response(429), "busy"), (Response(500), "server error"), (Response(body=b"<html>"), "server error"),
    (said(EMPTY, prompt_tokens=10**30), "server error"),
])  # fmt: skip
def test_trouble_that_does_not_pass_is_no_reply_and_soon_an_error(trouble: Response, reason: str):
    with connected(in_turn(trouble), tries=2) as (connection, _):
        for _ in range(2):
            with pytest.raises(NoReply, match=reason):
                connection.ask(QUESTION)
        with pytest.raises(
            PortraitError, match=rf"language model http://\S+/v1: gave no answer to 3 questions in a row \({reason}\)"
        ):
            connection.ask(QUESTION)


def test_one_answer_between_them_and_the_server_is_not_down():
    bad = Response(500)
    with connected(in_turn(bad, bad, GOOD, bad, bad, GOOD), tries=1) as (connection, _):
        for expected in (False, False, True, False, False, True):
            try:
                connection.ask(QUESTION)
                answered = True
            except NoReply:
                answered = False
            assert answered is expected


@pytest.mark.parametrize("status", [400, 413])
def test_a_question_that_is_refused_says_nothing_of_others(status: int):
    bad, refused = Response(500), Response(status)

    def answer(_: int, body: dict[str, Any]) -> Response:
        return bad if body["messages"] == QUESTION else refused

    with connected(answer, tries=1) as (connection, _):
        for question in (*[LONG] * 4, QUESTION, QUESTION, *[LONG] * 4):
            with pytest.raises(NoReply, match="refused" if question == LONG else "server error"):
                connection.ask(question)
        with pytest.raises(PortraitError, match=r"3 questions in a row \(server error\)"):
            connection.ask(QUESTION)


def test_half_of_an_emoji_is_an_answer_like_any_other():
    cut = Response(body=rb'{"choices": [{"message": {"role": "assistant", "content": "so good \ud83d"}}]}')
    with connected(in_turn(cut)) as (connection, served):
        assert connection.ask(QUESTION).text == "so good ?"
    assert len(served.asked) == 1


def test_a_server_that_refuses_whatever_it_is_asked_is_an_error():
    with connected(in_turn(Response(400)), tries=1) as (connection, _):
        for _ in range(9):
            with pytest.raises(NoReply, match="refused"):
                connection.ask(QUESTION)
        with pytest.raises(PortraitError, match="refused the first 10 questions"):
            connection.ask(QUESTION)


@pytest.mark.parametrize("slow", [replace(GOOD, slowly=0.5), replace(GOOD, slowly=0.04)], ids=["silent", "in drops"])
def test_a_slow_answer_is_not_waited_for(slow: Response):
    with connected(in_turn(slow), tries=1, timeout=0.2) as (connection, _), pytest.raises(NoReply, match="timeout"):
        connection.ask(QUESTION)


def test_a_huge_answer_is_not_read_to_its_end():
    huge = Response(body=b" " * (LONGEST_ANSWER * 3))
    with connected(in_turn(huge)) as (connection, served), pytest.raises(NoReply, match="server error"):
        connection.ask(QUESTION)
    assert len(served.asked) == 1


def test_a_packed_answer_is_not_unpacked():
    packed = Response(body=gzip.compress(GOOD.body), headers={"Content-Encoding": "gzip"})
    with connected(in_turn(packed), tries=1) as (connection, _), pytest.raises(NoReply, match="server error"):
        connection.ask(QUESTION)


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_no_redirect_is_followed(code: int):
    with connected(in_turn(GOOD)) as (_, other):
        away = Response(code, headers={"Location": f"{other.url}/chat/completions"})
        with (
            connected(in_turn(away)) as (connection, _),
            pytest.raises(PortraitError, match="sends on to another address"),
        ):
            connection.ask(QUESTION)
    assert other.asked == []


@pytest.mark.parametrize(
    ("code", "says"),
    [(401, "another key"), (403, "another key"), (404, "no such address or model"), (418, "status 418")],
)
def test_what_cannot_get_better_is_said_at_once(code: int, says: str):
    with (
        connected(in_turn(Response(code, b"secret words"))) as (connection, served),
        pytest.raises(PortraitError, match=says) as error,
    ):
        connection.ask(QUESTION)
    assert len(served.asked) == 1
    assert "secret" not in str(error.value)


def test_a_server_that_is_down_is_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    connection = Connection(Endpoint(f"http://127.0.0.1:{port}/v1", "tiny", tries=2, first_wait=0.01))
    with pytest.raises(PortraitError) as error:
        connection.ask(QUESTION)
    assert str(error.value) == (
        f"language model http://127.0.0.1:{port}/v1: cannot be reached (ConnectError). Portraits stay whose evidence is there"
    )


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with connected(in_turn(GOOD)) as (connection, _):
        assert connection.ask(QUESTION).prompt_tokens == 7


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:8000", "ftp://x/v1", "http://", "file:///etc", "http://x/v1?key=1", "http://x:99999/", "http://[x"],
)
def test_an_address_that_is_none_is_refused(url: str):
    with pytest.raises(BadInput, match="PORTRAIT_LLM_URL is no address"):
        check_url(url)


def test_a_password_in_the_address_is_refused_without_being_told():
    with pytest.raises(BadInput, match="holds a password") as error:
        check_url("http://me:s3cret@example.org/v1")
    assert "s3cret" not in str(error.value)
    assert check_url(" https://example.org/v1/ ") == "https://example.org/v1"
