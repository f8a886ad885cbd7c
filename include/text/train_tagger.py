"""Training of the finder of entities: `python -m include.text.train_tagger`, twenty minutes on two cores.

The encoder's lower layers stay as they are, and run once; the upper ones are trained further together with what is new.
Tweets do not label products, so of theirs a word outside of everything may be in a product as well. Only files with
weights and figures come out: `tagger.safetensors` and `tagger.json`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from include.models.artefact import digest_of
from include.score.marks import entities as score
from include.settings import Settings
from include.text.corpora import DEV, TRAIN, TWEETS, Sentence, Span, read
from include.text.device import cpu_has_bf16
from include.text.encoder import find_encoder
from include.text.looks import Looks, looks
from include.text.padding import padded
from include.text.tagger import Tagger
from include.text.tags import TAGS, entities

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PRODUCT = [TAGS.index("B-product"), TAGS.index("I-product")]
_NOT_LABELLED = -100


@dataclass(frozen=True)
class Recipe:
    """What a training depends on."""

    lower: int = 4  # layers of the encoder that stay as they are
    epochs: int = 5
    batch: int = 32
    rate: float = 2e-4  # of layers; what is new learns five times as fast
    dropout: float = 0.2
    decay: float = 0.01
    warm: float = 0.06
    seed: int = 7


@dataclass(frozen=True)
class Example:
    """`states` of a middle layer [pieces, width], and the tag of each piece that is a word's first one."""

    states: NDArray[np.float16]
    looks: Looks
    tags: NDArray[np.int64]
    sentence: Sentence


