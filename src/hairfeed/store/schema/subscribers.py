"""Tables of subscribers: consent, events, suppressions."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from hairfeed.store.schema.base import Instant, Number, metadata

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
    # Kept in the order of its key: whether someone is still subscribed, asked for every mail, is one look-up instead of two.
    sqlite_with_rowid=False,
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
    Column("batch_key", String(128), nullable=False, index=True),  # empty where the notice does not say it
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
