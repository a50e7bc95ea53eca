"""Opens and clicks: written down where a newsletter counts them, told, and after a while kept as sums."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from hairfeed.models.hits import Hit, LinkCount
from hairfeed.settings import Settings
from hairfeed.store import silence, tracking
from hairfeed.store.database import Connection
from hairfeed.subscribers.machines import counted, is_machine, together

KEPT_DAYS = 90
"""Days for which it is known who opened what."""
AT_ONCE = 500
"""Hits whose readers are forgotten in one transaction."""
MOST = 200
"""Opens and clicks of one reader in one issue that are written down; more say nothing more."""


def note(
    connection: Connection, settings: Settings, issue_id: int, subscriber_id: int, link: int, agent: str, now: datetime
) -> None:
    """Write down an open or a click, if the newsletter counts them (still) and its reader is not erased."""
    found = tracking.newsletter_of(connection, issue_id, subscriber_id)
    if found is None:
        return
    newsletter, called_at = found
    counts = newsletter in settings.newsletters and settings.newsletters[newsletter].tracking
    if not counts:
        return
    # A machine's, too: whose mail program loads pictures unread is not to be asked for it.
    silence.alive(connection, subscriber_id, [newsletter], now)
    if tracking.count(connection, issue_id, subscriber_id) < MOST:
        tracking.keep(connection, issue_id, Hit(subscriber_id, link, now, is_machine(agent, now, called_at)))


def told(connection: Connection, issue_id: int) -> list[LinkCount]:
    """The opens and clicks of an issue, by link."""
    return together(tracking.counts_of(connection, issue_id), counted(tracking.hits_of(connection, issue_id)))


def only_count_old(connection: Connection, now: datetime) -> int:
    """Make sums of what is older than `KEPT_DAYS`, some of it; how many opens and clicks are forgotten, 0 when nothing is left."""
    return _only_count(connection, tracking.forget_old(connection, now - timedelta(days=KEPT_DAYS), AT_ONCE))


def only_count_of(connection: Connection, subscriber_id: int) -> None:
    """Make sums of what someone opened."""
    _only_count(connection, tracking.forget(connection, subscriber_id))


def _only_count(connection: Connection, forgotten: Mapping[int, Sequence[Hit]]) -> int:
    for issue_id, hits in forgotten.items():
        tracking.add_counts(connection, issue_id, counted(hits))
    return sum(map(len, forgotten.values()))
