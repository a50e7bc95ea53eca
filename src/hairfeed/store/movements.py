"""How the number of each newsletter's readers moves: one row a change, written with it; a pass adds them up by day.

A change writes a row of its own, and counts no shared one up: many readers may come and go at one moment.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, func, insert, select

from hairfeed.models.movements import Day, Movement
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store.inserts import insert_into
from hairfeed.store.schema.subscribers import consents, movements, newsletter_days, subscribers, subscriptions, suppressions

AT_ONCE = 5000
"""Rows that are added up in one transaction."""


def record(connection: Connection, moved: Iterable[tuple[str, Movement]], now: datetime) -> None:
    """Write down what has just happened to subscriptions, each by its newsletter, in the transaction that does it.

    A `Counter` says how often.
    """
    counted = Counter(moved)
    rows = [{"newsletter": name, "kind": kind, "count": count, "at": now} for (name, kind), count in counted.items()]
    if rows:
        connection.execute(insert(movements), rows)


def roll_up(connection: Connection, zones: Mapping[str, ZoneInfo], otherwise: ZoneInfo) -> int:
    """Add movements to their days, in each newsletter's own time zone; how many there were, at most `AT_ONCE`."""
    oldest = select(movements.c.id).order_by(movements.c.id).limit(AT_ONCE)
    # What is added is what was deleted: a prune beside a pass never adds the same.
    gone = delete(movements).where(movements.c.id.in_(oldest))
    rows = connection.execute(gone.returning(movements.c.newsletter, movements.c.kind, movements.c.count, movements.c.at)).all()
    counted: Counter[tuple[str, date, str]] = Counter()
    for newsletter, kind, count, at in rows:
        counted[newsletter, at.astimezone(zones.get(newsletter, otherwise)).date(), kind] += count
    _add(connection, counted)
    return len(rows)


def days(connection: Connection, newsletter: str, zone: ZoneInfo) -> list[Day]:
    """All days on which something happened, the oldest first; with what no pass has added up yet."""
    by_day: dict[date, Counter[Movement]] = {}
    summed = select(newsletter_days.c.day, newsletter_days.c.kind, newsletter_days.c.count)
    for day, kind, count in connection.execute(summed.where(newsletter_days.c.newsletter == newsletter)):
        by_day.setdefault(day, Counter())[Movement(kind)] += count
    single = select(movements.c.at, movements.c.kind, movements.c.count)
    for at, kind, count in connection.execute(single.where(movements.c.newsletter == newsletter)):
        by_day.setdefault(at.astimezone(zone).date(), Counter())[Movement(kind)] += count
    found, total = [], 0
    for day, moved in sorted(by_day.items()):
        total += sum(kind.readers * count for kind, count in moved.items())
        found.append(Day(day, total, dict(moved)))
    return found


def readers(connection: Connection, newsletter: str) -> int:
    """How many readers the newsletter has, counted anew from subscriptions."""
    mine = (subscriptions.c.newsletter == newsletter, subscriptions.c.state == SubscriptionState.CONFIRMED)
    query = (
        select(func.count())
        .select_from(subscriptions.join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id))
        .where(*mine, subscribers.c.email.not_in(select(suppressions.c.email)))
    )
    return int(connection.execute(query).scalar_one())


def recount(connection: Connection, newsletter: str, zone: ZoneInfo) -> None:
    """Make the newsletter's days anew from what the ledger still knows of its subscriptions.

    Who has come and gone and come again, or was erased, has left one trace or none; the readers of today are all there.
    """
    connection.execute(delete(newsletter_days).where(newsletter_days.c.newsletter == newsletter))
    connection.execute(delete(movements).where(movements.c.newsletter == newsletter))
    mine = (consents.c.subscriber_id == subscriptions.c.subscriber_id) & (consents.c.newsletter == subscriptions.c.newsletter)
    asked_at = select(func.min(consents.c.asked_at)).where(mine).scalar_subquery()
    given_at = select(func.max(consents.c.given_at)).where(mine).scalar_subquery()
    query = (
        select(
            subscriptions.c.state,
            subscriptions.c.changed_at,
            subscriptions.c.asked_to_stay_at,
            asked_at.label("asked_at"),
            given_at.label("given_at"),
            suppressions.c.since_at,
            suppressions.c.reason,
        )
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .outerjoin(suppressions, suppressions.c.email == subscribers.c.email)
        .where(subscriptions.c.newsletter == newsletter)
    )
    counted: Counter[tuple[str, date, str]] = Counter()
    for row in connection.execute(query):
        end = Movement.UNSUBSCRIBED if row.asked_to_stay_at is None else Movement.RETIRED
        for kind, at in _traces(SubscriptionState(row.state), row.changed_at, row.asked_at, row.given_at, end):
            counted[newsletter, at.astimezone(zone).date(), kind] += 1
        if row.state == SubscriptionState.CONFIRMED and row.since_at is not None:
            gone_at = max(row.since_at, row.given_at or row.changed_at)
            counted[newsletter, gone_at.astimezone(zone).date(), suppressed_by(row.reason)] += 1
    _add(connection, counted)


def _traces(
    state: SubscriptionState, changed_at: datetime, asked_at: datetime | None, given_at: datetime | None, end: Movement
) -> Sequence[tuple[Movement, datetime]]:
    asked = [(Movement.SUBSCRIBED, asked_at)] if asked_at else []
    if state is SubscriptionState.CONFIRMED:
        return [*asked, (Movement.CONFIRMED, given_at or changed_at)]
    if state is SubscriptionState.UNSUBSCRIBED and given_at:
        return [*asked, (Movement.CONFIRMED, given_at), (end, changed_at)]
    return asked


def suppressed_by(reason: str) -> Movement:
    """What a suppression is called by day, from its reason as `subscribers.verdicts` words it."""
    if reason.startswith("complaint"):
        return Movement.COMPLAINED
    return Movement.BOUNCED if "bounce" in reason else Movement.SUPPRESSED


def _add(connection: Connection, counted: Mapping[tuple[str, date, str], int]) -> None:
    rows = [{"newsletter": name, "day": day, "kind": kind, "count": count} for (name, day, kind), count in counted.items()]
    if not rows:
        return
    new = insert_into(connection, newsletter_days)
    more = {"count": newsletter_days.c.count + new.excluded.count}
    connection.execute(new.on_conflict_do_update(index_elements=["newsletter", "day", "kind"], set_=more), rows)
