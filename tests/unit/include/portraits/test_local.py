"""A model from a folder: found, refused, asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from include.errors import BadInput
from include.portraits import local
from include.portraits.local import LocalModel, find_local, load_local
from include.portraits.portray import NoReply, portray
from include.portraits.prompt import Message, messages
from include.text.device import Device
from tests.language_model import NO_SYSTEM, TEMPLATE, make_language_model
from tests.unit.include.portraits.people import evidence

CPU = Device("cpu", "float32")
TOLD = evidence("x-1 | aspects_praised | battery life | great battery life")
ANSWER = '{"portrait": [{"text": "Likes the battery life", "evidence":["e1"]}], "interests": [ ], "preferences":[]}'
QUESTION: list[Message] = messages(TOLD)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_language_model(tmp_path_factory.mktemp("models") / "tiny", ANSWER)


def test_it_says_the_likeliest_and_counts(folder: Path):
    reply = LocalModel(folder, CPU).ask(QUESTION)
    assert json.loads(reply.text) == json.loads(ANSWER)
    assert reply.completion_tokens == len(ANSWER.split()) + 1
    assert reply.prompt_tokens == len(TEMPLATE_WORDS.split())


TEMPLATE_WORDS = " ".join(f"{m['role']}: {m['content']}" for m in QUESTION) + " assistant:"


def test_a_portrait_is_made_from_its_answer(folder: Path):
    found = portray(TOLD, LocalModel(folder, CPU).ask)
    assert [(kept.text, kept.evidence) for kept in found.said.portrait] == [("Likes the battery life", ("x-1",))]
    assert found.status == "value"


@pytest.mark.parametrize("template", [None, NO_SYSTEM], ids=["no template", "no system"])
def test_models_are_asked_in_the_way_they_know(tmp_path: Path, template: str | None):
    model = LocalModel(make_language_model(tmp_path / "tiny", ANSWER, template), CPU)
    assert json.loads(model.ask(QUESTION).text) == json.loads(ANSWER)


def test_nonsense_is_unknown(tmp_path: Path):
    found = portray(TOLD, LocalModel(make_language_model(tmp_path / "tiny", "sorry I cannot"), CPU).ask)
    assert (found.status, found.reason) == ("unknown", "malformed")


def test_a_question_it_cannot_read_to_the_end_is_not_asked(tmp_path: Path):
    model = LocalModel(make_language_model(tmp_path / "tiny", ANSWER, positions=1600), CPU)
    with pytest.raises(NoReply, match="refused"):
        model.ask(QUESTION)


def test_a_lack_of_memory_is_no_reply(folder: Path, monkeypatch: pytest.MonkeyPatch):
    import torch

    def full(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError

    model = LocalModel(folder, CPU)
    monkeypatch.setattr(model._model, "generate", full)
    with pytest.raises(NoReply, match="refused"):
        model.ask(QUESTION)


def test_its_name_has_a_digest_of_its_files(folder: Path):
    before = find_local(str(folder), "cpu")
    assert before.name.startswith("tiny-")
    assert before.folder == folder
    template = folder / "chat_template.jinja"
    template.write_text(TEMPLATE + " ")
    assert find_local(str(folder), "cpu").name != before.name
    template.write_text(TEMPLATE)
    assert find_local(str(folder), "cpu") == before


def test_what_is_no_model_is_refused(tmp_path: Path):
    with pytest.raises(BadInput, match="PORTRAIT_LLM_MODEL: there is no folder /no/such; for a model behind a server"):
        find_local("/no/such", "cpu")
    folder = make_language_model(tmp_path / "tiny", "a")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(BadInput, match=r"language model .*pytorch_model\.bin: pickled weights"):
        find_local(str(folder), "cpu")


def test_what_cannot_be_loaded_is_one_line(tmp_path: Path):
    folder = make_language_model(tmp_path / "tiny", "a")
    (folder / "config.json").write_text('{"model_type": "of the future"}')
    with pytest.raises(BadInput, match=r"language model .*/tiny: cannot be loaded: ValueError: ") as error:
        LocalModel(folder, CPU)
    assert "\n" not in str(error.value)


def test_it_is_loaded_once_on_the_gpu_of_the_task(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    asked: list[tuple[str, str | None]] = []

    def choose(wanted: str, address: str | None) -> Device:
        asked.append((wanted, address))
        return Device("cpu", "float32", "a note")

    monkeypatch.setattr(local, "choose_device", choose)
    found = find_local(str(folder), "auto")
    assert load_local(found, "1") is load_local(found, "1")
    assert asked == [("auto", "1")]
    assert capsys.readouterr().err == "a note\n"
