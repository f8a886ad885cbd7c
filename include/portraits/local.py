"""A language model from a folder, run here by transformers: greedy, one question at a time."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from include.errors import BadInput
from include.portraits.portray import NoReply, Reply
from include.portraits.prompt import MOST_TOKENS, Message
from include.text.device import Device, Wanted, choose_device
from include.text.folder import ModelFolder

_READ = (".json", ".safetensors", ".txt", ".model", ".jinja")  # settings, weights, vocabularies, the chat template


@dataclass(frozen=True)
class Local:
    """A folder whose files were looked at. `name`, on rows: the folder's and a digest of its files."""

    folder: Path
    name: str
    device: Wanted


def find_local(wanted: str, device: Wanted) -> Local:
    """The causal model in a folder as transformers writes it.

    BadInput, in one line, if there is none, a file is damaged, its weights are pickled, or it asks for code of its own.
    """
    folder = Path(wanted).expanduser()
    if not folder.is_dir():
        raise BadInput(
            f"PORTRAIT_LLM_MODEL: there is no folder {wanted}; for a model behind a server set PORTRAIT_LLM_URL as well"
        )
    folder = folder.resolve()
    files = ModelFolder("language model", folder, _READ)
    files.check()
    return Local(folder, f"{folder.name}-{files.digest()[:12]}", device)


class LocalModel:
    """A loaded causal model with its tokenizer. For one thread."""

    def __init__(self, folder: Path, device: Device) -> None:
        self._tokenizer, self._model = _load(folder, device)
        self._longest = int(getattr(self._model.config, "max_position_embeddings", 0) or sys.maxsize)

    def ask(self, messages: Sequence[Message]) -> Reply:
        """What the model says. NoReply where question and answer may not fit into what it reads, or into memory."""
        import torch
        from transformers import GenerationConfig

        given = self._tokenizer(self._text(messages), add_special_tokens=False, return_tensors="pt")
        n = int(given["input_ids"].shape[1])
        if n + MOST_TOKENS > self._longest:
            raise NoReply("refused")
        ends = self._model.generation_config.eos_token_id or self._tokenizer.eos_token_id
        first = ends[0] if isinstance(ends, list) else ends
        # The folder's own way of generating may draw by chance.
        greedy = {"do_sample": False, "max_new_tokens": MOST_TOKENS, "eos_token_id": ends, "pad_token_id": first}
        how = GenerationConfig(**greedy)  # type: ignore[no-untyped-call]
        try:
            with torch.inference_mode():
                out = self._model.generate(**given.to(self._model.device), generation_config=how)[0, n:]
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
            raise NoReply("refused") from None
        return Reply(self._tokenizer.decode(out, skip_special_tokens=True), n, len(out))

    def _text(self, messages: Sequence[Message]) -> str:
        """The question as the model has learned to read questions; some have learned no system message."""
        from jinja2 import TemplateError

        if not self._tokenizer.chat_template:
            return "\n\n".join([f"{m['role']}: {m['content']}" for m in messages] + ["assistant:"])
        try:
            return self._templated(messages)
        except TemplateError:
            first: Message = {"role": "user", "content": f"{messages[0]['content']}\n\n{messages[1]['content']}"}
            return self._templated([first, *messages[2:]])

    def _templated(self, messages: Sequence[Message]) -> str:
        return str(self._tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True))


@cache
def load_local(local: Local, gpu: str | None) -> LocalModel:
    """Once a process, on the GPU that Spark gave its task if it gave one."""
    device = choose_device(local.device, gpu)
    if device.note:
        print(device.note, file=sys.stderr, flush=True)
    return LocalModel(local.folder, device)


def _load(folder: Path, device: Device) -> tuple[Any, Any]:
    """No remote code, no pickle, no network."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    only = {"local_files_only": True, "trust_remote_code": False}
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, **only)
        model: Any = AutoModelForCausalLM.from_pretrained(
            folder, use_safetensors=True, dtype=getattr(torch, device.precision), **only
        )
        model = model.to(device.name)
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise BadInput(f"language model {folder}: cannot be loaded: {type(error).__name__}: {reason}") from None
    return tokenizer, model.eval()
