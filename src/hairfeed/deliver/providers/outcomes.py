"""What became of a call, and what a provider says of an earlier one."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from hairfeed.models.issues import Refusal


class Blame(StrEnum):
    """What a definite no is about; it decides what becomes of the batch."""

    ACCOUNT = "account"
    """Us: the key, the sender's domain, the plan, the address of the API. The batch waits; other batches would fare no better."""
    RECIPIENTS = "recipients"
    """Perhaps one of the batch's recipients, it does not say who: the batch is halved until they stand alone."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many `calls` more a provider says that it takes until its count begins anew."""

    calls: int
    resets_after: timedelta
    limit: int | None = None
    """How many it takes in all between two resets, where it says so."""


@dataclass(frozen=True, slots=True)
class Taken:
    """It was taken, for everyone but those named here."""

    refused: tuple[Refusal, ...] = ()
    """Will never be taken: no further attempt."""
    postponed: tuple[int, ...] = ()
    """Subscribers for whom nothing was taken, and who are to be tried again."""
    provider_id: str = ""
    """The provider's own name for the batch, or for its first mail."""
    retry_after: timedelta | None = None
    """How long the postponed are to wait, where the provider says so."""
    postponed_why: tuple[str, ...] = ()
    """What is to be told of the postponed."""
    in_doubt: tuple[int, ...] = ()
    """Subscribers of whom nobody knows whether they were taken."""
    in_doubt_why: tuple[str, ...] = ()
    room: Room | None = None
    """For other calls, where the provider says so."""


@dataclass(frozen=True, slots=True)
class TakenBefore:
    """An earlier attempt was taken, as the batch was then; this one changed nothing."""

    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A definite no: nothing was taken."""

    reason: str
    blame: Blame


@dataclass(frozen=True, slots=True)
class Throttled:
    """Too many calls or mails: nothing was taken, and later it will be. Never a failure."""

    reason: str
    retry_after: timedelta | None = None
    """As the provider says; None when it does not."""


@dataclass(frozen=True, slots=True)
class NotNow:
    """Certainly nothing was taken, and another time it may be."""

    reason: str
    everyone: bool = False
    """Whether other batches would fare no better in this pass: the provider cannot be reached."""
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class InDoubt:
    """It may have been taken: the answer did not come, or says neither yes nor no."""

    reason: str
    retry_after: timedelta | None = None
    """How long to wait before the provider is asked or called again, where it says so."""


Outcome = Taken | TakenBefore | Refused | Throttled | NotNow | InDoubt
"""Of one call."""


@dataclass(frozen=True, slots=True)
class WasTaken:
    """The batch in doubt was taken whole, for all but those `refused`."""

    refused: tuple[Refusal, ...] = ()
    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class WasNotTaken:
    """Nobody of the batch in doubt was taken, and the provider's word on it is proof: it is sent again."""


@dataclass(frozen=True, slots=True)
class WasPartlyTaken:
    """Of the batch in doubt these subscribers were taken, and proven nobody else."""

    taken: frozenset[int]


@dataclass(frozen=True, slots=True)
class StillUnknown:
    """The provider cannot say yet, or never will."""

    reason: str
    ask_after: timedelta | None = None
    """When it may know more; None when asking again is in vain, and the operator's policy decides."""


Resolution = WasTaken | WasNotTaken | WasPartlyTaken | StillUnknown
"""Of one batch in doubt."""
