"""The receipt of an issue: what became of everyone who is owed it, counted from rows."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from hairfeed.log import without_addresses
from hairfeed.models.issues import BatchState, Receipt
from hairfeed.store.deliveries import SendingIssue
from hairfeed.store.recipients import LEFT_OUT
from hairfeed.store.schema.deliveries import batches, recipients, refusals
from hairfeed.store.schema.subscribers import subscribers

_IN_DOUBT = (BatchState.SUBMITTING, BatchState.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class InDoubtRecipient:
    """Someone of whom nobody knows whether their mail was taken."""

    subscriber_id: int
    email: str
    batch: int


def receipt(connection: Connection, issue: SendingIssue) -> Receipt:
    """What became of everyone who is owed the issue."""
    kind = func.coalesce(refusals.c.kind, batches.c.state)
    reason = func.coalesce(refusals.c.reason, batches.c.note)
    query = (
        select(kind, reason, func.count())
        .select_from(recipients)
        .join(
            batches,
            (batches.c.issue_id == recipients.c.issue_id)
            & (batches.c.number == recipients.c.batch)
            & recipients.c.subscriber_id.between(batches.c.first_id, batches.c.last_id)
            & (batches.c.state != BatchState.SPLIT),
        )
        .outerjoin(
            refusals, (refusals.c.issue_id == recipients.c.issue_id) & (refusals.c.subscriber_id == recipients.c.subscriber_id)
        )
        .where(recipients.c.issue_id == issue.id)
        .group_by(kind, reason)
    )
    counts: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    for what, why, count in connection.execute(query):
        counts[what] += count
        if what == BatchState.REFUSED:
            refused[_shared(why)] += count
        elif what == LEFT_OUT:
            left_out[why] += count
        elif what == BatchState.CANCELLED:
            left_out["the issue was cancelled"] += count
    in_doubt = sum(counts[state] for state in _IN_DOUBT)
    return Receipt(
        newsletter=issue.newsletter,
        number=issue.number,
        owed=counts.total(),
        accepted=counts[BatchState.ACCEPTED],
        refused=refused.total(),  # alone or with the whole batch: both go by this word
        unknown=in_doubt + counts[BatchState.SKIPPED],
        in_doubt=in_doubt,
        left_out=left_out.total(),
        waiting=counts[BatchState.PENDING],
        refused_by=tuple(sorted(refused.items())),
        left_out_by=tuple(sorted(left_out.items())),
    )


def in_doubt(connection: Connection, issue_id: int) -> list[InDoubtRecipient]:
    """Everyone in the issue's batches in doubt, by batch and number; not those who were left out."""
    out = select(refusals.c.subscriber_id).where(refusals.c.issue_id == issue_id)
    query = (
        select(recipients.c.subscriber_id, subscribers.c.email, batches.c.id)
        .join(
            batches,
            (batches.c.issue_id == recipients.c.issue_id)
            & (batches.c.number == recipients.c.batch)
            & recipients.c.subscriber_id.between(batches.c.first_id, batches.c.last_id),
        )
        .join(subscribers, subscribers.c.id == recipients.c.subscriber_id)
        .where(
            recipients.c.issue_id == issue_id,
            batches.c.state.in_([*_IN_DOUBT, BatchState.SKIPPED]),
            recipients.c.subscriber_id.not_in(out),
        )
        .order_by(batches.c.number, recipients.c.subscriber_id)
    )
    return [InDoubtRecipient(*row) for row in connection.execute(query)]


def _shared(reason: str | None) -> str:
    """A reason that many may have: a reply often repeats the address that it is about."""
    return without_addresses(reason or "no reason")[:200]
