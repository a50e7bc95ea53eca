"""Tables of recipients, batches and letters."""

from sqlalchemy import Column, Date, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from hairfeed.store.schema.base import Instant, Number, metadata

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
    Column("kind", String(16), nullable=False),  # "confirmation", "welcome", "goodbye", "stay", "notice", "test"
    Column("email", String(320), nullable=False),
    Column("subscriber_id", Number, ForeignKey("subscribers.id")),  # null for a notice or a test
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

storms = Table(
    "storms",
    metadata,
    Column("issue_id", Number, ForeignKey("issues.id"), primary_key=True),
    Column("newsletter", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("bounced", Integer, nullable=False),  # hard bounces and complaints, by reader, as it was then
    Column("accepted", Integer, nullable=False),  # mails of the issue that a provider had taken then
    Column("over_at", Instant),  # when the operator let the newsletter go on
)

troubles = Table(
    "troubles",
    metadata,
    Column("key", String(80), primary_key=True),  # "account mailgun", "held weekly 12"
    Column("what", Text, nullable=False),
    Column("since_at", Instant, nullable=False),
)
