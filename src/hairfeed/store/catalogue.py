"""Articles as the operator sees and changes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, exists, literal, select, update

from hairfeed.errors import ArticleError
from hairfeed.models.articles import ArticleState, Mailing
from hairfeed.models.issues import IssueState
from hairfeed.store.articles import newest_revision
from hairfeed.store.schema.articles import article_topics, articles, sources
from hairfeed.store.schema.issues import issue_articles, issues

KEPT_OUT = (Mailing.BACKDATED, Mailing.GUESSED, Mailing.FLOOD, Mailing.WITHHELD)
"""Reasons against mailing that the operator may set aside; the archive of a source is not among them."""

_WHY_NOT: Mapping[str, str] = {
    Mailing.BASELINE: "is baseline: it was there when its source was first looked at, and the archive is not mailed",
    Mailing.ELIGIBLE: "is eligible: it is in the mail already, or comes into the next issue",
    ArticleState.GONE: "is gone: its source has it no longer",
    ArticleState.FORGOTTEN: "is forgotten: 'hairfeed articles forget' took it out for good",
}

SHOWN = (ArticleState.LIVE, ArticleState.HELD)
"""States of articles that readers see, or will."""

# What is in a draft was not mailed yet.
_IS_NO_DRAFT = exists(literal(1)).where(issues.c.id == issue_articles.c.issue_id, issues.c.state != IssueState.DRAFT)


@dataclass(frozen=True, slots=True)
class Entry:
    """An article in a list. `standing` is `mailed`, or whether it may be."""

    id: int
    published_on: date
    state: str
    standing: str
    title: str


def listed(connection: Connection, limit: int, source: str | None, *, not_mailed: bool) -> list[Entry]:
    """The newest articles, of one source if given; `not_mailed` leaves those that the operator may still let into the mail."""
    mailed = exists(literal(1)).where(issue_articles.c.article_id == articles.c.id, _IS_NO_DRAFT).label("mailed")
    columns = (articles.c.id, articles.c.published_on, articles.c.state, articles.c.mailing, articles.c.title, mailed)
    query = select(*columns).join(sources, sources.c.id == articles.c.source_id)
    if source is not None:
        query = query.where(sources.c.name == source)
    if not_mailed:
        query = query.where(articles.c.mailing.in_(KEPT_OUT), articles.c.state.in_(SHOWN), ~mailed.element)
    rows = connection.execute(query.order_by(articles.c.published_at.desc(), articles.c.id.desc()).limit(limit))
    return [Entry(row.id, row.published_on, row.state, "mailed" if row.mailed else row.mailing, row.title) for row in rows]


def facts(connection: Connection, number: int) -> dict[str, str]:
    """All that is known of an article, by name.

    Raises:
        ArticleError: there is no such article.
    """
    query = select(articles, sources.c.name.label("source")).join(sources, sources.c.id == articles.c.source_id)
    row = connection.execute(query.where(articles.c.id == number)).mappings().one_or_none()
    if row is None:
        raise _unknown(number)
    topics = connection.execute(
        select(article_topics.c.topic).where(article_topics.c.article_id == number).order_by(article_topics.c.place)
    ).scalars()
    mailed_by = connection.execute(
        select(issue_articles.c.newsletter).where(issue_articles.c.article_id == number, _IS_NO_DRAFT)
    ).scalars()
    names = ("title", "url", "guid", "source", "upstream_id", "published_on", "published_at", "updated_at", "first_seen_at")
    known = {name.replace("_", " "): str(row[name]) for name in (*names, "state", "mailing", "summary") if row[name] is not None}
    return known | {"topics": ", ".join(topics), "mailed by": ", ".join(mailed_by) or "none"}


def let_into_mail(connection: Connection, number: int | None, source: str | None) -> int:
    """Let one article, or all that a flood of the source kept back, into the next issue; how many.

    Raises:
        ArticleError: there is no such article or source, or the article was not kept out.
    """
    if number is not None:
        return _let_one_into_mail(connection, number)
    source_id = connection.execute(select(sources.c.id).where(sources.c.name == source)).scalar()
    if source_id is None:
        raise ArticleError(f"source {source}: is not known; 'hairfeed run' makes sources known")
    flood = (articles.c.source_id == source_id, articles.c.mailing == Mailing.FLOOD)
    return connection.execute(update(articles).where(*flood).values(mailing=Mailing.ELIGIBLE)).rowcount


def _let_one_into_mail(connection: Connection, number: int) -> int:
    kept_out = (articles.c.id == number, articles.c.mailing.in_(KEPT_OUT), articles.c.state.in_(SHOWN))
    changed = connection.execute(update(articles).where(*kept_out).values(mailing=Mailing.ELIGIBLE)).rowcount
    if changed == 0:
        known = facts(connection, number)
        standing = known["mailing"] if known["state"] in SHOWN else known["state"]
        raise ArticleError(
            f"article {number}: {_WHY_NOT.get(standing, f'is {standing}')}; "
            f"only {', '.join(KEPT_OUT)} articles can be let into the mail"
        )
    return changed


def keep_out_of_mail(connection: Connection, number: int) -> None:
    """Keep an article out of the mail; what was mailed stays mailed.

    Raises:
        ArticleError: there is no such article.
    """
    _change(connection, number, {"mailing": Mailing.WITHHELD})


def forget(connection: Connection, number: int, now: datetime) -> None:
    """Take an article out of the feeds for good.

    Raises:
        ArticleError: there is no such article.
    """
    values = {"state": ArticleState.FORGOTTEN, "mailing": Mailing.WITHHELD, "changed_at": now}
    _change(connection, number, values | {"revision": newest_revision(connection) + 1})


def _change(connection: Connection, number: int, values: dict[str, object]) -> None:
    if connection.execute(update(articles).where(articles.c.id == number).values(values)).rowcount == 0:
        raise _unknown(number)


def _unknown(number: int) -> ArticleError:
    return ArticleError(f"article {number}: there is none; 'hairfeed articles list' shows their numbers")
