"""What moves in and out: rows of a list of readers, and what became of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime

from hairfeed.models.subscribers import SubscriptionState


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list as a file has it: a subscription with one of its proofs, a subscriber alone, or an address never mailed.

    All is text, instants in RFC 3339; what is not known is empty.
    """

    email: str
    """Of an erased one what stands for it."""
    name: str = ""
    newsletter: str = ""
    state: str = ""
    topics: str = ""
    language: str = ""
    time_zone: str = ""
    """Where the reader is, as an IANA name."""
    changed_at: str = ""
    known_since: str = ""
    asked_at: str = ""
    confirmed_at: str = ""
    source: str = ""
    form: str = ""
    wording: str = ""
    network_address: str = ""
    suppressed: str = ""
    """Why the address is never mailed; empty where it is."""
    suppressed_at: str = ""
    erased_key: str = ""
    """Of an erased one the key that what stands for it was made with."""


HEADER = tuple(one.name for one in fields(Row))


@dataclass(frozen=True, slots=True)
class StagedRow:
    """A row that was looked through, as the ledger keeps it until the import is whole."""

    email: str
    name: str = ""
    time_zone: str = ""
    created_at: datetime | None = None
    """None where the row makes no subscriber."""
    newsletter: str = ""
    """Empty where it makes no subscription."""
    state: SubscriptionState = SubscriptionState.PENDING
    topics: str = ""
    language: str = ""
    changed_at: datetime | None = None
    asked_at: datetime | None = None
    """None where the row brings no proof."""
    given_at: datetime | None = None
    source: str = ""
    form: str = ""
    wording: str = ""
    network_address: str | None = None
    suppressed: str | None = None
    suppressed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be taken in."""

    part: str
    """Of several tables in one file; else empty."""
    line: int
    """Counted from 1, where the row begins."""
    column: str
    """Which of `Row`'s; empty where it is the row as a whole."""
    reason: str
    """In words that rows share, so that they can be counted."""
    detail: str
    """The value, or what a library says of it."""
    cells: Mapping[str, str]
    """Those of `Row` that the file has, or `text`, where it could not be cut into cells."""

    @property
    def place(self) -> str:
        """Where it is, in words."""
        return f"line {self.line}{f' of {self.part}' if self.part else ''}"


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What an import does, in subscriptions, and what it leaves out."""

    new: Mapping[SubscriptionState, int] = field(default_factory=dict)
    """By the state that they come in with."""
    changed: int = 0
    """Who confirmed or left, by the file, since."""
    known: int = 0
    """Nothing changes."""
    kept_unsubscribed: int = 0
    """The file has them, and they left here."""
    suppressed: int = 0
    """Their address is never mailed, or was erased, so nothing of them comes in."""
    repeated: int = 0
    """A row before decides, or one that says that the reader left."""
    suppressions: int = 0
    """Addresses that are never mailed from now on."""
    refused: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Rows, by column and reason."""
    asked: int = 0
    """Who are to be asked by mail whether they want what they wait for."""

    def __add__(self, more: "ImportCounts") -> "ImportCounts":
        numbers = {one.name: getattr(self, one.name) + getattr(more, one.name) for one in fields(self) if one.type is int}
        new, refused = Counter(self.new), Counter(self.refused)
        new.update(more.new)
        refused.update(more.refused)
        return ImportCounts(new=dict(new), refused=dict(refused), **numbers)
