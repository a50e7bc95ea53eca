"""Bounce storms: of an issue's mails so many bounce or are complained about that its newsletter waits for the operator."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, literal, or_, select, update

from hairfeed.models.issues import BatchState, IssueState
from hairfeed.store.inserts import insert_into
from hairfeed.store.schema.deliveries import batches, storms
from hairfeed.store.schema.issues import issues
from hairfeed.store.schema.subscribers import IS_BAD_NEWS, IS_WAITING, events


@dataclass(frozen=True, slots=True)
class Storm:
    """What was counted when the newsletter was paused."""

    issue_id: int
    newsletter: str
    number: int
    at: datetime
    bounced: int
    """Readers whose mail bounced for good, or who complained."""
    accepted: int
    """Mails of the issue that a provider had taken; of one that went on after a storm, those handed over since."""

    def __str__(self) -> str:
        """As people are told."""
        share = self.bounced / max(self.accepted, 1)
        return f"{self.bounced} of {self.accepted} mails bounced or were complained about ({share:.1%})"


def issues_told_of(connection: Connection) -> set[int]:
    """The issues of which there is bad news that is not worked off."""
    waiting = select(events.c.id).where(IS_WAITING)
    keys = select(events.c.batch_key).where(events.c.id.in_(waiting), IS_BAD_NEWS, events.c.batch_key != "").distinct()
    return set(connection.execute(select(batches.c.issue_id).where(batches.c.key.in_(keys)).distinct()).scalars())


def look(connection: Connection, issue_ids: Collection[int], percent: float, least: int, now: datetime) -> None:
    """Pause what is being sent of a newsletter whose issue has a storm.

    After a storm the operator has seen what became of the mails until then: those count that were handed over since it went on.
    """
    seen = or_(storms.c.over_at.is_(None), batches.c.called_at <= storms.c.over_at)
    told_of = exists(literal(1)).where(storms.c.issue_id == batches.c.issue_id, seen)
    readers = func.count(func.distinct(events.c.email))
    bad = and_(events.c.batch_key == batches.c.key, events.c.batch_key != "", IS_BAD_NEWS)
    query = (
        select(batches.c.issue_id, readers)
        .join(events, bad)
        .where(batches.c.issue_id.in_(issue_ids), ~told_of)
        .group_by(batches.c.issue_id)
        .having(readers >= least)
    )
    for issue_id, bounced in connection.execute(query).all():
        taken = (batches.c.issue_id == issue_id, batches.c.state == BatchState.ACCEPTED, ~told_of)
        accepted = connection.execute(select(func.coalesce(func.sum(batches.c.size), 0)).where(*taken)).scalar_one()
        if bounced * 100 > percent * accepted:
            newsletter = connection.execute(select(issues.c.newsletter).where(issues.c.id == issue_id)).scalar_one()
            found = {"newsletter": newsletter, "at": now, "bounced": bounced, "accepted": accepted, "over_at": None}
            new = insert_into(connection, storms).values(issue_id=issue_id, **found)
            is_over = storms.c.over_at.is_not(None)
            connection.execute(new.on_conflict_do_update(index_elements=["issue_id"], set_=found, where=is_over))
            pause(connection, newsletter)


def pause(connection: Connection, newsletter: str) -> None:
    """Pause whatever is being sent of the newsletter."""
    sending = (issues.c.newsletter == newsletter, issues.c.state == IssueState.SENDING)
    connection.execute(update(issues).where(*sending).values(state=IssueState.PAUSED))


def raging(connection: Connection, newsletter: str | None = None) -> list[Storm]:
    """Storms, of one newsletter or of all, after which the operator has not let it go on; the oldest first."""
    columns = (storms.c.issue_id, storms.c.newsletter, issues.c.number, storms.c.at, storms.c.bounced, storms.c.accepted)
    query = select(*columns).join(issues, issues.c.id == storms.c.issue_id).where(storms.c.over_at.is_(None))
    if newsletter is not None:
        query = query.where(storms.c.newsletter == newsletter)
    return [Storm(*row) for row in connection.execute(query.order_by(storms.c.issue_id))]


def end(connection: Connection, newsletter: str, now: datetime) -> bool:
    """The operator lets the newsletter go on; False when there was no storm."""
    over = update(storms).where(storms.c.newsletter == newsletter, storms.c.over_at.is_(None)).values(over_at=now)
    return connection.execute(over).rowcount > 0
