"""Words of the simulated shop, written for it. Sentences are put together from them; nothing comes from real data."""

from __future__ import annotations

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
MODELS = ("Classic", "Light", "Pro", "Mini", "Plus", "Studio", "Trail", "Nordic", "One", "Duo")
COLOURS = ("black", "white", "green", "blue", "red", "grey", "natural")
PLACES = {"DE": ("Berlin", "Hamburg", "Leipzig"), "FR": ("Lyon", "Nantes", "Lille"), "NL": ("Utrecht", "Leiden"),
          "PL": ("Gdansk", "Poznan"), "SE": ("Uppsala", "Lund"), "IT": ("Torino", "Bari")}  # fmt: skip
JOBS = ("teacher", "nurse", "engineer", "student", "retired", "cook", "driver", "clerk", "artist", "farmer")
LABELS = ("newsletter", "student", "loyalty", "gift buyer", "pick-up")
DEVICES = ("phone app", "phone browser", "desktop browser", "tablet browser")

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
    "The {aspect} is fine, but the {other} could be better.",
    "It is an average {noun} for the money.",
    "I like the {colour} finish; the {other} is a little disappointing.",
    "After {weeks} weeks it still works, although the {aspect} has marks.",
)
_BAD = (
    "The {noun} broke after {weeks} weeks.",
    "The {aspect} is poor and the {other} feels cheap.",
    "It arrived late, scratched, and the {aspect} was missing a part.",
    "I asked {brand} for help and nobody answered.",
    "My {person} sent it back; what a waste of money.",
    "I would not buy this {noun} again.",
)
_ASPECTS = ("build quality", "handle", "finish", "size", "weight", "packaging", "stitching", "colour", "instructions")
_PEOPLE = ("sister", "father", "neighbour", "partner", "daughter", "colleague")
_TITLES = {1: ("Do not buy", "Broken", "Sent it back"), 2: ("Disappointing", "Not what I hoped for"),
           3: ("It is all right", "Average"), 4: ("Good", "Happy with it"),
           5: ("Excellent", "Love it", "Best {noun} so far")}  # fmt: skip
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


def review(rng: Random, stars: int, noun: str, brand: str) -> tuple[str, str]:
    """Title and text of a review with that many stars (1 to 5)."""
    pool = _BAD if stars <= 2 else _MIXED if stars == 3 else _GOOD
    sentences = rng.sample(pool, rng.randint(1, 3))
    if stars in (2, 4) and rng.random() < 0.5:
        sentences.append(rng.choice(_MIXED))
    return _filled(rng, rng.choice(_TITLES[stars]), noun, brand), _filled(rng, " ".join(sentences), noun, brand)


def question(rng: Random, noun: str, brand: str) -> str:
    return _filled(rng, rng.choice(_QUESTIONS), noun, brand)


def answer(rng: Random, noun: str, brand: str) -> str:
    return _filled(rng, rng.choice(_ANSWERS), noun, brand)


def search(rng: Random, noun: str, brand: str) -> str:
    return _filled(rng, rng.choice(_SEARCHES), noun, brand).lower()


def _filled(rng: Random, text: str, noun: str, brand: str) -> str:
    aspect, other = rng.sample(_ASPECTS, 2)
    words = {"noun": noun, "brand": brand, "aspect": aspect, "other": other, "weeks": rng.randint(2, 30),
             "person": rng.choice(_PEOPLE), "colour": rng.choice(COLOURS), "model": rng.choice(MODELS),
             "height": rng.randint(155, 200)}  # fmt: skip
    return text.format(**words)
