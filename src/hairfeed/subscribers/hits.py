"""Opens and clicks: written down where a newsletter counts them, told, and after a while kept as sums."""

from datetime import datetime, timedelta

from hairfeed.models.hits import Hit, LinkCount
from hairfeed.settings import Settings
from hairfeed.store import silence, tracking
from hairfeed.store.database import Connection
from hairfeed.subscribers.machines import counted, is_machine, together

KEPT_DAYS = 90
"""Days for which it is known who opened what."""
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
    """Make sums of what is older than `KEPT_DAYS`; how many opens and clicks are forgotten."""
    before = now - timedelta(days=KEPT_DAYS)
    forgotten = 0
    for issue_id in tracking.with_hits(connection, before):
        sums = together(tracking.counts_of(connection, issue_id), counted(tracking.hits_of(connection, issue_id, before)))
        forgotten += tracking.only_count(connection, issue_id, before, sums)
    return forgotten
