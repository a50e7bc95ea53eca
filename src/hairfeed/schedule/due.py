"""When a newsletter's issue is due: a schedule as people write it, and the instants it means. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_SHORTEST_DAY, _CRON_FIELDS = 3, 5
_WHICH = {"first": "#1", "second": "#2", "third": "#3", "fourth": "#4", "last": "L"}
_WHICH |= {"1st": "#1", "2nd": "#2", "3rd": "#3", "4th": "#4"}
_PLAIN = re.compile(r"(?P<day>[a-z0-9 -]*?)((^|\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2}))?", re.IGNORECASE)
_OF_MONTH = re.compile(r"day (?P<day>\d{1,2})|(?P<nth>\d{1,2})(st|nd|rd|th)")
_WORDS = {"daily": "*", "weekdays": "1-5", "weekends": "0,6"}
_SHORT = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
"""What crontab(5) has names for."""
_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_EXAMPLES = '"Fri 08:00", "weekdays 7:30", "first Monday 9:00", "15th 9:00" or "0 8 * * 5"'


@dataclass(frozen=True, slots=True)
class Schedule:
    """A repeated instant: `text` as the operator wrote it, `crons` as lines of five crontab fields each."""

    text: str
    crons: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Schedule":
        """Read plain words, five crontab fields, or `@weekly` and its like.

        Plain are `Fri 08:00`, `Mon-Thu 7:30`, `weekdays 7:30`, `weekends 9:00`, `daily 18:00`, `first Monday 9:00`,
        `last Friday 17:00`, `1st 8:00`, `day 15 9:00`, `last day 9:00`; several with commas, of which those without a time have the
        next one's, and times without a day those of the time before: `Mon, Thu 7:30, 18:00, 1st 9:00`.

        Raises:
            ValueError: it is none of these, or never comes.
        """
        crons = tuple(_from_plain(text)) if ":" in text else (_SHORT.get(text.strip().lower(), text.strip()),)
        try:
            for cron in crons:
                # It would read a sixth field as seconds.
                if next(CronSim(cron if len(cron.split()) == _CRON_FIELDS else "", _ANY_DAY), None) is None:
                    raise ValueError(f"{text!r} is no schedule (it never comes); write it like {_EXAMPLES}")
        except CronSimError as error:
            # Of what was never meant for a crontab, a crontab's rules tell nothing.
            why = f" ({error})" if len(text.split()) == _CRON_FIELDS else ""
            raise ValueError(f"{text!r} is no schedule{why}; write it like {_EXAMPLES}") from error
        return cls(text, crons)

    def last_due(self, after: datetime, until: datetime, zone: ZoneInfo) -> datetime | None:
        """The newest instant (UTC) in the half-open period (`after`, `until`] at which this was due; None when there is none.

        A local time that a change of the clock skips is due at the next one that exists; one that comes twice is due once.
        """
        following = self.next_due(after, zone)
        if following is None or following > until:
            return None
        found = [moment for cron in self.crons for moment in _latest(cron, until.astimezone(zone)) if after < moment <= until]
        return max(found, default=None)

    def next_due(self, after: datetime, zone: ZoneInfo) -> datetime | None:
        """The first instant (UTC) later than `after` at which this is due; None when there never is one."""
        firsts = (next((one for one in _onward(cron, after.astimezone(zone)) if one > after), None) for cron in self.crons)
        return min(filter(None, firsts), default=None)


def _latest(cron: str, until: datetime) -> Iterator[datetime]:
    """The last instants about `until`; the newest that is not later is among them."""
    newest = next(CronSim(cron, until, reverse=True), None)
    if newest is not None:
        yield newest.astimezone(UTC)
    # Backwards, `until` itself is not counted, and of an hour that comes twice only one is seen: go forward from what was found.
    for moment in _onward(cron, newest or until):
        if moment > until:
            return
        yield moment


def _onward(cron: str, start: datetime) -> Iterator[datetime]:
    return (moment.astimezone(UTC) for moment in CronSim(cron, start))


def _from_plain(text: str) -> Iterator[str]:
    """A line of crontab fields for each group of days that share a time, days of the week and of the month apart."""
    of_week: list[str] = []
    of_month: list[str] = []
    timed: tuple[list[str], list[str]] = ([], [])
    for piece in text.split(","):
        plain = _PLAIN.fullmatch(piece.strip())
        if not plain or not (plain["day"] or (plain["hour"] and (of_week or of_month or any(timed)))):
            raise ValueError(f"{text!r} is no schedule ({piece.strip()!r} is no day with a time); write it like {_EXAMPLES}")
        if plain["day"]:
            is_of_month, day = _day(" ".join(plain["day"].lower().split()))
            (of_month if is_of_month else of_week).append(day)
        elif not (of_week or of_month):
            of_week, of_month = timed
        if "*" in of_week and len(of_week + of_month) > 1:
            raise ValueError(f"{text!r} is no schedule (daily is every day already); write it like {_EXAMPLES}")
        if plain["hour"]:
            time = f"{int(plain['minute'])} {int(plain['hour'])}"
            yield from [f"{time} * * {','.join(of_week)}"] if of_week else []
            yield from [f"{time} {','.join(of_month)} * *"] if of_month else []
            timed, of_week, of_month = (of_week, of_month), [], []
    if of_week or of_month:
        raise ValueError(f"{text!r} is no schedule (its last day has no time); write it like {_EXAMPLES}")


def _day(words: str) -> tuple[bool, str]:
    """Whether it is a day of the month, and the crontab field that means it."""
    if of_month := _OF_MONTH.fullmatch(words):
        return True, of_month["day"] or of_month["nth"]
    if words == "last day":
        return True, "L"
    if words in _WORDS:
        return False, _WORDS[words]
    first, dash, last = words.partition("-")
    if dash:
        return False, _weekdays(_weekday(first.strip()), _weekday(last.strip()))
    which, _, day = words.rpartition(" ")
    if which and which not in _WHICH:
        raise ValueError(f"{words!r} is no day of the week; write them like Mon, first Tuesday, last Friday")
    return False, f"{_weekday(day)}{_WHICH.get(which, '')}"


def _weekdays(first: int, last: int) -> str:
    """The crontab field of all days from one to the other, which may be over the end of a week."""
    return ",".join(str((first + step) % len(_DAYS)) for step in range((last - first) % len(_DAYS) + 1))


def _weekday(word: str) -> int:
    """The crontab number of a day: its name, or as many letters of it as tell it from the others."""
    for number, day in enumerate(_DAYS):
        if len(word) >= _SHORTEST_DAY and day.startswith(word):
            return number
    raise ValueError(f"{word!r} is no day of the week; write them like Mon, Tue, Wed")
