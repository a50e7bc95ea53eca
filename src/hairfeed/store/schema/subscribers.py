"""Tables of subscribers: consent, events, suppressions."""

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from hairfeed.store.schema.base import Instant, Number, metadata

HAS_ZONE = text("time_zone IS NOT NULL")
"""As the index of those who gave one has it."""

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Number, primary_key=True),
    # Of someone erased, a word that is no address: the row stays, so that no number, which links carry, is ever given twice.
    Column("email", String(320), nullable=False, unique=True),
    Column("name", Text),  # what mails call them, where they said
    Column("time_zone", String(64)),  # where newsletters reach them at the hour there; null: at the newsletter's
    Column("created_at", Instant, nullable=False),
    # Few give one. On PostgreSQL, too: its migration says so; saying it here would load that dialect for every pass on a file.
    Index("ix_subscribers_time_zone", "time_zone", sqlite_where=HAS_ZONE),
)

IS_PENDING = text("state = 'pending'")
"""As the index of those who wait has it; a database uses it for this very condition alone."""

IS_ASKED = text("state = 'confirmed' AND asked_to_stay_at IS NOT NULL")
"""As the index of those has it who were asked whether they stay and have not answered yet."""

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("subscriber_id", Number, ForeignKey("subscribers.id"), primary_key=True),
    Column("newsletter", String(32), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("topics", Text, nullable=False, default=""),  # chosen, each by its slug, sorted, with commas; empty: all
    Column("language", String(35), nullable=False, default=""),  # chosen; empty: the newsletter's
    Column("changed_at", Instant, nullable=False),
    Column("active_on", Date),  # the last day (UTC) of a sign of life beside changed_at, where opens and clicks are counted
    # When they were asked whether they stay, until they answer; of one that is ended: it ended because they did not.
    Column("asked_to_stay_at", Instant),
    Index(None, "newsletter", "state", "subscriber_id"),
    Index("ix_subscriptions_asked", "newsletter", "asked_to_stay_at", sqlite_where=IS_ASKED, postgresql_where=IS_ASKED),
    # Those few that wait are looked for in every pass.
    Index("ix_subscriptions_pending", "changed_at", sqlite_where=IS_PENDING),
    # Kept in the order of its key: whether someone is still subscribed, asked for every mail, is one look-up instead of two.
    sqlite_with_rowid=False,
)

IS_OPEN = text("given_at IS NULL")
"""As the index of requests has it that are no proof yet."""

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
    Column("topics", Text, nullable=False, default=""),  # chosen with it, as in subscriptions
    Column("language", String(35), nullable=False, default=""),  # likewise
    Column("expires_at", Instant),  # of a request, until when the link of the mail about it is good: it tells mails apart
    Index("ix_consents_open", "asked_at", sqlite_where=IS_OPEN),
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
    Column("time_zone", String(64), nullable=False, default=""),  # empty where they gave none
    Column("due_at", Instant, index=True),  # null for at once; later where another mail went out lately, or of a long list
)

IS_BAD_NEWS = text("kind IN ('hard bounce', 'complaint')")
"""As the index of events has it that storms are counted from."""

IS_WAITING = text("worked_off_at IS NULL")
"""As the index of events has it that no pass has worked off yet."""

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
    Column("worked_off_at", Instant),
    UniqueConstraint("provider", "event_id"),
    Index("ix_events_waiting", "worked_off_at", "id", sqlite_where=IS_WAITING, postgresql_where=IS_WAITING),
    # Few among many that were delivered, and counted every minute while an issue goes out.
    Index("ix_events_bad_news", "batch_key", "email", sqlite_where=IS_BAD_NEWS, postgresql_where=IS_BAD_NEWS),
)

attempts = Table(
    "attempts",
    metadata,
    Column("key", String(64), primary_key=True),  # a keyed hash of a network or an address, and the limit's name
    Column("ends_at", Instant, nullable=False, index=True),  # when the count begins anew
    Column("count", Integer, nullable=False),
)

greetings = Table(
    "greetings",
    metadata,
    Column("subscriber_id", Number, ForeignKey("subscribers.id"), primary_key=True),
    Column("newsletter", String(32), primary_key=True),
    Column("kind", String(16), primary_key=True),  # "welcome", "goodbye": what a pass may have to write to them
)

movements = Table(
    "movements",
    metadata,
    Column("id", Number, primary_key=True),
    Column("newsletter", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("count", Integer, nullable=False),
    Column("at", Instant, nullable=False),
)

newsletter_days = Table(
    "newsletter_days",
    metadata,
    Column("newsletter", String(32), primary_key=True),
    Column("day", Date, primary_key=True),  # in the newsletter's time zone
    Column("kind", String(16), primary_key=True),  # as of a movement
    Column("count", Integer, nullable=False),
)

mailboxes = Table(
    "mailboxes",
    metadata,
    Column("name", Text, primary_key=True),  # user, host and folder
    Column("validity", Number, nullable=False),  # while the server says the same, numbers of mails mean the same
    Column("last_uid", Number, nullable=False),  # the number of the newest mail that was read
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("email", String(320), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("since_at", Instant, nullable=False),
)
