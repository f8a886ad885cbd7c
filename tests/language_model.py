"""A causal model small enough for tests, whose weights are set by hand: whatever it is asked, it says one text."""

from __future__ import annotations

from pathlib import Path

ASKED = "assistant:"  # the last word of a question
TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}" + ASKED
NO_SYSTEM = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}" + TEMPLATE


def make_language_model(folder: Path, answer: str, template: str | None = TEMPLATE, positions: int = 8192) -> Path:
    """The folder, as transformers writes it. No two words of `answer`, parted by spaces, may be the same.

    Attention and feed-forward add nothing, so that the next word follows from the last one alone.
    """
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    chain = [ASKED, *answer.split(), "</s>"]
    vocabulary = ["<unk>", *chain]
    vocabulary += [f"<{n}>" for n in range(len(vocabulary) % 2)]
    size = len(vocabulary)
    config = LlamaConfig(
        vocab_size=size, hidden_size=size, intermediate_size=4, num_hidden_layers=1, num_attention_heads=1,
        max_position_embeddings=positions, eos_token_id=len(chain), bos_token_id=None, tie_word_embeddings=False,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for weights in (model.model.layers[0].self_attn.o_proj.weight, model.model.layers[0].mlp.down_proj.weight):
            weights.zero_()
        model.model.embed_tokens.weight.copy_(torch.eye(size))
        model.lm_head.weight.zero_()
        for n in range(1, len(chain)):
            model.lm_head.weight[n + 1, n] = 1.0
    model.generation_config.do_sample = True  # as folders in the wild have it
    model.generation_config.temperature = 2.0
    model.save_pretrained(folder)
    words = Tokenizer(WordLevel({word: n for n, word in enumerate(vocabulary)}, unk_token="<unk>"))
    words.pre_tokenizer = WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, unk_token="<unk>", eos_token="</s>")
    if template:
        tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    return folder
