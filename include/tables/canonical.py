"""The columns a feed's description may fill. A description maps only what its feed has.

`missing` says what an absent value means: `keep` (null stays null) or `reject` (the record is rejected with the
reason `missing:<column>`). A description may set a constant instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from include.tables.columns import EVENT_KINDS, TEXT_KINDS
from include.tables.model import Privacy


@dataclass(frozen=True)
class Canonical:
    """One mappable value. `becomes` is its name in silver where that differs: identifiers turn into pseudonyms."""

    name: str
    type: str
    about: str
    privacy: Privacy = Privacy.NONE
    missing: str = "keep"
    allowed: tuple[str, ...] | None = None
    becomes: str | None = None


@dataclass(frozen=True)
class Feed:
    """One kind of input: its mappable values and the key of a record where the source names none."""

    name: str
    columns: tuple[Canonical, ...]
    key: tuple[str, ...]
    delivery: str
    by_name: dict[str, Canonical] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {c.name: c for c in self.columns})


def _identifier(name: str, about: str, becomes: str, missing: str = "keep") -> Canonical:
    return Canonical(name, "string", about, Privacy.IDENTIFIER, missing, becomes=becomes)


HAPPENED_AT = Canonical("happened_at", "timestamp", "When it happened")
ITEM_ID = Canonical("item_id", "string", "The source's id of the item")
COUNTRY = Canonical("country", "string", "Country", Privacy.QUASI_IDENTIFIER)
REGION = Canonical("region", "string", "Region", Privacy.QUASI_IDENTIFIER)
RATING = Canonical("rating", "decimal(9,3)", "Stars or points, on the source's scale")
CURRENCY = Canonical("currency", "string", "ISO 4217 code")
OP = Canonical("op", "string", "What the record does to its key: upsert (or nothing), or delete",
               allowed=("upsert", "insert", "update", "delete"))  # fmt: skip

EVENTS = Feed(
    "events",
    (
        _identifier("user_id", "Who; an event without a user is kept as anonymous", "user_key"),
        Canonical("kind", "string", "What the user did", missing="reject", allowed=EVENT_KINDS),
        HAPPENED_AT,
        _identifier("event_id", "The source's id of the event", "event_key"),
        ITEM_ID,
        _identifier("session_id", "Visit the event belongs to", "session_key"),
        _identifier("order_id", "Order the event belongs to", "order_key"),
        Canonical("quantity", "decimal(18,3)", "How many; negative on a purchase: a return"),
        Canonical("unit_price", "decimal(18,4)", "Price of one, in the currency's unit"),
        CURRENCY,
        RATING,
        Canonical("tag", "string", "Word the user put on the item"),
        Canonical("query", "string", "What the user searched for", Privacy.FREE_TEXT),
        Canonical("value", "double", "Any other number the source gives the event"),
        Canonical("device", "string", "User agent or device", Privacy.QUASI_IDENTIFIER),
        REGION,
        COUNTRY,
        OP,
    ),
    key=("user_id", "kind", "item_id", "tag", "session_id", "happened_at"),
    delivery="append",
)
TEXTS = Feed(
    "texts",
    (
        _identifier("user_id", "Who wrote it", "user_key", missing="reject"),
        Canonical("kind", "string", "What kind of text", missing="reject", allowed=TEXT_KINDS),
        Canonical("text", "string", "The text", Privacy.FREE_TEXT, missing="reject"),
        HAPPENED_AT,
        _identifier("text_id", "The source's id of the text", "text_key"),
        ITEM_ID,
        Canonical("title", "string", "Headline", Privacy.FREE_TEXT),
        RATING,
        Canonical("votes", "bigint", "How many found it helpful"),
        Canonical("language", "string", "ISO 639 code, where the source says it"),
        _identifier("parent_id", "Text this one answers", "parent_key"),
        OP,
    ),
    key=("user_id", "item_id", "kind", "happened_at"),
    delivery="append",
)
ITEMS = Feed(
    "items",
    (
        Canonical("item_id", "string", "The source's id of the item", missing="reject"),
        Canonical("title", "string", "Title", Privacy.FREE_TEXT),
        Canonical("description", "string", "Description", Privacy.FREE_TEXT),
        Canonical("brand", "string", "Brand"),
        Canonical("categories", "array<string>", "Categories, top to leaf"),
        Canonical("price", "decimal(18,4)", "List price"),
        CURRENCY,
        Canonical("tags", "array<string>", "Words the source puts on the item"),
        OP,
    ),
    key=("item_id",),
    delivery="snapshot",
)
USERS = Feed(
    "users",
    (
        _identifier("user_id", "Who", "user_key", missing="reject"),
        Canonical("age", "int", "Age in years", Privacy.QUASI_IDENTIFIER),
        Canonical("birth_year", "int", "Year of birth", Privacy.QUASI_IDENTIFIER),
        Canonical("gender", "string", "Gender as the source writes it", Privacy.QUASI_IDENTIFIER),
        Canonical("occupation", "string", "Occupation", Privacy.QUASI_IDENTIFIER),
        REGION,
        COUNTRY,
        Canonical("joined_at", "timestamp", "When the account was opened", Privacy.QUASI_IDENTIFIER),
        Canonical("labels", "array<string>", "Words the source puts on the user", Privacy.QUASI_IDENTIFIER),
        OP,
    ),
    key=("user_id",),
    delivery="snapshot",
)
FOLLOWS = Feed(
    "follows",
    (
        _identifier("user_id", "Who follows", "user_key", missing="reject"),
        _identifier("target_id", "Who is followed", "target_key", missing="reject"),
        Canonical("kind", "string", "Kind of tie; nothing means follow"),
        Canonical("weight", "double", "Strength of the tie, as the source gives it"),
        Canonical("since", "timestamp", "Since when"),
        OP,
    ),
    key=("user_id", "target_id", "kind"),
    delivery="snapshot",
)

OWN_ID = {"events": "event_id", "texts": "text_id"}  # the source's id of a record, which goes before the feed's key
FEEDS: dict[str, Feed] = {f.name: f for f in (EVENTS, TEXTS, ITEMS, USERS, FOLLOWS)}
