"""What may be forgotten: rows that no promise needs.

Never: articles and their guids, what was mailed in which issue, recipients, consents, suppressions, and who has left.
"""

from datetime import datetime

from sqlalchemy import Connection, delete, exists, literal, select, tuple_

from hairfeed.models.issues import OPEN, LetterKind
from hairfeed.models.movements import Movement
from hairfeed.models.reports import RunState
from hairfeed.store import movements, silence
from hairfeed.store import subscribers as people
from hairfeed.store.database import Ledger
from hairfeed.store.schema.deliveries import letters, recipients, refusals
from hairfeed.store.schema.operations import runs
from hairfeed.store.schema.subscribers import IS_OPEN, IS_PENDING, consents, events, subscribers, subscriptions

AT_ONCE = 500
"""Subscriptions that expire in one transaction: others wait no longer than for these."""
_KEPT_RUNS = 10
"""However old: somebody wants to know how the last passes went."""


def forget_runs(connection: Connection, before: datetime) -> int:
    """Forget passes that began before, all but the newest; how many."""
    newest = select(runs.c.id).order_by(runs.c.id.desc()).limit(_KEPT_RUNS)
    good = select(runs.c.id).where(runs.c.state == RunState.DONE).order_by(runs.c.id.desc()).limit(1)
    old = delete(runs).where(runs.c.started_at < before, runs.c.id.not_in(newest), runs.c.id.not_in(good))
    return connection.execute(old).rowcount


def forget_all_unconfirmed(ledger: Ledger, before: datetime, now: datetime, at_once: int = AT_ONCE) -> int:
    """`forget_unconfirmed`, until nothing is left to be forgotten; how many subscriptions that were."""
    forgotten = 0
    while True:
        with ledger.write_and_give_way() as connection:
            some = forget_unconfirmed(connection, before, now, at_once)
        forgotten += some
        if some < at_once:
            return forgotten


def forget_unconfirmed(connection: Connection, before: datetime, now: datetime, most: int = AT_ONCE) -> int:
    """Forget what was asked for before and never confirmed: requests, subscriptions that nobody waits for any more, and addresses.

    Of an address of which something else is known, that stays. How many subscriptions that were, `most` at the most: those of a
    list that was imported expire at one moment.
    """
    connection.execute(delete(consents).where(IS_OPEN, consents.c.asked_at < before))
    asked = (consents.c.subscriber_id == subscriptions.c.subscriber_id) & (consents.c.newsletter == subscriptions.c.newsletter)
    pending = (IS_PENDING, subscriptions.c.changed_at < before, ~exists(literal(1)).where(asked))
    key = (subscriptions.c.subscriber_id, subscriptions.c.newsletter)
    expired = connection.execute(select(*key).where(*pending).order_by(subscriptions.c.changed_at).limit(most)).all()
    if not expired:
        return 0
    movements.record(connection, [(newsletter, Movement.EXPIRED) for _, newsletter in expired], now)
    connection.execute(delete(subscriptions).where(tuple_(*key).in_([tuple(one) for one in expired])))
    of_nothing_else = [
        ~exists(literal(1)).where(table.c.subscriber_id == subscribers.c.id)
        for table in (subscriptions, consents, recipients, refusals)
    ]
    theirs = (subscribers.c.id.in_({one.subscriber_id for one in expired}), subscribers.c.created_at < before)
    for number in connection.execute(select(subscribers.c.id).where(*theirs, *of_nothing_else)).scalars().all():
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
