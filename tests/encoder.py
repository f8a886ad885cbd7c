"""A sentence encoder small enough for tests: two layers, eight dimensions, random weights from a seed."""

from __future__ import annotations

import json
from pathlib import Path

WORDS = ("good", "bad", "read", "paper", "late", "the", "a", "magazine", "is", "very", "##s", "##ly", "!", ".", ",")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
LONGEST = 16  # tokens


def make_encoder(folder: Path, seed: int = 1) -> Path:
    """The folder, as sentence-transformers writes it."""
    import torch
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertModel

    vocabulary = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *WORDS,
        *LETTERS,
        *(f"##{letter}" for letter in LETTERS),
    ]
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=32,
    )  # fmt: skip
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    tokenizer = BertWordPieceTokenizer(str(folder / "vocab.txt"))
    tokenizer.enable_padding(length=LONGEST)  # as tokenizer files in the wild bring it along
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "1_Pooling").mkdir()
    _write(folder / "tokenizer_config.json", {"tokenizer_class": "BertTokenizer", "model_max_length": 32})
    _write(folder / "sentence_bert_config.json", {"max_seq_length": LONGEST, "do_lower_case": False})
    _write(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": 8, "pooling_mode_mean_tokens": True})
    kinds = (("", "Transformer"), ("1_Pooling", "Pooling"))
    modules = [{"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
               for i, (path, kind) in enumerate(kinds)]  # fmt: skip
    _write(folder / "modules.json", modules)
    return folder


def _write(file: Path, content: object) -> None:
    file.write_text(json.dumps(content))
