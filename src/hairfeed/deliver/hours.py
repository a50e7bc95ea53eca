"""Freezes an issue, and where readers are mailed at the hour in their own time zones, has every batch wait for it."""

from datetime import datetime

from hairfeed.schedule.lateness import may_begin
from hairfeed.schedule.zones import zone_or
from hairfeed.settings import Settings
from hairfeed.store import deliveries, zones
from hairfeed.store.database import Connection


def freeze(connection: Connection, settings: Settings, issue_id: int, batch_size: int, now: datetime) -> None:
    """Write down everyone who is owed the issue, and from when on they may be mailed."""
    name, due_at = zones.newsletter_and_hour(connection, issue_id)
    newsletter, home = settings.newsletters.get(name), settings.zone_of(name)
    by_zone = newsletter is not None and newsletter.local_time
    if not deliveries.freeze(connection, issue_id, batch_size, by_zone=by_zone) or newsletter is None or not by_zone:
        return

    def begins(zone: str) -> datetime:
        return may_begin(due_at, home, zone_or(zone, home), now, newsletter.quiet)

    zones.hold(connection, issue_id, begins)
