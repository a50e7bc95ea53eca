"""What crosses the borders between rooms: frozen dataclasses, and the enums that the ledger stores."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


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


class IssueState(StrEnum):
    """How far an issue has come."""

    DRAFT = "draft"
    """Composed, and waiting for the operator's approval."""
    APPROVED = "approved"
    """Composed, and free to be sent."""
    SENDING = "sending"
    """Recipients are frozen; batches are open."""
    PAUSED = "paused"
    """Was being sent; the operator stopped it for a while."""
    DONE = "done"
    """No batch is open."""
    CANCELLED = "cancelled"
    """The operator stopped it for good."""


class PictureState(StrEnum):
    """Whether mails can show a picture."""

    READY = "ready"
    """Made fit, and in place."""
    WAITING = "waiting"
    """Could not be fetched; it is tried again."""
    UNUSABLE = "unusable"
    """Cannot be read, or could not be fetched for too long."""


class SubscriptionState(StrEnum):
    """Consent of one subscriber to one newsletter."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"


class LetterState(StrEnum):
    """How far a letter, a mail to one reader outside of issues, has come."""

    PENDING = "pending"


class BatchState(StrEnum):
    """What is known of one provider call."""

    PENDING = "pending"
    SUBMITTING = "submitting"
    """Intent is committed; a call may be under way."""
    ACCEPTED = "accepted"
    REFUSED = "refused"
    """The provider took none of it."""
    IN_DOUBT = "in_doubt"
    """The provider may or may not have taken it."""
    SKIPPED = "skipped"
    """Was in doubt; the operator's policy is to leave it at that."""
    CANCELLED = "cancelled"
    """Was never submitted: the operator cancelled the issue."""
    SPLIT = "split"
    """Others stand for its recipients, each for a part of them."""


class LetterKind(StrEnum):
    """What a single mail is."""

    CONFIRMATION = "confirmation"
    """Asks whether a subscription is meant."""
    NOTICE = "notice"
    """Tells a reader or the operator something."""
    TEST = "test"
    """An issue as it would be, for the operator."""


class RunState(StrEnum):
    """How a pass ended."""

    RUNNING = "running"
    """Under way, or killed."""
    DONE = "done"
    FAILED = "failed"
    """Something failed, the rest was done."""
    STOPPED = "stopped"
    """It was told to stop; the next one goes on."""


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


class PageKind(StrEnum):
    """What a fetched address turned out to be."""

    ARTICLE = "article"
    OTHER = "other"
    """No article: unless the site says that it changed, it is asked again less and less often."""
    MISSING = "missing"
    """404 or 410 at the last look."""
    FAILED = "failed"
    """No answer at the last look, or one that HairFeed stumbled over: it is asked again, after all others."""
    LIST = "list"
    """A feed, a sitemap or an index page."""


@dataclass(frozen=True, slots=True)
class FetchMemory:
    """What is remembered of an address that was fetched, to ask for changes only (RFC 9110 §13)."""

    kind: PageKind
    fetched_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    changed: str | None = None
    """What the sitemap said of its last change, and the settings that it was read with."""
    in_vain: int = 0
    """Looks in a row that brought no article, or not its text."""


@dataclass(frozen=True, slots=True)
class FirstSight:
    """When a page that could not become an article was first seen. `baseline`: it was there before HairFeed looked."""

    at: datetime
    baseline: bool


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


@dataclass(frozen=True, slots=True)
class Problem:
    """Something an operator should know of: where it is, what it is, what to do."""

    where: str
    what: str

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The counted outcome of one issue, computed from rows.

    `owed == accepted + refused + unknown + left_out + waiting`, always.
    """

    newsletter: str
    number: int
    owed: int
    accepted: int
    refused: int
    unknown: int
    """In batches whose fate is not known."""
    left_out: int
    """Unsubscribed or suppressed after the issue was frozen, or still to be mailed when the operator stopped it."""
    waiting: int
    """In batches that have still to be submitted."""
    in_doubt: int = 0
    """Of the unknown, those that may still be settled."""
    refused_by: tuple[tuple[str, int], ...] = ()
    """The refused by the provider's reason."""
    left_out_by: tuple[tuple[str, int], ...] = ()
    """Those left out by our reason."""

    def __str__(self) -> str:
        """The receipt's line: the four counts of every receipt, then what else there is."""
        line = f"owed {self.owed}  accepted {self.accepted}  refused {self.refused}  unknown {self.unknown}"
        if self.left_out:
            line += f"  left out {self.left_out}"
        if self.waiting:
            line += f"  waiting {self.waiting}"
        return line


