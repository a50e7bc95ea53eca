"""The end of an import: what was read of a list becomes subscribers, subscriptions, proofs and suppressions, a piece at a time.

A piece has all rows of its addresses, and is what a transaction of `incoming` takes in.

What the ledger knows comes first. Who left here or must not be mailed stays so; who is known keeps name, choices and proofs.
The file changes a known subscription in two ways only: it ends one, or it confirms one that waits.
"""

from collections import Counter
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, FromClause, and_, case, exists, func, insert, literal, select, update

from hairfeed.models.imports import ImportCounts
from hairfeed.models.movements import Movement
from hairfeed.models.subscribers import ASKED_BY_OPERATOR, SignUp, SubscriptionState
from hairfeed.store import movements
from hairfeed.store.inserts import insert_into
from hairfeed.store.schema.imports import import_piece
from hairfeed.store.schema.subscribers import consents, subscribers, subscriptions, suppressions

_CONFIRMED, _PENDING, _UNSUBSCRIBED = SubscriptionState.CONFIRMED, SubscriptionState.PENDING, SubscriptionState.UNSUBSCRIBED
_rows = import_piece.c
_DECIDES = and_(_rows.decides, _rows.newsletter != "")
_LEAVES = and_(
    _rows.state == _UNSUBSCRIBED,
    subscriptions.c.state != _UNSUBSCRIBED,
    # What the reader said here later is newer than the list.
    _rows.changed_at >= subscriptions.c.changed_at,
)
_CONFIRMS = and_(_rows.state == _CONFIRMED, subscriptions.c.state == _PENDING)


def mark_repetitions(connection: Connection, *, they_prove: bool) -> int:
    """Let one row decide for each subscription: that of who left, else the first one with a proof; how many do not decide.

    `they_prove` says whether a repetition brings a proof of its own: in an export of HairFeed a row is a proof. None of them
    counts as one, then.
    """
    place = func.row_number().over(partition_by=(_rows.email, _rows.newsletter), order_by=(_rows.rank, _rows.id))
    placed = select(_rows.id, place.label("place")).where(_rows.newsletter != "").subquery()
    repeated = update(import_piece).where(_rows.id.in_(select(placed.c.id).where(placed.c.place > 1)))
    values = {"decides": False} if they_prove else {"decides": False, "proves": False}
    repetitions = connection.execute(repeated.values(values)).rowcount
    return 0 if they_prove else repetitions


def count(connection: Connection, repeated: int) -> ImportCounts:
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
        .select_from(import_piece)
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
        suppressed=many.get("suppressed", 0),
        repeated=repeated,
        suppressions=connection.execute(new_ones).scalar_one(),
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
        rows = subscribers.join(import_piece, subscribers.c.email == _rows.email)
        _keep_proofs(connection, rows, and_(_rows.asked_at.is_not(None), _rows.proves, ~_suppressed(), ~_known()))
        movements.record(connection, _moved_by_new_ones(connection), now)
        _make_subscriptions(connection)
    if counts.suppressions:
        movements.record(connection, _moved_by_suppressions(connection), now)
    if counts.suppressions:
        _suppress(connection)


def who_would_wait(connection: Connection, file: str, now: datetime) -> list[SignUp]:
    """Before `take_in`: what those are to be asked who come in from this file and have not confirmed."""
    query = select(_rows.email, _rows.newsletter, _rows.topics, _rows.name, _rows.language, _rows.time_zone)
    waiting = query.where(_DECIDES, _rows.state == _PENDING, ~_suppressed(), ~_known()).order_by(_rows.id)
    by, words = f"import of {file}", ASKED_BY_OPERATOR
    return [
        SignUp(now, email, {newsletter: topics}, name, language, by, wording=words, time_zone=time_zone)
        for email, newsletter, topics, name, language, time_zone in connection.execute(waiting)
    ]


def _change(connection: Connection) -> None:
    confirms = and_(_CONFIRMS, ~_suppressed())
    pending = subscriptions.join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
    _keep_proofs(connection, pending.join(import_piece, _this_row()), and_(_DECIDES, confirms, _rows.given_at.is_not(None)))
    for changes in (_LEAVES, confirms):
        changed = update(subscriptions).values(state=_rows.state, changed_at=_rows.changed_at, asked_to_stay_at=None)
        connection.execute(changed.where(subscribers.c.id == subscriptions.c.subscriber_id, _this_row(), _DECIDES, changes))


def _moved_by_changes(connection: Connection) -> Counter[tuple[str, Movement]]:
    """How the numbers of readers move by what `_change` does; who is suppressed is no reader."""
    moved: Counter[tuple[str, Movement]] = Counter()
    leaves = and_(_LEAVES, subscriptions.c.state == _CONFIRMED)
    for changes, kind in ((leaves, Movement.UNSUBSCRIBED), (_CONFIRMS, Movement.CONFIRMED)):
        rows = select(subscriptions.c.newsletter, func.count()).join(subscribers).join(import_piece, _this_row())
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
        select(_rows.email, *(func.nullif(func.max(one), "") for one in (_rows.name, _rows.time_zone)), func.min(_rows.created_at))
        .where(_rows.created_at.is_not(None), ~_suppressed())
        .group_by(_rows.email)
        .order_by(_rows.email)
    )
    made = insert_into(connection, subscribers).from_select(["email", "name", "time_zone", "created_at"], people)
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
        .select_from(import_piece)
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
