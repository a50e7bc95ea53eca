"""What providers told of addresses: kept once each, and worked off by a pass."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hairfeed.models import EventKind, ProviderEvent
from hairfeed.store.schema import events

_COLUMNS = [events.c[field.name] for field in fields(ProviderEvent)]


def keep(connection: Connection, found: Sequence[ProviderEvent], now: datetime) -> None:
    """Write down the events that are not known yet: the same one may come a hundred times, and twice at once."""
    if not found:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    rows = [asdict(event) | {"received_at": now} for event in found]
    connection.execute(dialect.insert(events).on_conflict_do_nothing(), rows)


def waiting(connection: Connection, most: int) -> dict[int, ProviderEvent]:
    """The oldest `most` that are not worked off, by number."""
    query = select(events.c.id, *_COLUMNS).where(events.c.worked_off_at.is_(None)).order_by(events.c.id).limit(most)
    return {row.id: _event(row) for row in connection.execute(query)}


def about(connection: Connection, email: str, since: datetime) -> list[ProviderEvent]:
    """What is known of an address since then, in the order in which it happened."""
    query = (
        select(*_COLUMNS).where(events.c.email == email, events.c.happened_at >= since).order_by(events.c.happened_at, events.c.id)
    )
    return [_event(row) for row in connection.execute(query)]


def work_off(connection: Connection, numbers: Iterable[int], now: datetime) -> None:
    """They are worked off."""
    connection.execute(update(events).where(events.c.id.in_(list(numbers))).values(worked_off_at=now))


def forget(connection: Connection, email: str) -> None:
    """Keep nothing about an address."""
    connection.execute(delete(events).where(events.c.email == email))


def _event(row: object) -> ProviderEvent:
    values = {column.name: getattr(row, column.name) for column in _COLUMNS}
    return ProviderEvent(**values | {"kind": EventKind(values["kind"])})
