"""Tables of newsletters and issues."""

from sqlalchemy import JSON, Column, Date, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from hairfeed.store.schema.base import Instant, Number, metadata

newsletters = Table(
    "newsletters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("started_at", Instant, nullable=False),  # when it began, or its last skipped hour: articles live before are not for it
    Column("last_due_at", Instant),
    Column("silence_sought_on", Date),  # the day (UTC) on which readers of whom nothing is heard were last looked for
    Column("silence_sought_to", Number),  # up to which subscriber, while that look goes on; null once it is through
)

newsletter_topics = Table(
    "newsletter_topics",
    metadata,
    Column("newsletter", String(32), ForeignKey("newsletters.name"), primary_key=True),
    Column("topic", Text, primary_key=True),  # its slug; empty: all
    Column("since_at", Instant, nullable=False),  # articles that went live before this are not for it
)

issues = Table(
    "issues",
    metadata,
    Column("id", Number, primary_key=True),
    Column("newsletter", String(32), ForeignKey("newsletters.name"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("due_at", Instant, nullable=False),
    Column("composed_at", Instant, nullable=False),
    Column("plan_hash", String(64), nullable=False, default=""),  # of all that its readers get: what an approval is bound to
    UniqueConstraint("newsletter", "number"),
)

issue_articles = Table(
    "issue_articles",
    metadata,
    Column("newsletter", String(32), primary_key=True),
    Column("article_id", Number, ForeignKey("articles.id"), primary_key=True),
    Column("issue_id", Number, ForeignKey("issues.id"), nullable=False, index=True),
    Column("place", Integer, nullable=False),
    Column("role", String(16), nullable=False),  # featured, also, or beyond what is listed
    Column("revision", Number, nullable=False, default=0),  # the article's when the issue was composed
)

issue_corrections = Table(
    "issue_corrections",
    metadata,
    Column("newsletter", String(32), primary_key=True),
    Column("article_id", Number, ForeignKey("articles.id"), primary_key=True),
    Column("updated_at", Instant, primary_key=True),  # the change that the issue tells of
    Column("issue_id", Number, ForeignKey("issues.id"), nullable=False, index=True),
)

variants = Table(
    "variants",
    metadata,
    Column("id", Number, primary_key=True),
    Column("issue_id", Number, ForeignKey("issues.id"), nullable=False),
    Column("topics", Text, nullable=False),  # as in subscriptions: for whom this rendering is
    Column("language", String(35), nullable=False),
    Column("articles", Integer, nullable=False),  # in this rendering; with none, nobody is owed it
    Column("subject", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("archive_url", Text),  # its public page, where it has one
    UniqueConstraint("issue_id", "topics", "language"),
)

issue_pages = Table(
    "issue_pages",
    metadata,
    Column("issue_id", Number, ForeignKey("issues.id"), primary_key=True),
    Column("content", JSON, nullable=False),  # what the issue says to all, frozen: its public page says it, too
)
