"""Meta: what ran, what it checked, what became of each landed row. Append only; "latest" is a query."""

from include.tables import columns as c
from include.tables.columns import FEEDS
from include.tables.model import Column, Severity, Table

OUTCOMES = ("published", "duplicate", "superseded", "rejected", "erased")
_AT = Column("written_at", "timestamp", "When the row was written, by the clock", nullable=False)


def _meta(name: str, grain: str, about: str, *columns: Column) -> Table:
    return Table(f"meta.{name}", grain, about, application="any", columns=(*columns, _AT))


CLAIMS = _meta(
    "claims",
    "one start of an application",
    "The version of the commit that wrote the row is the fence of that start. Never recreated.",
    c.APPLICATION,
    Column("claim_id", "string", "Name of this start", nullable=False),
    Column("run_id", "string", "Run it belongs to", nullable=False),
    c.STARTS,
    c.ENDS,
)
RELEASES = _meta(
    "releases",
    "one end of an application",
    "The table versions that belong together. Readers open the tables at the newest release of each application.",
    c.APPLICATION,
    c.FENCE,
    Column("claim_ids", "array<string>", "Claims this row releases: its own, and those it took over", nullable=False),
    Column("run_id", "string", "Run it belongs to", nullable=False),
    c.STARTS,
    c.ENDS,
    Column("sources", "array<string>", "Sources that were active", nullable=False),
    Column(
        "verdict",
        "string",
        "passed; failed: a critical check, so nothing was published; error: the run ended with one",
        nullable=False,
        allowed=("passed", "failed", "error"),
    ),
    Column("versions", "map<string,bigint>", "Table name to the version committed or read", nullable=False),
    Column("seen", "bigint", "Understand, profile: fence of the newest ingest release it has taken in"),
    Column("understood", "bigint", "Profile: fence of the newest ingest release whose texts were understood"),
    Column("space", "string", "Understand: space of the vectors it made; profile: of those it read"),
    Column(
        "models",
        "map<string,date>",
        "Understand: versions of models that have read the texts up to "
        "`seen`, and the newest day each has learned from; null: read on, and not to be chosen; profile: those it knew",
    ),
    Column(
        "learned",
        "array<struct<version:string,source:string,through:date>>",
        "Understand: of versions that keep sources apart, the newest day each knows of a source; no word of others",
    ),
    Column(
        "read_until",
        "map<string,date>",
        "Understand: versions that have read no texts of later days, since they speak about none; profile: as was told",
    ),
    Column("champion", "string", "Understand: which of those of sentiment speaks about live days"),
    Column("champions", "array<string>", "Understand: which of the other models' do"),
    Column(
        "readers",
        "array<string>",
        "Understand: versions of what else has read all texts up to `seen`: what tells languages, what finds entities "
        "and aspects; profile: of those its evidence was read by",
    ),
    Column("traits", "array<string>", "Profile: traits of texts that it knew, whose evidence is there"),
    Column("moved_forward", "boolean", "True if the newest day of some source moved on", nullable=False),
    Column("seconds", "map<string,double>", "Time by part: start, read, compute, check, commit", "seconds"),
)
CHECKS = _meta(
    "checks",
    "one rule of one table in one run",
    "Verdicts of the gates. Counts only, never a value.",
    c.APPLICATION,
    c.FENCE,
    Column("run_id", "string", "Run it belongs to", nullable=False),
    Column("table", "string", "Table the rule is about", nullable=False),
    Column("rule", "string", "Name of the rule", nullable=False),
    Column("severity", "string", "critical blocks, warning is recorded", nullable=False, allowed=tuple(Severity)),
    Column("passed", "boolean", "Verdict", nullable=False),
    Column("failing", "bigint", "Rows that break the rule", "rows", nullable=False),
    Column("of", "bigint", "Rows looked at", "rows", nullable=False),
)
ACCOUNTS = _meta(
    "accounts",
    "one source, feed, day and arrival day, as one run found it",
    "What became of each landed row of the days a run rebuilt. The newest fence of a (source, feed, day) counts.",
    c.FENCE,
    Column("run_id", "string", "Run it belongs to", nullable=False),
    c.SOURCE,
    Column("feed", "string", "Feed", nullable=False, allowed=FEEDS),
    c.DAY,
    c.ARRIVED_ON,
    Column("landed", "bigint", "Records in bronze", "rows", nullable=False),
    *(Column(o, "bigint", f"Records whose outcome is `{o}`", "rows", nullable=False) for o in OUTCOMES),
    Column("reasons", "map<string,bigint>", "Reason to rejected records; a record may have several", nullable=False),
)
SOURCES = _meta(
    "sources",
    "one source that landed, and again when an input landed for the first time",
    "What is fixed when a source first lands.",
    c.SOURCE,
    Column("grain", "string", "Partition grain", nullable=False, allowed=("all", "year", "month", "day")),
    Column("buckets", "int", "Buckets of its tables by key", nullable=False),
    Column("inputs", "array<string>", "feed/input of which files landed", nullable=False),
    c.FENCE,
)
PROFILE_DAYS = _meta(
    "profile_days",
    "one as-of day of a source that was built",
    "The days user_profile_history speaks about, changed or not. A day keeps the models it was built with.",
    c.SOURCE,
    c.DAY,
    c.MODEL_VERSION,
    Column("readers", "array<string>", "Versions of other models that read texts for the day"),
    c.FENCE,
)
TRAITS = _meta(
    "traits",
    "one trait that was built for the first time",
    "What its values follow from. A trait that is declared otherwise later is refused: it is a new version.",
    Column("trait", "string", "Its column in gold.user_profiles", nullable=False),
    Column(
        "computed_from", "string", "Input, whose rows, condition, measure, window and half-life as JSON", nullable=False
    ),
    c.FENCE,
)
META = (CLAIMS, RELEASES, CHECKS, ACCOUNTS, SOURCES, PROFILE_DAYS, TRAITS)
