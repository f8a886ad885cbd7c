"""Bronze: what landed, as it was. Raw identifiers live here and nowhere else."""

from include.tables import columns as c
from include.tables.columns import FEEDS
from include.tables.model import Column, Privacy, Table


def _bronze(feed: str) -> Table:
    return Table(
        name=f"bronze.{feed}",
        grain="one landed record",
        about=f"Records of the feed `{feed}`, original as one JSON string plus envelope. Same bytes land once.",
        application="ingest",
        columns=(
            c.SOURCE,
            c.PERIOD,
            c.DAY,
            c.ARRIVED_ON,
            c.INPUT,
            c.FILE,
            c.SHA256,
            Column(
                "described_by",
                "string",
                "Digest of the description it landed under",
                nullable=False,
                exact=False,
            ),
            c.POSITION,
            Column(
                "key",
                "string",
                "Hash of the record's key, where the feed's delivery is `changes`",
                privacy=Privacy.PSEUDONYM,
            ),
            Column("damage", "string", "Why the record could not be read; null: it could"),
            Column(
                "record",
                "string",
                "The record as JSON; a damaged one as a JSON string of its text",
                privacy=Privacy.IDENTIFIER,
                nullable=False,
            ),
            Column(
                "landed",
                "bigint",
                "Fence of the run that landed it: which of two files came later",
                nullable=False,
                exact=False,
            ),
        ),
        key=("source", "input", "sha256", "position"),
        partition_by=("source", "period"),
    )


BRONZE = tuple(_bronze(feed) for feed in FEEDS)
