"""Everybody, page by page and in the order of their addresses' characters, which is the same on every database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, exists, literal, select

from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store.consents import Consent
from hairfeed.store.order import by_characters
from hairfeed.store.schema.subscribers import consents, subscribers, subscriptions, suppressions
from hairfeed.store.subscribers import Subscription

_PAGE = 1000
_PAGES = {"yield_per": _PAGE}


@dataclass(frozen=True, slots=True)
class Person:
    """A subscriber, with all that they have to do with."""

    email: str
    name: str
    time_zone: str
    created_at: datetime
    suppressed: str
    """Why they are never mailed; empty where they are."""
    suppressed_at: datetime | None
    subscriptions: Sequence[Subscription]
    consents: Sequence[Consent]


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address that is never mailed, or what stands for it once it is erased."""

    email: str
    reason: str
    since_at: datetime


def people(connection: Connection) -> Iterator[Person]:
    """Every subscriber but the erased ones."""
    query = (
        select(subscribers, suppressions.c.reason, suppressions.c.since_at)
        .outerjoin(suppressions, suppressions.c.email == subscribers.c.email)
        .where(subscribers.c.email.contains("@"))
        .order_by(by_characters(connection, subscribers.c.email))
    )
    for page in connection.execute(query.execution_options(**_PAGES)).partitions():
        numbers = [row.id for row in page]
        theirs, proofs = _of(connection, numbers, subscriptions), _of(connection, numbers, consents)
        for row in page:
            mine = [
                Subscription(row.email, one.newsletter, SubscriptionState(one.state), one.changed_at, one.topics, one.language)
                for one in theirs.get(row.id, ())
            ]
            given = [
                Consent(one.newsletter, one.asked_at, one.given_at, one.source, one.wording, one.form, one.network_address)
                for one in proofs.get(row.id, ())
            ]
            mine.sort(key=lambda one: one.newsletter)
            zone = row.time_zone or ""
            yield Person(row.email, row.name or "", zone, row.created_at, row.reason or "", row.since_at, mine, given)


def suppressed_strangers(connection: Connection) -> Iterator[Suppression]:
    """Every address that is never mailed and that no subscriber has."""
    someone = exists(literal(1)).where(subscribers.c.email == suppressions.c.email)
    query = select(suppressions).where(~someone).order_by(by_characters(connection, suppressions.c.email))
    for row in connection.execute(query.execution_options(**_PAGES)):
        yield Suppression(row.email, row.reason, row.since_at)


def _of(connection: Connection, numbers: Sequence[int], table: Table) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in connection.execute(select(table).where(table.c.subscriber_id.in_(numbers))):
        found.setdefault(row.subscriber_id, []).append(row)
    return found
