"""The mails to who has just confirmed, who has just left, and of whom nothing is heard."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from hairfeed.digest.content import Letter, Occasion
from hairfeed.models.subscribers import Greeting
from hairfeed.settings import Settings
from hairfeed.store import feed_files
from hairfeed.store.database import Connection
from hairfeed.text.merge import Mergeable, Placeholder

if TYPE_CHECKING:
    from hairfeed.digest.render import Rendering


def write_greeting(
    connection: Connection,
    settings: Settings,
    kind: Greeting,
    newsletters: Sequence[str],
    language: str,
    name: str,
    links: tuple[str, str, str],
) -> "Rendering":
    """The mail about one or several newsletters of the config; `links` are to leave, to choose, and to subscribe.

    Raises:
        TemplateError: a template is missing or faulty.
    """
    # Only a pass in which someone came or left pays for the template and CSS libraries.
    from hairfeed.digest.render import Templates

    leave, choose, subscribe = links
    first = settings.newsletters[newsletters[0]]
    is_welcome = kind is Greeting.WELCOME
    letter = Letter(
        kind=Occasion(kind),
        site=settings.site,
        newsletter=first.model_copy(update={"title": ", ".join(settings.newsletters[one].title for one in newsletters)}),
        language=language or first.language or settings.site.language,
        action_url=_earlier_issues(connection, settings, newsletters) if is_welcome else subscribe,
        feed_url=f"{settings.feeds.url}/feed.rss",
        unsubscribe_url=leave if is_welcome else None,
        preferences_url=choose if is_welcome else None,
    )
    return _named(Templates(settings.site.templates, settings.look).letter(letter), name)


def write_question(
    settings: Settings, newsletter: str, language: str, name: str, links: tuple[str, str, str], until: date
) -> "Rendering":
    """The mail that asks whether somebody still wants a newsletter; `links` are to stay, to leave, and to choose.

    Raises:
        TemplateError: a template is missing or faulty.
    """
    from hairfeed.digest.render import Templates

    stay, leave, choose = links
    about = settings.newsletters[newsletter]
    letter = Letter(
        kind=Occasion.STAY,
        site=settings.site,
        newsletter=about,
        language=language or about.language or settings.site.language,
        action_url=stay,
        feed_url=f"{settings.feeds.url}/feed.rss",
        expires_on=until,
        unsubscribe_url=leave,
        preferences_url=choose,
    )
    return _named(Templates(settings.site.templates, settings.look).letter(letter), name)


def _named(written: "Rendering", name: str) -> "Rendering":
    """With the reader's name where the template wants it."""
    named = {Placeholder.NAME: name}
    return replace(
        written,
        subject=Mergeable.of(written.subject).fill(named),
        text=Mergeable.of(written.text).fill(named),
        html=Mergeable.of(written.html).fill_html(named),
    )


def _earlier_issues(connection: Connection, settings: Settings, newsletters: Sequence[str]) -> str:
    """The list of issues of the first newsletter that has one; empty where none has."""
    for name in newsletters:
        if feed_files.is_there(connection, f"issues/{name}/index.html"):
            return f"{settings.feeds.url}/issues/{name}/"
    return ""
