"""Silver: clean rows with pseudonyms instead of identifiers, and what was rejected on the way."""

from dataclasses import replace

from include.tables import columns as c
from include.tables.columns import EVENT_KINDS, FEEDS, TEXT_KINDS
from include.tables.model import Column, Privacy, Rule, Table

_KNOWN = (c.KNOWN_FROM, c.KNOWN_TO)
_PROVENANCE = (c.SHA256, c.POSITION)
# Computed once a text, by its hash.
# What is read out of a text.
LANGUAGE, SENTIMENT, ENTITIES, ASPECTS, NAMES, TOPICS = (
    "language", "sentiment", "entities", "aspects", "names", "topics"
)  # fmt: skip


def _kind(allowed: tuple[str, ...]) -> Column:
    return Column("kind", "string", "What the user did", nullable=False, allowed=allowed)


EVENTS = Table(
    name="silver.events",
    grain="one version of one thing a user did",
    about="Superseded and deleted versions stay, with known_to; current rows have none. No user_key: anonymous.",
    application="ingest",
    columns=(
        c.SOURCE,
        c.PERIOD,
        c.DAY,
        *_KNOWN,
        c.USER_KEY,
        _kind(EVENT_KINDS),
        c.HAPPENED_AT,
        c.PRECISION,
        Column("event_key", "string", "Pseudonym of the event's key", privacy=Privacy.PSEUDONYM, nullable=False),
        c.ITEM_ID,
        Column("session_key", "string", "Pseudonym of (source, session id)", privacy=Privacy.PSEUDONYM),
        Column("order_key", "string", "Pseudonym of (source, order id)", privacy=Privacy.PSEUDONYM),
        Column("quantity", "decimal(18,3)", "How many"),
        Column("unit_price", "decimal(18,4)", "Price of one, in the currency's unit", low="0"),
        c.CURRENCY,
        c.RATING,
        Column("tag", "string", "Word the user put on the item"),
        Column("query", "string", "What the user searched for", privacy=Privacy.FREE_TEXT),
        Column("value", "double", "Any other number the source gives the event"),
        Column("device", "string", "User agent or device", privacy=Privacy.QUASI_IDENTIFIER),
        c.REGION,
        c.COUNTRY,
        *_PROVENANCE,
    ),
    key=("source", "day", "event_key", "known_from"),
    partition_by=("source", "period"),
    replaced_by=("source", "day"),
)
TEXTS = Table(
    name="silver.texts",
    grain="one version of one text",
    about="Reviews, questions, answers and posts, cleaned; `text_hash` is what text is computed once by.",
    application="ingest",
    columns=(
        c.SOURCE,
        c.PERIOD,
        c.DAY,
        *_KNOWN,
        c.USER_KEY.required(),
        _kind(TEXT_KINDS),
        c.HAPPENED_AT,
        c.PRECISION,
        c.TEXT_KEY,
        c.ITEM_ID,
        Column("parent_key", "string", "text_key of the text this one answers", privacy=Privacy.PSEUDONYM),
        c.TITLE,
        Column(
            "text",
            "string",
            "Text without markup, entities resolved, NFKC, single spaces",
            privacy=Privacy.FREE_TEXT,
            nullable=False,
        ),
        Column("text_original", "string", "The text as it came, where cleaning changed it", privacy=Privacy.FREE_TEXT),
        replace(c.TEXT_HASH, about="SHA-256 of `text`, hexadecimal"),
        c.RATING,
        Column("votes", "bigint", "How many found it helpful"),
        c.LANGUAGE,
        *_PROVENANCE,
    ),
    key=("source", "day", "text_key", "known_from"),
    partition_by=("source", "period"),
    replaced_by=("source", "day"),
)

TEXT_VECTORS = Table(
    name="silver.text_vectors",
    grain="one text in one vector space",
    about="Each text is embedded once, by its hash. Another encoder fills another space beside the old one.",
    application="understand",
    columns=(
        c.SPACE,
        c.TEXT_HASH,
        Column(
            "status",
            "string",
            "value; unsupported: the encoder knows no word of the text",
            nullable=False,
            allowed=("value", "unsupported"),
        ),
        replace(c.VECTOR, about="The text as a vector of length one; null where there is none"),
        Column("precision", "string", "Number format the encoder ran in", exact=False),
        Column("device", "string", "Where the encoder ran", exact=False),
        c.RUN_ID,
        c.BUILT_AT,
    ),
    key=("space", "text_hash"),
    partition_by=("space",),
    rules=(
        Rule(
            "vector__status",
            "a vector is there where the status says value",
            "(status = 'value') != (vector is not null)",
        ),
        Rule(
            "vector__length",
            "a vector has length one, and only finite numbers",
            "abs(aggregate(vector, 0D, (sum, x) -> sum + x * x) - 1) > 0.001",
        ),
        c.ONE_SPACE,
    ),
)

