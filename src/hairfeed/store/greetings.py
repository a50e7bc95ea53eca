"""Whom a pass may have to write to because they came or left; written down in the transaction in which they did."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete, select, tuple_

from hairfeed.models.subscribers import Greeting
from hairfeed.store.inserts import insert_into
from hairfeed.store.schema.subscribers import greetings


def add(connection: Connection, subscriber: int, newsletters: Iterable[str], kind: Greeting) -> None:
    """The subscriber has come or left; once more before a pass is once."""
    rows = [{"subscriber_id": subscriber, "newsletter": name, "kind": kind} for name in newsletters]
    if rows:
        connection.execute(insert_into(connection, greetings).on_conflict_do_nothing(), rows)


def waiting(connection: Connection, most: int) -> dict[tuple[int, Greeting], list[str]]:
    """By subscriber and kind the newsletters that wait, of `most` subscribers."""
    some = select(greetings.c.subscriber_id).distinct().order_by(greetings.c.subscriber_id).limit(most)
    query = select(greetings).where(greetings.c.subscriber_id.in_(some)).order_by(*greetings.primary_key)
    found: dict[tuple[int, Greeting], list[str]] = {}
    for row in connection.execute(query):
        found.setdefault((row.subscriber_id, Greeting(row.kind)), []).append(row.newsletter)
    return found


def remove(connection: Connection, worked_off: Mapping[tuple[int, Greeting], Sequence[str]]) -> None:
    """These are worked off; not what the same subscribers have done since."""
    done = [(subscriber, name, kind) for (subscriber, kind), names in worked_off.items() for name in names]
    connection.execute(delete(greetings).where(tuple_(*greetings.primary_key).in_(done)))
