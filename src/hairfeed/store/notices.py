"""What the operator is to be told by mail, and what they were told of; each occurrence has a key of its own."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select

from hairfeed.models.articles import Mailing
from hairfeed.models.issues import IssueState
from hairfeed.store.schema.articles import articles, sources
from hairfeed.store.schema.issues import issues
from hairfeed.store.schema.operations import notices

_FLOODS_FOR = timedelta(days=30)
"""For so long the articles of a flood are news to somebody who has just given an address."""


@dataclass(frozen=True, slots=True)
class WaitingDraft:
    """An issue that waits for the operator's approval."""

    newsletter: str
    number: int
    composed_at: datetime


@dataclass(frozen=True, slots=True)
class Flood:
    """Articles that came at once and are kept out of the mail."""

    source: str
    seen_at: datetime
    articles: int


def drafts(connection: Connection) -> list[WaitingDraft]:
    """Those that wait now."""
    columns = (issues.c.newsletter, issues.c.number, issues.c.composed_at)
    query = select(*columns).where(issues.c.state == IssueState.DRAFT).order_by(issues.c.id)
    return [WaitingDraft(*row) for row in connection.execute(query)]


def floods(connection: Connection, now: datetime) -> list[Flood]:
    """Those of late that the operator has not let through."""
    columns = (sources.c.name, articles.c.first_seen_at)
    lately = (articles.c.mailing == Mailing.FLOOD, articles.c.first_seen_at >= now - _FLOODS_FOR)
    query = select(*columns, func.count()).join(sources, sources.c.id == articles.c.source_id).where(*lately)
    return [Flood(*row) for row in connection.execute(query.group_by(*columns).order_by(*columns))]


def untold(connection: Connection, keys: Collection[str]) -> set[str]:
    """Of these, what the operator was not told of."""
    told = select(notices.c.key).where(notices.c.key.in_(keys))
    return set(keys).difference(connection.execute(told).scalars())


def told(connection: Connection, key: str, now: datetime) -> None:
    """The letter about it is queued in this very transaction."""
    connection.execute(insert(notices).values(key=key, told_at=now))
