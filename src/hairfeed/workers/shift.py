"""How a worker works: which queues it serves, how much at once, and how long it lets others be."""

from dataclasses import dataclass
from datetime import timedelta

from hairfeed.deliver.post import LEASE
from hairfeed.settings import Settings
from hairfeed.settings.providers import MailApi
from hairfeed.store.wakeups import QUEUES


@dataclass(frozen=True, slots=True)
class Shift:
    """One worker's share of the work."""

    queues: tuple[str, ...] = QUEUES
    concurrency: int = 2
    """Jobs at once."""
    every: timedelta = timedelta(minutes=5)
    """From the beginning of one pass to the next; for workers that collect."""
    beat: float = 15.0
    """Seconds between two sweeps: so long is waited for at most, where a wake-up was lost."""
    lease: timedelta = LEASE
    """How long a batch may be under way before its worker is taken for gone."""
    turn: float = 30.0
    """Seconds that a job works on one issue before others have their turn."""


def lease(settings: Settings) -> timedelta:
    """How long a call takes at the most, with time to spare: where all providers are HTTP APIs, their timeouts say."""
    mail = settings.mail
    sections = [mail.section(name) for name in (mail.provider, mail.second) if name]
    timeouts = [section.timeout for section in sections if isinstance(section, MailApi)]
    if len(timeouts) < len(sections):
        return LEASE
    return min(LEASE, timedelta(seconds=60 + 2 * max(timeouts)))
