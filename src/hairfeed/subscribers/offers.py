"""What readers may choose: newsletters, and within each its topics and languages."""

from collections.abc import Iterable
from dataclasses import dataclass

from hairfeed.settings import Settings
from hairfeed.store.database import Connection
from hairfeed.store.topics import Topic, topics
from hairfeed.text.slugs import slug

MOST_TOPICS = 40
"""More are no choice any more."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A newsletter and the choices within it."""

    name: str
    title: str
    topics: tuple[Topic, ...] = ()
    """None where there is nothing to choose."""
    languages: tuple[str, ...] = ()
    """Of its words; the newsletter's own first."""
    local_time: bool = False
    """Whether it comes at the hour in the reader's own time zone."""

    def chosen(self, slugs: Iterable[str]) -> str:
        """A choice of topics as subscriptions keep it. All of them are none: those that are to come belong to it too."""
        known = {topic.slug for topic in self.topics}
        wanted = known.intersection(slugs)
        return "" if wanted == known else ",".join(sorted(wanted))

    def spoken(self, language: str) -> str:
        """A choice of language as subscriptions keep it; what is not offered, and the newsletter's own, is no choice."""
        return language if language in self.languages[1:] else ""


def offers(settings: Settings, connection: Connection) -> list[Offer]:
    """Every newsletter, in the config's order."""
    found = topics(connection)
    return [
        Offer(
            name,
            newsletter.title,
            _choices(found, newsletter.choosable),
            tuple(dict.fromkeys((newsletter.language or settings.site.language, *newsletter.languages))),
            newsletter.local_time,
        )
        for name, newsletter in settings.newsletters.items()
    ]


def _choices(found: Iterable[Topic], choosable: tuple[str, ...] | None) -> tuple[Topic, ...]:
    slugs = None if choosable is None else set(map(slug, choosable))
    offered = tuple(topic for topic in found if slugs is None or topic.slug in slugs)
    return offered if 1 < len(offered) <= MOST_TOPICS else ()
