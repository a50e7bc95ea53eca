"""Recipients and batches: who is owed which mail, and what is known of every provider call.

Recipients are written once, when an issue is frozen. From then on only batches change, by conditional updates.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Integer, String, cast, delete, exists, func, insert, literal, select, update

from hairfeed.models import BatchState, IssueState, Receipt, Refusal, SubscriptionState
from hairfeed.store.schema import batches, issues, recipients, refusals, subscribers, subscriptions, suppressions, variants

OPEN = (BatchState.PENDING, BatchState.SUBMITTING, BatchState.IN_DOUBT)
"""The states of a batch that has still to be settled."""

_REFUSED, _LEFT_OUT = BatchState.REFUSED.value, "left out"


@dataclass(frozen=True, slots=True)
class SendingIssue:
    """An issue on its way out."""

    id: int
    newsletter: str
    number: int
    composed_at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """One provider call's worth of recipients; `key` is the same at every attempt."""

    id: int
    number: int
    state: BatchState
    key: str
    claimed_at: datetime | None
    """When the last attempt was made; of a batch in doubt, the first attempt that nobody knows the outcome of."""


@dataclass(frozen=True, slots=True)
class Variant:
    """What the recipients of a variant get."""

    subject: str
    html: str
    text: str
    archive_url: str | None = None
    """Its public page, where it has one."""


@dataclass(frozen=True, slots=True)
class BatchRecipient:
    """Someone a batch is for. `reason` says why they must not be mailed after all."""

    subscriber_id: int
    email: str
    variant_id: int
    reason: str | None
    name: str | None = None
    """What mails call them, where they said."""


def approved_issues(connection: Connection) -> list[int]:
    """Issues that are free to be sent and not frozen yet, oldest first."""
    query = select(issues.c.id).where(issues.c.state == IssueState.APPROVED).order_by(issues.c.id)
    return list(connection.execute(query).scalars())


