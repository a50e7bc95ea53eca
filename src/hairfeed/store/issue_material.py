"""What an issue is made from: articles that wait for a newsletter, mailed ones that have changed, and what its readers chose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, func, literal, select

from hairfeed.models.articles import Article, ArticleState, Mailing
from hairfeed.models.issues import IssueState
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store import feed_articles
from hairfeed.store.articles import NEWEST_FIRST, in_pieces, shown_by_ids
from hairfeed.store.schema.articles import article_topics, articles
from hairfeed.store.schema.issues import issue_articles, issue_corrections, issues
from hairfeed.store.schema.subscribers import subscribers, subscriptions, suppressions


@dataclass(frozen=True, slots=True)
class ReadersChoice:
    """What `readers` of a newsletter chose alike; as in their subscriptions."""

    topics: str
    language: str
    readers: int
    """Confirmed, and not suppressed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the ledger knows of an article beside what readers see: when it went live, and its newest change."""

    live_at: datetime
    revision: int


def waiting_articles(connection: Connection, newsletter: str, since: datetime, draft: int | None = None) -> list[Article]:
    """The articles that the newsletter may mail and never has, newest first: those that went live from `since` on.

    Those of the issue with the id `draft` count as waiting still, whenever they went live.
    """
    taken = exists(literal(1)).where(issue_articles.c.newsletter == newsletter, issue_articles.c.article_id == articles.c.id)
    waits = (articles.c.live_at >= since) & ~taken
    if draft is not None:
        waits |= taken.where(issue_articles.c.issue_id == draft)
    mailable = (articles.c.state == ArticleState.LIVE, articles.c.mailing == Mailing.ELIGIBLE)
    query = select(articles.c.id).where(*mailable, waits).order_by(*NEWEST_FIRST)
    return shown_by_ids(connection, connection.execute(query).scalars().all())


def standings(connection: Connection, ids: Sequence[int]) -> dict[int, Standing]:
    """By article id; of articles that readers see."""
    columns = (articles.c.id, articles.c.live_at, articles.c.revision)
    return {
        row.id: Standing(row.live_at, row.revision)
        for some in in_pieces(ids)
        for row in connection.execute(select(*columns).where(articles.c.id.in_(some)))
    }


def corrected_articles(connection: Connection, newsletter: str, limit: int, draft: int | None = None) -> list[Article]:
    """Articles that changed in what they say after the newsletter mailed them and after its last issue; the last change first.

    What an issue told of is not told again, but what the issue with the id `draft` tells of counts as untold.
    """
    last = (
        select(func.max(issues.c.composed_at))
        .where(
            issues.c.newsletter == newsletter,
            issues.c.state != IssueState.DRAFT,
            exists(literal(1)).where(issue_articles.c.issue_id == issues.c.id),
        )
        .scalar_subquery()
    )
    told = exists(literal(1)).where(
        issue_corrections.c.newsletter == newsletter,
        issue_corrections.c.article_id == articles.c.id,
        issue_corrections.c.updated_at == articles.c.updated_at,
        issue_corrections.c.issue_id != (draft or 0),
    )
    query = (
        select(articles.c.id)
        .join(issue_articles, issue_articles.c.article_id == articles.c.id)
        .join(issues, issues.c.id == issue_articles.c.issue_id)
        .where(
            issue_articles.c.newsletter == newsletter,
            issues.c.state != IssueState.DRAFT,
            articles.c.state == ArticleState.LIVE,
            articles.c.updated_at > issues.c.composed_at,
            articles.c.updated_at > last,
            ~told,
        )
        .order_by(articles.c.updated_at.desc(), articles.c.id.desc())
        .limit(limit)
    )
    return shown_by_ids(connection, connection.execute(query).scalars().all())


def readers_choices(connection: Connection, newsletter: str) -> list[ReadersChoice]:
    """Every choice that somebody made who would be owed an issue now, with how many; one statement, however many they are."""
    suppressed = exists(literal(1)).where(suppressions.c.email == subscribers.c.email)
    choice = (subscriptions.c.topics, subscriptions.c.language)
    query = (
        select(*choice, func.count())
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .where(subscriptions.c.newsletter == newsletter, subscriptions.c.state == SubscriptionState.CONFIRMED, ~suppressed)
        .group_by(*choice)
        .order_by(*choice)
    )
    return [ReadersChoice(*row) for row in connection.execute(query)]


def related_articles(connection: Connection, categories: Mapping[int, str], count: int) -> dict[int, list[tuple[str, str]]]:
    """By an article's id: title and address of the `count` that entered its category last before it, as in the feeds.

    `categories` gives the path of each article's category feed.
    """
    places = feed_articles.places_of(connection, categories) if count else []
    return {
        place.article_id: feed_articles.before(connection, place.feed, place.ordinal, count)
        for place in places
        if place.feed == categories[place.article_id]
    }


def topics_there_are(connection: Connection) -> list[str]:
    """Every topic that an article ever had."""
    return list(connection.execute(select(article_topics.c.topic).distinct().order_by(article_topics.c.topic)).scalars())
