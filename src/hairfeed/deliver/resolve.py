"""Settles batches in doubt that are not repeated: asks the provider, or does as the operator decided."""

from collections.abc import Sequence
from datetime import datetime

from hairfeed.deliver.bisect import taken_and_not
from hairfeed.deliver.doubt import Doubt, Way, way_out
from hairfeed.deliver.fleet import Fleet
from hairfeed.deliver.issue import IssueMails
from hairfeed.deliver.providers.outcomes import Resolution, StillUnknown, WasNotTaken, WasPartlyTaken, WasTaken
from hairfeed.models.issues import BatchState
from hairfeed.settings.mail import Mail
from hairfeed.store import batches, deliveries
from hairfeed.store.batches import Batch
from hairfeed.store.database import Connection, Ledger


def way_of(batch: Batch, fleet: Fleet, mail: Mail, now: datetime) -> Way:
    """How a batch in doubt gets out of it."""
    provider = fleet.named(batch.provider)
    first, last = batch.claimed_at or now, batch.called_at or batch.claimed_at or now
    return way_out(Doubt(first, last, batch.next_try_at), provider.capabilities if provider else None, mail.in_doubt, now)


def resolve(ledger: Ledger, fleet: Fleet, mail: Mail, mails: IssueMails, now: datetime) -> None:
    """Settle what can be settled of an issue without a call that sends."""
    with ledger.read() as connection:
        in_doubt = batches.batches_in(connection, mails.issue.id, BatchState.IN_DOUBT)
    for batch in in_doubt:
        match way_of(batch, fleet, mail, now):
            case Way.ASK:
                _ask(ledger, fleet, mail, mails, batch, now)
            case (Way.RESEND | Way.SKIP) as way:
                _by_policy(ledger, batch, way)


def _ask(ledger: Ledger, fleet: Fleet, mail: Mail, mails: IssueMails, batch: Batch, now: datetime) -> None:
    provider = fleet.named(batch.provider)
    assert provider is not None, "only a provider that is there is asked"  # noqa: S101 - way_out says so
    with ledger.read() as connection:
        people = deliveries.recipients_of(connection, mails.issue.newsletter, batch)
    if not people:
        resolution: Resolution = WasTaken()
    else:
        resolution = provider.resolve(mails.mailing(batch, people), batch.called_at or now)
    with ledger.write() as connection:
        settle(connection, batch, [one.subscriber_id for one in people], resolution, now)
    if isinstance(resolution, StillUnknown) and resolution.ask_after is None and mail.in_doubt != "hold":
        _by_policy(ledger, batch, Way(mail.in_doubt))


def settle(connection: Connection, batch: Batch, subscribers: Sequence[int], resolution: Resolution, now: datetime) -> None:
    """Write down what the provider said of a batch in doubt."""
    match resolution:
        case WasTaken(refused, provider_id):
            if batches.accept(connection, batch, provider_id):
                deliveries.refuse(connection, batch, refused)
        case WasNotTaken():
            batches.settle(connection, batch, BatchState.PENDING, "was not taken, says the provider; is sent again")
        case WasPartlyTaken(taken):
            batches.split(connection, batch, taken_and_not(batch, subscribers, taken.__contains__, None), "was taken in part")
        case StillUnknown(reason, ask_after):
            batches.settle(connection, batch, BatchState.IN_DOUBT, reason, next_try_at=now + ask_after if ask_after else None)


def _by_policy(ledger: Ledger, batch: Batch, way: Way) -> None:
    with ledger.write() as connection:
        if way is Way.RESEND:
            batches.settle(connection, batch, BatchState.PENDING, "was in doubt; sent again, as mail.in_doubt says")
        elif way is Way.SKIP:
            batches.settle(connection, batch, BatchState.SKIPPED, "was in doubt; left at that, as mail.in_doubt says")
