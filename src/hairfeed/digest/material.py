"""All that an issue is made from, read from the ledger at one moment."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hairfeed.digest.choose import NOTHING, Choice, about, choose_articles, slugs_of
from hairfeed.digest.hour import Hour
from hairfeed.digest.pictures import logos_of, pictures_of
from hairfeed.digest.public_page import page_url
from hairfeed.digest.showing import Extras
from hairfeed.digest.variants import Wish, wishes
from hairfeed.models.articles import Article
from hairfeed.settings import Settings
from hairfeed.settings.newsletters import Newsletter
from hairfeed.store import articles, issue_material, issues
from hairfeed.store.database import Connection
from hairfeed.store.issue_material import Standing
from hairfeed.store.issues import ALL_TOPICS, Draft
from hairfeed.text.slugs import category_path, slug

MOST_CORRECTIONS = 10
"""In one issue; where still more articles changed since the last one, readers are told of those that changed last."""


@dataclass(frozen=True, slots=True)
class Material:
    """What the next issue of a newsletter is made from; nothing to say where `choice` has no articles."""

    name: str
    newsletter: Newsletter
    number: int
    due_at: datetime | None
    """When it is or was due; None for a schedule that never is again."""
    is_due: bool
    """Whether the next pass composes it; else it is still to come, or a draft waits."""
    draft: Draft | None
    """The draft that waits for approval, and that this is to take the place of."""
    waiting: int
    """Articles that could be in it, by topics too."""
    choice: Choice
    """For readers who chose nothing: its articles are taken by the issue."""
    chosen: Sequence[tuple[Wish, Choice]]
    """For every wish: that of readers who chose nothing comes first."""
    corrected: Sequence[Article]
    standings: Mapping[int, Standing]
    related: Mapping[int, Sequence[tuple[str, str]]]
    unknown_topics: Sequence[str] = field(default=())
    """Topics in the config that no article ever had."""
    extras: Extras = field(default_factory=Extras)
    revision: int = 0
    """The newest change of any article at that moment."""


def read_material(connection: Connection, settings: Settings, name: str, now: datetime, hour: Hour) -> Material:
    """What an issue of the newsletter is made from at this hour; nothing is changed.

    A draft that waits is made again from its own articles, as they are now; when the newsletter is due once more, from what is new
    beside.
    """
    newsletter, due_at = settings.newsletters[name], hour.due_at
    is_due = due_at is not None
    draft = issues.draft(connection, name)
    waiting = issue_material.waiting_articles(connection, name, hour.since, draft.id if draft else None)
    corrected = issue_material.corrected_articles(connection, name, MOST_CORRECTIONS, draft.id if draft else None)
    if draft and not is_due:
        due_at = draft.due_at
        waiting = [article for article in waiting if article.id in draft.articles]
    standings = issue_material.standings(connection, [article.id for article in waiting])
    waiting = _of_its_topics(waiting, newsletter, standings, issues.topic_starts(connection, name), now)
    enough = len(waiting) >= newsletter.min_articles
    choice = choose_articles(waiting, newsletter) if enough or (draft and not is_due) else NOTHING
    wished = wishes(issue_material.readers_choices(connection, name), newsletter, settings.site.language) if choice.featured else []
    chosen = [(wish, choose_articles(about(waiting, wish.topics), newsletter)) for wish in wished]
    number = draft.number if draft else issues.next_number(connection, name)
    shown = {article.id: article for _, one in chosen for article in one.featured}
    categories = {article.id: category_path(article.topics[0]) for article in shown.values() if article.topics}
    return Material(
        name=name,
        newsletter=newsletter,
        number=number,
        due_at=due_at or hour.coming_at,
        is_due=is_due,
        draft=draft,
        waiting=len(waiting),
        choice=choice,
        chosen=chosen,
        corrected=corrected if newsletter.corrections else (),
        standings=standings,
        related=issue_material.related_articles(connection, categories, newsletter.related),
        unknown_topics=unknown_topics(connection, newsletter),
        extras=_extras(connection, settings, shown, page_url(settings, name, number)),
        revision=articles.newest_revision(connection),
    )


def _extras(connection: Connection, settings: Settings, article_ids: Collection[int], archive_url: str | None) -> Extras:
    logos = logos_of(connection, settings)
    pictures = pictures_of(connection, article_ids, settings) if settings.archive.pictures else None
    return Extras(pictures, logos.light, logos.dark, archive_url, logos.missing)


def _of_its_topics(
    waiting: Sequence[Article],
    newsletter: Newsletter,
    standings: Mapping[int, Standing],
    starts: Mapping[str, datetime],
    now: datetime,
) -> list[Article]:
    """Those of a topic that the newsletter had already when they went live."""
    topics = set(map(slug, newsletter.topics)) or {ALL_TOPICS}

    def belongs(article: Article) -> bool:
        its = {ALL_TOPICS, *slugs_of(article)} & topics
        return any(standings[article.id].live_at >= starts.get(topic, now) for topic in its)

    return [article for article in waiting if belongs(article)]


def unknown_topics(connection: Connection, newsletter: Newsletter) -> list[str]:
    """Topics of the newsletter that no article has or had: probably slips of the pen."""
    named = [*newsletter.topics, *(() if isinstance(newsletter.subscriber_topics, bool) else newsletter.subscriber_topics)]
    if not named:
        return []
    known = set(map(slug, issue_material.topics_there_are(connection)))
    return [topic for topic in dict.fromkeys(named) if slug(topic) not in known]
