"""The first schema.

Revision: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Instant = sa.DateTime(timezone=True)
Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "feed_files",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("size", Number, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_feed_files"),
    )
    op.create_table(
        "feeds",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("podcast_guid", sa.Text(), nullable=False),
        sa.Column("ordinals", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("moved_to", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("path", name="pk_feeds"),
    )
    op.create_table(
        "hub_pings",
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic_url", sa.Text(), nullable=False),
        sa.Column("since_at", Instant, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("hub", "topic_url", name="pk_hub_pings"),
    )
    op.create_table(
        "pushed_files",
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("target", "path", name="pk_pushed_files"),
    )
    op.create_table(
        "publications",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("made_from", sa.String(length=64), nullable=False),
        sa.Column("revision", Number, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_publications"),
    )
    op.create_table(
        "newsletters",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("last_due_at", Instant, nullable=True),
        sa.Column("silence_sought_on", sa.Date(), nullable=True),
        sa.Column("silence_sought_to", Number, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_newsletters"),
    )
    op.create_table(
        "runs",
        sa.Column("id", Number, nullable=False),
        sa.Column("now_at", Instant, nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("finished_at", Instant, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("report", sa.JSON, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_table(
        "sources",
        sa.Column("id", Number, nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("baseline_at", Instant, nullable=True),
        sa.Column("date_orders", sa.String(length=16), nullable=False),
        sa.Column("slogans", sa.JSON, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Instant, nullable=True),
        sa.Column("usual_new", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sources"),
        sa.UniqueConstraint("name", name="uq_sources_name"),
    )
    op.create_table(
        "hosts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_hosts"),
    )
    op.create_table(
        "subscribers",
        sa.Column("id", Number, nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscribers"),
        sa.UniqueConstraint("email", name="uq_subscribers_email"),
    )
    op.create_index(
        "ix_subscribers_time_zone",
        "subscribers",
        ["time_zone"],
        unique=False,
        sqlite_where=sa.text("time_zone IS NOT NULL"),
        postgresql_where=sa.text("time_zone IS NOT NULL"),
    )
    op.create_table(
        "suppressions",
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("email", name="pk_suppressions"),
    )
    op.create_table(
        "movements",
        sa.Column("id", Number, nullable=False),
        sa.Column("newsletter", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_movements"),
    )
    op.create_table(
        "newsletter_days",
        sa.Column("newsletter", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("newsletter", "day", "kind", name="pk_newsletter_days"),
    )
    op.create_table(
        "mailboxes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("validity", Number, nullable=False),
        sa.Column("last_uid", Number, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_mailboxes"),
    )
    op.create_table(
        "troubles",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("since_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_troubles"),
    )
    op.create_table(
        "notices",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("told_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_notices"),
    )
    op.create_table(
        "articles",
        sa.Column("id", Number, nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("source_id", Number, nullable=False),
        sa.Column("upstream_id", sa.Text(), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("authors", sa.JSON, nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("html_proof", sa.String(length=32), nullable=False),
        sa.Column("image", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("enclosure", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("form_hash", sa.String(length=64), nullable=False),
        sa.Column("published_at", Instant, nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("updated_at", Instant, nullable=True),
        sa.Column("first_seen_at", Instant, nullable=False),
        sa.Column("live_at", Instant, nullable=True),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("mailing", sa.String(length=16), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("revision", Number, nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_articles_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_articles"),
        sa.UniqueConstraint("guid", name="uq_articles_guid"),
        sa.UniqueConstraint("source_id", "upstream_id", name="uq_articles_source_id_upstream_id"),
    )
    op.create_index("ix_articles_mailing_live_at", "articles", ["mailing", "live_at"], unique=False)
    op.create_index("ix_articles_revision", "articles", ["revision"], unique=False)
    op.create_index("ix_articles_state_published_at", "articles", ["state", "published_at"], unique=False)
    op.create_index("ix_articles_url", "articles", ["url"], unique=False)
    op.create_table(
        "consents",
        sa.Column("id", Number, nullable=False),
        sa.Column("subscriber_id", Number, nullable=False),
        sa.Column("newsletter", sa.String(length=32), nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("given_at", Instant, nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("network_address", sa.String(length=45), nullable=True),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("expires_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name="fk_consents_subscriber_id"),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index(
        "ix_consents_open",
        "consents",
        ["asked_at"],
        unique=False,
        sqlite_where=sa.text("given_at IS NULL"),
        postgresql_where=sa.text("given_at IS NULL"),
    )
    op.create_index("ix_consents_subscriber_id", "consents", ["subscriber_id"], unique=False)
    op.create_table(
        "sign_ups",
        sa.Column("id", Number, nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("newsletters", sa.JSON, nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("network_address", sa.String(length=45), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("due_at", Instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ups"),
    )
    op.create_index("ix_sign_ups_due_at", "sign_ups", ["due_at"], unique=False)
    op.create_index("ix_sign_ups_email", "sign_ups", ["email"], unique=False)
    op.create_table(
        "imports",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("began_at", Instant, nullable=False),
        sa.Column("they_prove", sa.Boolean(), nullable=False),
        sa.Column("position", Number, nullable=False),
        sa.Column("erased", sa.Integer(), nullable=False),
        sa.Column("decided_at", Instant, nullable=True),
        sa.Column("taken", sa.String(length=320), nullable=False),
        sa.Column("asks_a_day", sa.Integer(), nullable=False),
        sa.Column("ask_next_at", Instant, nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_imports"),
    )
    for table in ("import_rows", "import_piece"):
        op.create_table(
            table,
            sa.Column("id", Number, nullable=False),
            sa.Column("email", sa.String(length=320), nullable=False),
            sa.Column("name", sa.Text(), nullable=False),
            sa.Column("time_zone", sa.String(length=64), nullable=False),
            sa.Column("created_at", Instant, nullable=True),
            sa.Column("newsletter", sa.String(length=32), nullable=False),
            sa.Column("state", sa.String(length=16), nullable=False),
            sa.Column("rank", sa.Integer(), nullable=False),
            sa.Column("topics", sa.Text(), nullable=False),
            sa.Column("language", sa.String(length=35), nullable=False),
            sa.Column("changed_at", Instant, nullable=True),
            sa.Column("asked_at", Instant, nullable=True),
            sa.Column("given_at", Instant, nullable=True),
            sa.Column("source", sa.Text(), nullable=False),
            sa.Column("form", sa.String(length=16), nullable=False),
            sa.Column("wording", sa.Text(), nullable=False),
            sa.Column("network_address", sa.String(length=45), nullable=True),
            sa.Column("suppressed", sa.Text(), nullable=True),
            sa.Column("suppressed_at", Instant, nullable=True),
            sa.Column("decides", sa.Boolean(), nullable=False),
            sa.Column("proves", sa.Boolean(), nullable=False),
            sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        )
    op.create_table(
        "import_refusals",
        sa.Column("id", Number, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("line", Number, nullable=False),
        sa.Column("column", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_refusals"),
    )
    op.create_table(
        "events",
        sa.Column("id", Number, nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("event_id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("batch_key", sa.String(length=128), nullable=False),
        sa.Column("subscriber_id", Number, nullable=True),
        sa.Column("happened_at", Instant, nullable=False),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("worked_off_at", Instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("provider", "event_id", name="uq_events_provider_event_id"),
    )
    op.create_index("ix_events_batch_key", "events", ["batch_key"], unique=False)
    op.create_index("ix_events_email", "events", ["email"], unique=False)
    op.create_index(
        "ix_events_waiting",
        "events",
        ["worked_off_at", "id"],
        unique=False,
        sqlite_where=sa.text("worked_off_at IS NULL"),
        postgresql_where=sa.text("worked_off_at IS NULL"),
    )
    op.create_index(
        "ix_events_bad_news",
        "events",
        ["batch_key", "email"],
        unique=False,
        sqlite_where=sa.text("kind IN ('hard bounce', 'complaint')"),
        postgresql_where=sa.text("kind IN ('hard bounce', 'complaint')"),
    )
    op.create_table(
        "attempts",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_attempts"),
    )
    op.create_index("ix_attempts_ends_at", "attempts", ["ends_at"], unique=False)
    op.create_table(
        "fetches",
        sa.Column("source_id", Number, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("fetched_at", Instant, nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("changed", sa.Text(), nullable=True),
        sa.Column("in_vain", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_fetches_source_id"),
        sa.PrimaryKeyConstraint("source_id", "url", name="pk_fetches"),
    )
    op.create_table(
        "newsletter_topics",
        sa.Column("newsletter", sa.String(length=32), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("since_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["newsletter"], ["newsletters.name"], name="fk_newsletter_topics_newsletter"),
        sa.PrimaryKeyConstraint("newsletter", "topic", name="pk_newsletter_topics"),
    )
    op.create_table(
        "issues",
        sa.Column("id", Number, nullable=False),
        sa.Column("newsletter", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("composed_at", Instant, nullable=False),
        sa.Column("plan_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["newsletter"], ["newsletters.name"], name="fk_issues_newsletter"),
        sa.PrimaryKeyConstraint("id", name="pk_issues"),
        sa.UniqueConstraint("newsletter", "number", name="uq_issues_newsletter_number"),
    )
    op.create_index("ix_issues_state", "issues", ["state"], unique=False)
    op.create_table(
        "refused_pages",
        sa.Column("source_id", Number, nullable=False),
        sa.Column("upstream_id", sa.Text(), nullable=False),
        sa.Column("first_seen_at", Instant, nullable=False),
        sa.Column("baseline", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_refused_pages_source_id"),
        sa.PrimaryKeyConstraint("source_id", "upstream_id", name="pk_refused_pages"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("subscriber_id", Number, nullable=False),
        sa.Column("newsletter", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("active_on", sa.Date(), nullable=True),
        sa.Column("asked_to_stay_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name="fk_subscriptions_subscriber_id"),
        sa.PrimaryKeyConstraint("subscriber_id", "newsletter", name="pk_subscriptions"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_subscriptions_asked",
        "subscriptions",
        ["newsletter", "asked_to_stay_at"],
        unique=False,
        sqlite_where=sa.text("state = 'confirmed' AND asked_to_stay_at IS NOT NULL"),
        postgresql_where=sa.text("state = 'confirmed' AND asked_to_stay_at IS NOT NULL"),
    )
    op.create_index(
        "ix_subscriptions_pending",
        "subscriptions",
        ["changed_at"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_subscriptions_newsletter_state_subscriber_id", "subscriptions", ["newsletter", "state", "subscriber_id"], unique=False
    )
    op.create_table(
        "article_topics",
        sa.Column("article_id", Number, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_article_topics_article_id"),
        sa.PrimaryKeyConstraint("article_id", "place", name="pk_article_topics"),
    )
    op.create_index("ix_article_topics_topic_article_id", "article_topics", ["topic", "article_id"], unique=False)
    op.create_table(
        "copies",
        sa.Column("source_id", Number, nullable=False),
        sa.Column("upstream_id", sa.Text(), nullable=False),
        sa.Column("article_id", Number, nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_copies_article_id"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_copies_source_id"),
        sa.PrimaryKeyConstraint("source_id", "upstream_id", name="pk_copies"),
    )
    op.create_index("ix_copies_article_id", "copies", ["article_id"], unique=False)
    op.create_table(
        "feed_articles",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("article_id", Number, nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("moved_to", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["feed"], ["feeds.path"], name="fk_feed_articles_feed"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_feed_articles_article_id"),
        sa.PrimaryKeyConstraint("feed", "ordinal", name="pk_feed_articles"),
        sa.UniqueConstraint("article_id", "feed", name="uq_feed_articles_article_id_feed"),
    )
    op.create_table(
        "issue_articles",
        sa.Column("newsletter", sa.String(length=32), nullable=False),
        sa.Column("article_id", Number, nullable=False),
        sa.Column("issue_id", Number, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("revision", Number, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_issue_articles_article_id"),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name="fk_issue_articles_issue_id"),
        sa.PrimaryKeyConstraint("newsletter", "article_id", name="pk_issue_articles"),
    )
    op.create_index("ix_issue_articles_issue_id", "issue_articles", ["issue_id"], unique=False)
    op.create_table(
        "issue_corrections",
        sa.Column("newsletter", sa.String(length=32), nullable=False),
        sa.Column("article_id", Number, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("issue_id", Number, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_issue_corrections_article_id"),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name="fk_issue_corrections_issue_id"),
        sa.PrimaryKeyConstraint("newsletter", "article_id", "updated_at", name="pk_issue_corrections"),
    )
    op.create_index("ix_issue_corrections_issue_id", "issue_corrections", ["issue_id"], unique=False)
    op.create_table(
        "variants",
        sa.Column("id", Number, nullable=False),
        sa.Column("issue_id", Number, nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("archive_url", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name="fk_variants_issue_id"),
        sa.PrimaryKeyConstraint("id", name="pk_variants"),
        sa.UniqueConstraint("issue_id", "topics", "language", name="uq_variants_issue_id_topics_language"),
    )
    op.create_table(
        "batches",
        sa.Column("id", Number, nullable=False),
        sa.Column("issue_id", Number, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_id", Number, nullable=False),
        sa.Column("last_id", Number, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("variant_id", Number, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Instant, nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("leased_until", Instant, nullable=True),
        sa.Column("claimed_at", Instant, nullable=True),
        sa.Column("called_at", Instant, nullable=True),
        sa.Column("provider", sa.String(length=16), nullable=True),
        sa.Column("body_hash", sa.String(length=64), nullable=True),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name="fk_batches_issue_id"),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name="fk_batches_variant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
        sa.UniqueConstraint("issue_id", "number", "first_id", "last_id", name="uq_batches_issue_id_number_first_id_last_id"),
    )
    op.create_index("ix_batches_issue_id_state_number", "batches", ["issue_id", "state", "number"], unique=False)
    op.create_index("ix_batches_key", "batches", ["key"], unique=False)
    op.create_table(
        "letters",
        sa.Column("id", Number, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("subscriber_id", Number, nullable=True),
        sa.Column("queued_at", Instant, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Instant, nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("leased_until", Instant, nullable=True),
        sa.Column("claimed_at", Instant, nullable=True),
        sa.Column("called_at", Instant, nullable=True),
        sa.Column("provider", sa.String(length=16), nullable=True),
        sa.Column("body_hash", sa.String(length=64), nullable=True),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name="fk_letters_subscriber_id"),
        sa.PrimaryKeyConstraint("id", name="pk_letters"),
        sa.UniqueConstraint("key", name="uq_letters_key"),
    )
    op.create_index("ix_letters_state", "letters", ["state"], unique=False)
    op.create_index("ix_letters_subscriber_id_kind_queued_at", "letters", ["subscriber_id", "kind", "queued_at"], unique=False)
    op.create_table(
        "provider_paces",
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("calls_left", sa.Float(), nullable=False),
        sa.Column("mails_left", sa.Float(), nullable=False),
        sa.Column("filled_at", Instant, nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("closed_until", Instant, nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("mails_today", sa.Integer(), nullable=False),
        sa.Column("mails_this_month", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("provider", name="pk_provider_paces"),
    )
    op.create_table(
        "issue_links",
        sa.Column("issue_id", Number, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name="fk_issue_links_issue_id"),
        sa.PrimaryKeyConstraint("issue_id", "number", name="pk_issue_links"),
    )
    op.create_table(
        "hits",
        sa.Column("id", Number, nullable=False),
        sa.Column("issue_id", Number, nullable=False),
        sa.Column("subscriber_id", Number, nullable=False),
        sa.Column("link", sa.Integer(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by_machine", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name="fk_hits_issue_id"),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name="fk_hits_subscriber_id"),
        sa.PrimaryKeyConstraint("id", name="pk_hits"),
    )
    op.create_index("ix_hits_subscriber_id", "hits", ["subscriber_id"])
    op.create_index("ix_hits_at", "hits", ["at"])
    op.create_index("ix_hits_issue_id_subscriber_id", "hits", ["issue_id", "subscriber_id"])
    op.create_table(
        "hit_counts",
        sa.Column("issue_id", Number, nullable=False),
        sa.Column("link", sa.Integer(), nullable=False),
        sa.Column("readers", sa.Integer(), nullable=False),
        sa.Column("machines", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name="fk_hit_counts_issue_id"),
        sa.PrimaryKeyConstraint("issue_id", "link", name="pk_hit_counts"),
    )
    op.create_table(
        "issue_pages",
        sa.Column("issue_id", Number, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name="fk_issue_pages_issue_id"),
        sa.PrimaryKeyConstraint("issue_id", name="pk_issue_pages"),
    )
    op.create_table(
        "article_pictures",
        sa.Column("article_id", Number, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_article_pictures_article_id"),
        sa.PrimaryKeyConstraint("article_id", name="pk_article_pictures"),
    )
    op.create_table(
        "look_pictures",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Instant, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_look_pictures"),
    )
    op.create_table(
        "recipients",
        sa.Column("issue_id", Number, nullable=False),
        sa.Column("subscriber_id", Number, nullable=False),
        sa.Column("variant_id", Number, nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name="fk_recipients_issue_id"),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name="fk_recipients_subscriber_id"),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name="fk_recipients_variant_id"),
        sa.PrimaryKeyConstraint("issue_id", "subscriber_id", name="pk_recipients"),
    )
    op.create_index(
        "ix_recipients_issue_id_batch_subscriber_id", "recipients", ["issue_id", "batch", "subscriber_id"], unique=False
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secrets"),
    )
    op.create_table(
        "refusals",
        sa.Column("issue_id", Number, nullable=False),
        sa.Column("subscriber_id", Number, nullable=False),
        sa.Column("batch_id", Number, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name="fk_refusals_batch_id"),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name="fk_refusals_issue_id"),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name="fk_refusals_subscriber_id"),
        sa.PrimaryKeyConstraint("issue_id", "subscriber_id", name="pk_refusals"),
    )
    op.create_index("ix_refusals_batch_id", "refusals", ["batch_id"], unique=False)
    op.create_table(
        "greetings",
        sa.Column("subscriber_id", Number, nullable=False),
        sa.Column("newsletter", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name="fk_greetings_subscriber_id"),
        sa.PrimaryKeyConstraint("subscriber_id", "newsletter", "kind", name="pk_greetings"),
    )
    op.create_table(
        "storms",
        sa.Column("issue_id", Number, nullable=False),
        sa.Column("newsletter", sa.String(length=32), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("bounced", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("over_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name="fk_storms_issue_id"),
        sa.PrimaryKeyConstraint("issue_id", name="pk_storms"),
    )
    compare_by_characters(op.get_bind())


def compare_by_characters(connection: sa.Connection) -> None:
    """Have PostgreSQL order texts as SQLite does, whatever language its database is in.

    An order by characters is never another one either, as a language's may be after an upgrade of the system, which breaks indexes.
    """
    if connection.dialect.name != "postgresql":
        return
    tables = sa.inspect(connection)
    for table in tables.get_table_names():
        texts = [column for column in tables.get_columns(table) if isinstance(column["type"], sa.String)]
        changes = (f'ALTER "{one["name"]}" TYPE {one["type"].compile(connection.dialect)} COLLATE "C"' for one in texts)
        if texts:
            op.execute(f'ALTER TABLE "{table}" {", ".join(changes)}')
