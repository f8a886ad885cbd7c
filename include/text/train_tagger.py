"""Training of the finder of entities and aspects: `python -m include.text.train_tagger`, ten minutes on a core.

The encoder stays as it is, and runs once; what is learned goes on from one of its layers. A batch is of sentences
labelled with entities, or of such with aspects: what is not labelled teaches nothing. Tweets do not label products, so
of theirs a word outside of everything may be in a product as well. Only files with weights and figures come out:
`tagger.safetensors` and `tagger.json`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from include.models.artefact import digest_of
from include.score.marks import aspects as score_aspects
from include.score.marks import entities as score
from include.settings import Settings
from include.text.corpora import DEV, TRAIN, TWEETS, Sentence, Span, read
from include.text.device import cpu_has_bf16
from include.text.encoder import find_encoder
from include.text.finder import in_a_row
from include.text.looks import Looks, looks
from include.text.padding import padded
from include.text.product_reviews import HELD_OUT, PRODUCTS, Opinion, read_products, together
from include.text.tagger import Tagger
from include.text.tags import ASPECT_TAGS, ENTITY_TAGS, Tags, tagged

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PRODUCT = [ENTITY_TAGS.index("B-product"), ENTITY_TAGS.index("I-product")]
_NOT_LABELLED = -100
_KEPT = 8  # one review in so many is not learned from, so that confidence can be set by it
_LEAST = 0.5  # an aspect that is less likely than not is not said


@dataclass(frozen=True)
class Recipe:
    """What a training depends on."""

    layer: int = 5  # of the encoder, whose states are gone on from
    epochs: int = 6
    batch: int = 32
    rate: float = 1e-3
    dropout: float = 0.3
    decay: float = 0.01
    warm: float = 0.06
    aspects: float = 1.0  # how much a batch of them weighs beside one of entities
    seed: int = 7


@dataclass(frozen=True)
class Example:
    """`states` of a layer at words' first pieces [words, width], the tag of each word out of `names`."""

    states: NDArray[np.float16]
    looks: Looks
    tags: NDArray[np.int64]
    names: Tags
    has_products: bool


