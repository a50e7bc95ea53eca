"""Newsletters' clocks, and issues from a draft to their end; every change of state is conditional on the state before it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete, exists, func, insert, literal, or_, select, update

from hairfeed.models.issues import BatchState, IssueState
from hairfeed.store import issue_pages, tracking
from hairfeed.store.issue_pages import IssuePage
from hairfeed.store.schema.articles import articles
from hairfeed.store.schema.deliveries import batches
from hairfeed.store.schema.issues import issue_articles, issue_corrections, issues, newsletter_topics, newsletters, variants

ALL_TOPICS = ""
"""In place of a topic's slug: of whatever topic."""

_STOPPABLE = (IssueState.DRAFT, IssueState.APPROVED, IssueState.SENDING, IssueState.PAUSED)
# In a batch like this no mail has gone to anyone, and none can any more.
_NOBODY_GOT_IT = (BatchState.CANCELLED, BatchState.REFUSED, BatchState.SPLIT)


@dataclass(frozen=True, slots=True)
class NewsletterClock:
    """When a newsletter began, and the last instant at which it was due and served."""

    started_at: datetime
    last_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class TakenArticle:
    """An article's place in an issue; `revision` is the article's own when the issue was composed."""

    article_id: int
    role: str
    revision: int


@dataclass(frozen=True, slots=True)
class ToldCorrection:
    """A change of a mailed article that an issue tells of."""

    article_id: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class NewVariant:
    """A rendering for readers with one choice, as in their subscriptions; with no articles nobody gets it."""

    topics: str
    language: str
    articles: int
    subject: str
    html: str
    text: str
    archive_url: str | None = None
    """The issue's public page, where it has one."""


@dataclass(frozen=True, slots=True)
class NewIssue:
    """A composed issue on its way into the ledger; one of `variants` is for those who chose nothing."""

    newsletter: str
    number: int
    due_at: datetime
    plan_hash: str
    articles: Sequence[TakenArticle]
    corrections: Sequence[ToldCorrection]
    variants: Sequence[NewVariant]
    page: IssuePage | None = None
    """What its public page says; None where the config wants none."""
    links: Mapping[str, int] = field(default_factory=dict)
    """By where they lead, the numbers of links that are counted."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An issue that waits for approval, as it is in the ledger."""

    id: int
    number: int
    due_at: datetime
    plan_hash: str
    articles: Mapping[int, int]
    """Revisions by article id."""
    corrections: frozenset[int]
    """Ids of articles."""
    variants: Sequence[NewVariant]


@dataclass(frozen=True, slots=True)
class IssueRow:
    """An issue as the operator sees it."""

    id: int
    newsletter: str
    number: int
    state: IssueState
    due_at: datetime
    composed_at: datetime
    subject: str
    """That of readers who chose nothing."""
    articles: int


def start_newsletter(connection: Connection, name: str, now: datetime) -> NewsletterClock:
    """The newsletter's clock; one that is not known yet starts now, so that it never mails what was there before it."""
    known = clock(connection, name)
    if known is None:
        connection.execute(insert(newsletters).values(name=name, started_at=now))
    return known or NewsletterClock(now, None)


def start_topics(connection: Connection, name: str, topics: Collection[str], now: datetime) -> None:
    """Let each topic of the newsletter (slugs; none of them means all) start now that it did not have before.

    One that is added later does not bring its archive, and one that is taken out and put in again starts anew.
    """
    wanted, started = set(topics) or {ALL_TOPICS}, topic_starts(connection, name)
    if gone := started.keys() - wanted:
        of_it = newsletter_topics.c.newsletter == name
        connection.execute(delete(newsletter_topics).where(of_it, newsletter_topics.c.topic.in_(gone)))
    if new := sorted(wanted - started.keys()):
        connection.execute(insert(newsletter_topics), [{"newsletter": name, "topic": one, "since_at": now} for one in new])


def clock(connection: Connection, name: str) -> NewsletterClock | None:
    """The newsletter's clock; None while no pass has met it."""
    columns = (newsletters.c.started_at, newsletters.c.last_due_at)
    row = connection.execute(select(*columns).where(newsletters.c.name == name)).one_or_none()
    return NewsletterClock(*row) if row else None


