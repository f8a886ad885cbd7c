"""Which model the settings name."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.errors import BadInput
from include.portraits.choose import language_model, opened
from include.portraits.endpoint import Endpoint
from include.settings import Settings
from tests.language_model import make_language_model
from tests.llm_server import EMPTY, said, serving


def _settings(**given: str) -> Settings:
    return Settings(**given)  # type: ignore[arg-type]


def test_none_is_asked_unless_one_is_named():
    assert language_model(_settings()) is None
    assert language_model(_settings(llm_url=" ", llm_key_file="/no/such")) is None


def test_an_address_and_a_name_are_an_endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    key = tmp_path / "key"
    key.write_text("s3cret")
    monkeypatch.setenv("PORTRAIT_LLM_URL", "http://127.0.0.1:8000/v1/")
    monkeypatch.setenv("PORTRAIT_LLM_MODEL", "qwen")
    assert language_model(Settings()) == Endpoint("http://127.0.0.1:8000/v1", "qwen", None)
    monkeypatch.setenv("PORTRAIT_LLM_KEY_FILE", str(key))
    found = language_model(Settings())
    assert found == Endpoint("http://127.0.0.1:8000/v1", "qwen", key)
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(("given", "says"), [
    ({"llm_url": "http://x/v1"}, "PORTRAIT_LLM_MODEL is not"),
    ({"llm_url": "x", "llm_model": "m"}, "PORTRAIT_LLM_URL is no address"),
    ({"llm_model": "/no/such"}, "there is no folder /no/such"),
    ({"llm_url": "http://x/v1", "llm_model": "m", "llm_key_file": "/no/such"}, "PORTRAIT_LLM_KEY_FILE /no/such: cannot be read"),
])  # fmt: skip
def test_what_cannot_be_asked_is_said_before_anything_starts(given: dict[str, str], says: str):
    with pytest.raises(BadInput, match=says):
        language_model(_settings(**given))


def test_an_opened_one_can_be_asked(tmp_path: Path):
    with serving(lambda *_: said(EMPTY)) as served:
        found = language_model(_settings(llm_url=served.url, llm_model="tiny"))
        assert found is not None
        with opened(found) as asking:
            assert asking.ask([{"role": "user", "content": "?"}]).text.startswith("{")
            assert asking.at_once > 1
    folder = make_language_model(tmp_path / "tiny", "a b")
    found = language_model(_settings(llm_model=str(folder), device="cpu"))
    assert found is not None
    with opened(found) as asking:
        assert asking.ask([{"role": "user", "content": "?"}]).text == "a b"
        assert asking.at_once == 1