TEXT_SIGNALS = Table(
    name="silver.text_signals",
    grain="one text, signal and version of the model that reads it",
    about="What models read out of a text, once a text and version, by the text's hash. Champions of the encoder's "
    "space read every text, former ones those of days that they may still speak about (`read_until` in meta.releases), "
    "so that days keep the version they were built with. "
    "Sentiment is read in the languages that the model has learned.",
    application="understand",
    columns=(
        replace(
            c.MODEL_VERSION.required(),
            about="Of a registered model its number and a digest of its files; else its name and version",
        ),
        c.TEXT_HASH,
        Column(
            "signal",
            "string",
            "What is read",
            nullable=False,
            allowed=(LANGUAGE, SENTIMENT, ENTITIES, ASPECTS, NAMES, TOPICS),
        ),
        Column(
            "status",
            "string",
            "value; unknown: the model is in doubt; unsupported: not in a language that it reads, or without a word",
            nullable=False,
            allowed=("value", "unknown", "unsupported"),
        ),
        Column(
            "label",
            "string",
            "The answer: an ISO 639 code; `pleased` or `displeased`; of signals with spans none",
            exact=False,
        ),
        Column("confidence", "decimal(9,3)", "Probability that the answer is right", low="0", high="1", exact=False),
        Column("pleased", "decimal(9,3)", "Probability that the author is pleased", low="0", high="1", exact=False),
        Column(
            "spans",
            "array<struct<start:int,end:int,label:string,confidence:decimal(9,3),name:string,source:string,item_id:string>>",
            "Where in the text what is: characters of `text` from `start`, counted from 0, up to before `end`; label: "
            "person, place, organisation, product; praised, blamed; topic, category; probability; name: the words in "
            "small letters, the name that an item has, the id of a topic, a path of categories; in which source, and "
            "which item",
            privacy=Privacy.FREE_TEXT,
            exact=False,
        ),
        c.RUN_ID,
        c.BUILT_AT,
    ),
    key=("signal", "model_version", "text_hash"),
    partition_by=("model_version",),
    rules=(
        Rule(
            "label__status",
            "an answer is there where the status says value",
            "(status = 'value') != (label is not null or spans is not null)",
        ),
        Rule(
            "pleased__status",
            "a probability is there where the status of sentiment says value",
            "(signal = 'sentiment' and status = 'value') != (pleased is not null)",
        ),
    ),
)


FULL_HOUR = 10  # things in one hour, from which on somebody was at it all the time
# What a limit may be set to; null where the source does not say what it takes. Names of limits, too.
LIMITED = (
    Column("volume", "bigint", "How many things the user did and wrote", low="1"),
    Column("burst", "bigint", "The most of them within one minute of the clock", low="1"),
    Column("busy_hours", "bigint", "Different hours (UTC) with one of them", "hours", low="1"),
    Column("full_hours", "bigint", f"Different hours (UTC) with {FULL_HOUR} of them or more", "hours", low="1"),
    Column(
        "session_speed",
        "decimal(18,3)",
        "Of sessions of ten events or more, how many a minute the fastest had",
        "events per minute",
    ),
    Column(
        "price_factor",
        "decimal(18,3)",
        "How many times dearer or cheaper than the item's median price of the day, at most; of what the user put into "
        "the cart or bought, where five users did",
        low="1",
    ),
)
USER_DAYS = Table(
    name="silver.user_days",
    grain="one user and day, by current rows that are exact to the day at least",
    about="How busy a user was, and which limits of his source that breaks. The days that break one are suspects: "
    "their rows stay in silver, and gold leaves them out.",
    application="ingest",
    columns=(
        c.SOURCE,
        c.PERIOD,
        c.DAY,
        c.USER_KEY.required(),
        *LIMITED,
        Column("limits", "map<string,double>", "What the day was held against, by column; null: there were no limits"),
        Column("limits_broken", "array<string>", "Names of those it is beyond; null: no suspect"),
        replace(c.MODEL_VERSION, about="Limits: their number in the registry and a digest of their file; null: none"),
    ),
    key=("source", "day", "user_key"),
    partition_by=("source", "period"),
    replaced_by=("source", "day"),
    rules=(
        Rule(
            "limits_broken__empty",
            "a suspect breaks a limit of some version",
            "limits_broken is not null and (size(limits_broken) = 0 or limits is null or model_version is null)",
        ),
    ),
)
ITEM_MEANS = Table(
    name="silver.item_means",
    grain="one item of one version of the item means",
    about="What users gave an item on average, as far as the version knows. The means of a version are written when it "
    "is first used, so that a day that is built again finds them here, whatever became of the registry.",
    application="ingest",
    columns=(
        replace(c.MODEL_VERSION.required(), about="Number in the registry and a digest of the file"),
        c.SOURCE,
        c.ITEM_ID.required(),
        Column("mean", "decimal(9,3)", "Mean of their ratings, on the source's own scale", nullable=False),
        Column("users", "bigint", "How many users rated it", nullable=False, low="1"),
    ),
    key=("model_version", "source", "item_id"),
    partition_by=("model_version",),
)


