"""What the environment says, and what it must not say."""

from pathlib import Path

import pytest

from include.errors import BadInput
from include.settings import Settings

PATHS = {"PORTRAIT_LAKE": "lake", "PORTRAIT_DATA": "data", "PORTRAIT_KEY_FILE": "key_file"}


@pytest.mark.parametrize("variable", PATHS)
@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_path_is_refused(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadInput) as error:
        Settings()
    assert str(error.value) == f"{variable}: is empty; set it to a path, or unset it for the default"


@pytest.mark.parametrize(("variable", "name"), PATHS.items())
def test_a_path_may_begin_at_home(monkeypatch: pytest.MonkeyPatch, variable: str, name: str, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(variable, "~/x")
    assert getattr(Settings(), name) == tmp_path / "x"


def test_an_empty_list_of_folders_adds_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTRAIT_SOURCES", "")
    monkeypatch.setenv("PORTRAIT_TRAITS", "")
    assert [f.name for f in Settings().source_folders] == ["sources"]
    assert [f.name for f in Settings().trait_folders] == ["traits"]


def test_a_page_is_a_file_or_an_address_of_the_server_that_shows_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PORTRAIT_LAKE", str(tmp_path / "lake"))
    page = Settings().pages / "checks" / "ingest" / "run+1" / "index.html"
    assert Settings().address_of(page) == page.as_uri()
    monkeypatch.setenv("PORTRAIT_PAGES_URL", "http://127.0.0.1:8090/")
    assert Settings().address_of(page) == "http://127.0.0.1:8090/checks/ingest/run%2B1/index.html"


def test_a_data_folder_that_was_named_must_be_there(monkeypatch, tmp_path):
    monkeypatch.delenv("PORTRAIT_DATA", raising=False)
    Settings().require_data()
    monkeypatch.setenv("PORTRAIT_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(BadInput, match="PORTRAIT_DATA: there is no folder"):
        Settings().require_data()
