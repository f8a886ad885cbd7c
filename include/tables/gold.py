"""Gold: exact daily partials, and the profiles computed from them."""

from dataclasses import replace

from include.tables import columns as c
from include.tables.model import Column, Privacy, Rule, Table

HOURS = tuple(f"hour_{h:02d}" for h in range(24))
NO_CURRENCY = "XXX"  # ISO 4217: no currency

BEHAVIOUR_DAILY = Table(
    name="gold.behaviour_daily",
    grain="one user, day, kind, currency, language and arrival day",
    about="A signed ledger: a correction or deletion is a negative row on its arrival day, so that sums over "
    "`arrived_on <= k` are what was known at k. Kinds of events and of texts.",
    application="ingest",
    columns=(
        c.SOURCE,
        c.PERIOD,
        c.DAY,
        c.USER_KEY.required(),
        c.KIND,
        Column("currency", "string", "ISO 4217 code of `amount`; XXX: none known", nullable=False),
        c.LANGUAGE,
        c.ARRIVED_ON,
        Column(
            "is_dated",
            "boolean",
            "False: the source does not know when; the row sits on its arrival day and feeds lifetime traits only",
            nullable=False,
        ),
        Column("n", "bigint", "How often, signed", nullable=False),
        Column("quantity", "decimal(28,3)", "Sum of quantities, signed", nullable=False),
        Column(
            "amount", "bigint", "Sum of unit price times quantity, signed", "minor units of `currency`", nullable=False
        ),
        Column("rating_sum", "decimal(28,3)", "Sum of ratings, signed", nullable=False),
        Column("rating_count", "bigint", "How many carried a rating, signed", nullable=False),
        Column(
            "over_mean_sum",
            "decimal(28,3)",
            "Sum of what these ratings lie above the mean of their item, signed; of those whose item has one",
            nullable=False,
        ),
        Column("over_mean_count", "bigint", "How many ratings have a mean of their item, signed", nullable=False),
        replace(
            c.MODEL_VERSION,
            name="means_version",
            about="Item means that ratings of the day are held against: their number in the registry and a digest of "
            "their file; null: none",
        ),
        *(
            Column(
                hour,
                "bigint",
                f"How often between {hour[-2:]}:00 and {hour[-2:]}:59 UTC, signed; 0 where the "
                "source is not exact to the second",
                nullable=False,
            )
            for hour in HOURS
        ),
    ),
    key=("source", "day", "user_key", "kind", "currency", "language", "arrived_on", "is_dated"),
    partition_by=("source", "period"),
    replaced_by=("source", "day"),
    rules=(
        Rule(
            "over_mean_count__version",
            "ratings are held against means of some version",
            "over_mean_count != 0 and means_version is null",
        ),
    ),
)
BEHAVIOUR_ITEMS_DAILY = Table(
    name="gold.behaviour_items_daily",
    grain="one user, day, kind, item, tag and arrival day",
    about="The same ledger by item and tag, with the item's brand and categories as of that day. What a user did to "
    "something counts where its net count is positive.",
    application="ingest",
    columns=(
        c.SOURCE,
        c.PERIOD,
        c.DAY,
        c.USER_KEY.required(),
        c.KIND,
        c.ITEM_ID,
        Column("tag", "string", "Word the user put on the item"),
        c.ARRIVED_ON,
        Column("is_dated", "boolean", "False: the source does not know when", nullable=False),
        c.BRAND,
        c.CATEGORIES,
        Column("n", "bigint", "How often, signed", nullable=False),
        Column("quantity", "decimal(28,3)", "Sum of quantities, signed", nullable=False),
    ),
    key=("source", "day", "user_key", "kind", "item_id", "tag", "arrived_on", "is_dated"),
    partition_by=("source", "period"),
    replaced_by=("source", "day"),
)

KNOWN_AT = Column("known_at", "date", "Latest arrival day among the rows the traits were computed from", nullable=False)
STATUS = Column("status", "map<string,string>", "Per trait: value, or why there is none", nullable=False)

