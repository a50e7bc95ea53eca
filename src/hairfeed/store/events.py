"""What providers told of mails: kept once each, and worked off by a pass."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from hairfeed.models.events import EventKind, MailEvent
from hairfeed.store.inserts import insert_into
from hairfeed.store.schema.subscribers import events

MOST_ID, MOST_EMAIL, MOST_KEY, MOST_REASON = 255, 320, 128, 1000
"""Characters that there is room for."""


def keep(connection: Connection, found: Sequence[MailEvent], now: datetime) -> None:
    """Write down the events that are not known yet: the same one may come a hundred times, and twice at once."""
    if not found:
        return
    rows = [
        {
            "provider": event.provider,
            "event_id": event.id,
            "kind": event.kind,
            "happened_at": event.at,
            "email": event.email,
            "batch_key": event.batch_key,
            "subscriber_id": event.subscriber_id,
            "reason": event.reason,
            "received_at": now,
        }
        for event in found
    ]
    connection.execute(insert_into(connection, events).on_conflict_do_nothing(), rows)


def waiting(connection: Connection, most: int) -> dict[int, MailEvent]:
    """The oldest `most` that are not worked off, by number."""
    query = select(events).where(events.c.worked_off_at.is_(None)).order_by(events.c.id).limit(most)
    return {row.id: _event(row) for row in connection.execute(query)}


def about(connection: Connection, email: str, since: datetime) -> list[MailEvent]:
    """What is known of an address since then, in the order in which it happened."""
    query = select(events).where(events.c.email == email, events.c.happened_at >= since).order_by(events.c.happened_at, events.c.id)
    return [_event(row) for row in connection.execute(query)]


def work_off(connection: Connection, numbers: Iterable[int], now: datetime) -> None:
    """They are worked off."""
    connection.execute(update(events).where(events.c.id.in_(list(numbers))).values(worked_off_at=now))


def forget(connection: Connection, email: str) -> None:
    """Keep nothing about an address."""
    connection.execute(delete(events).where(events.c.email == email))


def _event(row: Any) -> MailEvent:
    return MailEvent(
        provider=row.provider,
        id=row.event_id,
        kind=EventKind(row.kind),
        at=row.happened_at,
        email=row.email,
        batch_key=row.batch_key,
        subscriber_id=row.subscriber_id,
        reason=row.reason,
    )
