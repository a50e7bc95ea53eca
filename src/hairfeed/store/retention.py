"""What may be forgotten: rows that no promise needs.

Never: articles and their guids, what was mailed in which issue, recipients, consents, suppressions, and who has left.
"""

from datetime import datetime

from sqlalchemy import Connection, delete, exists, literal, select

from hairfeed.models.issues import OPEN, LetterKind
from hairfeed.models.movements import Movement
from hairfeed.models.reports import RunState
from hairfeed.store import movements, silence
from hairfeed.store import subscribers as people
from hairfeed.store.schema.deliveries import letters, recipients, refusals
from hairfeed.store.schema.operations import runs
from hairfeed.store.schema.subscribers import IS_OPEN, IS_PENDING, consents, events, subscribers, subscriptions

_KEPT_RUNS = 10
"""However old: somebody wants to know how the last passes went."""


def forget_runs(connection: Connection, before: datetime) -> int:
    """Forget passes that began before, all but the newest; how many."""
    newest = select(runs.c.id).order_by(runs.c.id.desc()).limit(_KEPT_RUNS)
    good = select(runs.c.id).where(runs.c.state == RunState.DONE).order_by(runs.c.id.desc()).limit(1)
    old = delete(runs).where(runs.c.started_at < before, runs.c.id.not_in(newest), runs.c.id.not_in(good))
    return connection.execute(old).rowcount


def forget_unconfirmed(connection: Connection, before: datetime, now: datetime) -> int:
    """Forget what was asked for before and never confirmed: requests, subscriptions that nobody waits for any more, and addresses.

    Of an address of which something else is known, that stays. How many subscriptions that were.
    """
    connection.execute(delete(consents).where(IS_OPEN, consents.c.asked_at < before))
    asked = (consents.c.subscriber_id == subscriptions.c.subscriber_id) & (consents.c.newsletter == subscriptions.c.newsletter)
    pending = (IS_PENDING, subscriptions.c.changed_at < before, ~exists(literal(1)).where(asked))
    expired = list(connection.execute(select(subscriptions.c.newsletter).where(*pending)).scalars())
    if not expired:
        return 0
    movements.record(connection, [(name, Movement.EXPIRED) for name in expired], now)
    connection.execute(delete(subscriptions).where(*pending))
    of_nothing_else = [
        ~exists(literal(1)).where(table.c.subscriber_id == subscribers.c.id)
        for table in (subscriptions, consents, recipients, refusals)
    ]
    unknown = select(subscribers.c.id).where(subscribers.c.email.contains("@"), subscribers.c.created_at < before, *of_nothing_else)
    for number in connection.execute(unknown).scalars().all():
        connection.execute(delete(letters).where(letters.c.subscriber_id == number))
        people.forget(connection, number, now)
    return len(expired)


def forget_letters(connection: Connection, before: datetime) -> int:
    """Forget letters that are settled and were queued before; how many.

    A question to a silent reader stays while it waits for an answer: only who got it is let go for not answering.
    """
    old = delete(letters).where(letters.c.state.not_in(OPEN), letters.c.queued_at < before, ~silence.is_waited_for())
    return connection.execute(old).rowcount


def forget_events(connection: Connection, before: datetime) -> int:
    """Forget what providers told and was worked off before; how many. What came of it, suppressions, stays.

    What they told of a question that stays does so, too.
    """
    about_a_question = exists(literal(1)).where(letters.c.key == events.c.batch_key, letters.c.kind == LetterKind.STAY)
    return connection.execute(delete(events).where(events.c.worked_off_at < before, ~about_a_question)).rowcount
