"""Articles as they cross the borders between rooms, and their enums."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class ArticleState(StrEnum):
    """Where an article stands with the readers."""

    LIVE = "live"
    """In the feeds."""
    HELD = "held"
    """Kept back until its publication date."""
    GONE = "gone"
    """Left its source: out of the feeds, its guid never used again."""
    FORGOTTEN = "forgotten"
    """Taken out of the feeds by the operator, whatever its source says."""


class Mailing(StrEnum):
    """Whether an article may be mailed; decided once, when it is first seen."""

    ELIGIBLE = "eligible"
    BASELINE = "baseline"
    """Was there before HairFeed looked: feeds only."""
    BACKDATED = "backdated"
    """Dated too long before it was first seen: feeds only."""
    GUESSED = "guessed"
    """Its date is a guess: feeds only, until the operator says otherwise."""
    FLOOD = "flood"
    """Came with far more others than usual: feeds only, until the operator says otherwise."""
    WITHHELD = "withheld"
    """The operator does not want it mailed."""


class PictureState(StrEnum):
    """Whether mails can show a picture."""

    READY = "ready"
    """Made fit, and in place."""
    WAITING = "waiting"
    """Could not be fetched; it is tried again."""
    UNUSABLE = "unusable"
    """Cannot be read, or could not be fetched for too long."""


@dataclass(frozen=True, slots=True)
class LeadImage:
    """The picture that stands for an article. `width` and `height` are pixels, None when the page does not state them."""

    url: str
    """Absolute wherever the page's own address is known."""
    alt: str = ""
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A recording that belongs to an article (RSS 2.0 `enclosure`): audio, or a film."""

    url: str
    """Absolute."""
    media_type: str
    """Like `audio/mpeg`."""
    length: int | None = None
    """Bytes; None when nobody states it."""
    seconds: int | None = None
    """How long it plays; None when nobody states it."""


@dataclass(frozen=True, slots=True)
class Article:
    """One dated piece, as the ledger knows it.

    `published_at` is the instant (UTC) and `published_on` the day as printed by the author: both, because a day without an
    hour is no instant of its own and a day near midnight is another one elsewhere. `html` is sanitised and all its URLs are
    absolute; `title` and `summary` are plain text.
    """

    id: int
    guid: str
    url: str
    title: str
    authors: tuple[str, ...]
    topics: tuple[str, ...]
    summary: str
    html: str
    published_at: datetime
    published_on: date
    updated_at: datetime | None
    """The last significant edit; None while there was none."""
    image: LeadImage | None = None
    enclosure: Enclosure | None = None
    html_proof: str = ""
    """Of `html`, when it was sanitised (`text.markup.proof_of`). Where it does not fit, `html` is not to be trusted."""

    @property
    def modified_at(self) -> datetime:
        """The last significant change, UTC: never before `published_at`."""
        return max(self.updated_at or self.published_at, self.published_at)


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """An article as its source shows it in this pass, cleaned; its fields are those of `Article`."""

    upstream_id: str
    """The source's own name for it: a path below the folder."""
    stamp: str
    """While the source shows the same stamp, the page need not be read again."""
    url: str
    title: str
    authors: tuple[str, ...]
    topics: tuple[str, ...]
    summary: str
    html: str
    published_at: datetime
    published_on: date
    content_hash: str
    """Of title and text: what a significant edit changes."""
    form_hash: str
    """Of everything that readers see."""
    date_is_guess: bool = False
    image: LeadImage | None = None
    enclosure: Enclosure | None = None
    html_proof: str = ""
    aliases: tuple[str, ...] = ()
    """Absolute addresses that it had before, with and without a slash at their ends."""


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """What the ledger remembers of an article of one source, as far as deciding needs it."""

    id: int
    guid: str
    upstream_id: str
    stamp: str
    url: str
    content_hash: str
    form_hash: str
    published_on: date
    live_at: datetime | None
    """None while no reader has seen it."""
    state: ArticleState
    misses: int


@dataclass(frozen=True, slots=True)
class NewArticle:
    """An article that enters the ledger, with what was decided about it."""

    found: FoundArticle
    guid: str
    state: ArticleState
    mailing: Mailing
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class ChangedArticle:
    """A known article whose row takes over what was found, whatever its name at the source was before.

    `significant`: its title or text is another one, so readers are told of an update. `republish`: it takes over the date
    too, since no reader has seen the old one.
    """

    id: int
    found: FoundArticle
    significant: bool
    republish: bool
    state: ArticleState
