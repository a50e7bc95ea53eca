"""The tables of the ledger. What they are for stands in docs/architecture.md; migrations/ makes them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only where the key is an INTEGER.
Number = BigInteger().with_variant(Integer(), "sqlite")


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept and given back in UTC; SQLite has no type for it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: in UTC, without a zone where the database knows none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"{value!r} has no time zone; the ledger keeps aware instants only")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """From the database: aware, in UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


sources = Table(
    "sources",
    metadata,
    Column("id", Number, primary_key=True),
    Column("name", String(32), nullable=False, unique=True),
    Column("location", Text, nullable=False),  # another one makes a new baseline
    Column("baseline_at", Instant),  # when its archive was first taken in; null until then
    Column("date_orders", String(16), nullable=False, default=""),  # orders that its dates have proven: "", "DMY", "DMY,MDY"
    Column("slogans", JSON, nullable=False, default=list),  # descriptions that several pages share: the site's, not an article's
    Column("failures", Integer, nullable=False, default=0),  # looks in a row that failed
    Column("next_try_at", Instant),  # not looked at before then
    Column("usual_new", Integer, nullable=False, default=0),  # the most new articles of a pass that was no flood
)

articles = Table(
    "articles",
    metadata,
    Column("id", Number, primary_key=True),
    Column("guid", Text, nullable=False, unique=True),
    Column("source_id", Number, ForeignKey("sources.id"), nullable=False),
    Column("upstream_id", Text, nullable=False),  # the source's own name for it: a path below the folder
    Column("stamp", Text, nullable=False),  # while it is the same, the page need not be read again
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("summary", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("html_proof", String(32), nullable=False, default=""),  # of html as it was sanitised, by which rules
    Column("image", JSON(none_as_null=True)),  # url, alt, width, height of the lead image
    Column("enclosure", JSON(none_as_null=True)),  # url, media_type, length, seconds of the recording
    Column("content_hash", String(64), nullable=False),  # of title and text: what a significant edit changes
    Column("form_hash", String(64), nullable=False),  # of all that readers see
    Column("published_at", Instant, nullable=False),
    Column("published_on", Date, nullable=False),
    Column("updated_at", Instant),
    Column("first_seen_at", Instant, nullable=False),
    Column("live_at", Instant),  # when it entered the feeds; null while held
    Column("changed_at", Instant, nullable=False),  # the last change that readers of a feed can see
    Column("state", String(16), nullable=False),
    Column("mailing", String(16), nullable=False),
    Column("misses", Integer, nullable=False, default=0),  # passes in a row in which its source did not have it
    Column("revision", Number, nullable=False),  # grows with every pass and command that changes articles
    UniqueConstraint("source_id", "upstream_id"),
    Index(None, "state", "published_at"),
    Index(None, "mailing", "live_at"),
    Index(None, "url"),
    Index(None, "revision"),
)

fetches = Table(
    "fetches",
    metadata,
    Column("source_id", Number, ForeignKey("sources.id"), primary_key=True),
    Column("url", Text, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("fetched_at", Instant, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("changed", Text),  # what the sitemap said of its last change
    Column("in_vain", Integer, nullable=False, default=0),  # looks in a row that brought no article
)

copies = Table(
    "copies",
    metadata,
    Column("source_id", Number, ForeignKey("sources.id"), primary_key=True),
    Column("upstream_id", Text, primary_key=True),
    Column("article_id", Number, ForeignKey("articles.id"), nullable=False, index=True),  # of another source
    Column("stamp", Text, nullable=False),
)

refused_pages = Table(
    "refused_pages",
    metadata,
    Column("source_id", Number, ForeignKey("sources.id"), primary_key=True),
    Column("upstream_id", Text, primary_key=True),
    Column("first_seen_at", Instant, nullable=False),
    Column("baseline", Boolean, nullable=False),  # mended later, it is archive, not news
)

article_topics = Table(
    "article_topics",
    metadata,
    Column("article_id", Number, ForeignKey("articles.id"), primary_key=True),
    Column("place", Integer, primary_key=True),  # 0 is the article's category
    Column("topic", Text, nullable=False),
    Index(None, "topic", "article_id"),
)

feeds = Table(
    "feeds",
    metadata,
    Column("path", Text, primary_key=True),  # its folder below the feeds directory: "", "category/hair-loss/", "author/jane-doe/"
    Column("label", Text, nullable=False),  # the category or author as first spelt; empty for the site's own
    Column("guid", Text, nullable=False),  # its own for ever, wherever the site moves
    Column("podcast_guid", Text, nullable=False),  # likewise, among podcasts
    Column("ordinals", Integer, nullable=False),  # how many articles were ever in it: the next one's ordinal
    Column("present", Integer, nullable=False),  # how many are in it now
    Column("changed_at", Instant, nullable=False),  # the newest change that its readers can see, removals included
)

feed_articles = Table(
    "feed_articles",
    metadata,
    Column("feed", Text, ForeignKey("feeds.path"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),  # in the order of entering; never changed, never given twice
    Column("article_id", Number, ForeignKey("articles.id"), nullable=False),
    Column("present", Boolean, nullable=False),
    UniqueConstraint("article_id", "feed"),
)

feed_files = Table(
    "feed_files",
    metadata,
    Column("path", Text, primary_key=True),  # below the feeds directory
    Column("feed", Text, nullable=False),  # the feed's path; "/" for what is about all feeds; "issues/" and "pictures/" for mail's
    Column("hash", String(64), nullable=False),
    Column("size", Number, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

hub_pings = Table(
    "hub_pings",
    metadata,
    Column("hub", Text, primary_key=True),
    Column("topic_url", Text, primary_key=True),  # the feed file that the hub is still to be told of
    Column("since_at", Instant, nullable=False),  # when the file changed: after some days the hub is given up
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_try_at", Instant, nullable=False),
)

pushed_files = Table(
    "pushed_files",
    metadata,
    Column("target", Text, primary_key=True),  # where it was copied to: a bucket and prefix, or a folder of another machine
    Column("path", Text, primary_key=True),  # below the feeds directory
    Column("hash", String(64), nullable=False),
)

publications = Table(
    "publications",
    metadata,
    Column("name", String(32), primary_key=True),  # "feeds", "issues/"
    Column("made_from", String(64), nullable=False),  # of the settings that the files in place were made with
    Column("revision", Number, nullable=False),  # the newest change of an article that is in them
)

newsletters = Table(
    "newsletters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("started_at", Instant, nullable=False),  # when it began, or its last skipped hour: articles live before are not for it
    Column("last_due_at", Instant),
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


def _picture_columns() -> list[Column[Any]]:
    """What is known of a picture that mails show."""
    return [
        Column("source", Text, nullable=False),  # its address; another one is another picture
        Column("state", String(16), nullable=False),
        Column("path", Text),  # below the feeds directory
        Column("width", Integer),  # as shown, in CSS pixels
        Column("height", Integer),
        Column("size", Integer),  # in bytes
        Column("fault", Text),  # why there is none
        Column("tries", Integer, nullable=False),  # in a row that failed
        Column("next_try_at", Instant),
    ]


article_pictures = Table(
    "article_pictures",
    metadata,
    Column("article_id", Number, ForeignKey("articles.id"), primary_key=True),
    *_picture_columns(),
)

look_pictures = Table(
    "look_pictures",
    metadata,
    Column("name", String(16), primary_key=True),  # the key in [look]: logo, logo_dark
    *_picture_columns(),
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Number, primary_key=True),
    # Of someone erased, a word that is no address: the row stays, so that no number, which links carry, is ever given twice.
    Column("email", String(320), nullable=False, unique=True),
    Column("name", Text),  # what mails call them, where they said
    Column("created_at", Instant, nullable=False),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("subscriber_id", Number, ForeignKey("subscribers.id"), primary_key=True),
    Column("newsletter", String(32), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("topics", Text, nullable=False, default=""),  # chosen, each by its slug, sorted, with commas; empty: all
    Column("language", String(35), nullable=False, default=""),  # chosen; empty: the newsletter's
    Column("changed_at", Instant, nullable=False),
    Index(None, "newsletter", "state", "subscriber_id"),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Number, primary_key=True),
    Column("subscriber_id", Number, ForeignKey("subscribers.id"), nullable=False, index=True),
    Column("newsletter", String(32), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("given_at", Instant),  # when they confirmed; null until then
    Column("source", Text, nullable=False),  # how: a form, an import, the operator's word
    Column("form", String(16), nullable=False, default=""),  # which version of the form; empty where there was none
    Column("wording", Text, nullable=False),  # what they agreed to, word for word
    Column("network_address", String(45)),  # from where, only where the config says to keep it
)

sign_ups = Table(
    "sign_ups",
    metadata,
    Column("id", Number, primary_key=True),
    Column("asked_at", Instant, nullable=False),
    Column("email", String(320), nullable=False, index=True),
    Column("name", Text, nullable=False),  # empty where they did not say
    Column("newsletters", JSON, nullable=False),  # by name the topics, as in subscriptions
    Column("language", String(35), nullable=False),  # as in subscriptions
    Column("source", Text, nullable=False),
    Column("form", String(16), nullable=False),
    Column("wording", Text, nullable=False),
    Column("network_address", String(45)),
)

events = Table(
    "events",
    metadata,
    Column("id", Number, primary_key=True),
    Column("provider", String(32), nullable=False),
    Column("event_id", String(255), nullable=False),  # the provider's own name for it
    Column("kind", String(16), nullable=False),
    Column("email", String(320), nullable=False, index=True),
    Column("batch_key", String(128), nullable=False),  # empty where the notice does not say it
    Column("subscriber_id", Number),  # likewise
    Column("happened_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("worked_off_at", Instant, index=True),
    UniqueConstraint("provider", "event_id"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("key", String(64), primary_key=True),  # a keyed hash of a network or an address, and the limit's name
    Column("ends_at", Instant, nullable=False, index=True),  # when the count begins anew
    Column("count", Integer, nullable=False),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("email", String(320), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("since_at", Instant, nullable=False),
)

recipients = Table(
    "recipients",
    metadata,
    Column("issue_id", Number, ForeignKey("issues.id"), primary_key=True),
    Column("subscriber_id", Number, ForeignKey("subscribers.id"), primary_key=True),
    Column("variant_id", Number, ForeignKey("variants.id"), nullable=False),
    Column("batch", Integer, nullable=False),
    Index(None, "issue_id", "batch", "subscriber_id"),
)

batches = Table(
    "batches",
    metadata,
    Column("id", Number, primary_key=True),
    Column("issue_id", Number, ForeignKey("issues.id"), nullable=False),
    Column("number", Integer, nullable=False),  # the recipients' own; the parts of a batch that was split keep it
    Column("first_id", Number, nullable=False),  # the subscribers it is for: those of its number from this one
    Column("last_id", Number, nullable=False),  # to this one, both included
    Column("size", Integer, nullable=False),  # how many they were at first
    Column("variant_id", Number, ForeignKey("variants.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("key", String(128), nullable=False),  # the same at every attempt: what a provider knows a repetition by
    Column("attempt", Integer, nullable=False, default=0),
    Column("next_try_at", Instant),  # not submitted or asked for before then
    Column("owner", Text),
    Column("leased_until", Instant),  # of a batch that is being submitted: nobody else touches it before then
    Column("claimed_at", Instant),  # the last attempt; of a batch in doubt the first attempt whose outcome nobody knows
    Column("called_at", Instant),  # the last attempt
    Column("provider", String(16)),  # whom the last attempt went to
    Column("body_hash", String(64)),  # of the bytes that the last attempt submitted
    Column("provider_id", Text),
    Column("note", Text),  # the last thing the provider said, or what went wrong
    UniqueConstraint("issue_id", "number", "first_id", "last_id"),
    Index(None, "issue_id", "state", "number"),
    Index(None, "key"),
)

letters = Table(
    "letters",
    metadata,
    Column("id", Number, primary_key=True),
    Column("kind", String(16), nullable=False),  # "confirmation", "test"
    Column("email", String(320), nullable=False),
    Column("subscriber_id", Number, ForeignKey("subscribers.id")),  # null for a test
    Column("queued_at", Instant, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),  # emptied once it was taken: it may hold a link that is worth something
    Column("html", Text, nullable=False),
    Column("state", String(16), nullable=False, index=True),  # as of a batch
    Column("key", String(128), nullable=False, unique=True),
    Column("attempt", Integer, nullable=False, default=0),
    Column("next_try_at", Instant),
    Column("owner", Text),
    Column("leased_until", Instant),
    Column("claimed_at", Instant),
    Column("called_at", Instant),
    Column("provider", String(16)),
    Column("body_hash", String(64)),
    Column("provider_id", Text),
    Column("note", Text),
    Index(None, "subscriber_id", "kind", "queued_at"),
)

provider_paces = Table(
    "provider_paces",
    metadata,
    Column("provider", String(16), primary_key=True),
    Column("began_on", Date, nullable=False),  # the first day (UTC) on which it was used
    Column("calls_left", Float, nullable=False),  # tokens in the buckets, as they were at filled_at
    Column("mails_left", Float, nullable=False),
    Column("filled_at", Instant, nullable=False),
    Column("share", Float, nullable=False),  # of its usual rate that it takes now: 1 is all, less after it throttled
    Column("closed_until", Instant),  # it asked to be left alone
    Column("day", Date, nullable=False),
    Column("mails_today", Integer, nullable=False),
    Column("mails_this_month", Integer, nullable=False),
)

refusals = Table(
    "refusals",
    metadata,
    Column("issue_id", Number, ForeignKey("issues.id"), primary_key=True),
    Column("subscriber_id", Number, ForeignKey("subscribers.id"), primary_key=True),
    Column("batch_id", Number, ForeignKey("batches.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),  # refused by the provider, or left out by us
    Column("reason", Text, nullable=False),
)

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
