"""Tables of opens and clicks, which are empty unless a newsletter counts them."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text

from hairfeed.store.schema.base import Instant, Number, metadata

issue_links = Table(
    "issue_links",
    metadata,
    Column("issue_id", Number, ForeignKey("issues.id"), primary_key=True),
    Column("number", Integer, primary_key=True),  # from 1 on
    Column("url", Text, nullable=False),  # where it leads: mails hold the number alone
)

hits = Table(
    "hits",
    metadata,
    Column("id", Number, primary_key=True),
    Column("issue_id", Number, ForeignKey("issues.id"), nullable=False),
    Column("subscriber_id", Number, ForeignKey("subscribers.id"), nullable=False, index=True),
    Column("link", Integer, nullable=False),  # 0: the mail was opened
    Column("at", Instant, nullable=False, index=True),
    Column("by_machine", Boolean, nullable=False),  # by what the program called itself, or by how soon it came
    Index(None, "issue_id", "subscriber_id"),
)

hit_counts = Table(
    "hit_counts",
    metadata,
    Column("issue_id", Number, ForeignKey("issues.id"), primary_key=True),
    Column("link", Integer, primary_key=True),
    Column("readers", Integer, nullable=False),  # of rows that are forgotten
    Column("machines", Integer, nullable=False),  # hits of theirs
)