def topic_starts(connection: Connection, name: str) -> dict[str, datetime]:
    """Since when the newsletter has each of its topics, by slug."""
    columns = (newsletter_topics.c.topic, newsletter_topics.c.since_at)
    return {row.topic: row.since_at for row in connection.execute(select(*columns).where(newsletter_topics.c.newsletter == name))}


def next_number(connection: Connection, newsletter: str) -> int:
    """The number of the newsletter's next issue; the first is 1."""
    newest = connection.execute(select(func.max(issues.c.number)).where(issues.c.newsletter == newsletter)).scalar_one()
    return (newest or 0) + 1


def pass_over(connection: Connection, newsletter: str, due_at: datetime) -> None:
    """The newsletter was due, and that is dealt with: an issue is composed, there was too little to say, or it was too late."""
    before = or_(newsletters.c.last_due_at.is_(None), newsletters.c.last_due_at < due_at)
    connection.execute(update(newsletters).where(newsletters.c.name == newsletter, before).values(last_due_at=due_at))


def skip(connection: Connection, newsletter: str, due_at: datetime) -> None:
    """The newsletter was due and is not sent: what went live before is not for it any more."""
    values = {"last_due_at": due_at, "started_at": due_at}
    connection.execute(update(newsletters).where(newsletters.c.name == newsletter).values(values))


def rewind(connection: Connection, newsletter: str, to: datetime) -> None:
    """Count on from `to`: the newsletter and its topics began then at the latest, and it was served up to then."""
    of_it = newsletters.c.name == newsletter
    connection.execute(update(newsletters).where(of_it).values(last_due_at=to))
    connection.execute(update(newsletters).where(of_it, newsletters.c.started_at > to).values(started_at=to))
    topics = update(newsletter_topics).where(newsletter_topics.c.newsletter == newsletter, newsletter_topics.c.since_at > to)
    connection.execute(topics.values(since_at=to))


def is_composed(connection: Connection, newsletter: str, due_at: datetime) -> bool:
    """Whether the newsletter has an issue of this instant."""
    query = select(issues.c.id).where(issues.c.newsletter == newsletter, issues.c.due_at == due_at)
    return connection.execute(query).first() is not None


def has_draft(connection: Connection, newsletter: str) -> bool:
    """Whether an issue of the newsletter waits for approval."""
    where = (issues.c.newsletter == newsletter, issues.c.state == IssueState.DRAFT)
    return bool(connection.execute(select(exists(literal(1)).where(*where))).scalar_one())


def draft(connection: Connection, newsletter: str) -> Draft | None:
    """The newsletter's issue that waits for approval; there is never more than one."""
    columns = (issues.c.id, issues.c.number, issues.c.due_at, issues.c.plan_hash)
    where = (issues.c.newsletter == newsletter, issues.c.state == IssueState.DRAFT)
    row = connection.execute(select(*columns).where(*where)).one_or_none()
    if row is None:
        return None
    taken = select(issue_articles.c.article_id, issue_articles.c.revision).where(issue_articles.c.issue_id == row.id)
    told = select(issue_corrections.c.article_id).where(issue_corrections.c.issue_id == row.id)
    return Draft(
        *row,
        articles=dict(connection.execute(taken).all()),
        corrections=frozenset(connection.execute(told).scalars()),
        variants=variants_of(connection, row.id),
    )


def variants_of(connection: Connection, issue_id: int) -> list[NewVariant]:
    """The issue's renderings: the one for all first."""
    columns = [variants.c[name] for name in NewVariant.__slots__]
    rows = connection.execute(select(*columns).where(variants.c.issue_id == issue_id)).all()
    return sorted((NewVariant(*row) for row in rows), key=lambda one: (one.topics, one.language))