def examples(sentences: Sequence[Sentence | Opinion], encoder: Any, tokenizer: Any, layer: int) -> list[Example]:
    """With the states of the encoder's `layer`, computed once."""
    encoded = [tokenizer.encode(s.text) for s in sentences]
    found: dict[int, Example] = {}
    order = sorted(range(len(sentences)), key=lambda i: len(encoded[i].ids))
    for start in range(0, len(order), 64):
        rows = order[start : start + 64]
        ids, mask = (torch.from_numpy(a) for a in padded([np.array(encoded[i].ids) for i in rows]))
        with torch.inference_mode(), _quickly():
            out = encoder(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states[layer]
        for i, states in zip(rows, out, strict=True):
            found[i] = _example(sentences[i], looks(sentences[i].text, encoded[i]), states)
    return [found[i] for i in range(len(sentences))]


def _quickly() -> torch.autocast:
    """In bfloat16 where the CPU multiplies it itself."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=cpu_has_bf16())


def _example(sentence: Sentence | Opinion, seen: Looks, states: torch.Tensor) -> Example:
    if isinstance(sentence, Opinion):
        names, spans, has_products = ASPECT_TAGS, sentence.aspects, True
    else:
        names, spans, has_products = ENTITY_TAGS, sentence.entities, sentence.has_products
    tags = []
    for start in seen.words.starts:
        inside = next((s for s in spans if s[0] <= start < s[1]), None)
        tags.append("O" if inside is None else f"{'B' if start == inside[0] else 'I'}-{inside[2]}")
    known = np.array([names.index(tag) for tag in tags], dtype=np.int64)
    return Example(states[seen.firsts].half().numpy(), seen, known, names, has_products)


def _scores(tagger: Tagger, rows: Sequence[Example]) -> tuple[torch.Tensor, list[int]]:
    """Log probabilities [places, tags] of what the rows are labelled with, and the place where each begins."""
    row = in_a_row([e.looks for e in rows], [0] * len(rows))
    states = torch.zeros(len(row.looks), rows[0].states.shape[1])
    states[torch.from_numpy(row.is_word)] = torch.from_numpy(np.concatenate([e.states for e in rows])).float()
    entities, aspects = tagger(states, torch.from_numpy(row.looks), torch.from_numpy(row.is_word))
    return (aspects if rows[0].names == ASPECT_TAGS else entities), row.starts


def predict(tagger: Tagger, rows: Sequence[Example], least: float = 0.0) -> list[frozenset[Span]]:
    """The entities, or the aspects, of each sentence, by characters."""
    return [frozenset((start, end, kind) for start, end, kind, sure in found if sure >= least)
            for found in _found(tagger, rows)]  # fmt: skip


def _found(tagger: Tagger, rows: Sequence[Example]) -> list[list[tuple[int, int, str, float]]]:
    tagger.eval()
    found = []
    for start in range(0, len(rows), 64):
        some = rows[start : start + 64]
        with torch.inference_mode():
            scores, starts = _scores(tagger, some)
        for e, at in zip(some, starts, strict=True):
            words = e.looks.words
            said = tagged(scores[at : at + len(e.tags)].numpy(), e.names)
            found.append([(int(words.starts[t.first]), int(words.ends[t.last]), t.kind, t.confidence) for t in said])
    return found


def train(rows: Sequence[Example], tagger: Tagger, recipe: Recipe, after_epoch: Callable[[int, float], None]) -> None:
    """Train in place. `after_epoch(number, loss)`."""
    order = np.random.default_rng(recipe.seed)
    optimizer = torch.optim.AdamW(tagger.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    kinds = [[n for n, e in enumerate(rows) if e.names == names] for names in (ENTITY_TAGS, ASPECT_TAGS)]
    steps, step = recipe.epochs * sum(-(-len(of_kind) // recipe.batch) for of_kind in kinds), 0
    for epoch in range(recipe.epochs):
        tagger.train()
        losses = []
        for some in _batches(kinds, recipe.batch, order):
            step += 1
            done = step / steps
            slope = done / recipe.warm if done < recipe.warm else (1 - done) / (1 - recipe.warm)
            for group in optimizer.param_groups:
                group["lr"] = recipe.rate * slope
            loss = _loss(tagger, [rows[n] for n in some], recipe.aspects)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(tagger.parameters(), 1.0)
            optimizer.step()
            losses.append(float(loss.detach()))
        after_epoch(epoch + 1, sum(losses) / len(losses))


def _batches(kinds: Iterable[Sequence[int]], size: int, order: np.random.Generator) -> list[NDArray[np.intp]]:
    found = []
    for of_kind in kinds:
        drawn = order.permutation(np.array(of_kind, dtype=np.intp))
        found += [drawn[start : start + size] for start in range(0, len(drawn), size)]
    return [found[n] for n in order.permutation(len(found))]


def _loss(tagger: Tagger, rows: Sequence[Example], weight: float) -> torch.Tensor:
    with _quickly():
        scores, starts = _scores(tagger, rows)
    tags = torch.full((len(scores),), _NOT_LABELLED)
    for e, at in zip(rows, starts, strict=True):
        tags[at : at + len(e.tags)] = torch.from_numpy(e.tags)
    if rows[0].names == ASPECT_TAGS:
        return weight * nn.functional.nll_loss(scores, tags, ignore_index=_NOT_LABELLED)
    labelled = torch.tensor([e.has_products for e in rows for _ in range(len(e.tags) + 1)])
    outside = torch.logsumexp(scores[:, [0, *_PRODUCT]], dim=-1)
    first = torch.where(labelled, scores[:, 0], outside)
    scores = torch.cat([first[:, None], scores[:, 1:]], dim=-1)
    return nn.functional.nll_loss(scores, tags, ignore_index=_NOT_LABELLED)


def calibrate(tagger: Tagger, rows: Sequence[Example], sentences: Sequence[Opinion]) -> float:
    """Temper the head of aspects in place (Guo et al. 2017), so that of those said with confidence p about p are right:
    the temperature with the least log loss over what is said of `rows`, which it has not learned from."""
    weight, bias = tagger.aspect.weight.detach().clone(), tagger.aspect.bias.detach().clone()

    def temper(by: float) -> None:
        tagger.aspect.weight.data, tagger.aspect.bias.data = weight / by, bias / by

    def log_loss(by: float) -> float:
        temper(by)
        told = [(sure, (start, end, kind) in s.aspects)
                for found, s in zip(_found(tagger, rows), sentences, strict=True)
                for start, end, kind, sure in found]  # fmt: skip
        sure, right = (np.array(values) for values in zip(*told, strict=True))
        return float(np.mean(-np.log(np.clip(np.where(right, sure, 1 - sure), 1e-6, 1))))

    best: float = min(np.arange(0.6, 4.01, 0.1).round(1).tolist(), key=log_loss)
    temper(best)
    return best


def main() -> None:
    defaults = Recipe()
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in asdict(defaults).items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    given = vars(parser.parse_args())
    out: Path = given.pop("out")
    recipe = Recipe(**given)
    torch.manual_seed(recipe.seed)
    space, tokenizer, encoder = _encoder()
    data = Settings().data
    sentences = [s for name in (TRAIN, *TWEETS) for s in read(data / "ner_gold", name)]
    dev = read(data / "ner_gold", DEV)
    reviewed = read_products(data / "sentiment_gold", PRODUCTS).sentences
    learned = [s for s in reviewed if s.review % _KEPT]
    kept = [s for s in reviewed if not s.review % _KEPT]
    held_out = {name: read_products(data / "sentiment_gold", [name]).sentences for name in HELD_OUT}

    def seen(some: Sequence[Sentence | Opinion]) -> list[Example]:
        return examples(some, encoder, tokenizer, recipe.layer)

    rows = seen([*sentences, *learned, *together(learned, 3)])
    print(f"{len(rows):,} texts to learn from, through {recipe.layer} layers", flush=True)
    of_dev, of_kept, of_held_out = seen(dev), seen(kept), {name: seen(some) for name, some in held_out.items()}
    tagger = Tagger(encoder.config.hidden_size, recipe.dropout)

    def figures(least: float) -> dict[str, dict[str, float]]:
        of_products = {
            name: score_aspects(predict(tagger, of_held_out[name], least), held_out[name]) for name in HELD_OUT
        }
        kept_back = score_aspects(predict(tagger, of_kept, least), kept)
        return {"wnut17_dev": score(predict(tagger, of_dev), dev), "kept": kept_back, **of_products}

    def told(epoch: int, loss: float) -> None:
        shown = {name: values["f1"] for name, values in figures(0.0).items()}
        print(f"epoch {epoch} of {recipe.epochs}: loss {loss:.4f}, F1 {shown}", flush=True)

    train(rows, tagger, recipe, told)
    temperature = calibrate(tagger, of_kept, kept)
    _save(out, tagger, recipe, space, {"temperature_of_aspects": temperature, **figures(_LEAST)})


def _encoder() -> tuple[str, Any, Any]:
    """The packaged encoder: its space, tokenizer and transformer."""
    from transformers import AutoModel, AutoTokenizer

    found = find_encoder("")
    tokenizer = AutoTokenizer.from_pretrained(found.folder).backend_tokenizer
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    return found.space, tokenizer, AutoModel.from_pretrained(found.folder).eval()


def _save(folder: Path, tagger: Tagger, recipe: Recipe, space: str, figures: dict[str, Any]) -> None:
    from safetensors.torch import save_file

    weights = {name: value.detach().half().contiguous() for name, value in tagger.state_dict().items()}
    file = folder / "tagger.safetensors"
    save_file(weights, file)
    told = {
        "sha256": digest_of(file),
        "layer": recipe.layer,
        "least_of_aspects": _LEAST,
        "space": space,
        "recipe": asdict(recipe),
        **figures,
        "learned_from": {
            "WNUT-17, training part": "CC BY 4.0, Derczynski et al. 2017",
            "Broad Twitter Corpus, parts a, b, e, f, g, h": "CC BY 4.0, Derczynski et al. 2016",
            "Customer reviews of Apex AD2600, Canon G3, Nomad Jukebox Zen Xtra": "CC BY 4.0, Hu and Liu 2004",
        },
        "goes_on_from": "all-MiniLM-L6-v2, Apache 2.0",
    }
    (folder / "tagger.json").write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