def examples(sentences: Sequence[Sentence], encoder: Any, tokenizer: Any, lower: int) -> list[Example]:
    """With the states of the encoder's layer `lower`, computed once."""
    encoded = [tokenizer.encode(s.text) for s in sentences]
    found: dict[int, Example] = {}
    order = sorted(range(len(sentences)), key=lambda i: len(encoded[i].ids))
    for start in range(0, len(order), 64):
        rows = order[start : start + 64]
        ids, mask = _padded([np.array(encoded[i].ids) for i in rows])
        with torch.inference_mode(), _quickly():
            out = encoder(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states[lower]
        for i, states in zip(rows, out, strict=True):
            seen = looks(sentences[i].text, encoded[i])
            pieces = len(encoded[i].ids)
            found[i] = Example(states[:pieces].half().numpy(), seen, _tags(sentences[i], seen, pieces), sentences[i])
    return [found[i] for i in range(len(sentences))]


def _quickly() -> torch.autocast:
    """In bfloat16 where the CPU multiplies it itself."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=cpu_has_bf16())


def _tags(sentence: Sentence, seen: Looks, pieces: int) -> NDArray[np.int64]:
    tags = np.full(pieces, _NOT_LABELLED, dtype=np.int64)
    for piece, word in zip(seen.firsts, seen.words, strict=True):
        inside = next((e for e in sentence.entities if e[0] <= word.start < e[1]), None)
        part = "O" if inside is None else f"{'B' if word.start == inside[0] else 'I'}-{inside[2]}"
        tags[piece] = TAGS.index(part)
    return tags


def _padded(rows: Sequence[NDArray[Any]], fill: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    values, mask = padded(rows, fill)
    return torch.from_numpy(values), torch.from_numpy(mask)


def _batch(rows: Sequence[Example]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    pieces, mask = _padded([e.looks.pieces for e in rows])
    states = torch.zeros(*pieces.shape, rows[0].states.shape[1])
    for n, e in enumerate(rows):
        states[n, : len(e.states)] = torch.from_numpy(e.states).float()
    return states, pieces, mask


def predict(tagger: Tagger, rows: Sequence[Example]) -> list[frozenset[Span]]:
    """The entities of each sentence, by characters."""
    tagger.eval()
    found: list[frozenset[Span]] = []
    for start in range(0, len(rows), 64):
        some = rows[start : start + 64]
        with torch.inference_mode():
            scores = tagger(*_batch(some)).numpy()
        for e, of_text in zip(some, scores, strict=True):
            tagged = entities(of_text[e.looks.firsts])
            where = e.looks.words
            found.append(frozenset((where[t.first].start, where[t.last].end, t.kind) for t in tagged))
    return found


def train(rows: Sequence[Example], tagger: Tagger, recipe: Recipe, after_epoch: Any) -> None:
    """Train in place. `after_epoch(number, loss)`."""
    order = np.random.default_rng(recipe.seed)
    new = [*tagger.look.parameters(), *tagger.tag.parameters()]
    rates = (recipe.rate, 5 * recipe.rate)
    optimizer = torch.optim.AdamW(
        [{"params": list(tagger.upper.parameters())}, {"params": new}], lr=recipe.rate, weight_decay=recipe.decay
    )
    steps, step = recipe.epochs * -(-len(rows) // recipe.batch), 0
    for epoch in range(recipe.epochs):
        tagger.train()
        # Sentences of about the same length together: less padding.
        of_length = np.array([len(e.looks.pieces) / 8 for e in rows]) + order.random(len(rows)) * 2
        sorted_rows = np.argsort(of_length)
        starts = np.arange(0, len(rows), recipe.batch)
        order.shuffle(starts)
        losses = []
        for start in starts:
            step += 1
            done = step / steps
            slope = done / recipe.warm if done < recipe.warm else (1 - done) / (1 - recipe.warm)
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * slope
            some = [rows[i] for i in sorted_rows[start : start + recipe.batch]]
            with _quickly():
                scores = tagger(*_batch(some))
            loss = _loss(scores, some)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(tagger.parameters(), 1.0)
            optimizer.step()
            losses.append(float(loss.detach()))
        after_epoch(epoch + 1, sum(losses) / len(losses))


def _loss(scores: torch.Tensor, rows: Sequence[Example]) -> torch.Tensor:
    tags, _ = _padded([e.tags for e in rows], _NOT_LABELLED)
    labelled = torch.tensor([e.sentence.has_products for e in rows])[:, None]
    outside = torch.logsumexp(scores[..., [0, *_PRODUCT]], dim=-1)
    first = torch.where(labelled, scores[..., 0], outside)
    scores = torch.cat([first[..., None], scores[..., 1:]], dim=-1)
    return nn.functional.nll_loss(scores.reshape(-1, len(TAGS)), tags.reshape(-1), ignore_index=_NOT_LABELLED)


def main() -> None:
    defaults = Recipe()
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in asdict(defaults).items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    given = vars(parser.parse_args())
    out: Path = given.pop("out")
    recipe = Recipe(**given)
    folder = Settings().data / "ner_gold"
    sentences = {name: read(folder, name) for name in (TRAIN, *TWEETS, DEV)}
    torch.manual_seed(recipe.seed)
    space, tokenizer, encoder = _encoder()
    print(f"{sum(map(len, sentences.values())):,} sentences through {recipe.lower} layers", flush=True)
    known = [e for name in (TRAIN, *TWEETS) for e in examples(sentences[name], encoder, tokenizer, recipe.lower)]
    unseen = examples(sentences[DEV], encoder, tokenizer, recipe.lower)
    tagger = Tagger(encoder.encoder.layer[recipe.lower :], encoder.config.hidden_size, recipe.dropout)

    def told(epoch: int, loss: float) -> None:
        figures = score(predict(tagger, unseen), sentences[DEV])
        print(f"epoch {epoch} of {recipe.epochs}: loss {loss:.4f}, WNUT-17 dev {figures}", flush=True)

    train(known, tagger, recipe, told)
    _save(out, tagger, recipe, space, score(predict(tagger, unseen), sentences[DEV]))


def _encoder() -> tuple[str, Any, Any]:
    """The packaged encoder: its space, tokenizer and transformer."""
    from transformers import AutoModel, AutoTokenizer

    found = find_encoder("")
    tokenizer = AutoTokenizer.from_pretrained(found.folder).backend_tokenizer
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    return found.space, tokenizer, AutoModel.from_pretrained(found.folder).eval()


def _save(folder: Path, tagger: Tagger, recipe: Recipe, space: str, figures: dict[str, float]) -> None:
    from safetensors.torch import save_file

    weights = {name: value.detach().half().contiguous() for name, value in tagger.state_dict().items()}
    file = folder / "tagger.safetensors"
    save_file(weights, file)
    told = {
        "sha256": digest_of(file),
        "lower": recipe.lower,
        "space": space,
        "recipe": asdict(recipe),
        "wnut17_dev": figures,
        "learned_from": {
            "WNUT-17, training part": "CC BY 4.0, Derczynski et al. 2017",
            "Broad Twitter Corpus, parts a, b, e, f, g, h": "CC BY 4.0, Derczynski et al. 2016",
        },
        "begun_from": "all-MiniLM-L6-v2, Apache 2.0",
    }
    (folder / "tagger.json").write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
