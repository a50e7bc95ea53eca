"""Which renderings of an issue there are: one for each choice that readers made, and one for those who chose nothing. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from hairfeed.errors import SubscriberError
from hairfeed.settings.newsletters import Newsletter
from hairfeed.store.issue_material import ReadersChoice
from hairfeed.text.slugs import slug

FOR_ALL = ReadersChoice("", "", 0)
"""What readers chose who chose nothing."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A choice of readers, and what the newsletter makes of it."""

    choice: ReadersChoice
    topics: frozenset[str]
    """Slugs; empty: all."""
    language: str
    """Of HairFeed's words."""


def wishes(choices: Sequence[ReadersChoice], newsletter: Newsletter, site_language: str) -> list[Wish]:
    """Every choice once, that of nothing first, whether or not somebody made it.

    What the newsletter does not offer any more counts as not chosen.
    """
    made = [choice for choice in choices if choice.topics or choice.language]
    for_all = next((choice for choice in choices if choice not in made), FOR_ALL)
    return [
        Wish(choice, _topics(choice.topics, newsletter), language_of(choice.language, newsletter, site_language))
        for choice in (for_all, *made)
    ]


def choice(newsletter: Newsletter, topics: str | None, language: str | None) -> tuple[str, str]:
    """Topics, by names or slugs with commas, and a language that the operator writes for a reader, as subscriptions keep them.

    Raises:
        SubscriberError: the newsletter does not offer one of them.
    """
    slugs = {slug(topic) for topic in (topics or "").split(",") if topic.strip()}
    for topic in sorted(slugs):
        if not offered(newsletter, topic):
            raise SubscriberError(
                f"{newsletter.title}: its readers cannot choose the topic {topic!r}; see topics and subscriber_topics"
            )
    if language and language not in newsletter.languages and language != newsletter.language:
        known = ", ".join(newsletter.languages) or "none"
        raise SubscriberError(f"{newsletter.title}: its readers cannot choose the language {language!r}; languages has {known}")
    return ",".join(sorted(slugs)), language or ""


def language_of(chosen: str, newsletter: Newsletter, site_language: str) -> str:
    """The language for readers who chose this one."""
    return chosen if chosen in newsletter.languages else newsletter.language or site_language


def offered(newsletter: Newsletter, topic: str) -> bool:
    """Whether readers of the newsletter may choose this topic, by its slug."""
    return newsletter.choosable is None or topic in map(slug, newsletter.choosable)


def _topics(chosen: str, newsletter: Newsletter) -> frozenset[str]:
    return frozenset(topic for topic in chosen.split(",") if topic and offered(newsletter, topic))