USER_PROFILE_HISTORY = Table(
    name="gold.user_profile_history",
    grain="one user and built as-of day on which a trait differs from the row before",
    about="Latest known: a day is replaced when late data touches it. Read it through user_profiles_asof(day).",
    application="profile",
    columns=(
        c.SOURCE,
        c.PERIOD,
        Column("day", "date", "As-of day: the profile at its end", nullable=False),
        c.USER_KEY.required(),
        KNOWN_AT,
        STATUS,
        c.RUN_ID,
        c.BUILT_AT,
    ),
    key=("source", "day", "user_key"),
    partition_by=("source", "period"),
    replaced_by=("source", "day"),
)
USER_PROFILES = Table(
    name="gold.user_profiles",
    grain="one user",
    about="The latest profile of every user, one column a trait. An older day's run never moves it back.",
    application="profile",
    columns=(
        c.SOURCE,
        c.BUCKET,
        c.USER_KEY.required(),
        KNOWN_AT,
        STATUS,
        Column("as_of", "date", "As-of day of the run that last changed the row", exact=False),
        c.RUN_ID,
        c.BUILT_AT,
    ),
    key=("source", "user_key"),
    partition_by=("source", "bucket"),
    replaced_by=("source", "bucket"),
)
USER_VECTORS = Table(
    name="gold.user_vectors",
    grain="one user with texts",
    about="What a user writes about: the mean of the vectors of the texts that stand, up to the newest built day. "
    "All are of the newest space.",
    application="profile",
    columns=(
        c.SOURCE,
        c.BUCKET,
        c.USER_KEY.required(),
        c.SPACE,
        Column("texts", "bigint", "How many texts the mean is taken of", nullable=False, low="1"),
        Column("texts_hash", "bigint", "Order-free hash over the text_hash of these texts", nullable=False),
        replace(c.VECTOR, about="Mean of the unit vectors of the texts: the shorter, the more they differ"),
        c.RUN_ID,
        c.BUILT_AT,
    ),
    key=("source", "user_key", "space"),
    partition_by=("source", "bucket"),
    replaced_by=("source", "bucket"),
    rules=(
        c.ONE_SPACE,
        Rule(
            "vector__length",
            "a mean of unit vectors is no longer than one, and has only finite numbers",
            "vector is null or not aggregate(vector, 0D, (sum, x) -> sum + x * x) <= 1.001",
        ),
    ),
)
TRAIT_EVIDENCE = Table(
    name="gold.trait_evidence",
    grain="one trait and the words of a text that count for it, as one version of a model reads them",
    about="Where what a profile says about texts comes from: by the day of the text, however old. What counts on a day "
    "stands in its window, was known by then (known_from, known_to), and is read by a version that speaks about the "
    "day. Traits of mentions are computed from these rows alone.",
    application="profile",
    columns=(
        c.SOURCE,
        c.PERIOD,
        c.DAY,
        c.KNOWN_FROM,
        c.KNOWN_TO,
        c.USER_KEY.required(),
        Column("trait", "string", "The trait's column in gold.user_profiles", nullable=False),
        c.TEXT_KEY,
        c.TEXT_HASH,
        replace(c.KIND, about="Kind of the text"),
        Column("is_dated", "boolean", "False: the source does not know when", nullable=False),
        Column("signal", "string", "What was read out of the text", nullable=False),
        Column("label", "string", "What it was found to be, such as organisation, praised, pleased", nullable=False),
        Column("name", "string", "What is mentioned, as traits count it", privacy=Privacy.FREE_TEXT, nullable=False),
        replace(c.ITEM_ID, about="The item that it is, where it is known to be one"),
        Column("span_start", "int", "First of its characters in the text, from 0", nullable=False, low="0"),
        Column("span_end", "int", "The character after its last one", nullable=False, low="0"),
        Column(
            "weight",
            "decimal(9,3)",
            "Probability that it is what the label says; of sentiment, that the author is pleased",
            low="0",
            high="1",
        ),
        replace(c.MODEL_VERSION.required(), about="Version that read it, as in silver.text_signals"),
        Column(
            "hidden_by",
            "array<string>",
            "Versions that know a name of an item there: on days that one of them speaks about it does not count",
        ),
        c.RUN_ID,
        c.BUILT_AT,
    ),
    key=("source", "day", "trait", "text_key", "known_from", "model_version", "span_start", "span_end", "label",
         "name"),
    partition_by=("source", "period"),
    replaced_by=("source", "day"),
    rules=(Rule("span__empty", "a span has characters", "span_end <= span_start"),),
)  # fmt: skip
_CLAIMS = "array<struct<text:string,evidence:array<string>>>"
USER_PORTRAITS = Table(
    name="gold.user_portraits",
    grain="one user with evidence",
    about="What a language model says of a user, as far as the evidence that it cites bears it out. An answer is kept "
    "as long as evidence, prompt and model are the same; where the model has none to new evidence it is asked again "
    "the next time, and until then an answer stays whose citations are still there.",
    application="portray",
    columns=(
        c.SOURCE,
        c.BUCKET,
        c.USER_KEY.required(),
        Column(
            "status",
            "string",
            "value; unknown: the model has answered, and nothing is left of it; no answer: it has not",
            nullable=False,
            allowed=("value", "unknown", "no answer"),
        ),
        Column(
            "reason",
            "string",
            "Why there is no value",
            allowed=("nothing said", "nothing left", "malformed", "timeout", "server error", "busy", "refused"),
            exact=False,
        ),
        Column(
            "portrait",
            _CLAIMS,
            "Sentences about the user, in order, each with the evidence_id of what it cites",
            privacy=Privacy.FREE_TEXT,
            nullable=False,
            exact=False,
        ),
        Column(
            "interests",
            _CLAIMS,
            "Subjects and things the user is interested in, likewise",
            privacy=Privacy.FREE_TEXT,
            nullable=False,
            exact=False,
        ),
        Column(
            "preferences",
            _CLAIMS,
            "What the user likes or dislikes in things, likewise",
            privacy=Privacy.FREE_TEXT,
            nullable=False,
            exact=False,
        ),
        Column("dropped", "map<string,bigint>", "How many claims were dropped, by reason", nullable=False, exact=False),
        Column("model", "string", "Language model: as its server calls it, or its folder and a digest", nullable=False),
        Column("prompt_version", "string", "Digest of the prompt and of the rules claims are kept by", nullable=False),
        Column("evidence_hash", "string", "SHA-256 of the evidence the model was shown", nullable=False),
        Column("prompt_tokens", "bigint", "Tokens of all questions; null: not told", low="0", exact=False),
        Column("completion_tokens", "bigint", "Tokens of all answers; null: not told", low="0", exact=False),
        Column("seconds", "double", "How long the questions took, by the clock", "seconds", low="0", exact=False),
        c.RUN_ID,
        c.BUILT_AT,
    ),
    key=("source", "user_key"),
    partition_by=("source", "bucket"),
    replaced_by=("source", "bucket"),
    rules=(
        Rule(
            "portrait__uncited",
            "every claim cites evidence",
            "exists(concat(portrait, interests, preferences), claim -> size(claim.evidence) = 0)",
        ),
        Rule(
            "status__value",
            "there is a value where a claim is left",
            "(status = 'value') = (size(concat(portrait, interests, preferences)) = 0)",
        ),
    ),
)
USER_INTERESTS = Table(
    name="gold.user_interests",
    grain="one user and interest",
    about="What a user cares for: categories of items, read out of texts where no item tells one, and topics of texts "
    "where no category is known. An interest needs two different texts or things done; newer ones outweigh older ones.",
    application="profile",
    columns=(
        c.SOURCE,
        c.BUCKET,
        c.USER_KEY.required(),
        Column("kind", "string", "What the interest is", nullable=False, allowed=("category", "topic")),
        Column(
            "interest_id",
            "string",
            "Id of the topic, which it keeps from one training to the next; or the categories down to the one meant",
            privacy=Privacy.QUASI_IDENTIFIER,
            nullable=False,
        ),
        Column(
            "interest",
            "string",
            "For people: the words of the topic, or the category",
            privacy=Privacy.QUASI_IDENTIFIER,
            nullable=False,
        ),
        Column(
            "score",
            "double",
            "Share of the weight of all that tells of the user's interests; silence does not change it",
            nullable=False,
            low="0",
            high="1.000001",
            exact=False,
        ),
        Column(
            "weight",
            "double",
            "log2 of the sum of confidence * 2^((day - 2000-01-01) / half-life): on a day d it is worth "
            "2^(weight - (d - 2000-01-01) / half-life) texts or things done of d",
            nullable=False,
            exact=False,
        ),
        Column(
            "basis_hash",
            "bigint",
            "Order-free hash over all that tells of the user's interests, of which score and weight follow; null: not "
            "computed since it is declared",
        ),
        Column("texts", "bigint", "Different texts that tell of it", nullable=False, low="0"),
        Column("events", "bigint", "Days, items and kinds of what was done to items of it", nullable=False, low="0"),
        Column("last_on", "date", "The newest day of them", nullable=False),
        Column(
            "evidence",
            "array<string>",
            "text_hash of up to five texts that weigh most",
            privacy=Privacy.PSEUDONYM,
            nullable=False,
        ),
        replace(
            c.MODEL_VERSION,
            about="Topics: their number in the registry and a digest of their files; null: of what was done alone",
        ),
        c.RUN_ID,
        c.BUILT_AT,
    ),
    key=("source", "user_key", "kind", "interest_id"),
    partition_by=("source", "bucket"),
    replaced_by=("source", "bucket"),
    rules=(
        Rule(
            "evidence__texts",
            "texts that tell of an interest are named, five at most",
            "size(evidence) != least(texts, 5)",
        ),
        Rule("topic__version", "a topic is of some version", "kind = 'topic' and model_version is null"),
    ),
)
GOLD = (
    BEHAVIOUR_DAILY,
    BEHAVIOUR_ITEMS_DAILY,
    USER_PROFILE_HISTORY,
    USER_PROFILES,
    USER_VECTORS,
    TRAIT_EVIDENCE,
    USER_INTERESTS,
    USER_PORTRAITS,
)