def _versions(name: str, grain: str, about: str, key: tuple[str, ...], *columns: Column) -> Table:
    return Table(
        name=f"silver.{name}",
        grain=grain,
        about=f"{about} Valid on a day: valid_from <= day and (valid_to is null or day < valid_to).",
        application="ingest",
        columns=(c.SOURCE, c.BUCKET, c.VALID_FROM, c.VALID_TO, *columns, *_PROVENANCE),
        key=("source", *key, "valid_from"),
        partition_by=("source", "bucket"),
        replaced_by=("source",),
    )


ITEMS = _versions(
    "items",
    "one version of one item",
    "Things users act on.",
    ("item_id",),
    c.ITEM_ID.required(),
    c.TITLE,
    Column("description", "string", "Cleaned description", privacy=Privacy.FREE_TEXT),
    c.BRAND,
    c.CATEGORIES,
    Column("price", "decimal(18,4)", "List price, in the currency's unit", low="0"),
    c.CURRENCY,
    Column("tags", "array<string>", "Words the source puts on the item"),
)
USERS = _versions(
    "users",
    "one version of one user's record",
    "What users told the source about themselves.",
    ("user_key",),
    c.USER_KEY.required(),
    Column("age", "int", "Age", unit="years", privacy=Privacy.QUASI_IDENTIFIER),
    Column("birth_year", "int", "Year of birth", privacy=Privacy.QUASI_IDENTIFIER),
    Column("gender", "string", "Gender as the source writes it", privacy=Privacy.QUASI_IDENTIFIER),
    Column("occupation", "string", "Occupation", privacy=Privacy.QUASI_IDENTIFIER),
    c.REGION,
    c.COUNTRY,
    Column("joined_at", "timestamp", "When the account was opened, UTC", privacy=Privacy.QUASI_IDENTIFIER),
    Column("labels", "array<string>", "Words the source puts on the user", privacy=Privacy.QUASI_IDENTIFIER),
)
FOLLOWS = _versions(
    "follows",
    "one version of one tie between two users",
    "Who follows whom.",
    ("user_key", "target_key", "kind"),
    c.USER_KEY.required(),
    Column("target_key", "string", "Pseudonym of the user followed", privacy=Privacy.PSEUDONYM, nullable=False),
    Column("kind", "string", "Kind of tie", nullable=False),
    Column("weight", "double", "Strength of the tie, as the source gives it"),
    Column("since", "timestamp", "Since when, UTC", privacy=Privacy.QUASI_IDENTIFIER),
    Column("back", "string", "Whether the other one has a tie of this kind back, all that time", allowed=("yes", "no")),
)


def _rejected(feed: str, replaced_by: tuple[str, ...]) -> Table:
    return Table(
        name=f"silver.{feed}__rejected",
        grain="one landed record that did not become a row",
        about="Points at the record in bronze, so that it can be replayed, and holds nothing of its content.",
        application="ingest",
        columns=(
            c.SOURCE,
            c.PERIOD,
            c.DAY,
            c.ARRIVED_ON,
            c.INPUT,
            c.FILE,
            *_PROVENANCE,
            Column("reasons", "array<string>", "Why, sorted: rule, or rule:column", nullable=False),
        ),
        key=("source", "input", "sha256", "position"),
        partition_by=("source", "period"),
        replaced_by=replaced_by,
    )


BY_FEED = {"events": EVENTS, "texts": TEXTS, "items": ITEMS, "users": USERS, "follows": FOLLOWS}
REJECTED = {feed: _rejected(feed, BY_FEED[feed].replaced_by) for feed in FEEDS}
SILVER = (*BY_FEED.values(), *REJECTED.values(), USER_DAYS, ITEM_MEANS, TEXT_VECTORS, TEXT_SIGNALS)
