"""Newsletters and their issues, up to the moment an issue is free to be sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, func, insert, literal, select, update

from hairfeed.models import Article, ArticleState, IssueState, Mailing
from hairfeed.store.articles import shown_by_ids
from hairfeed.store.issue_pages import IssuePage, freeze
from hairfeed.store.schema import articles, issue_articles, issues, newsletters, variants


@dataclass(frozen=True, slots=True)
class NewsletterClock:
    """When a newsletter began, and the last instant at which it was due and served."""

    started_at: datetime
    last_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class DraftIssue:
    """A composed issue on its way into the ledger; `html` and `text` are what every recipient gets."""

    newsletter: str
    number: int
    due_at: datetime
    featured: Sequence[Article]
    also: Sequence[Article]
    subject: str
    html: str
    text: str
    page: IssuePage | None = None
    """What its public page says."""


def start_newsletter(connection: Connection, name: str, now: datetime) -> NewsletterClock:
    """The newsletter's clock; one that is not known yet starts now, so that it never mails what was there before it."""
    row = connection.execute(select(newsletters).where(newsletters.c.name == name)).one_or_none()
    if row is None:
        connection.execute(insert(newsletters).values(name=name, started_at=now))
        return NewsletterClock(now, None)
    return NewsletterClock(row.started_at, row.last_due_at)


def waiting_articles(connection: Connection, newsletter: str, since: datetime) -> list[Article]:
    """The articles that the newsletter may mail and never has, newest first; `since` is when it started."""
    mailed = exists(literal(1)).where(issue_articles.c.newsletter == newsletter, issue_articles.c.article_id == articles.c.id)
    query = (
        select(articles.c.id)
        .where(articles.c.state == ArticleState.LIVE, articles.c.mailing == Mailing.ELIGIBLE, articles.c.live_at >= since, ~mailed)
        .order_by(articles.c.published_at.desc(), articles.c.first_seen_at.desc(), articles.c.id.desc())
    )
    return shown_by_ids(connection, connection.execute(query).scalars().all())


def next_number(connection: Connection, newsletter: str) -> int:
    """The number of the newsletter's next issue; the first is 1."""
    newest = connection.execute(select(func.max(issues.c.number)).where(issues.c.newsletter == newsletter)).scalar_one()
    return (newest or 0) + 1


def pass_over(connection: Connection, newsletter: str, due_at: datetime) -> None:
    """The newsletter was due, and there was too little to say."""
    connection.execute(update(newsletters).where(newsletters.c.name == newsletter).values(last_due_at=due_at))


def approve(connection: Connection, draft: DraftIssue, now: datetime) -> None:
    """Enter a composed issue; its articles are taken, and it is free to be sent.

    Raises:
        sqlalchemy.exc.IntegrityError: the number, or one of the articles, is taken by another issue of the newsletter.
    """
    values = {
        "newsletter": draft.newsletter,
        "number": draft.number,
        "state": IssueState.APPROVED,
        "due_at": draft.due_at,
        "composed_at": now,
    }
    issue = connection.execute(insert(issues).values(values).returning(issues.c.id)).scalar_one()
    if draft.page:
        freeze(connection, issue, draft.page)
    roles = [("featured", article) for article in draft.featured] + [("also", article) for article in draft.also]
    connection.execute(
        insert(issue_articles),
        [
            {"newsletter": draft.newsletter, "article_id": article.id, "issue_id": issue, "place": place, "role": role}
            for place, (role, article) in enumerate(roles)
        ],
    )
    rendering = {"subject": draft.subject, "html": draft.html, "text": draft.text}
    connection.execute(insert(variants).values(issue_id=issue, topics="", language="", articles=len(roles), **rendering))
    pass_over(connection, draft.newsletter, draft.due_at)
