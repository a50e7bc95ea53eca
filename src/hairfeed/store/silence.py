"""Signs of life of readers, where a newsletter counts opens and clicks; and those of whom nothing is heard."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Connection, and_, exists, func, literal, or_, select, update

from hairfeed.models.events import EventKind
from hairfeed.models.issues import OPEN, BatchState, LetterKind
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store.schema.base import Instant
from hairfeed.store.schema.deliveries import batches, letters, recipients, refusals
from hairfeed.store.schema.issues import issues, newsletters
from hairfeed.store.schema.subscribers import IS_ASKED, events, subscribers, subscriptions, suppressions
from hairfeed.store.schema.tracking import issue_links

_IS_COUNTED = exists(literal(1)).where(issue_links.c.issue_id == issues.c.id)
"""An issue whose opens and clicks are written down: only to such a mail is silence an answer."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A reader of a newsletter who gave no sign of life for long, whether they were mailed or not."""

    subscriber_id: int
    email: str
    name: str
    language: str
    changed_at: datetime
    active_on: date | None

    @property
    def heard_of_at(self) -> datetime:
        """Until when they may have been there."""
        if self.active_on is None:
            return self.changed_at
        return max(self.changed_at, datetime.combine(self.active_on + timedelta(days=1), time(), UTC))


@dataclass(frozen=True, slots=True)
class Counted:
    """An issue whose opens and clicks are written down, and when its first and its last batch were handed over."""

    id: int
    first_at: datetime
    last_at: datetime


def alive(connection: Connection, subscriber: int, names: Collection[str], now: datetime) -> None:
    """The subscriber is there, and reads these newsletters: nobody has to ask them, or they have answered. Once a day."""
    today = now.astimezone(UTC).date()
    old = or_(subscriptions.c.active_on.is_(None), subscriptions.c.active_on < today, subscriptions.c.asked_to_stay_at.is_not(None))
    mine = (subscriptions.c.subscriber_id == subscriber, subscriptions.c.newsletter.in_(names), _is_confirmed())
    connection.execute(update(subscriptions).where(*mine, old).values(active_on=today, asked_to_stay_at=None))


def begin_anew(connection: Connection, now: datetime) -> None:
    """As if everybody had just been heard of who reads a newsletter that counts; questions are forgotten."""
    counting = select(issues.c.newsletter).where(_IS_COUNTED)
    heard = {"active_on": now.astimezone(UTC).date(), "asked_to_stay_at": None}
    connection.execute(update(subscriptions).where(subscriptions.c.newsletter.in_(counting), _is_confirmed()).values(heard))


def where_to_seek(connection: Connection, newsletter: str, today: date) -> int | None:
    """The subscriber behind whom the look at the newsletter's readers goes on, 0 to begin; None where it was through today."""
    query = select(newsletters.c.silence_sought_on, newsletters.c.silence_sought_to).where(newsletters.c.name == newsletter)
    row = connection.execute(query).one_or_none()
    if row is None or row.silence_sought_on is None:
        return 0
    reached: int | None = row.silence_sought_to
    return 0 if reached is None and row.silence_sought_on < today else reached


def was_sought(connection: Connection, newsletter: str, today: date, reached: int | None) -> None:
    """Silent readers are found up to the subscriber `reached`, or all of them for None."""
    values = {"silence_sought_on": today, "silence_sought_to": reached}
    connection.execute(update(newsletters).where(newsletters.c.name == newsletter).values(values))


def counted_issues(connection: Connection, newsletter: str) -> list[Counted]:
    """The newsletter's issues that somebody was handed and whose opens and clicks are written down, the first one first."""
    first, last = (of(batches.c.called_at, type_=Instant) for of in (func.min, func.max))
    query = (
        select(batches.c.issue_id, first.label("first_at"), last.label("last_at"))
        .join(issues, issues.c.id == batches.c.issue_id)
        .where(
            issues.c.newsletter == newsletter, _IS_COUNTED, batches.c.state == BatchState.ACCEPTED, batches.c.called_at.is_not(None)
        )
        .group_by(batches.c.issue_id)
        .order_by(first, batches.c.issue_id)
    )
    return [Counted(*row) for row in connection.execute(query)]


