"""Where the links of a mail lead. Pure.

Nothing in them tells one reader from another, but for the two that are the reader's own: to leave, and to choose.
"""

from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit, urlunsplit

from hairfeed.settings import Settings
from hairfeed.settings.newsletters import Campaign, Newsletter
from hairfeed.text.merge import Placeholder, address_token
from hairfeed.text.slugs import category_path, slug

_TRACEABLE = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True)
class Tracker:
    """The campaign's parameters of one issue, the same for all its readers."""

    parameters: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, campaign: Campaign | None, newsletter: str, number: int) -> "Tracker":
        """As the config has them; none where it has none."""
        given = campaign.model_dump(exclude_none=True) if campaign else {}
        parts = {"{newsletter}": newsletter, "{number}": str(number)}
        return cls(tuple((f"utm_{name}", _filled(value, parts)) for name, value in given.items()))

    def mark(self, address: str) -> str:
        """The address with the parameters that it does not have already; what is no web address stays as it is."""
        if not self.parameters:
            return address
        try:
            split = urlsplit(address)
        except ValueError:
            return address
        if split.scheme not in _TRACEABLE:
            return address
        present = {name for name, _ in parse_qsl(split.query, keep_blank_values=True)}
        added = [f"{name}={quote_plus(value)}" for name, value in self.parameters if name not in present]
        return urlunsplit(split._replace(query="&".join([*filter(None, [split.query]), *added]))) if added else address


def _filled(value: str, parts: dict[str, str]) -> str:
    for part, text in parts.items():
        value = value.replace(part, text)
    return value


def category_url(settings: Settings, topic: str) -> str | None:
    """Where all articles of a category are listed: on the site, or else on the page of its feed; None when there is neither."""
    if settings.site.category_url:
        return settings.site.category_url.replace("{slug}", quote(slug(topic)))
    return f"{settings.feeds.url}/{quote(category_path(topic))}" if settings.feeds.categories else None


def unsubscribe_url(settings: Settings, newsletter: Newsletter) -> str:
    """The recipient's own page to leave; without subscribe pages a mail to a person (RFC 6068): its sender is who leaves."""
    if settings.web or settings.mail.replies:
        return address_token(Placeholder.UNSUBSCRIBE)
    address = parseaddr(settings.mail.reply_to)[1]
    return f"mailto:{quote(address, safe='@+')}?subject={quote(f'Unsubscribe: {newsletter.title}')}"


def preferences_url(settings: Settings) -> str | None:
    """The recipient's own page to choose; None without subscribe pages."""
    return address_token(Placeholder.PREFERENCES) if settings.web else None
