"""Issues on their way out: who is owed which mail, frozen once, and how the operator steers an issue.

Recipients are written when an issue is frozen, and never again. From then on only batches change (`store.batches`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)

from hairfeed.models.issues import OPEN, BatchState, IssueState, Refusal
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store.batches import Batch
from hairfeed.store.outgoing import is_stopped_and_open
from hairfeed.store.schema.base import Number
from hairfeed.store.schema.deliveries import batches, recipients, refusals
from hairfeed.store.schema.issues import issues, variants
from hairfeed.store.schema.subscribers import subscribers, subscriptions, suppressions
from hairfeed.store.wakeups import Task, WakeUp, wake

LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class SendingIssue:
    """An issue on its way out."""

    id: int
    newsletter: str
    number: int
    composed_at: datetime
    state: IssueState = IssueState.SENDING

    def __str__(self) -> str:
        """As people know it."""
        return f"{self.newsletter} {self.number}"


@dataclass(frozen=True, slots=True)
class Variant:
    """What the recipients of a variant get."""

    subject: str
    html: str
    text: str
    archive_url: str | None = None
    """Its public page, where it has one."""


class BatchRecipient(NamedTuple):
    """Someone a batch is for. A tuple, since a batch has a thousand."""

    subscriber_id: int
    email: str
    name: str | None = None
    """What mails call them, where they said."""
    reason: str | None = None
    """Why they must not be mailed after all."""


def approved_issues(connection: Connection) -> list[int]:
    """Issues that are free to be sent and not frozen yet, oldest first."""
    query = select(issues.c.id).where(issues.c.state == IssueState.APPROVED).order_by(issues.c.id)
    return list(connection.execute(query).scalars())


def freeze(connection: Connection, issue_id: int, batch_size: int) -> bool:
    """Write down everyone who is owed the issue: confirmed, and not suppressed. False when another has done so.

    A batch has recipients of one variant, in the order of their numbers; batches are numbered from 0 on, variant by variant.
    """
    if not _change(connection, issue_id, IssueState.APPROVED, IssueState.SENDING):
        return False
    columns = ["issue_id", "subscriber_id", "variant_id", "batch"]
    connection.execute(insert(recipients).from_select(columns, _owed(connection, issue_id, batch_size)))
    issue = connection.execute(select(issues.c.composed_at).where(issues.c.id == issue_id)).one()
    # The instant tells this ledger's issue from that of another ledger, or of one that was thrown away, at the same provider.
    prefix = f"hf-{issue_id}-{issue.composed_at:%Y%m%d%H%M%S%f}-"
    calls = (
        select(
            recipients.c.issue_id,
            recipients.c.batch,
            func.min(recipients.c.subscriber_id),
            func.max(recipients.c.subscriber_id),
            func.count(),
            func.min(recipients.c.variant_id),
            literal(BatchState.PENDING.value, String),
            literal(prefix, String) + cast(recipients.c.batch, String),
            literal(0),
        )
        .where(recipients.c.issue_id == issue_id)
        .group_by(recipients.c.issue_id, recipients.c.batch)
    )
    columns = ["issue_id", "number", "first_id", "last_id", "size", "variant_id", "state", "key", "attempt"]
    connection.execute(insert(batches).from_select(columns, calls))
    wake(connection, WakeUp(Task.ISSUE, issue_id))
    return True


def _owed(connection: Connection, issue_id: int, batch_size: int) -> Select[Any]:
    """The recipients' rows of everyone who is owed the issue."""
    renderings = connection.execute(select(variants.c.id, variants.c.articles).where(variants.c.issue_id == issue_id)).all()
    if len(renderings) == 1:
        return _owed_the_same(connection, issue_id, *renderings[0], batch_size)
    chosen, for_all = variants.alias(), variants.alias()
    variant = func.coalesce(chosen.c.id, for_all.c.id)
    place = func.row_number().over(partition_by=variant, order_by=subscriptions.c.subscriber_id) - 1
    owed = (
        select(issues.c.id, subscriptions.c.subscriber_id, variant.label("variant"), place.label("place"))
        .join(subscriptions, subscriptions.c.newsletter == issues.c.newsletter)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        # Whoever chose something since the issue was composed gets it as it is for all.
        .join(for_all, (for_all.c.issue_id == issues.c.id) & (for_all.c.topics == "") & (for_all.c.language == ""))
        .outerjoin(
            chosen,
            (chosen.c.issue_id == issues.c.id)
            & (chosen.c.topics == subscriptions.c.topics)
            & (chosen.c.language == subscriptions.c.language),
        )
        .where(issues.c.id == issue_id, func.coalesce(chosen.c.articles, for_all.c.articles) > 0, *_may_be_mailed())
        .subquery()
    )
    # A batch begins wherever the recipients of a variant fill another one.
    begins = case((owed.c.place % literal(batch_size, Integer) == 0, 1), else_=0)
    batch = cast(func.sum(begins).over(order_by=(owed.c.variant, owed.c.subscriber_id), rows=(None, 0)), Integer) - 1
    return select(owed.c.id, owed.c.subscriber_id, owed.c.variant, batch)


