"""The end of an import: what was read of a list becomes subscribers, subscriptions, proofs and suppressions, all at once.

What the ledger knows comes first. Who left here or must not be mailed stays so; who is known keeps name, choices and proofs.
The file changes a known subscription in two ways only: it ends one, or it confirms one that waits.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, FromClause, and_, case, delete, exists, func, insert, literal, select, update

from hairfeed.models.imports import ImportCounts
from hairfeed.models.movements import Movement
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store import movements
from hairfeed.store.imports import count_refusals
from hairfeed.store.inserts import insert_into
from hairfeed.store.schema.imports import import_refusals, import_rows
from hairfeed.store.schema.subscribers import consents, subscribers, subscriptions, suppressions

_CONFIRMED, _PENDING, _UNSUBSCRIBED = SubscriptionState.CONFIRMED, SubscriptionState.PENDING, SubscriptionState.UNSUBSCRIBED
_rows = import_rows.c
_DECIDES = and_(_rows.decides, _rows.newsletter != "")
_LEAVES = and_(
    _rows.state == _UNSUBSCRIBED,
    subscriptions.c.state != _UNSUBSCRIBED,
    # What the reader said here later is newer than the list.
    _rows.changed_at >= subscriptions.c.changed_at,
)
_CONFIRMS = and_(_rows.state == _CONFIRMED, subscriptions.c.state == _PENDING)


def count(connection: Connection, repeated: int, erased: int) -> ImportCounts:
    """What `take_in` does, counted before it is done."""
    fate = case(
        (and_(subscriptions.c.state.is_not(None), _LEAVES), "changed"),
        (suppressions.c.email.is_not(None), "suppressed"),
        (subscriptions.c.state.is_(None), "new"),
        (_CONFIRMS, "changed"),
        (and_(subscriptions.c.state == _UNSUBSCRIBED, _rows.state != _UNSUBSCRIBED), "kept"),
        else_="known",
    ).label("fate")
    query = (
        select(fate, _rows.state, func.count().label("many"))
        .select_from(import_rows)
        .outerjoin(suppressions, suppressions.c.email == _rows.email)
        .outerjoin(subscribers, subscribers.c.email == _rows.email)
        .outerjoin(
            subscriptions, and_(subscriptions.c.subscriber_id == subscribers.c.id, subscriptions.c.newsletter == _rows.newsletter)
        )
        .where(_DECIDES)
        .group_by(fate, _rows.state)
    )
    found: dict[str, dict[SubscriptionState, int]] = {}
    for row in connection.execute(query):
        found.setdefault(row.fate, {})[SubscriptionState(row.state)] = row.many
    many = {fate: sum(by_state.values()) for fate, by_state in found.items()}
    new_ones = select(func.count(_rows.email.distinct())).where(_rows.suppressed.is_not(None), ~_suppressed())
    return ImportCounts(
        new=found.get("new", {}),
        changed=many.get("changed", 0),
        known=many.get("known", 0),
        kept_unsubscribed=many.get("kept", 0),
        suppressed=many.get("suppressed", 0) + erased,
        repeated=repeated,
        suppressions=connection.execute(new_ones).scalar_one(),
        refused=count_refusals(connection),
    )


def take_in(connection: Connection, counts: ImportCounts, now: datetime) -> None:
    """Let what was read count; `counts` spares looking for what there is none of.

    Each statement sees what those before it have written: the order matters.
    """
    if counts.changed:
        movements.record(connection, _moved_by_changes(connection), now)
        _change(connection)
    _make_subscribers(connection)
    if counts.new:
        rows = subscribers.join(import_rows, subscribers.c.email == _rows.email)
        _keep_proofs(connection, rows, and_(_rows.asked_at.is_not(None), _rows.proves, ~_suppressed(), ~_known()))
        movements.record(connection, _moved_by_new_ones(connection), now)
        _make_subscriptions(connection)
    if counts.suppressions:
        movements.record(connection, _moved_by_suppressions(connection), now)
    _suppress(connection)
    connection.execute(delete(import_rows))
    connection.execute(delete(import_refusals))


def who_would_wait(connection: Connection) -> Iterator[tuple[str, str, str, str]]:
    """Before `take_in`: address, newsletter, topics and language of those who come in and have not confirmed."""
    query = select(_rows.email, _rows.newsletter, _rows.topics, _rows.language, _rows.id)
    waiting = query.where(_DECIDES, _rows.state == _PENDING, ~_suppressed(), ~_known()).order_by(_rows.id).limit(1000)
    last = 0
    while page := connection.execute(waiting.where(_rows.id > last)).all():
        yield from ((row.email, row.newsletter, row.topics, row.language) for row in page)
        last = page[-1].id


def _change(connection: Connection) -> None:
    confirms = and_(_CONFIRMS, ~_suppressed())
    pending = subscriptions.join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
    _keep_proofs(connection, pending.join(import_rows, _this_row()), and_(_DECIDES, confirms, _rows.given_at.is_not(None)))
    for changes in (_LEAVES, confirms):
        changed = update(subscriptions).values(state=_rows.state, changed_at=_rows.changed_at, asked_to_stay_at=None)
        connection.execute(changed.where(subscribers.c.id == subscriptions.c.subscriber_id, _this_row(), _DECIDES, changes))


def _moved_by_changes(connection: Connection) -> Counter[tuple[str, Movement]]:
    """How the numbers of readers move by what `_change` does; who is suppressed is no reader."""
    moved: Counter[tuple[str, Movement]] = Counter()
    leaves = and_(_LEAVES, subscriptions.c.state == _CONFIRMED)
    for changes, kind in ((leaves, Movement.UNSUBSCRIBED), (_CONFIRMS, Movement.CONFIRMED)):
        rows = select(subscriptions.c.newsletter, func.count()).join(subscribers).join(import_rows, _this_row())
        query = rows.where(_DECIDES, changes, ~_suppressed()).group_by(subscriptions.c.newsletter)
        moved.update({(newsletter, kind): many for newsletter, many in connection.execute(query)})
    return moved


def _moved_by_new_ones(connection: Connection) -> Counter[tuple[str, Movement]]:
    """How they move by what `_make_subscriptions` makes."""
    kinds = {_CONFIRMED: Movement.CONFIRMED, _PENDING: Movement.SUBSCRIBED}
    new = select(_rows.newsletter, _rows.state, func.count()).where(_DECIDES, _rows.state.in_(kinds), ~_suppressed(), ~_known())
    rows = connection.execute(new.group_by(_rows.newsletter, _rows.state))
    return Counter({(newsletter, kinds[SubscriptionState(state)]): many for newsletter, state, many in rows})


def _moved_by_suppressions(connection: Connection) -> Counter[tuple[str, Movement]]:
    """How they move by what `_suppress` does."""
    reasons = (
        select(_rows.email, func.min(_rows.suppressed).label("reason"))
        .where(_rows.suppressed.is_not(None), ~_suppressed())
        .group_by(_rows.email)
        .subquery()
    )
    lost = select(subscriptions.c.newsletter, reasons.c.reason, func.count()).join(subscribers)
    query = lost.join(reasons, reasons.c.email == subscribers.c.email).where(subscriptions.c.state == _CONFIRMED)
    moved: Counter[tuple[str, Movement]] = Counter()
    for newsletter, reason, many in connection.execute(query.group_by(subscriptions.c.newsletter, reasons.c.reason)):
        moved[newsletter, movements.suppressed_by(reason)] += many
    return moved


def _make_subscribers(connection: Connection) -> None:
    people = (
        select(_rows.email, func.nullif(func.max(_rows.name), ""), func.min(_rows.created_at))
        .where(_rows.created_at.is_not(None), ~_suppressed())
        .group_by(_rows.email)
        .order_by(_rows.email)
    )
    made = insert_into(connection, subscribers).from_select(["email", "name", "created_at"], people)
    connection.execute(made.on_conflict_do_nothing())


def _keep_proofs(connection: Connection, rows: FromClause, of: ColumnElement[bool]) -> None:
    """Those of some rows, which are joined with their subscribers."""
    columns = ("newsletter", "asked_at", "given_at", "source", "form", "wording", "network_address")
    proofs = select(subscribers.c.id, *(_rows[name] for name in columns)).select_from(rows).where(of)
    # In the order of the index: a million rows in any other one take twice as long.
    connection.execute(insert(consents).from_select(["subscriber_id", *columns], proofs.order_by(subscribers.c.id, _rows.id)))


def _make_subscriptions(connection: Connection) -> None:
    columns = ("newsletter", "state", "topics", "language", "changed_at")
    new = (
        select(subscribers.c.id, *(_rows[name] for name in columns))
        .select_from(import_rows)
        .join(subscribers, subscribers.c.email == _rows.email)
        .where(_DECIDES, ~_suppressed())
        .order_by(subscribers.c.id, _rows.newsletter)
    )
    made = insert_into(connection, subscriptions).from_select(["subscriber_id", *columns], new)
    connection.execute(made.on_conflict_do_nothing())


def _suppress(connection: Connection) -> None:
    new = (
        select(_rows.email, func.min(_rows.suppressed), func.min(_rows.suppressed_at))
        .where(_rows.suppressed.is_not(None))
        .group_by(_rows.email)
        .order_by(_rows.email)
    )
    made = insert_into(connection, suppressions).from_select(["email", "reason", "since_at"], new)
    connection.execute(made.on_conflict_do_nothing())


def _this_row() -> ColumnElement[bool]:
    """Whether a subscriber's subscription is the row's."""
    return and_(subscribers.c.email == _rows.email, subscriptions.c.newsletter == _rows.newsletter)


def _known() -> ColumnElement[bool]:
    """Whether the ledger has the row's subscription."""
    person = subscribers.alias()
    same = and_(subscriptions.c.subscriber_id == person.c.id, subscriptions.c.newsletter == _rows.newsletter)
    return exists(literal(1)).select_from(subscriptions.join(person, same)).where(person.c.email == _rows.email)


def _suppressed() -> ColumnElement[bool]:
    return exists(literal(1)).where(suppressions.c.email == _rows.email)
