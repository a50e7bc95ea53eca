"""How a worker works: which queues it serves, how much at once, and how long it lets others be."""

from dataclasses import dataclass
from datetime import timedelta

from hairfeed.deliver.post import LEASE
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
    at_the_door: float = 600.0
    """Seconds that a server may refuse a worker that it let in before: one with too many connections does."""