def suspects(connection: Connection, newsletter: str, before: datetime, after: int, most: int) -> list[Suspect]:
    """Readers who gave no sign of life since `before` and were not asked, with numbers above `after`, in their order."""
    columns = (subscriptions.c.language, subscriptions.c.changed_at, subscriptions.c.active_on)
    query = (
        select(subscribers.c.id, subscribers.c.email, subscribers.c.name, *columns)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .where(
            subscriptions.c.newsletter == newsletter,
            _is_confirmed(),
            subscriptions.c.subscriber_id > after,
            # Which PostgreSQL does not conclude by itself: it would read all addresses up to there for each page.
            subscribers.c.id > after,
            subscriptions.c.changed_at < before,
            or_(subscriptions.c.active_on.is_(None), subscriptions.c.active_on < before.astimezone(UTC).date()),
            subscriptions.c.asked_to_stay_at.is_(None),
            ~_is_suppressed(),
        )
        .order_by(subscriptions.c.subscriber_id)
        .limit(most)
    )
    return [Suspect(number, email, name or "", *others) for number, email, name, *others in connection.execute(query)]


def mailed(connection: Connection, issue: int, readers: Sequence[int]) -> dict[int, datetime]:
    """Of these readers whom a provider took the issue for, and when."""
    refused = exists(literal(1)).where(
        refusals.c.issue_id == recipients.c.issue_id, refusals.c.subscriber_id == recipients.c.subscriber_id
    )
    query = (
        select(recipients.c.subscriber_id, batches.c.called_at)
        .join(
            batches,
            (batches.c.issue_id == recipients.c.issue_id)
            & (batches.c.number == recipients.c.batch)
            & recipients.c.subscriber_id.between(batches.c.first_id, batches.c.last_id),
        )
        .where(
            recipients.c.issue_id == issue,
            recipients.c.subscriber_id.in_(readers),
            batches.c.state == BatchState.ACCEPTED,
            batches.c.called_at.is_not(None),
            ~refused,
        )
    )
    return {row.subscriber_id: row.called_at for row in connection.execute(query)}


def ask(connection: Connection, newsletter: str, suspect: Suspect, now: datetime) -> bool:
    """Write down that the reader is asked whether they stay; False when they gave a sign of life, or were asked."""
    unchanged = (
        subscriptions.c.subscriber_id == suspect.subscriber_id,
        subscriptions.c.newsletter == newsletter,
        _is_confirmed(),
        subscriptions.c.asked_to_stay_at.is_(None),
        subscriptions.c.changed_at == suspect.changed_at,
        subscriptions.c.active_on.is_not_distinct_from(suspect.active_on),
    )
    return connection.execute(update(subscriptions).where(*unchanged).values(asked_to_stay_at=now)).rowcount == 1


def unanswered(connection: Connection, newsletter: str, asked_by: datetime, most: int) -> list[int]:
    """At most so many readers who got the question by then, and gave no sign of life since.

    Only a letter that a provider took is a question: of whoever was not reached, silence says nothing.
    """
    reached = exists(literal(1)).where(_is_the_question(), letters.c.called_at <= asked_by, _arrived())
    query = (
        select(subscriptions.c.subscriber_id)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .where(
            subscriptions.c.newsletter == newsletter,
            IS_ASKED,
            subscriptions.c.asked_to_stay_at <= asked_by,
            ~_is_suppressed(),
            reached,
        )
        .limit(most)
    )
    return list(connection.execute(query).scalars())


def take_back(connection: Connection, newsletter: str, asked_by: datetime) -> None:
    """Forget that readers were asked by then whom the question did not reach, and will not reach any more: they are asked again."""
    may_reach = exists(literal(1)).where(_is_the_question(), letters.c.state.in_(OPEN) | _arrived())
    unreached = (subscriptions.c.newsletter == newsletter, IS_ASKED, subscriptions.c.asked_to_stay_at <= asked_by, ~may_reach)
    connection.execute(update(subscriptions).where(*unreached).values(asked_to_stay_at=None))


def is_waited_for() -> ColumnElement[bool]:
    """Of a row of letters: it is a question that was not answered yet, so that what became of it must be known."""
    return exists(literal(1)).where(IS_ASKED, _is_the_question())


def _is_the_question() -> ColumnElement[bool]:
    """Of a subscription and a letter: it asks about this one, or about another newsletter at the same moment."""
    return and_(
        letters.c.kind == LetterKind.STAY,
        letters.c.subscriber_id == subscriptions.c.subscriber_id,
        letters.c.queued_at == subscriptions.c.asked_to_stay_at,
    )


def _arrived() -> ColumnElement[bool]:
    """Of a letter: a provider took it, and has not told that it came back."""
    came_back = exists(literal(1)).where(
        events.c.batch_key == letters.c.key, events.c.kind.in_([EventKind.HARD_BOUNCE, EventKind.SOFT_BOUNCE, EventKind.REJECTED])
    )
    return and_(letters.c.state == BatchState.ACCEPTED, ~came_back)


def _is_confirmed() -> ColumnElement[bool]:
    return subscriptions.c.state == SubscriptionState.CONFIRMED


def _is_suppressed() -> ColumnElement[bool]:
    return exists(literal(1)).where(suppressions.c.email == subscribers.c.email)