def save(connection: Connection, issue: NewIssue, state: IssueState, now: datetime, replaces: int | None = None) -> bool:
    """Enter a composed issue as a draft or as approved; its articles are taken.

    `replaces` is the id of the draft in whose place it comes: False when that is a draft no longer.

    Raises:
        sqlalchemy.exc.IntegrityError: the number, or one of the articles, is taken by another issue of the newsletter.
    """
    values = {"state": state, "due_at": issue.due_at, "composed_at": now, "plan_hash": issue.plan_hash}
    if replaces is None:
        named = {"newsletter": issue.newsletter, "number": issue.number}
        issue_id: int = connection.execute(insert(issues).values(named | values).returning(issues.c.id)).scalar_one()
    else:
        issue_id = replaces
        is_draft = (issues.c.id == issue_id, issues.c.state == IssueState.DRAFT)
        if connection.execute(update(issues).where(*is_draft).values(values)).rowcount != 1:
            return False
        _release(connection, issue_id)
        connection.execute(delete(variants).where(variants.c.issue_id == issue_id))
        issue_pages.unfreeze(connection, issue_id)
    of_it = {"newsletter": issue.newsletter, "issue_id": issue_id}
    taken = [{"article_id": one.article_id, "role": one.role, "revision": one.revision} for one in issue.articles]
    connection.execute(insert(issue_articles), [of_it | one | {"place": place} for place, one in enumerate(taken)])
    if issue.corrections:
        told = [{"article_id": one.article_id, "updated_at": one.updated_at} for one in issue.corrections]
        connection.execute(insert(issue_corrections), [of_it | one for one in told])
    rows = [{name: getattr(one, name) for name in NewVariant.__slots__} for one in issue.variants]
    connection.execute(insert(variants), [{"issue_id": issue_id} | row for row in rows])
    tracking.number_links(connection, issue_id, issue.links)
    if issue.page:
        issue_pages.freeze(connection, issue_id, issue.page)
    pass_over(connection, issue.newsletter, issue.due_at)
    return True


def cancel(connection: Connection, issue_id: int) -> bool | None:
    """Stop an issue: nothing more of it is submitted. None when it has come to its end before.

    True when nobody got it: its articles are free for the next issue. False when somebody has, or may have: they stay taken.
    """
    stopped = update(issues).where(issues.c.id == issue_id, issues.c.state.in_(_STOPPABLE)).values(state=IssueState.CANCELLED)
    if connection.execute(stopped).rowcount != 1:
        return None
    # Whoever submits claims its batch first, by the same condition: each is either claimed or cancelled.
    pending = (batches.c.issue_id == issue_id, batches.c.state == BatchState.PENDING)
    connection.execute(update(batches).where(*pending).values(state=BatchState.CANCELLED, note="the issue was cancelled"))
    others = (batches.c.issue_id == issue_id, batches.c.state.not_in(_NOBODY_GOT_IT))
    if connection.execute(select(exists(literal(1)).where(*others))).scalar_one():
        return False
    _release(connection, issue_id)
    return True


def listed(connection: Connection, limit: int, newsletter: str | None = None, number: int | None = None) -> list[IssueRow]:
    """The newest issues, of one newsletter, or one of its numbers, if given."""
    count = select(func.count()).where(issue_articles.c.issue_id == issues.c.id).scalar_subquery()
    for_all = (variants.c.topics == "", variants.c.language == "")
    subject = select(variants.c.subject).where(variants.c.issue_id == issues.c.id, *for_all).scalar_subquery()
    columns = [issues.c[name] for name in IssueRow.__slots__ if name not in {"subject", "articles"}]
    query = select(*columns, subject.label("subject"), count.label("articles"))
    if newsletter is not None:
        query = query.where(issues.c.newsletter == newsletter)
    if number is not None:
        query = query.where(issues.c.number == number)
    rows = connection.execute(query.order_by(issues.c.composed_at.desc(), issues.c.id.desc()).limit(limit)).mappings()
    return [IssueRow(**{**row, "state": IssueState(row["state"])}) for row in rows]


def titles_of(connection: Connection, issue_id: int) -> list[tuple[int, str, str]]:
    """Id, role and title of the issue's articles, in their order."""
    query = (
        select(articles.c.id, issue_articles.c.role, articles.c.title)
        .join(issue_articles, issue_articles.c.article_id == articles.c.id)
        .where(issue_articles.c.issue_id == issue_id)
        .order_by(issue_articles.c.place)
    )
    return [(row.id, row.role, row.title) for row in connection.execute(query)]


def _release(connection: Connection, issue_id: int) -> None:
    """Let go of the issue's articles, and of the corrections that it would have told."""
    for table in (issue_articles, issue_corrections):
        connection.execute(delete(table).where(table.c.issue_id == issue_id))
