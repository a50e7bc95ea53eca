"""Issues on their way out: who is owed which mail, frozen once, and how the operator steers an issue.

Recipients are written when an issue is frozen, and never again (`store.recipients`). From then on only batches change
(`store.batches`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    bindparam,
    case,
    cast,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)

from hairfeed.models.issues import OPEN, BatchState, IssueState
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store.outgoing import is_stopped_and_open
from hairfeed.store.recipients import is_suppressed
from hairfeed.store.schema.base import Number
from hairfeed.store.schema.deliveries import batches, recipients
from hairfeed.store.schema.issues import issues, variants
from hairfeed.store.schema.subscribers import subscribers, subscriptions
from hairfeed.store.wakeups import Task, WakeUp, wake


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


def approved_issues(connection: Connection) -> list[int]:
    """Issues that are free to be sent and not frozen yet, oldest first."""
    query = select(issues.c.id).where(issues.c.state == IssueState.APPROVED).order_by(issues.c.id)
    return list(connection.execute(query).scalars())


def freeze(connection: Connection, issue_id: int, batch_size: int, *, by_zone: bool = False) -> bool:
    """Write down everyone who is owed the issue: confirmed, and not suppressed. False when another has done so.

    A batch has recipients of one variant, in the order of their numbers; batches are numbered from 0 on, variant by variant. With
    `by_zone` those of a batch are of one time zone, too.
    """
    if not _change(connection, issue_id, IssueState.APPROVED, IssueState.SENDING):
        return False
    columns = ["issue_id", "subscriber_id", "variant_id", "batch"]
    connection.execute(insert(recipients).from_select(columns, _owed(connection, issue_id, batch_size, by_zone=by_zone)))
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


def _owed(connection: Connection, issue_id: int, batch_size: int, *, by_zone: bool) -> Select[Any]:
    """The recipients' rows of everyone who is owed the issue."""
    renderings = connection.execute(select(variants.c.id, variants.c.articles).where(variants.c.issue_id == issue_id)).all()
    if len(renderings) == 1 and not by_zone:
        return _owed_the_same(connection, issue_id, *renderings[0], batch_size)
    chosen, for_all = variants.alias(), variants.alias()
    variant = func.coalesce(chosen.c.id, for_all.c.id)
    zone = func.coalesce(subscribers.c.time_zone, "") if by_zone else literal("", String)
    place = func.row_number().over(partition_by=(variant, zone), order_by=subscriptions.c.subscriber_id) - 1
    owed = (
        select(issues.c.id, subscriptions.c.subscriber_id, variant.label("variant"), zone.label("zone"), place.label("place"))
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
    # A batch begins wherever the recipients of a variant, in a zone, fill another one.
    begins = case((owed.c.place % literal(batch_size, Integer) == 0, 1), else_=0)
    batch = cast(func.sum(begins).over(order_by=(owed.c.variant, owed.c.zone, owed.c.subscriber_id), rows=(None, 0)), Integer) - 1
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
    return [subscriptions.c.state == SubscriptionState.CONFIRMED, ~is_suppressed()]


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


def newsletter_of(connection: Connection, batch_key: str) -> str | None:
    """The newsletter of the issue that a batch belongs to; None when nothing is known by the key."""
    query = select(issues.c.newsletter).join(batches, batches.c.issue_id == issues.c.id).where(batches.c.key == batch_key)
    newsletter: str | None = connection.execute(query).scalar()
    return newsletter


_IS_SENDING = select(exists(literal(1)).where(issues.c.id == bindparam("issue"), issues.c.state == IssueState.SENDING))
"""Made once: making a statement takes as long as running it for a hundred recipients."""


def _change(connection: Connection, issue_id: int, before: IssueState, after: IssueState) -> bool:
    changed = connection.execute(update(issues).where(issues.c.id == issue_id, issues.c.state == before).values(state=after))
    return changed.rowcount == 1
