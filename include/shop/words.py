"""Words of the simulated shop, written for it. Sentences are put together from them; nothing comes from real data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

#: top category, its sub-categories, and what each sells: (noun, usual price in cents).
CATALOGUE: dict[str, dict[str, tuple[tuple[str, int], ...]]] = {
    "Kitchen": {
        "Coffee": (("espresso pot", 3900), ("coffee grinder", 6900), ("milk frother", 2900)),
        "Cookware": (("frying pan", 4500), ("stock pot", 5900), ("baking tray", 1900)),
        "Knives": (("chef knife", 7900), ("bread knife", 3500), ("knife block", 5500)),
    },
    "Outdoor": {
        "Camping": (("tent", 18900), ("sleeping bag", 9900), ("camp stove", 4900)),
        "Hiking": (("rucksack", 11900), ("walking pole", 4500), ("rain jacket", 13900)),
        "Cycling": (("bike light", 2900), ("pannier", 6500), ("helmet", 7500)),
    },
    "Home": {
        "Lighting": (("desk lamp", 4900), ("floor lamp", 9900), ("string of lights", 1900)),
        "Bedding": (("duvet", 8900), ("pillow", 3900), ("linen sheet", 5900)),
        "Storage": (("wall shelf", 5500), ("wicker basket", 2500), ("shoe rack", 4500)),
    },
    "Music": {
        "Strings": (("acoustic guitar", 24900), ("ukulele", 6900), ("guitar strap", 1900)),
        "Keys": (("stage piano", 59900), ("piano stool", 8900), ("keyboard stand", 4500)),
        "Listening": (("headphones", 12900), ("record player", 19900), ("speaker", 15900)),
    },
    "Garden": {
        "Tools": (("spade", 3500), ("pruning saw", 2900), ("watering can", 2500)),
        "Plants": (("tomato seeds", 400), ("olive tree", 4900), ("herb box", 2900)),
        "Furniture": (("garden bench", 17900), ("parasol", 8900), ("deck chair", 5900)),
    },
}
BRANDS = ("Alder", "Brisk", "Corvin", "Dunmore", "Elva", "Fennwick", "Grove", "Halden", "Ivo", "Juniper", "Kestrel",
          "Lumen", "Marlow", "Norrby", "Orrin", "Pike")  # fmt: skip
#: Logarithm of what a brand asks, over what is usual.
TIERS = dict(
    zip(BRANDS, (-0.6, -0.5, -0.4, -0.3, -0.2, -0.1, 0.0, 0.0, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7), strict=True)
)
#: Month in which a category is wanted most, and how much less it is half a year from that.
SEASONS = {"Outdoor": (6, 0.6), "Garden": (5, 0.7), "Home": (11, 0.3), "Kitchen": (12, 0.2), "Music": (12, 0.2)}
MODELS = ("Classic", "Light", "Pro", "Mini", "Plus", "Studio", "Trail", "Nordic", "One", "Duo")
COLOURS = ("black", "white", "green", "blue", "red", "grey", "natural")
PLACES = {"DE": ("Berlin", "Hamburg", "Leipzig"), "FR": ("Lyon", "Nantes", "Lille"), "NL": ("Utrecht", "Leiden"),
          "PL": ("Gdansk", "Poznan"), "SE": ("Uppsala", "Lund"), "IT": ("Torino", "Bari")}  # fmt: skip
JOBS = ("teacher", "nurse", "engineer", "student", "retired", "cook", "driver", "clerk", "artist", "farmer")
LABELS = ("newsletter", "student", "loyalty", "gift buyer", "pick-up")
DEVICES = ("phone app", "phone browser", "desktop browser", "tablet browser")

# What a sentence says, with what it praises or blames in it.
_GOOD = (
    "I have used this {noun} every day for {weeks} weeks and I love it.",
    "The {aspect} is excellent, far better than I expected for the price.",
    "It arrived two days early and the {aspect} feels solid.",
    "My {person} liked it so much that we ordered another {noun}.",
    "{brand} did a great job with the {aspect}.",
    "Easy to use, easy to clean, and it looks beautiful in {colour}.",
    "This {noun} is worth every cent.",
)
_MIXED = (
    "The {noun} does what it should, nothing more.",
    "The {aspect} is fine, nothing special.",
    "It is an average {noun} for the money.",
    "I have no strong feelings about the {aspect}.",
    "After {weeks} weeks it still works as on the first day.",
)
_BAD = (
    "The {noun} broke after {weeks} weeks.",
    "The {aspect} is poor and feels cheap.",
    "It arrived late, scratched, and the {aspect} was damaged.",
    "I asked {brand} for help and nobody answered.",
    "My {person} sent it back; what a waste of money.",
    "I would not buy this {noun} again.",
)
# The same, said by way of its opposite.
_GOOD_TANGLED = (
    "I was afraid that the {aspect} would be poor, but it is not at all.",
    "I never had to send this {noun} back, as I did with others.",
    "Nothing broke, nothing was missing, and the {aspect} does not feel cheap.",
)
_BAD_TANGLED = (
    "I had hoped for excellent {aspect}, and that is not what I got.",
    "Others love this {noun}; I do not see why.",
    "It would be worth every cent if the {aspect} held for a day.",
)
_ASPECTS = ("build quality", "handle", "finish", "size", "weight", "packaging", "stitching", "colour", "instructions")
_PEOPLE = ("sister", "father", "neighbour", "partner", "daughter", "colleague")
_TITLES = {-1: ("Do not buy", "Broken", "Sent it back", "Disappointing", "Not what I hoped for"),
           0: ("It is all right", "Average"),
           1: ("Good", "Happy with it", "Excellent", "Love it", "Best {noun} so far")}  # fmt: skip
_QUESTIONS = (
    "Does the {noun} come with a spare {aspect}?",
    "How heavy is this {noun}?",
    "Can I wash the {noun} or does the {aspect} suffer?",
    "Is the {colour} {noun} as dark as in the picture?",
    "Will it fit a person of {height} centimetres?",
)
_ANSWERS = (
    "Yes, mine did, and the {aspect} is still fine.",
    "No, it does not, but {brand} sells one.",
    "I measured it: about {weeks} centimetres.",
    "It is a little lighter than in the picture.",
    "I wash the {noun} by hand and have had no trouble.",
)
_SEARCHES = ("{noun}", "{colour} {noun}", "{brand} {noun}", "cheap {noun}", "{noun} {model}", "gift for {person}")
_SLOT = re.compile(r"\{(\w+)\}")
_POOLS = {1: _GOOD, 0: _MIXED, -1: _BAD}
_TANGLED = {1: _GOOD_TANGLED, -1: _BAD_TANGLED}


@dataclass(frozen=True)
class Span:
    """A part of a text: characters `start` to `end`, what is there (`aspect`, `brand`, `product`), and for an aspect
    whether it is praised (1), blamed (-1) or only named (0)."""

    start: int
    end: int
    what: str
    text: str
    polarity: int = 0


@dataclass(frozen=True)
class Written:
    """A text with what is in it. `polarity` is what its words say of the item: 1 praise, -1 blame, 0 neither."""

    title: str
    text: str
    polarity: int
    spans: tuple[Span, ...]


def review(rng: Random, polarity: int, tangled: float, noun: str, brand: str) -> Written:
    """One to three sentences of one mind; `tangled` is the share that is said by way of its opposite."""
    pool = _TANGLED[polarity] if polarity and rng.random() < tangled else _POOLS[polarity]
    sentences = rng.sample(pool, min(len(pool), rng.randint(1, 3)))
    if polarity and rng.random() < 0.2:
        sentences.append(rng.choice(_MIXED))
    text, spans = "", list[Span]()
    for sentence in sentences:
        text += " " if text else ""
        filled, found = _filled(rng, sentence, noun, brand, 0 if sentence in _MIXED else polarity)
        spans += [Span(s.start + len(text), s.end + len(text), s.what, s.text, s.polarity) for s in found]
        text += filled
    return Written(_said(rng, rng.choice(_TITLES[polarity]), noun, brand), text, polarity, tuple(spans))


def question(rng: Random, noun: str, brand: str) -> Written:
    return _plain(rng, _QUESTIONS, noun, brand)


def answer(rng: Random, noun: str, brand: str) -> Written:
    return _plain(rng, _ANSWERS, noun, brand)


def search(rng: Random, noun: str, brand: str) -> str:
    return _said(rng, rng.choice(_SEARCHES), noun, brand).lower()


def _plain(rng: Random, pool: tuple[str, ...], noun: str, brand: str) -> Written:
    text, spans = _filled(rng, rng.choice(pool), noun, brand, 0)
    return Written("", text, 0, tuple(spans))


def _said(rng: Random, sentence: str, noun: str, brand: str) -> str:
    return _filled(rng, sentence, noun, brand, 0)[0]


def _filled(rng: Random, sentence: str, noun: str, brand: str, polarity: int) -> tuple[str, list[Span]]:
    """The sentence with its words, and where those are that a reader should find."""
    aspect = rng.choice(_ASPECTS)
    words = {"noun": noun, "brand": brand, "aspect": aspect, "weeks": str(rng.randint(2, 30)),
             "person": rng.choice(_PEOPLE), "colour": rng.choice(COLOURS), "model": rng.choice(MODELS),
             "height": str(rng.randint(155, 200))}  # fmt: skip
    told = {"noun": "product", "brand": "brand", "aspect": "aspect"}
    text, spans, at = "", list[Span](), 0
    for slot in _SLOT.finditer(sentence):
        text += sentence[at : slot.start()]
        word = words[slot[1]]
        if what := told.get(slot[1]):
            mind = polarity if what == "aspect" else 0
            spans.append(Span(len(text), len(text) + len(word), what, word, mind))
        text += word
        at = slot.end()
    return text + sentence[at:], spans
