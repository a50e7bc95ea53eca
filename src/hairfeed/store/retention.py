"""What may be forgotten: rows that no promise needs.

Never: articles and their guids, what was mailed in which issue, recipients, consents, suppressions, and who has left.
"""

from datetime import datetime

from sqlalchemy import Connection, delete, exists, literal, select

from hairfeed.models import RunState, SubscriptionState
from hairfeed.store.schema import consents, recipients, refusals, runs, subscribers, subscriptions

_KEPT_RUNS = 10
"""However old: somebody wants to know how the last passes went."""


def forget_runs(connection: Connection, before: datetime) -> int:
    """Forget passes that began before, all but the newest; how many."""
    newest = select(runs.c.id).order_by(runs.c.id.desc()).limit(_KEPT_RUNS)
    good = select(runs.c.id).where(runs.c.state == RunState.DONE).order_by(runs.c.id.desc()).limit(1)
    old = delete(runs).where(runs.c.started_at < before, runs.c.id.not_in(newest), runs.c.id.not_in(good))
    return connection.execute(old).rowcount


def forget_unconfirmed(connection: Connection, before: datetime) -> int:
    """Forget subscriptions that nobody confirmed since before, and addresses of which nothing else is known; how many."""
    consented = exists(literal(1)).where(
        consents.c.subscriber_id == subscriptions.c.subscriber_id, consents.c.newsletter == subscriptions.c.newsletter
    )
    pending = (subscriptions.c.state == SubscriptionState.PENDING, subscriptions.c.changed_at < before, ~consented)
    of_nothing_else = [
        ~exists(literal(1)).where(table.c.subscriber_id == subscribers.c.id)
        for table in (subscriptions, consents, recipients, refusals)
    ]
    count = connection.execute(delete(subscriptions).where(*pending)).rowcount
    if count:
        connection.execute(delete(subscribers).where(subscribers.c.created_at < before, *of_nothing_else))
    return count
