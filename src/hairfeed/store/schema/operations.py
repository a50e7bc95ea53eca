"""Tables of passes and secrets."""

from sqlalchemy import JSON, Column, LargeBinary, String, Table

from hairfeed.store.schema.base import Instant, Number, metadata

runs = Table(
    "runs",
    metadata,
    Column("id", Number, primary_key=True),
    Column("now_at", Instant, nullable=False),  # the clock of the pass
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("state", String(16), nullable=False),
    Column("report", JSON),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    Column("key", String(80), primary_key=True),  # what the operator was told of: a kind and a number
    Column("told_at", Instant, nullable=False),
)
