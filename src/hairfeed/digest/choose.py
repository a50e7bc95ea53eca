"""Which of the waiting articles an issue carries, and in which order. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hairfeed.models.articles import Article
from hairfeed.settings.newsletters import TOPIC_LEAD, Newsletter
from hairfeed.text.slugs import slug


@dataclass(frozen=True, slots=True)
class Choice:
    """`featured` with a summary each, in reading order; `also` by title and link, newest first; of the `others` only the number."""

    featured: Sequence[Article]
    also: Sequence[Article] = ()
    others: Sequence[Article] = ()

    @property
    def articles(self) -> list[Article]:
        """All of them."""
        return [*self.featured, *self.also, *self.others]


NOTHING = Choice(())


def about(articles: Sequence[Article], topics: Collection[str]) -> list[Article]:
    """The articles that have one of these topics (slugs); all where there are none."""
    return [article for article in articles if not topics or slugs_of(article) & set(topics)]


def slugs_of(article: Article) -> set[str]:
    """Its topics as readers choose them."""
    return set(map(slug, article.topics))


def choose_articles(waiting: Sequence[Article], newsletter: Newsletter) -> Choice:
    """The lead article and the newest others in full, the rest by title.

    `waiting` is newest first. What does not find room is named or counted, not carried over: an issue tells of its week, and
    owes nothing.
    """
    if not waiting:
        return NOTHING
    lead = _lead(waiting, newsletter.lead)
    others = [article for article in waiting if article is not lead]
    room = newsletter.max_articles - 1
    listed = room + newsletter.max_also
    return Choice([lead, *_in_order(others[:room], newsletter)], others[room:listed], others[listed:])


def _lead(waiting: Sequence[Article], rule: str) -> Article:
    if rule == "longest":
        return max(waiting, key=lambda article: len(article.html))
    topic = slug(rule.removeprefix(TOPIC_LEAD))
    return next((article for article in waiting if rule.startswith(TOPIC_LEAD) and topic in slugs_of(article)), waiting[0])


def _in_order(newest_first: Sequence[Article], newsletter: Newsletter) -> list[Article]:
    if newsletter.order == "oldest":
        return list(reversed(newest_first))
    if newsletter.order == "newest":
        return list(newest_first)
    places = {slug(topic): place for place, topic in enumerate(newsletter.topics)}

    def by_topic(article: Article) -> tuple[int, str]:
        category = slug(article.topics[0]) if article.topics else ""
        return places.get(category, len(places)), category

    return sorted(newest_first, key=by_topic)
