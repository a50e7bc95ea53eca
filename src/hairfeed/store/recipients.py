"""Recipients: whom a batch is for, who of them is left out or was refused, and which issues somebody was owed.

Their rows are written by `deliveries.freeze`, and never again: whatever differs for one of them stands in another table.
"""

import re
from collections.abc import Iterable
from itertools import repeat
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, case, delete, exists, func, insert, literal, select, update

from hairfeed.models.issues import BatchState, Refusal
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store.batches import Batch
from hairfeed.store.schema.base import Number
from hairfeed.store.schema.deliveries import batches, recipients, refusals
from hairfeed.store.schema.issues import issues
from hairfeed.store.schema.subscribers import subscribers, subscriptions, suppressions

LEFT_OUT = "left out"


class BatchRecipient(NamedTuple):
    """Someone a batch is for. A tuple, since a batch has a thousand."""

    subscriber_id: int
    email: str
    name: str | None = None
    """What mails call them, where they said."""
    reason: str | None = None
    """Why they must not be mailed after all."""


def of_batch(connection: Connection, newsletter: str, batch: Batch) -> list[BatchRecipient]:
    """Everyone the batch was frozen for, in the order of their numbers; not those left out at an earlier attempt."""
    rows = connection.execute(
        _RECIPIENTS,
        {
            "issue": batch.issue_id,
            "batch": batch.number,
            "first": batch.first_id,
            "last": batch.last_id,
            "newsletter": newsletter,
        },
    )
    # As BatchRecipient(*row), without a call of Python's for each.
    return list(map(tuple.__new__, repeat(BatchRecipient), rows.all()))


def leave_out(connection: Connection, batch: Batch, gone: Iterable[BatchRecipient]) -> None:
    """Note recipients who must not be mailed any more."""
    _note(connection, batch, LEFT_OUT, [Refusal(one.subscriber_id, one.reason or "") for one in gone])


def take_back(connection: Connection, batch: Batch, subscribers: Iterable[int]) -> None:
    """They were left out too late: an earlier attempt, with them in it, was taken."""
    connection.execute(
        delete(refusals).where(
            refusals.c.issue_id == batch.issue_id,
            refusals.c.subscriber_id.in_(list(subscribers)),
            refusals.c.kind == LEFT_OUT,
        )
    )


def refuse(connection: Connection, batch: Batch, refused: Iterable[Refusal]) -> None:
    """Note recipients of a batch that was taken for the others."""
    _note(connection, batch, BatchState.REFUSED, refused)


def batch_key_of(connection: Connection, newsletter: str, number: int, subscriber: int) -> str:
    """The key of the batch in which the subscriber was mailed this issue; empty when nothing is known of that."""
    query = (
        select(batches.c.key)
        .join(recipients, (recipients.c.issue_id == batches.c.issue_id) & (recipients.c.batch == batches.c.number))
        .join(issues, issues.c.id == batches.c.issue_id)
        .where(
            issues.c.newsletter == newsletter,
            issues.c.number == number,
            recipients.c.subscriber_id == subscriber,
            batches.c.state != BatchState.SPLIT,
            literal(subscriber, Number).between(batches.c.first_id, batches.c.last_id),
        )
    )
    return connection.execute(query).scalar() or ""


def issues_of(connection: Connection, subscriber: int) -> list[tuple[str, int]]:
    """Newsletter and number of every issue that the subscriber was owed."""
    query = select(issues.c.newsletter, issues.c.number).join(recipients, recipients.c.issue_id == issues.c.id)
    rows = connection.execute(query.where(recipients.c.subscriber_id == subscriber).order_by(issues.c.newsletter, issues.c.number))
    return [(row.newsletter, row.number) for row in rows]


def forget_words(connection: Connection, subscriber: int, email: str) -> None:
    """Keep nothing that a provider said about a subscriber; that they were owed issues, and refused them, stays as a count."""
    connection.execute(update(refusals).where(refusals.c.subscriber_id == subscriber).values(reason="erased"))
    # Providers repeat an address as they like.
    said = select(batches.c.id, batches.c.note).where(func.lower(batches.c.note).contains(email, autoescape=True))
    for row in connection.execute(said).all():
        note = re.sub(re.escape(email), "…", row.note, flags=re.IGNORECASE)
        connection.execute(update(batches).where(batches.c.id == row.id).values(note=note))


def _note(connection: Connection, batch: Batch, kind: str, people: Iterable[Refusal]) -> None:
    rows = [
        {"issue_id": batch.issue_id, "subscriber_id": one.subscriber_id, "batch_id": batch.id, "kind": kind, "reason": one.reason}
        for one in people
    ]
    if rows:
        connection.execute(insert(refusals), rows)


def is_suppressed() -> ColumnElement[bool]:
    """Of a row of subscribers: their address must never be mailed."""
    return exists(literal(1)).where(suppressions.c.email == subscribers.c.email)


def _recipients() -> Select[Any]:
    subscribed = exists(literal(1)).where(
        subscriptions.c.newsletter == bindparam("newsletter"),
        subscriptions.c.state == SubscriptionState.CONFIRMED,
        subscriptions.c.subscriber_id == recipients.c.subscriber_id,
    )
    # Most batches have nobody who was left out before: that is seen once, not once a recipient.
    nobody_is_out = ~exists(literal(1)).where(
        refusals.c.issue_id == bindparam("issue"), refusals.c.subscriber_id.between(bindparam("first"), bindparam("last"))
    )
    out = exists(literal(1)).where(
        refusals.c.issue_id == recipients.c.issue_id, refusals.c.subscriber_id == recipients.c.subscriber_id
    )
    return (
        select(
            recipients.c.subscriber_id,
            subscribers.c.email,
            subscribers.c.name,
            case((is_suppressed(), "suppressed"), (~subscribed, "unsubscribed")),
        )
        .join(subscribers, subscribers.c.id == recipients.c.subscriber_id)
        .where(
            recipients.c.issue_id == bindparam("issue"),
            recipients.c.batch == bindparam("batch"),
            recipients.c.subscriber_id.between(bindparam("first"), bindparam("last")),
            nobody_is_out | ~out,
        )
        .order_by(recipients.c.subscriber_id)
    )


_RECIPIENTS = _recipients()
"""Made once: making a statement takes as long as running it for a hundred recipients."""
