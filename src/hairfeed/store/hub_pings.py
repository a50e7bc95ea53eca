"""What WebSub hubs are still to be told."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from hairfeed.store.schema.feeds import hub_pings

_ITS_KEY = (hub_pings.c.hub == bindparam("its_hub"), hub_pings.c.topic_url == bindparam("its_topic"))


@dataclass(frozen=True, slots=True)
class Ping:
    """A hub does not know yet that a feed file changed: since when, and how often it was asked in vain."""

    hub: str
    topic_url: str
    since_at: datetime
    attempts: int
    next_try_at: datetime


def owe(connection: Connection, hubs: Collection[str], topics: Collection[str], now: datetime) -> None:
    """The files at `topics` changed. What a hub is to be told anyway is not put forward: it will find the newest bytes then."""
    known = {(ping.hub, ping.topic_url) for ping in owed(connection)}
    rows = [
        {"hub": hub, "topic_url": topic, "since_at": now, "attempts": 0, "next_try_at": now}
        for hub in hubs
        for topic in topics
        if (hub, topic) not in known
    ]
    if rows:
        connection.execute(insert(hub_pings), rows)


def owed(connection: Connection) -> list[Ping]:
    """Everything that hubs are to be told, now or later, what was tried least first."""
    columns = [hub_pings.c[name] for name in Ping.__slots__]
    query = select(*columns).order_by(hub_pings.c.hub, hub_pings.c.attempts, hub_pings.c.topic_url)
    return [Ping(*row) for row in connection.execute(query)]


def settle(connection: Connection, pings: Iterable[Ping]) -> None:
    """These need not be told any more."""
    rows = [{"its_hub": ping.hub, "its_topic": ping.topic_url} for ping in pings]
    if rows:
        connection.execute(delete(hub_pings).where(*_ITS_KEY), rows)


def put_off(connection: Connection, pings: Sequence[Ping]) -> None:
    """Note the attempts of these and when they are due again."""
    rows = [{"its_hub": ping.hub, "its_topic": ping.topic_url, "tried": ping.attempts, "then": ping.next_try_at} for ping in pings]
    if rows:
        statement = update(hub_pings).where(*_ITS_KEY)
        connection.execute(statement.values(attempts=bindparam("tried"), next_try_at=bindparam("then")), rows)
