"""Subscribers, their subscriptions, and the addresses never to be mailed. The proof of consent is in `consents`."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, exists, insert, literal, select, update

from hairfeed.models.movements import Movement
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store import movements
from hairfeed.store.schema.issues import newsletters
from hairfeed.store.schema.subscribers import greetings, subscribers, subscriptions, suppressions

_ERASED = "erased-"
"""What stands in the place of an erased address; no address has no @."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One address and one newsletter."""

    email: str
    newsletter: str
    state: SubscriptionState
    changed_at: datetime
    topics: str = ""
    language: str = ""
    active_on: date | None = None
    """The last day (UTC) of a sign of life after `changed_at`, where such are counted."""
    asked_to_stay_at: datetime | None = None
    """When they were asked whether they still read; None again once they answer."""

    @property
    def is_retired(self) -> bool:
        """Whether it ended because they did not answer."""
        return self.state is SubscriptionState.UNSUBSCRIBED and self.asked_to_stay_at is not None


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who is behind a number, or behind an address."""

    id: int
    email: str
    name: str
    created_at: datetime
    time_zone: str = ""
    """Empty: nobody knows."""


def subscriber_id(connection: Connection, email: str, now: datetime) -> int:
    """The subscriber with this address, made if need be."""
    known = connection.execute(select(subscribers.c.id).where(subscribers.c.email == email)).scalar()
    if known is not None:
        return int(known)
    made = insert(subscribers).values(email=email, created_at=now).returning(subscribers.c.id)
    return int(connection.execute(made).scalar_one())


def subscriber(connection: Connection, number: int) -> Subscriber | None:
    """The subscriber by this number; None when there is none, or they were erased."""
    row = connection.execute(select(subscribers).where(subscribers.c.id == number)).first()
    if row is None or row.email.startswith(_ERASED):
        return None
    return Subscriber(row.id, row.email, row.name or "", row.created_at, row.time_zone or "")


def find(connection: Connection, email: str) -> Subscriber | None:
    """The subscriber with this address."""
    number = connection.execute(select(subscribers.c.id).where(subscribers.c.email == email)).scalar()
    return None if number is None else subscriber(connection, number)


def rename(connection: Connection, subscriber: int, name: str) -> None:
    """What mails call the subscriber from now on."""
    connection.execute(update(subscribers).where(subscribers.c.id == subscriber).values(name=name or None))


def subscription_state(connection: Connection, subscriber: int, newsletter: str) -> SubscriptionState | None:
    """How the subscriber stands with the newsletter; None when they never had to do with it."""
    query = select(subscriptions.c.state).where(
        subscriptions.c.subscriber_id == subscriber, subscriptions.c.newsletter == newsletter
    )
    state = connection.execute(query).scalar()
    return None if state is None else SubscriptionState(state)


def set_subscription(connection: Connection, subscriber: int, newsletter: str, state: SubscriptionState, now: datetime) -> None:
    """Change how the subscriber stands with the newsletter."""
    if subscription_state(connection, subscriber, newsletter) is None:
        values = {"subscriber_id": subscriber, "newsletter": newsletter, "state": state, "changed_at": now}
        _hold(connection, subscriber)
        connection.execute(insert(subscriptions).values(values))
        _note(connection, {newsletter: None}, state, now, is_mailed=_is_mailed(connection, subscriber))
    else:
        _move(connection, subscriber, [newsletter], state, now, even_if_same=True)


def choose(connection: Connection, subscriber: int, newsletter: str, topics: str, language: str) -> bool:
    """Change what the subscriber gets of a newsletter that they have to do with; False when they have not."""
    changed = connection.execute(
        update(subscriptions)
        .where(subscriptions.c.subscriber_id == subscriber, subscriptions.c.newsletter == newsletter)
        .values(topics=topics, language=language)
    )
    return changed.rowcount == 1


def confirm(connection: Connection, subscriber: int, newsletters: Collection[str], now: datetime) -> list[str]:
    """Have these subscriptions confirmed, whatever they were; those that were not."""
    return list(_move(connection, subscriber, newsletters, SubscriptionState.CONFIRMED, now))


def leave(connection: Connection, subscriber: int, newsletters: Collection[str] | None, now: datetime) -> list[str]:
    """End these subscriptions, or all for None; those that were confirmed until now."""
    ended = _move(connection, subscriber, newsletters, SubscriptionState.UNSUBSCRIBED, now)
    return [name for name, before in ended.items() if before is SubscriptionState.CONFIRMED]


def retire(connection: Connection, subscriber: int, newsletter: str, asked_by: datetime, now: datetime) -> bool:
    """End a subscription whose reader was asked by then whether they stay; False when they have answered, or left."""
    _hold(connection, subscriber)
    silent = (
        subscriptions.c.subscriber_id == subscriber,
        subscriptions.c.newsletter == newsletter,
        subscriptions.c.state == SubscriptionState.CONFIRMED,
        subscriptions.c.asked_to_stay_at <= asked_by,
    )
    ended = {"state": SubscriptionState.UNSUBSCRIBED, "changed_at": now}
    if connection.execute(update(subscriptions).where(*silent).values(ended)).rowcount == 0:
        return False
    if _is_mailed(connection, subscriber):
        movements.record(connection, [(newsletter, Movement.RETIRED)], now)
    return True


def _move(
    connection: Connection,
    subscriber: int,
    newsletters: Collection[str] | None,
    state: SubscriptionState,
    now: datetime,
    *,
    even_if_same: bool = False,
) -> dict[str, SubscriptionState]:
    """Bring subscriptions to a state, and note how the number of readers moves by it; by newsletter what they were before."""
    mine = [subscriptions.c.subscriber_id == subscriber]
    if newsletters is not None:
        mine.append(subscriptions.c.newsletter.in_(newsletters))
    if not even_if_same:
        mine.append(subscriptions.c.state != state)
    _hold(connection, subscriber)
    query = select(subscriptions.c.newsletter, subscriptions.c.state, _suppressed()).join(subscribers).where(*mine)
    rows = connection.execute(query).all()
    before = {newsletter: SubscriptionState(was) for newsletter, was, _ in rows}
    if before:
        connection.execute(
            update(subscriptions)
            .where(subscriptions.c.subscriber_id == subscriber, subscriptions.c.newsletter.in_(before))
            .values(state=state, changed_at=now, asked_to_stay_at=None)
        )
        _note(connection, before, state, now, is_mailed=not rows[0][2])
    return before


def _note(
    connection: Connection,
    before: Mapping[str, SubscriptionState | None],
    after: SubscriptionState,
    now: datetime,
    *,
    is_mailed: bool,
) -> None:
    """Write the movements down. Nobody counts as a reader who is suppressed."""
    confirmed = SubscriptionState.CONFIRMED
    if after is SubscriptionState.PENDING:
        movements.record(connection, [(name, Movement.SUBSCRIBED) for name, was in before.items() if was is None], now)
    changed = [name for name, was in before.items() if (was is confirmed) != (after is confirmed)]
    if is_mailed:
        kind = Movement.CONFIRMED if after is confirmed else Movement.UNSUBSCRIBED
        movements.record(connection, [(name, kind) for name in changed], now)


def _hold(connection: Connection, subscriber: int) -> None:
    """Keep others from changing anything of the subscriber until the end of the transaction. SQLite has one writer anyway."""
    if connection.dialect.name != "sqlite":
        held = select(subscribers.c.id).where(subscribers.c.id == subscriber)
        connection.execute(held.with_for_update(key_share=True))


def _is_mailed(connection: Connection, subscriber: int) -> bool:
    return not connection.execute(select(_suppressed()).where(subscribers.c.id == subscriber)).scalar()


def _suppressed() -> ColumnElement[bool]:
    return exists(literal(1)).where(suppressions.c.email == subscribers.c.email)


def _read_by(connection: Connection, subscriber: int) -> list[str]:
    """The newsletters that the subscriber has confirmed."""
    mine = (subscriptions.c.subscriber_id == subscriber, subscriptions.c.state == SubscriptionState.CONFIRMED)
    return list(connection.execute(select(subscriptions.c.newsletter).where(*mine)).scalars())


def suppression_reason(connection: Connection, *names: str) -> str | None:
    """Why an address must never be mailed; None when it may. `names` are the address, and what stands for it once it is erased."""
    query = select(suppressions.c.reason).where(suppressions.c.email.in_(names)).limit(1)
    reason: str | None = connection.execute(query).scalar()
    return reason


def suppress(connection: Connection, email: str, reason: str, now: datetime) -> bool:
    """Never mail this address again; False when that was so before, and the first reason stays."""
    return suppress_all(connection, {email: reason}, now) == 1


def suppress_all(connection: Connection, reasons: Mapping[str, str], now: datetime) -> int:
    """Never mail these addresses again, each for its reason; how many that is new for: of the others the first reason stays."""
    if connection.dialect.name != "sqlite":
        # In their order: whoever else holds several does so, too.
        held = select(subscribers.c.id).where(subscribers.c.email.in_(reasons)).order_by(subscribers.c.id)
        connection.execute(held.with_for_update(key_share=True))
    known = set(connection.execute(select(suppressions.c.email).where(suppressions.c.email.in_(reasons))).scalars())
    new = {email: reason for email, reason in reasons.items() if email not in known}
    if new:
        rows = [{"email": email, "reason": reason, "since_at": now} for email, reason in new.items()]
        connection.execute(insert(suppressions), rows)
        lost = select(subscribers.c.email, subscriptions.c.newsletter).join(subscriptions).where(subscribers.c.email.in_(new))
        moved = connection.execute(lost.where(subscriptions.c.state == SubscriptionState.CONFIRMED))
        movements.record(connection, [(row.newsletter, movements.suppressed_by(new[row.email])) for row in moved], now)
    return len(new)


def allow(connection: Connection, names: Iterable[str], now: datetime) -> bool:
    """Take an address off the list of those never to be mailed; False when it is not on it."""
    found = False
    for name in names:
        held = find(connection, name)
        if held:
            _hold(connection, held.id)
        if connection.execute(delete(suppressions).where(suppressions.c.email == name)).rowcount:
            found = True
            back = _read_by(connection, held.id) if held else []
            movements.record(connection, [(newsletter, Movement.ALLOWED) for newsletter in back], now)
    return found


def forget(connection: Connection, number: int, now: datetime) -> None:
    """Leave nothing of a subscriber but a number that nobody else will get: links carry numbers."""
    _hold(connection, number)
    if _is_mailed(connection, number):
        movements.record(connection, [(name, Movement.ERASED) for name in _read_by(connection, number)], now)
    for table in (greetings, subscriptions):
        connection.execute(delete(table).where(table.c.subscriber_id == number))
    connection.execute(
        update(subscribers).where(subscribers.c.id == number).values(email=f"{_ERASED}{number}", name=None, time_zone=None)
    )


def subscriptions_of(connection: Connection, number: int) -> list[Subscription]:
    """All of one subscriber's subscriptions, by newsletter."""
    return _subscriptions(connection, number)


