"""Where those who submit stand: what they read and write, whom they call, and who they are."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hairfeed.deliver.clock import Clock
from hairfeed.deliver.fleet import Fleet
from hairfeed.deliver.providers.contract import PreparedCall
from hairfeed.deliver.providers.outcomes import InDoubt, NotNow, Outcome
from hairfeed.models.reports import Watch
from hairfeed.settings.mail import Mail
from hairfeed.settings.providers import MailApi
from hairfeed.store.database import Ledger

LEASE = timedelta(minutes=15)
"""No call takes that long, through a relay either; whoever has a batch for longer is gone or stuck, and others may settle it."""
_BEGIN_WITHIN = timedelta(seconds=30)
"""Of the claim; a call that begins later could outlast its lease."""


def lease_of(mail: Mail) -> timedelta:
    """How long a call takes at the most, with time to spare: where all providers are HTTP APIs, their timeouts say.

    A call begins soon after its claim, is handed over within the timeout, and answered within another (`providers.calling`).
    """
    sections = [mail.section(name) for name in (mail.provider, mail.second) if name]
    timeouts = [section.timeout for section in sections if isinstance(section, MailApi)]
    if len(timeouts) < len(sections):
        return LEASE
    return min(LEASE, 2 * _BEGIN_WITHIN + timedelta(seconds=2 * max(timeouts)))


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

    def call(self, call: PreparedCall, claimed_at: datetime) -> Outcome:
        """Make a call that was claimed at `claimed_at`; not if this process stood still since, for others may be at it by now."""
        if self.clock.now() - claimed_at > min(_BEGIN_WITHIN, self.lease / 2):
            return NotNow("this process stood still before the call, and left it to others")
        try:
            return call.make()
        except Exception as error:  # noqa: BLE001 - a fault of ours says nothing about what was sent
            return InDoubt(f"HairFeed stumbled: {error!r}")
