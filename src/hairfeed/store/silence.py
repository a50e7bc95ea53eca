"""Signs of life of readers, where a newsletter counts opens and clicks; and those of whom nothing is heard."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Connection, exists, func, literal, or_, select, update

from hairfeed.models.issues import BatchState, LetterKind
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store.schema.base import Instant
from hairfeed.store.schema.deliveries import batches, letters, recipients, refusals
from hairfeed.store.schema.issues import issues, newsletters
from hairfeed.store.schema.subscribers import subscribers, subscriptions, suppressions
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


def is_to_be_sought(connection: Connection, newsletter: str, today: date) -> bool:
    """Whether nobody has looked for silent readers of the newsletter today: that means looking at all of them."""
    query = select(newsletters.c.silence_sought_on).where(newsletters.c.name == newsletter)
    last: date | None = connection.execute(query).scalar()
    return last is None or last < today


def was_sought(connection: Connection, newsletter: str, today: date) -> None:
    """All silent readers of the newsletter are found for today."""
    connection.execute(update(newsletters).where(newsletters.c.name == newsletter).values(silence_sought_on=today))


def counted_since(connection: Connection, newsletter: str) -> datetime | None:
    """When the first issue was composed whose opens and clicks are written down."""
    query = select(func.min(issues.c.composed_at, type_=Instant)).where(issues.c.newsletter == newsletter, _IS_COUNTED)
    first: datetime | None = connection.execute(query).scalar()
    return first


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
            subscriptions.c.changed_at < before,
            or_(subscriptions.c.active_on.is_(None), subscriptions.c.active_on < before.astimezone(UTC).date()),
            subscriptions.c.asked_to_stay_at.is_(None),
            ~_is_suppressed(),
        )
        .order_by(subscriptions.c.subscriber_id)
        .limit(most)
    )
    return [Suspect(number, email, name or "", *others) for number, email, name, *others in connection.execute(query)]


def mailed(connection: Connection, newsletter: str, readers: Sequence[int]) -> dict[int, list[datetime]]:
    """By reader, when a provider took issues for them whose opens and clicks are written down."""
    refused = exists(literal(1)).where(
        refusals.c.issue_id == recipients.c.issue_id, refusals.c.subscriber_id == recipients.c.subscriber_id
    )
    query = (
        select(recipients.c.subscriber_id, batches.c.called_at)
        .join(issues, issues.c.id == recipients.c.issue_id)
        .join(
            batches,
            (batches.c.issue_id == recipients.c.issue_id)
            & (batches.c.number == recipients.c.batch)
            & recipients.c.subscriber_id.between(batches.c.first_id, batches.c.last_id),
        )
        .where(
            issues.c.newsletter == newsletter,
            _IS_COUNTED,
            recipients.c.subscriber_id.in_(readers),
            batches.c.state == BatchState.ACCEPTED,
            batches.c.called_at.is_not(None),
            ~refused,
        )
    )
    found: dict[int, list[datetime]] = defaultdict(list)
    for number, at in connection.execute(query):
        found[number].append(at)
    return found


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


def unanswered(connection: Connection, newsletter: str, asked_by: datetime) -> list[int]:
    """Readers who were asked by then and gave no sign of life. Not those whose letter a provider has not taken, or took later."""
    not_so = exists(literal(1)).where(
        letters.c.subscriber_id == subscriptions.c.subscriber_id,
        letters.c.kind == LetterKind.STAY,
        letters.c.queued_at >= subscriptions.c.asked_to_stay_at,
        (letters.c.state != BatchState.ACCEPTED) | (letters.c.called_at > asked_by),
    )
    query = (
        select(subscriptions.c.subscriber_id)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .where(
            subscriptions.c.newsletter == newsletter,
            _is_confirmed(),
            subscriptions.c.asked_to_stay_at <= asked_by,
            ~_is_suppressed(),
            ~not_so,
        )
        .order_by(subscriptions.c.subscriber_id)
    )
    return list(connection.execute(query).scalars())


def _is_confirmed() -> ColumnElement[bool]:
    return subscriptions.c.state == SubscriptionState.CONFIRMED


def _is_suppressed() -> ColumnElement[bool]:
    return exists(literal(1)).where(suppressions.c.email == subscribers.c.email)
