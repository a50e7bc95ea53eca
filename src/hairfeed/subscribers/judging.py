"""Works off what providers told of mails: looks for storms, suppresses addresses, and lets readers go who left at the provider."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hairfeed.models.events import EventKind, MailEvent
from hairfeed.settings.mail import Bounces
from hairfeed.store import deliveries, events, storms, subscribers
from hairfeed.store.database import Connection, Ledger
from hairfeed.subscribers.verdicts import verdict

AT_ONCE = 1000
"""Events in one transaction: the web waits no longer than for these."""

_BAD_NEWS = frozenset([EventKind.COMPLAINT, EventKind.HARD_BOUNCE, EventKind.SOFT_BOUNCE])


def work_off_events(ledger: Ledger, bounces: Bounces, now: datetime) -> tuple[int, int]:
    """Do what the events ask for that wait now; how many they were, and how many addresses are suppressed by them.

    Storms are looked for first, and once for all: a kill later on hides none, since nothing is worked off before that look.
    """
    with ledger.read() as connection:
        span = events.waiting(connection)
    if span is None:
        return 0, 0
    with ledger.write() as connection:
        if told_of := storms.issues_told_of(connection):
            storms.look(connection, told_of, bounces.storm_percent, bounces.storm_least, now)
    (first, last), found, suppressed = span, 0, 0
    while first <= last:
        with ledger.write_and_give_way() as connection:
            telling, reached = events.some_waiting(connection, {*_BAD_NEWS, EventKind.UNSUBSCRIBE}, first, last, AT_ONCE)
            suppressed += _judge(connection, [event for event in telling if event.kind in _BAD_NEWS], bounces, now)
            for event in telling:
                if event.kind is EventKind.UNSUBSCRIBE:
                    _let_go(connection, event, now)
            found += events.work_off(connection, first, reached, now)
        first = reached + 1
    return found, suppressed


def _judge(connection: Connection, bad_news: Sequence[MailEvent], bounces: Bounces, now: datetime) -> int:
    """Suppress the addresses that this is a reason for; how many."""
    if not bad_news:
        return 0
    within, reasons = timedelta(days=bounces.soft_days), dict[str, str]()
    histories = events.about(connection, {event.email for event in bad_news}, min(event.at for event in bad_news) - within)
    for event in bad_news:
        lately = [one for one in histories[event.email] if one.at >= event.at - within]
        if (reason := verdict(lately, bounces.soft)) is not None:
            reasons.setdefault(event.email, reason)
    return subscribers.suppress_all(connection, reasons, now)


def _let_go(connection: Connection, event: MailEvent, now: datetime) -> None:
    """The reader left by the provider's own way: from the newsletter of the mail, or from all where nobody knows which it was."""
    reader = subscribers.find(connection, event.email)
    if reader is not None:
        newsletter = deliveries.newsletter_of(connection, event.batch_key)
        subscribers.leave(connection, reader.id, None if newsletter is None else [newsletter], now)
