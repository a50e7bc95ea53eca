"""Settles batches in doubt that are not repeated: by what events prove, by the provider's word, or as the operator decided."""

from collections.abc import Sequence
from datetime import datetime

from hairfeed.deliver.bisect import proven_and_not, taken_and_not
from hairfeed.deliver.doubt import Doubt, Way, by_policy, way_out
from hairfeed.deliver.fleet import Fleet
from hairfeed.deliver.issue import IssueMails
from hairfeed.deliver.proof import proven
from hairfeed.deliver.providers.outcomes import Resolution, StillUnknown, WasNotTaken, WasPartlyTaken, WasTaken
from hairfeed.models.issues import BatchState, IssueState, Refusal
from hairfeed.settings.mail import Mail
from hairfeed.store import batches, recipients
from hairfeed.store.batches import Batch
from hairfeed.store.database import Connection, Ledger
from hairfeed.store.deliveries import SendingIssue
from hairfeed.store.proofs import proofs

_BY_POLICY = {Way.HOLD: BatchState.IN_DOUBT, Way.RESEND: BatchState.PENDING, Way.SKIP: BatchState.SKIPPED}
"""To which state comes what nobody will ever tell of."""


def way_of(issue: SendingIssue, batch: Batch, fleet: Fleet, mail: Mail, now: datetime) -> Way:
    """How a batch in doubt gets out of it. Of an issue that was stopped nothing is sent, not even a second time."""
    provider = fleet.named(batch.provider)
    first, last = batch.claimed_at or now, batch.called_at or batch.claimed_at or now
    doubt = Doubt(first, last, batch.next_try_at)
    cancelled = issue.state is IssueState.CANCELLED
    way = way_out(doubt, provider.capabilities if provider else None, mail.in_doubt, now, cancelled=cancelled)
    return Way.WAIT if way is Way.REPEAT and issue.state is IssueState.PAUSED else way


def resolve(ledger: Ledger, fleet: Fleet, mail: Mail, mails: IssueMails, now: datetime) -> None:
    """Settle what can be settled of an issue without a call that sends."""
    issue = mails.issue
    with ledger.read() as connection:
        in_doubt = batches.batches_in(connection, issue.id, BatchState.IN_DOUBT)
        told_of = {batch.id for batch in in_doubt if proofs(connection, batch)}
    for batch in in_doubt:
        way = way_of(issue, batch, fleet, mail, now)
        settled = False
        if batch.id in told_of or way in {Way.RESEND, Way.SKIP}:
            settled = _settle_here(ledger, fleet, issue, batch, way)
        if way is Way.ASK and not settled and not _ask(ledger, fleet, mails, batch, now):
            _settle_here(ledger, fleet, issue, batch, by_policy(mail.in_doubt, cancelled=issue.state is IssueState.CANCELLED))


def _settle_here(ledger: Ledger, fleet: Fleet, issue: SendingIssue, batch: Batch, way: Way) -> bool:
    """Settle what events prove of a batch, and the others as the policy says, if it is time for that; False if nobody."""
    rest = _BY_POLICY.get(way)
    with ledger.write() as connection:
        if settle_by_events(connection, issue, batch, fleet, rest):
            return True
        if rest in {None, BatchState.IN_DOUBT}:
            return False
        if rest is BatchState.PENDING:
            return batches.send_again(connection, batch, _note(issue, rest))
        return batches.settle(connection, batch, rest, _note(issue, rest))


def settle_by_events(connection: Connection, issue: SendingIssue, batch: Batch, fleet: Fleet, rest: BatchState | None) -> bool:
    """Settle those of an open batch whose mails the provider has told of; False if nobody.

    The others come to the state `rest`; without one, nobody is settled before all can be.
    """
    told = proofs(connection, batch)
    if not told:
        return False
    # Who was left out of a later attempt, and was taken by an earlier one, is mailed for all that.
    recipients.take_back(connection, batch, {one.subscriber_id for one in told})
    people = [one.subscriber_id for one in recipients.of_batch(connection, issue.newsletter, batch)]
    provider = fleet.named(batch.provider)
    known = proven(told, batch.key, people, all_or_nothing=provider is not None and provider.capabilities.all_or_nothing)
    if len(known) == len(people):
        done = batches.accept(connection, batch)
    elif rest is None or not known:
        return False
    else:
        parts = proven_and_not(batch, people, known.__contains__, rest)
        # Why a batch is pending that was in doubt, it says itself.
        note = _note(issue, rest) if batch.state is BatchState.IN_DOUBT else batch.note or ""
        done = batches.split(connection, batch, parts, note)
    if done:
        recipients.refuse(connection, batch, [Refusal(number, reason) for number, reason in known.items() if reason])
    return done


def _note(issue: SendingIssue, state: BatchState) -> str:
    """Why those of whom no event tells are in this state."""
    match state:
        case BatchState.PENDING:
            return "was in doubt; sent again, as mail.in_doubt says"
        case BatchState.SKIPPED if issue.state is IssueState.CANCELLED:
            return "was in doubt; left at that, as the issue was cancelled"
        case BatchState.SKIPPED:
            return "was in doubt; left at that, as mail.in_doubt says"
    return "the provider told of the others' mails, and of these it did not"


def _ask(ledger: Ledger, fleet: Fleet, mails: IssueMails, batch: Batch, now: datetime) -> bool:
    """Do as the provider says; False when it says that it will never know."""
    provider = fleet.named(batch.provider)
    assert provider is not None, "only a provider that is there is asked"  # noqa: S101 - way_out says so
    with ledger.read() as connection:
        people = recipients.of_batch(connection, mails.issue.newsletter, batch)
    if not people:
        resolution: Resolution = WasTaken()
    else:
        resolution = provider.resolve(mails.mailing(batch, people), batch.called_at or now)
    unsent = BatchState.CANCELLED if mails.issue.state is IssueState.CANCELLED else BatchState.PENDING
    with ledger.write() as connection:
        settle(connection, batch, [one.subscriber_id for one in people], resolution, now, unsent)
    return not (isinstance(resolution, StillUnknown) and resolution.ask_after is None)


def settle(
    connection: Connection,
    batch: Batch,
    subscribers: Sequence[int],
    resolution: Resolution,
    now: datetime,
    unsent: BatchState = BatchState.PENDING,
) -> None:
    """Write down what the provider said of a batch in doubt; whoever it did not take comes to the state `unsent`."""
    note = "the issue was cancelled" if unsent is BatchState.CANCELLED else "was not taken, says the provider; is sent again"
    match resolution:
        case WasTaken(refused, provider_id):
            if batches.accept(connection, batch, provider_id):
                recipients.refuse(connection, batch, refused)
        case WasNotTaken() if unsent is BatchState.PENDING:
            batches.send_again(connection, batch, note)
        case WasNotTaken():
            batches.settle(connection, batch, unsent, note)
        case WasPartlyTaken(taken):
            batches.split(
                connection, batch, taken_and_not(batch, subscribers, taken.__contains__, None, unsent), "was taken in part"
            )
        case StillUnknown(reason, ask_after):
            batches.settle(connection, batch, BatchState.IN_DOUBT, reason, next_try_at=now + ask_after if ask_after else None)
