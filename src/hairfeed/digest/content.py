"""What a mail says, before a template gives it a form: an issue, a letter to one reader, a notice to the operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

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


class Occasion(StrEnum):
    """What a reader is written to about; also the name of its template."""

    CONFIRMATION = "confirmation"
    """To somebody who asked for a newsletter: did you mean it?"""
    WELCOME = "welcome"
    """To somebody who has just confirmed."""
    GOODBYE = "goodbye"
    """To somebody who has just left."""
    STAY = "stay"
    """To somebody of whom nothing is heard: do you still want it?"""


@dataclass(frozen=True, slots=True)
class Letter:
    """What one reader is told about a subscription."""

    kind: Occasion
    site: Site
    newsletter: Newsletter
    language: str
    """Of HairFeed's own words in it: a tag of RFC 5646."""
    action_url: str
    """Where its button leads: to the page that confirms, to the issues so far, to the pages for subscribing again or for staying.

    Empty where a welcome has no issues to show."""
    feed_url: str
    """The site's RSS feed."""
    expires_on: date | None = None
    """The last day in the site's time zone on which the link to confirm works, or on which the question may be answered."""
    unsubscribe_url: str | None = None
    """A welcome and the question have one."""
    preferences_url: str | None = None
    logo: Picture | None = None
    logo_dark: Picture | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was counted or found, and what it is called."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What the operator is told. The words are the caller's, in English."""

    site: Site
    title: str
    paragraphs: Sequence[str]
    facts: Sequence[Fact] = ()
    logo: Picture | None = None
    logo_dark: Picture | None = None
