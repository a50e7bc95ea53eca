"""Newsletters and their issues, up to the moment an issue is free to be sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, exists, func, insert, literal, select, update

from hairfeed.models import Article, ArticleState, IssueState, Mailing
from hairfeed.store.articles import shown_by_ids
from hairfeed.store.schema import Instant, articles, issue_articles, issues, newsletters, variants


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
    """The newsletter was due, and there was too little to say, or it was too late."""
    connection.execute(update(newsletters).where(newsletters.c.name == newsletter).values(last_due_at=due_at))


def skip(connection: Connection, newsletter: str, due_at: datetime) -> None:
    """The newsletter was due and is not sent: what went live before is not for it any more."""
    values = {"last_due_at": due_at, "started_at": due_at}
    connection.execute(update(newsletters).where(newsletters.c.name == newsletter).values(values))


def rewind(connection: Connection, newsletter: str, to: datetime) -> None:
    """Count on from `to`: the newsletter began then at the latest, and was served up to then."""
    started_at = case((newsletters.c.started_at > to, literal(to, Instant)), else_=newsletters.c.started_at)
    values = {"last_due_at": to, "started_at": started_at}
    connection.execute(update(newsletters).where(newsletters.c.name == newsletter).values(values))


def is_composed(connection: Connection, newsletter: str, due_at: datetime) -> bool:
    """Whether the newsletter has an issue of this instant."""
    query = select(issues.c.id).where(issues.c.newsletter == newsletter, issues.c.due_at == due_at)
    return connection.execute(query).first() is not None


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
