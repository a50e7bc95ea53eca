"""A page as its parser leaves it: what the author wrote, not yet judged."""

from dataclasses import dataclass

from hairfeed.models.articles import Enclosure, LeadImage


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a source; texts are as found, `html` is not sanitised yet."""

    title: str
    html: str
    date_text: str | None
    """The date as printed; None when the page has none."""
    authors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    summary: str | None = None
    url: str | None = None
    """Its public address, absolute or below the site's, when the page states it."""
    draft: bool = False
    """Not for readers: unfinished, unlisted, or for those only who have its address."""
    categories: tuple[str, ...] = ()
    """The topics that are categories, not mere tags: an address may be made of them."""
    slug: str | None = None
    """The author's own last part of its address."""
    expiry_text: str | None = None
    """The date from which it is not to be shown any more, as printed."""
    address_date_text: str | None = None
    """The date that its address is made of, where that is another than the one it is due at."""
    image: LeadImage | None = None
    enclosure: Enclosure | None = None
    """Its address may be relative to the page's."""
    updated_text: str | None = None
    """The date of the last edit as printed."""
    language: str | None = None
    """A BCP 47 tag."""
    date_is_guess: bool = False
    """No structured source tells the date: it was found in the text or the address, and must not be mailed on."""
    is_plain: bool = False
    """Title, summary, authors and topics are plain text: what looks like HTML in them is meant, and nothing is left to decode."""
    aliases: tuple[str, ...] = ()
    """Addresses that it had before, as its author states them."""
    is_article: bool = True
    """False for a home, listing, search, login or error page."""