def all_subscriptions(connection: Connection) -> list[Subscription]:
    """Every subscription, by newsletter and address."""
    return _subscriptions(connection, None)


def listed(
    connection: Connection, newsletter: str | None, state: SubscriptionState | None, after: str = "", most: int | None = None
) -> Iterator[Subscription]:
    """Subscriptions by address and newsletter, some at a time; where they are not None, of one newsletter or in one state only.

    `most` is how many at the most, of addresses `after` this one.
    """
    email = subscribers.c.email
    query = _query().order_by(None).order_by(email, subscriptions.c.newsletter).limit(most)
    if after:
        query = query.where(email > after)
    if newsletter is not None:
        query = query.where(subscriptions.c.newsletter == newsletter)
    if state is not None:
        query = query.where(subscriptions.c.state == state)
    return map(_subscription, connection.execute(query.execution_options(yield_per=1000)))


def _subscriptions(connection: Connection, number: int | None) -> list[Subscription]:
    query = _query() if number is None else _query().where(subscriptions.c.subscriber_id == number)
    return list(map(_subscription, connection.execute(query)))


def _query() -> Select[Any]:
    return (
        select(subscribers.c.email, *(subscriptions.c[field.name] for field in fields(Subscription)[1:]))
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .order_by(subscriptions.c.newsletter, subscribers.c.email)
    )


def _subscription(row: Any) -> Subscription:
    email, newsletter, state, *others = row
    return Subscription(email, newsletter, SubscriptionState(state), *others)


def newsletter_names(connection: Connection) -> list[str]:
    """Every newsletter that a pass ever saw in the config: links of one that is no longer there still lead out of it."""
    return list(connection.execute(select(newsletters.c.name)).scalars())
