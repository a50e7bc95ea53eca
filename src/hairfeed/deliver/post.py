"""Where those who submit stand: what they read and write, whom they call, and who they are."""

from dataclasses import dataclass
from datetime import timedelta

from hairfeed.deliver.clock import Clock
from hairfeed.deliver.fleet import Fleet
from hairfeed.models.reports import Watch
from hairfeed.settings.mail import Mail
from hairfeed.store.database import Ledger

LEASE = timedelta(minutes=15)
"""No call takes that long; whoever has a batch for longer is gone or stuck, and others may settle it."""


@dataclass(frozen=True, slots=True)
class Post:
    """One pass or one worker's job."""

    ledger: Ledger
    mail: Mail
    fleet: Fleet
    clock: Clock
    owner: str
    watch: Watch
    alone: bool = True
    """Whether nobody else can be at work on this ledger."""
    lease: timedelta = LEASE