def freeze(connection: Connection, issue_id: int, batch_size: int) -> bool:
    """Write down everyone who is owed the issue: confirmed, and not suppressed. False when another has done so."""
    frozen = connection.execute(
        update(issues).where(issues.c.id == issue_id, issues.c.state == IssueState.APPROVED).values(state=IssueState.SENDING)
    )
    if frozen.rowcount != 1:
        return False
    place = func.row_number().over(order_by=subscriptions.c.subscriber_id) - 1
    chosen, for_all = variants.alias(), variants.alias()
    variant = func.coalesce(chosen.c.id, for_all.c.id)
    owed = (
        select(issues.c.id, subscriptions.c.subscriber_id, variant, place // literal(batch_size, Integer))
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
        .where(
            issues.c.id == issue_id,
            subscriptions.c.state == SubscriptionState.CONFIRMED,
            func.coalesce(chosen.c.articles, for_all.c.articles) > 0,
            ~_suppressed(),
        )
    )
    connection.execute(insert(recipients).from_select(["issue_id", "subscriber_id", "variant_id", "batch"], owed))
    issue = connection.execute(select(issues).where(issues.c.id == issue_id)).one()
    # The instant tells this ledger's issue from that of another ledger, or of one that was thrown away, at the same provider.
    prefix = f"hf-{issue.id}-{issue.composed_at:%Y%m%d%H%M%S%f}-"
    key = literal(prefix, String) + cast(recipients.c.batch, String)
    calls = (
        select(recipients.c.issue_id, recipients.c.batch, literal(BatchState.PENDING.value, String), key, literal(0))
        .where(recipients.c.issue_id == issue_id)
        .group_by(recipients.c.issue_id, recipients.c.batch)
    )
    connection.execute(insert(batches).from_select(["issue_id", "number", "state", "key", "attempt"], calls))
    return True


def sending_issues(connection: Connection) -> list[SendingIssue]:
    """Issues that are frozen and not done, oldest first."""
    columns = (issues.c.id, issues.c.newsletter, issues.c.number, issues.c.composed_at)
    query = select(*columns).where(issues.c.state == IssueState.SENDING).order_by(issues.c.id)
    return [SendingIssue(*row) for row in connection.execute(query)]


def batches_in(connection: Connection, issue_id: int, *states: BatchState) -> list[Batch]:
    """The issue's batches in one of `states`, in their order."""
    columns = (batches.c.id, batches.c.number, batches.c.state, batches.c.key, batches.c.claimed_at)
    query = select(*columns).where(batches.c.issue_id == issue_id, batches.c.state.in_(states)).order_by(batches.c.number)
    return [Batch(row.id, row.number, BatchState(row.state), row.key, row.claimed_at) for row in connection.execute(query)]


def variants_of(connection: Connection, issue_id: int) -> dict[int, Variant]:
    """The issue's renderings by variant id."""
    columns = (variants.c.subject, variants.c.html, variants.c.text, variants.c.archive_url)
    query = select(variants.c.id, *columns).where(variants.c.issue_id == issue_id)
    return {number: Variant(*values) for number, *values in connection.execute(query)}


def recipients_of(connection: Connection, issue: SendingIssue, batch: Batch) -> list[BatchRecipient]:
    """Everyone the batch was frozen for, in a fixed order; those already left out at an earlier attempt are not in it."""
    subscribed = exists(literal(1)).where(
        subscriptions.c.subscriber_id == recipients.c.subscriber_id,
        subscriptions.c.newsletter == issue.newsletter,
        subscriptions.c.state == SubscriptionState.CONFIRMED,
    )
    out = exists(literal(1)).where(
        refusals.c.issue_id == recipients.c.issue_id, refusals.c.subscriber_id == recipients.c.subscriber_id
    )
    query = (
        select(
            recipients.c.subscriber_id,
            subscribers.c.email,
            subscribers.c.name,
            recipients.c.variant_id,
            subscribed.label("subscribed"),
            _suppressed().label("suppressed"),
        )
        .join(subscribers, subscribers.c.id == recipients.c.subscriber_id)
        .where(recipients.c.issue_id == issue.id, recipients.c.batch == batch.number, ~out)
        .order_by(recipients.c.subscriber_id)
    )
    return [
        BatchRecipient(
            row.subscriber_id, row.email, row.variant_id, _reason(subscribed=row.subscribed, suppressed=row.suppressed), row.name
        )
        for row in connection.execute(query)
    ]


def _reason(*, subscribed: bool, suppressed: bool) -> str | None:
    if suppressed:
        return "suppressed"
    return None if subscribed else "unsubscribed"


def leave_out(connection: Connection, issue: SendingIssue, batch: Batch, gone: Iterable[BatchRecipient]) -> None:
    """Note recipients who must not be mailed any more."""
    _note(connection, issue, batch, _LEFT_OUT, [Refusal(one.subscriber_id, one.reason or "") for one in gone])


def take_back(connection: Connection, issue: SendingIssue, gone: Iterable[BatchRecipient]) -> None:
    """They were left out too late: an earlier attempt, with them in it, was taken."""
    connection.execute(
        delete(refusals).where(
            refusals.c.issue_id == issue.id,
            refusals.c.subscriber_id.in_([one.subscriber_id for one in gone]),
            refusals.c.kind == _LEFT_OUT,
        )
    )


def claim(connection: Connection, batch: Batch, owner: str, body_hash: str, now: datetime) -> bool:
    """Commit the intent to submit a pending batch with these bytes, or to repeat one in doubt; False when another has it."""
    if batch.state is BatchState.IN_DOUBT:
        # A provider remembers a key from its first use on: what counts is the first attempt in doubt, not the last.
        claimable, claimed_at = BatchState.IN_DOUBT, batch.claimed_at
    else:
        claimable, claimed_at = BatchState.PENDING, now
    return _change(
        connection,
        batch,
        (claimable,),
        state=BatchState.SUBMITTING,
        owner=owner,
        claimed_at=claimed_at,
        body_hash=body_hash,
        attempt=batches.c.attempt + 1,
    )


def accept(connection: Connection, issue: SendingIssue, batch: Batch, refused: Iterable[Refusal], provider_id: str) -> bool:
    """The provider took the batch, all but `refused`."""
    _note(connection, issue, batch, _REFUSED, refused)
    states = (BatchState.SUBMITTING, BatchState.IN_DOUBT)
    return _change(connection, batch, states, state=BatchState.ACCEPTED, provider_id=provider_id, note=None)


def settle(connection: Connection, batch: Batch, state: BatchState, note: str) -> bool:
    """An open batch comes to another state without an acceptance; `note` says why."""
    return _change(connection, batch, OPEN, state=state, note=note)


def finish(connection: Connection, issue: SendingIssue) -> bool:
    """The issue is done if none of its batches is open."""
    still_open = exists(literal(1)).where(batches.c.issue_id == issue.id, batches.c.state.in_(OPEN))
    done = connection.execute(
        update(issues)
        .where(issues.c.id == issue.id, issues.c.state == IssueState.SENDING, ~still_open)
        .values(state=IssueState.DONE)
    )
    return done.rowcount == 1


def receipt(connection: Connection, issue: SendingIssue) -> Receipt:
    """What became of everyone who is owed the issue, counted from the rows."""
    kind = func.coalesce(refusals.c.kind, batches.c.state)
    query = (
        select(kind, func.count())
        .select_from(recipients)
        .join(batches, (batches.c.issue_id == recipients.c.issue_id) & (batches.c.number == recipients.c.batch))
        .outerjoin(
            refusals, (refusals.c.issue_id == recipients.c.issue_id) & (refusals.c.subscriber_id == recipients.c.subscriber_id)
        )
        .where(recipients.c.issue_id == issue.id)
        .group_by(kind)
    )
    counts: dict[str, int] = dict(connection.execute(query).all())
    return Receipt(
        newsletter=issue.newsletter,
        number=issue.number,
        owed=sum(counts.values()),
        accepted=counts.get(BatchState.ACCEPTED, 0),
        refused=counts.get(BatchState.REFUSED, 0),  # alone or with the whole batch: both go by this word
        unknown=sum(counts.get(state, 0) for state in (BatchState.SUBMITTING, BatchState.IN_DOUBT, BatchState.SKIPPED)),
        left_out=counts.get(_LEFT_OUT, 0),
        waiting=counts.get(BatchState.PENDING, 0),
    )


def newsletter_of(connection: Connection, batch_key: str) -> str | None:
    """The newsletter of the issue that a batch belongs to; None when nothing is known by the key."""
    query = select(issues.c.newsletter).join(batches, batches.c.issue_id == issues.c.id).where(batches.c.key == batch_key)
    newsletter: str | None = connection.execute(query).scalar()
    return newsletter


def forget_words(connection: Connection, subscriber: int, email: str) -> None:
    """Keep nothing that a provider said about a subscriber; that they were owed issues, and refused them, stays as a count."""
    connection.execute(update(refusals).where(refusals.c.subscriber_id == subscriber).values(reason="erased"))
    said = batches.c.note.contains(email, autoescape=True)
    connection.execute(update(batches).where(said).values(note=func.replace(batches.c.note, email, "…")))


def _suppressed() -> ColumnElement[bool]:
    return exists(literal(1)).where(suppressions.c.email == subscribers.c.email)


def _note(connection: Connection, issue: SendingIssue, batch: Batch, kind: str, people: Iterable[Refusal]) -> None:
    rows = [
        {"issue_id": issue.id, "subscriber_id": one.subscriber_id, "batch_id": batch.id, "kind": kind, "reason": one.reason}
        for one in people
    ]
    if rows:
        connection.execute(insert(refusals), rows)


def _change(connection: Connection, batch: Batch, states: Iterable[BatchState], **values: object) -> bool:
    """Change a batch that is still in one of `states`; False when it is not."""
    changed = connection.execute(update(batches).where(batches.c.id == batch.id, batches.c.state.in_(states)).values(**values))
    return changed.rowcount == 1
