"""The mail that asks a reader to confirm: the only one to an address that nobody has proven yet.

Nothing that was typed into the form is in it: whoever signs a stranger up must not be able to write to them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from hairfeed.digest.content import Letter, Occasion
from hairfeed.settings import Settings

if TYPE_CHECKING:
    from hairfeed.digest.render import Rendering


def write_confirmation(
    settings: Settings, newsletters: Sequence[str], language: str, confirm_url: str, expires_at: datetime
) -> "Rendering":
    """The mail about one or several newsletters of the config.

    Raises:
        TemplateError: a template is missing or faulty.
    """
    # Only a pass in which someone signed up pays for the template and CSS libraries.
    from hairfeed.digest.render import Templates

    titles = ", ".join(settings.newsletters[name].title for name in newsletters)
    letter = Letter(
        kind=Occasion.CONFIRMATION,
        site=settings.site,
        newsletter=settings.newsletters[newsletters[0]].model_copy(update={"title": titles}),
        language=language,
        action_url=confirm_url,
        feed_url=f"{settings.feeds.url}/feed.rss",
        expires_on=expires_at.astimezone(settings.site.timezone).date(),
    )
    return Templates(settings.site.templates, settings.look).letter(letter)