def _owed_the_same(connection: Connection, issue_id: int, variant: int, articles: int, batch_size: int) -> Select[Any]:
    """The rows where there is one rendering for all: the usual issue, and three times as quick."""
    newsletter = connection.execute(select(issues.c.newsletter).where(issues.c.id == issue_id)).scalar_one()
    place = func.row_number().over(order_by=subscriptions.c.subscriber_id) - 1
    batch = place // literal(batch_size, Integer)
    return (
        select(literal(issue_id, Number), subscriptions.c.subscriber_id, literal(variant, Number), batch)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .where(subscriptions.c.newsletter == newsletter, *_may_be_mailed(), literal(articles, Integer) > 0)
    )


def _may_be_mailed() -> list[ColumnElement[bool]]:
    return [subscriptions.c.state == SubscriptionState.CONFIRMED, ~_suppressed()]


def sending_issues(connection: Connection) -> list[SendingIssue]:
    """Issues that are frozen and not done, oldest first."""
    return _issues(connection, issues.c.state == IssueState.SENDING)


def stopped_issues(connection: Connection) -> list[SendingIssue]:
    """Issues that were paused or cancelled while mails of them were under way or in doubt, oldest first."""
    return _issues(connection, is_stopped_and_open())


def is_sending(connection: Connection, issue_id: int) -> bool:
    """Whether the issue goes on: neither paused nor cancelled nor done."""
    return bool(connection.execute(_IS_SENDING, {"issue": issue_id}).scalar())


def issue_named(connection: Connection, newsletter: str, number: int) -> SendingIssue | None:
    """The issue by its number; None when there is none."""
    found = _issues(connection, issues.c.newsletter == newsletter, issues.c.number == number)
    return found[0] if found else None


def _issues(connection: Connection, *conditions: ColumnElement[bool]) -> list[SendingIssue]:
    columns = (issues.c.id, issues.c.newsletter, issues.c.number, issues.c.composed_at, issues.c.state)
    rows = connection.execute(select(*columns).where(*conditions).order_by(issues.c.id))
    return [SendingIssue(number, name, of_it, at, IssueState(state)) for number, name, of_it, at, state in rows]


def pause(connection: Connection, issue_id: int) -> bool:
    """Submit no further batch for a while; calls under way are finished. False when it is not being sent."""
    return _change(connection, issue_id, IssueState.SENDING, IssueState.PAUSED)


def resume(connection: Connection, issue_id: int) -> bool:
    """Go on with a paused issue."""
    resumed = _change(connection, issue_id, IssueState.PAUSED, IssueState.SENDING)
    if resumed:
        wake(connection, WakeUp(Task.ISSUE, issue_id))
    return resumed


def finish(connection: Connection, issue_id: int) -> bool:
    """The issue is done if none of its batches is open."""
    still_open = exists(literal(1)).where(batches.c.issue_id == issue_id, batches.c.state.in_(OPEN))
    done = connection.execute(
        update(issues)
        .where(issues.c.id == issue_id, issues.c.state == IssueState.SENDING, ~still_open)
        .values(state=IssueState.DONE)
    )
    return done.rowcount == 1


def variants_of(connection: Connection, issue_id: int) -> dict[int, Variant]:
    """The issue's renderings by variant id."""
    columns = (variants.c.subject, variants.c.html, variants.c.text, variants.c.archive_url)
    query = select(variants.c.id, *columns).where(variants.c.issue_id == issue_id)
    return {number: Variant(*values) for number, *values in connection.execute(query)}


def largest_variant(connection: Connection, issue_id: int) -> int:
    """Characters of the issue's longest rendering, HTML and text together."""
    size = func.length(variants.c.html) + func.length(variants.c.text)
    return connection.execute(select(func.max(size)).where(variants.c.issue_id == issue_id)).scalar() or 0


def recipients_of(connection: Connection, newsletter: str, batch: Batch) -> list[BatchRecipient]:
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


def newsletter_of(connection: Connection, batch_key: str) -> str | None:
    """The newsletter of the issue that a batch belongs to; None when nothing is known by the key."""
    query = select(issues.c.newsletter).join(batches, batches.c.issue_id == issues.c.id).where(batches.c.key == batch_key)
    newsletter: str | None = connection.execute(query).scalar()
    return newsletter


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


def _suppressed() -> ColumnElement[bool]:
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
            case((_suppressed(), "suppressed"), (~subscribed, "unsubscribed")),
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
_IS_SENDING = select(exists(literal(1)).where(issues.c.id == bindparam("issue"), issues.c.state == IssueState.SENDING))
"""Made once: making a statement takes as long as running it for a hundred recipients."""


def _change(connection: Connection, issue_id: int, before: IssueState, after: IssueState) -> bool:
    changed = connection.execute(update(issues).where(issues.c.id == issue_id, issues.c.state == before).values(state=after))
    return changed.rowcount == 1
