"""Columns and rules that more than one table has. Same name, same meaning, everywhere."""

from include.tables.model import Column, Privacy, Rule

EVENT_KINDS = (
    "view", "click", "search", "favourite", "like", "bookmark", "follow", "cart", "purchase", "return", "rate",
    "comment", "tag", "play", "share",
)  # fmt: skip
TEXT_KINDS = ("review", "question", "answer", "post")
PRECISIONS = ("second", "day", "month", "none")
FEEDS = ("events", "texts", "items", "users", "follows")
BY_DAY = FEEDS[:2]  # what happened on a day; the others are things that change

SOURCE = Column("source", "string", "Site or tenant; users of two sources are different people", nullable=False)
PERIOD = Column("period", "string", "Partition text: all, or the year, month or day of `day`", nullable=False)
BUCKET = Column("bucket", "int", "Partition: hash of the key, modulo the source's number of buckets", nullable=False)
DAY = Column("day", "date", "UTC day the row is about", nullable=False)
ARRIVED_ON = Column("arrived_on", "date", "UTC day the row reached us", nullable=False)
KNOWN_FROM = Column("known_from", "date", "Arrival day from which this row was the known one", nullable=False)
KNOWN_TO = Column("known_to", "date", "Arrival day on which a later version or a delete replaced it; null: current")
VALID_FROM = Column("valid_from", "date", "First arrival day of this version", nullable=False)
VALID_TO = Column("valid_to", "date", "Arrival day of the next version or of the deletion; null: current")

SHA256 = Column("sha256", "string", "SHA-256 of the landed file's bytes, hexadecimal", nullable=False)
POSITION = Column("position", "bigint", "Record number in the file, from 1", nullable=False)
INPUT = Column("input", "string", "Which input of the feed's description the file belongs to", nullable=False)
FILE = Column("file", "string", "Path of the file, relative to the data folder", nullable=False)

USER_KEY = Column("user_key", "string", "Pseudonym of (source, user id)", privacy=Privacy.PSEUDONYM)
ITEM_ID = Column("item_id", "string", "The source's id of the item")
KIND = Column("kind", "string", "What the user did", nullable=False)
HAPPENED_AT = Column("happened_at", "timestamp", "When, in UTC; null where the source does not know")
PRECISION = Column("precision", "string", "How exact happened_at is", nullable=False, allowed=PRECISIONS)
RATING = Column("rating", "decimal(9,3)", "Stars or points, on the source's own scale")
LANGUAGE = Column("language", "string", "ISO 639 code of the text, where the source says it")
CURRENCY = Column("currency", "string", "ISO 4217 code")
TITLE = Column("title", "string", "Cleaned title", privacy=Privacy.FREE_TEXT)
COUNTRY = Column("country", "string", "Country as the source writes it", privacy=Privacy.QUASI_IDENTIFIER)
REGION = Column("region", "string", "Region as the source writes it", privacy=Privacy.QUASI_IDENTIFIER)
BRAND = Column("brand", "string", "Brand of the item")
CATEGORIES = Column("categories", "array<string>", "Categories of the item, top to leaf")

SPACE = Column(
    "space", "string", "Encoder and digest of its files: only vectors of one space can be compared", nullable=False
)
VECTOR = Column("vector", "array<float>", "", privacy=Privacy.FREE_TEXT, exact=False)
ONE_SPACE = Rule(
    "space__mixed",
    "all vectors are of one space and have one number of dimensions",
    same=("space", "size(vector)"),
)

MODEL_VERSION = Column(
    "model_version", "string", "Sentiment model: its number in the registry and a digest of its files"
)

TEXT_KEY = Column("text_key", "string", "Pseudonym of the text's key", privacy=Privacy.PSEUDONYM, nullable=False)
TEXT_HASH = Column("text_hash", "string", "text_hash of silver.texts", privacy=Privacy.PSEUDONYM, nullable=False)

RUN_ID = Column("run_id", "string", "Run that wrote the row", exact=False)
BUILT_AT = Column("built_at", "timestamp", "When the row was written, by the clock", exact=False)
FENCE = Column("fence", "bigint", "Fence of the application's claim (version of meta.claims)", nullable=False)
APPLICATION = Column("application", "string", "ingest, understand, profile or portray", nullable=False)
STARTS = Column("interval_start", "date", "First day of the interval", nullable=False)
ENDS = Column("interval_end", "date", "Day after the last one of the interval", nullable=False)
