"""What the config of `hairfeed init` leaves to be filled in, and what of that is still as it was."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hairfeed.settings import Settings

URL: Final = "https://www.example.com"
TITLE: Final = "Title of your site"
SAMPLE: Final = {
    "site.title": TITLE,
    "site.url": URL,
    "site.author": "Name of its author",
    "site.postal_address": "Your name, street and town",
    "feeds.url": f"{URL}/feeds",
    "mail.from": f"{TITLE} <newsletter@example.com>",
    "mail.reply_to": "editor@example.com",
}
"""What each key has until somebody fills it in. Hosts are nobody's (RFC 2606)."""
_OF_OUR_OWN_SAMPLE: Final = "HairFEAR, 1 Example Street, Springfield"


def left_over(settings: "Settings") -> list[str]:
    """The keys whose values are still the sample's, in the order of the config."""
    site, mail = settings.site, settings.mail
    held = {
        "site.title": site.title,
        "site.url": site.url,
        "site.author": site.author,
        "site.postal_address": site.postal_address,
        "feeds.url": settings.feeds.url,
        "mail.from": mail.from_,
        "mail.reply_to": mail.reply_to,
    }
    return [key for key, value in held.items() if value in (SAMPLE[key], _OF_OUR_OWN_SAMPLE)]
