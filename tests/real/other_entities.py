"""`python -m tests.real.other_entities MODEL ...`: what pipelines of spaCy find in the development part of WNUT-17,
counted as our own finder is. Needs spaCy and the models, by name or folder; they are no packages of this project."""

from __future__ import annotations

import sys

from include.score.marks import entities
from include.settings import Settings
from include.text.corpora import DEV, read

KINDS = {
    "PERSON": "person",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "ORG": "organisation",
    "PRODUCT": "product",
}


def main(models: list[str]) -> None:
    """A line for each model."""
    import spacy

    sentences = read(Settings().data / "ner_gold", DEV)
    for model in models:
        found = spacy.load(model).pipe(sentence.text for sentence in sentences)
        mine = [
            frozenset((e.start_char, e.end_char, KINDS[e.label_]) for e in d.ents if e.label_ in KINDS) for d in found
        ]
        print(model, entities(mine, sentences))


if __name__ == "__main__":
    main(sys.argv[1:])
