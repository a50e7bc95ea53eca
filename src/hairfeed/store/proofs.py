"""What events prove of mails in doubt: whoever tells of a mail took it, though nobody heard that answer."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from hairfeed.models.events import EventKind
from hairfeed.store.batches import Batch
from hairfeed.store.letters import Letter
from hairfeed.store.schema.deliveries import batches, recipients
from hairfeed.store.schema.subscribers import events


@dataclass(frozen=True, slots=True)
class Proof:
    """A provider's notice of the mail to one of a batch's recipients."""

    subscriber_id: int
    batch_key: str
    kind: EventKind
    reason: str


def proofs(connection: Connection, batch: Batch) -> list[Proof]:
    """Notices of mails to the batch's recipients, under its own key or under that of a batch that it is a part of.

    Only those of the provider that the key was used at count, and only those of people whom the batch was frozen for.
    """
    enclosing = (
        select(batches.c.key, batches.c.provider)
        .where(
            batches.c.issue_id == batch.issue_id,
            batches.c.number == batch.number,
            batches.c.first_id <= batch.first_id,
            batches.c.last_id >= batch.last_id,
        )
        .distinct()
        .subquery()
    )
    query = (
        select(events.c.subscriber_id, events.c.batch_key, events.c.kind, events.c.reason)
        .join(enclosing, (enclosing.c.key == events.c.batch_key) & (enclosing.c.provider == events.c.provider))
        .join(recipients, recipients.c.subscriber_id == events.c.subscriber_id)
        .where(
            recipients.c.issue_id == batch.issue_id,
            recipients.c.batch == batch.number,
            recipients.c.subscriber_id.between(batch.first_id, batch.last_id),
        )
        .order_by(events.c.happened_at, events.c.id)
    )
    return [Proof(number, key, EventKind(kind), reason) for number, key, kind, reason in connection.execute(query)]


def proofs_of_letter(connection: Connection, letter: Letter) -> list[Proof]:
    """Notices of the letter, of the provider that it went to."""
    query = (
        select(events.c.subscriber_id, events.c.batch_key, events.c.kind, events.c.reason)
        .where(events.c.batch_key == letter.key, events.c.provider == letter.provider)
        .order_by(events.c.happened_at, events.c.id)
    )
    return [Proof(number or 0, key, EventKind(kind), reason) for number, key, kind, reason in connection.execute(query)]
