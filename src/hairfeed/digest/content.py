"""What one rendering of an issue says, before a template gives it a form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hairfeed.settings.newsletters import Newsletter
from hairfeed.settings.site import Site


@dataclass(frozen=True, slots=True)
class Link:
    """A title and where it leads: an absolute address."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An image file in place at its public address, made for twice the size at which it is shown."""

    url: str
    width: int
    """As it is shown, in CSS pixels."""
    height: int
    alt: str
    """Empty where it only decorates."""


@dataclass(frozen=True, slots=True)
class DigestArticle:
    """An article as a digest shows it."""

    id: int
    title: str
    url: str
    """Where read-more leads: absolute, with the campaign's parameters where the config asks for them."""
    summary: str
    """Plain text, already as short as it has to be."""
    topics: tuple[str, ...]
    authors: tuple[str, ...]
    published_on: date
    picture: Picture | None = None
    related: tuple[Link, ...] = ()
    """Other articles of its category, as on the site."""
    read_all: Link | None = None
    """All articles of its category; the title is the category's name."""


@dataclass(frozen=True, slots=True)
class Correction:
    """An article that was mailed before and has changed in what it says."""

    title: str
    url: str
    corrected_on: date


@dataclass(frozen=True, slots=True)
class DigestContent:
    """What the recipients of one variant are told."""

    site: Site
    newsletter: Newsletter
    number: int
    issued_on: date
    """The issue's day in the site's time zone."""
    language: str
    """Of HairFeed's own words in it: a tag of RFC 5646. Articles are in the site's language."""
    featured: Sequence[DigestArticle]
    """In reading order, the lead article first; never empty."""
    also: Sequence[DigestArticle]
    """By title and link only; may be empty."""
    unsubscribe_url: str
    """A token, or a mailto address where there are no subscribe pages."""
    feed_url: str
    """The site's RSS feed."""
    corrections: Sequence[Correction] = ()
    logo: Picture | None = None
    logo_dark: Picture | None = None
    preferences_url: str | None = None
    """A token; None where there are no subscribe pages."""
    archive_url: str | None = None
    """The issue's public page, to view the mail in a browser; nothing personal in it."""
    trimmed: int = 0
    """Articles that were left out to keep the mail small; they are on the archive page, or else on the site."""