@dataclass(frozen=True, slots=True)
class StageReport:
    """What one stage found and did in one pass.

    Warnings are for the operator to look at; failures are what could not be done, and make the pass end with status 1.
    """

    warnings: tuple[Problem, ...] = ()
    failures: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class CollectReport(StageReport):
    """Articles by what became of them."""

    pages: int = 0
    """Pages (or entries) that the sources hold."""
    new: int = 0
    baseline: int = 0
    """Of the new ones, those that are there since the first look: feeds only."""
    backdated: int = 0
    """Of the new ones, those dated too far back to be mailed: feeds only."""
    guessed: int = 0
    """Of the new ones, those whose date is a guess: feeds only."""
    flooded: int = 0
    """Of the new ones, those that came in a flood: feeds only."""
    held: int = 0
    """Waiting for their publication date."""
    pictures: int = 0
    """Lead pictures made ready for mails."""
    changed: int = 0
    moved: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class PublishReport(StageReport):
    """Published files by what became of them; `written` and `withdrawn` are paths below the feeds directory."""

    directory: str = ""
    feeds: int = 0
    """Feeds in place, each in three formats."""
    files: int = 0
    """Files in place."""
    written: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComposedIssue:
    """An issue that a pass composed; `subject`, `featured` and `also` are those of readers who chose nothing."""

    newsletter: str
    number: int
    subject: str
    featured: int
    also: int
    state: IssueState = IssueState.APPROVED
    variants: int = 1
    """Renderings of it that somebody gets."""
    trimmed: tuple[str, ...] = ()
    """What was left out to keep mails small, a line for each variant where that was needed."""


@dataclass(frozen=True, slots=True)
class ComposeReport(StageReport):
    """The issues composed, and the newsletters that were due with too little to say."""

    composed: tuple[ComposedIssue, ...] = ()
    nothing_new: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    """Newsletters with a draft from an earlier pass that still waits for approval."""


@dataclass(frozen=True, slots=True)
class SignUp:
    """What someone asked for on a form. Nobody knows yet whether the address is theirs."""

    asked_at: datetime
    email: str
    newsletters: dict[str, str]
    """By name the topics, as subscriptions keep them: slugs, sorted, with commas; empty: all."""
    name: str = ""
    language: str = ""
    """Empty: the site's."""
    source: str = ""
    """By which way: a page, the site's own form."""
    form: str = ""
    """The version of the form."""
    wording: str = ""
    """What they agreed to, word for word."""
    network_address: str | None = None
    """Only where the config says to keep it."""


@dataclass(frozen=True, slots=True)
class SubscribersReport(StageReport):
    """What came in by forms and from providers since the pass before."""

    sign_ups: int = 0
    letters: int = 0
    """Confirmation mails that these made."""
    events: int = 0
    suppressed: int = 0


@dataclass(frozen=True, slots=True)
class ArchiveReport(StageReport):
    """Public pages of issues: how many are in place, and those that readers find changed, by path."""

    pages: int = 0
    written: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeliverReport(StageReport):
    """One receipt for every issue that the pass worked on; `destination` tells people where the mails went."""

    destination: str = ""
    receipts: tuple[Receipt, ...] = field(default=())
    letters: int = 0
    """Single mails that were taken."""
    going_on: tuple[Problem, ...] = ()
    """Issues that go on in a later pass, as the provider's pace and quota want it, with the time when they will be through."""


class Watch(Protocol):
    """Looks on while a stage works: a progress bar, or nobody."""

    def step(self, label: str, done: int, total: int) -> None:
        """`done` of `total` pieces of the work called `label` are finished."""


class Nobody:
    """A `Watch` that looks away."""

    def step(self, label: str, done: int, total: int) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A recipient that the provider will never take this mail for."""

    subscriber_id: int
    reason: str


class EventKind(StrEnum):
    """What a provider can tell of a mail that it took."""

    ACCEPTED = "accepted"
    """It took it."""
    DELIVERED = "delivered"
    """The receiving server took it."""
    REJECTED = "rejected"
    """It took it, and does not send it."""
    HARD_BOUNCE = "hard bounce"
    """There is no such address, for good."""
    SOFT_BOUNCE = "soft bounce"
    """It was not taken this time: a full mailbox, a server that refuses us."""
    COMPLAINT = "complaint"
    """The reader marked it as spam."""
    UNSUBSCRIBE = "unsubscribe"
    """The reader left by the provider's own way."""
    OPENED = "opened"
    CLICKED = "clicked"


@dataclass(frozen=True, slots=True)
class MailEvent:
    """A provider's notice of one mail."""

    provider: str
    id: str
    """The same when the provider sends the notice again, and in no other notice of it."""
    kind: EventKind
    at: datetime
    email: str
    batch_key: str = ""
    """Of our batch; empty where the notice does not bear our metadata."""
    subscriber_id: int | None = None
    reason: str = ""
    """What the provider or the receiving server said."""
