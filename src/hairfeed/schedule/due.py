"""When a newsletter's issue is due: a schedule as people write it, and the instants it means. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_SHORTEST_DAY, _CRON_FIELDS = 3, 5
_PLAIN = re.compile(r"(?P<days>[a-z]+(?:\s*,\s*[a-z]+)*)\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A repeated instant: `text` as the operator wrote it, `cron` as five crontab fields."""

    text: str
    cron: str

    @classmethod
    def parse(cls, text: str) -> "Schedule":
        """Read `Fri 08:00`, `Mon, Thu 7:30`, `weekdays 7:30`, `daily 18:00` or five crontab fields.

        Raises:
            ValueError: it is none of these.
        """
        plain = _PLAIN.fullmatch(text.strip())
        cron = f"{int(plain['minute'])} {int(plain['hour'])} * * {_weekdays(plain['days'])}" if plain else text.strip()
        try:
            # It would read a sixth field as seconds.
            CronSim(cron if len(cron.split()) == _CRON_FIELDS else "", datetime(2000, 1, 1, tzinfo=UTC))
        except CronSimError as error:
            raise ValueError(
                f'{text!r} is no schedule ({error}); write it like "Fri 08:00", "weekdays 7:30", "daily 18:00" or "0 8 * * 5"'
            ) from error
        return cls(text, cron)

    def last_due(self, after: datetime, until: datetime, zone: ZoneInfo) -> datetime | None:
        """The newest instant (UTC) in the half-open period (`after`, `until`] at which this was due; None when there is none.

        A local time that a change of the clock skips is due at the next one that exists; one that comes twice is due once.
        """
        if until <= after:
            return None
        newest = next(CronSim(self.cron, until.astimezone(zone), reverse=True), None)
        # Backwards, the instant `until` itself is not counted: look one step forward from what was found.
        start = newest or after.astimezone(zone)
        following = next(CronSim(self.cron, start), None)
        candidates = [moment.astimezone(UTC) for moment in (newest, following) if moment is not None]
        due = [moment for moment in candidates if after < moment <= until]
        return max(due, default=None)

    def next_due(self, after: datetime, zone: ZoneInfo) -> datetime | None:
        """The first instant (UTC) after `after` at which this is due; None for a day that never comes."""
        following = next(CronSim(self.cron, after.astimezone(zone)), None)
        return following.astimezone(UTC) if following else None


def _weekdays(words: str) -> str:
    if words.lower() == "daily":
        return "*"
    if words.lower() == "weekdays":
        return "1-5"
    return ",".join(str(_weekday(word.strip().lower())) for word in words.split(","))


def _weekday(word: str) -> int:
    """The crontab number of a day: its name, or as many letters of it as tell it from the others."""
    for number, day in enumerate(_DAYS):
        if len(word) >= _SHORTEST_DAY and day.startswith(word):
            return number
    raise ValueError(f"{word!r} is no day of the week; write them like Mon, Tue, Wed")
