"""How a pass ends, and what its stages report."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from hairfeed.models.issues import ComposedIssue, Receipt


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
class Problem:
    """Something an operator should know of: where it is, what it is, what to do."""

    where: str
    what: str

    def __str__(self) -> str:
        """One line for people, in which it says once where it is."""
        return self.what if self.what.startswith(f"{self.where}: ") else f"{self.where}: {self.what}"


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
    reasons: tuple[Problem, ...] = ()
    """Why each failing source, by its name, could not be looked at when that was last tried, in this pass or before."""


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
class ComposeReport(StageReport):
    """The issues composed, and the newsletters that were due with too little to say."""

    composed: tuple[ComposedIssue, ...] = ()
    nothing_new: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    """Newsletters with a draft from an earlier pass that still waits for approval."""


@dataclass(frozen=True, slots=True)
class SubscribersReport(StageReport):
    """What came in by forms and from providers since the pass before."""

    sign_ups: int = 0
    letters: int = 0
    """Confirmation mails that these made."""
    greetings: int = 0
    """Mails to who has come or left."""
    questions: int = 0
    """Mails to readers of whom nothing is heard."""
    retired: int = 0
    """Subscriptions that ended because their reader did not answer such a mail."""
    replies: int = 0
    """Mails to leave, and bounces, that were found in the mailbox."""
    events: int = 0
    suppressed: int = 0


@dataclass(frozen=True, slots=True)
class NoticesReport(StageReport):
    """Letters to the operator that the pass queued."""

    written: int = 0


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
