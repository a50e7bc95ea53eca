"""Issues, their batches and their receipts."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


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


OPEN = (BatchState.PENDING, BatchState.SUBMITTING, BatchState.IN_DOUBT)
"""The states of a batch that has still to be settled."""


class LetterKind(StrEnum):
    """What a single mail is."""

    CONFIRMATION = "confirmation"
    """Asks whether a subscription is meant."""
    WELCOME = "welcome"
    """To somebody who has just confirmed."""
    GOODBYE = "goodbye"
    """To somebody who has just left."""
    STAY = "stay"
    """Asks somebody of whom nothing is heard whether they still read."""
    NOTICE = "notice"
    """Tells the operator something."""
    TEST = "test"
    """An issue as it would be, for the operator."""


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

    def as_json(self) -> dict[str, Any]:
        """For machines: numbers by their names, and those of reasons by reason."""
        return asdict(self) | {"refused_by": dict(self.refused_by), "left_out_by": dict(self.left_out_by)}


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
class Refusal:
    """A recipient that the provider will never take this mail for."""

    subscriber_id: int
    reason: str
