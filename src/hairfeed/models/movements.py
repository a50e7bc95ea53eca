"""How the number of a newsletter's readers moves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Movement(StrEnum):
    """What happened to a subscription. A newsletter's readers are those who confirmed and may be mailed."""

    SUBSCRIBED = "subscribed"
    """Asked for; a reader only once it is confirmed."""
    EXPIRED = "expired"
    """Asked for, and forgotten because nobody confirmed it."""
    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"
    RETIRED = "retired"
    """Was asked whether they still read, and did not answer."""
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    SUPPRESSED = "suppressed"
    """By the operator, or for another reason."""
    ALLOWED = "allowed"
    """Taken off the list of those who are never mailed."""
    ERASED = "erased"

    @property
    def readers(self) -> int:
        """By how many a newsletter has more readers after one such movement."""
        return _READERS.get(self, 0)


_READERS = {
    Movement.CONFIRMED: 1,
    Movement.ALLOWED: 1,
    Movement.UNSUBSCRIBED: -1,
    Movement.RETIRED: -1,
    Movement.BOUNCED: -1,
    Movement.COMPLAINED: -1,
    Movement.SUPPRESSED: -1,
    Movement.ERASED: -1,
}


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a newsletter, in its time zone."""

    day: date
    total: int
    """Readers at its end: those of the day before, and what its movements add."""
    moved: Mapping[Movement, int] = field(default_factory=dict)
