"""What becomes of an issue that is due: now, later, with the next one, or never. Pure.

Three things decide: what the newsletter was last served for, its too-late rule, and its quiet hours.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hairfeed.schedule.due import Schedule
from hairfeed.schedule.zones import MOST_AHEAD, first_hour, same_hour

_RULE = re.compile(r"send( within (?P<count>\d+) ?(?P<unit>min|h|day)\w*,? else (?P<then>merge|skip)( into (the )?next)?)?")
_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "day": timedelta(days=1)}
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_NO_TIME = timedelta(0)
_LONG = timedelta(days=366 * 5)


@dataclass(frozen=True, slots=True)
class TooLate:
    """How late an issue may be sent, and what becomes of it then: its articles go into the next, or (`skip`) are not mailed."""

    text: str
    within: timedelta | None
    """None: however late."""
    skip: bool = False

    @classmethod
    def parse(cls, text: str) -> "TooLate":
        """Read `send`, `send within 6h, else merge` or `send within 2 days, else skip`.

        Raises:
            ValueError: it is none of these.
        """
        rule = _RULE.fullmatch(" ".join(text.lower().split()))
        if not rule or rule["count"] == "0":
            raise ValueError(
                f'{text!r} is no rule for what is late; write it like "send within 6h, else merge", '
                'or "send within 2 days, else skip", or "send" for however late'
            )
        return cls(text, int(rule["count"]) * _UNITS[rule["unit"]] if rule["count"] else None, rule["then"] == "skip")


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours of every day in which no issue begins to be sent; over midnight where they end before they begin."""

    text: str
    begins: time
    ends: time

    @classmethod
    def parse(cls, text: str) -> "Quiet":
        """Read `22:00-07:00`.

        Raises:
            ValueError: it is no such period.
        """
        found = _HOURS.fullmatch(text.strip())
        try:
            begins, ends = (time(int(found[at]), int(found[at + 1])) for at in (1, 3)) if found else (time(), time())
        except ValueError:
            begins = ends = time()
        if begins == ends:
            raise ValueError(f'{text!r} are no quiet hours; write them like "22:00-07:00"')
        return cls(text, begins, ends)

    def covers(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether `moment` is in quiet hours; their end is not."""
        return any(begins <= moment < ends for begins, ends in self._periods(moment, moment, zone))

    def over(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The first moment from this one on that is not quiet, in UTC."""
        return max((ends for begins, ends in self._periods(moment, moment, zone) if begins <= moment < ends), default=moment)

    def between(self, start: datetime, end: datetime, zone: ZoneInfo) -> timedelta:
        """How much of the time from `start` to `end` is quiet."""
        shares = (min(end, ends) - max(start, begins) for begins, ends in self._periods(start, end, zone))
        return sum((share for share in shares if share > _NO_TIME), _NO_TIME)

    def _periods(self, start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
        """The quiet hours of all local days about `start` to `end`, in UTC."""
        day, last = start.astimezone(zone).date() - timedelta(days=1), end.astimezone(zone).date()
        over_midnight = timedelta(days=self.ends <= self.begins)
        while day <= last:
            begins = datetime.combine(day, self.begins, zone).astimezone(UTC)
            yield begins, datetime.combine(day + over_midnight, self.ends, zone).astimezone(UTC)
            day += timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Fire:
    """Compose the issue of this instant. With `skipped`, what waited at that earlier instant is not for it."""

    due_at: datetime
    skipped: datetime | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Too late: pass this instant over; its articles go into the next issue."""

    due_at: datetime


@dataclass(frozen=True, slots=True)
class Skip:
    """Too late: pass this instant over; what waited then is not mailed by this newsletter."""

    due_at: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do yet."""


@dataclass(frozen=True, slots=True)
class Rewind:
    """What was served lies ahead of the clock, with other instants before it: the clock was wrong then, so count on from `to`."""

    served: datetime
    to: datetime
    """Just before the newest instant that the clock has seen; it may have been served."""


Decision = Fire | Merge | Skip | Wait | Rewind


def decide_due(
    schedule: Schedule,
    zone: ZoneInfo,
    served: datetime,
    now: datetime,
    rule: TooLate,
    quiet: Quiet | None = None,
    readers: Collection[ZoneInfo] = (),
) -> Decision:
    """What to do at `now` for a newsletter whose newest instant that was served, or passed over, is `served`.

    Of several instants since then the newest counts: one issue carries what all of them would have. Quiet hours do not count as
    lateness. Under `skip`, an earlier instant that is too late takes its articles along.

    With `readers`, each is mailed at the hour in one of these zones: an instant has come when it has for the first of them. It is
    late by the hour in `zone`, and quiet hours are for `may_begin`.
    """
    ahead = MOST_AHEAD if readers else _NO_TIME
    if served > now + ahead:
        upcoming = schedule.next_due(now, zone)
        # One that is served before its time, since the clock was set back a little, simply does not come again.
        if upcoming is None or upcoming >= served:
            return Wait()
        newest = schedule.last_due(now - _LONG, now, zone)
        return Rewind(served, newest - datetime.resolution if newest else now)
    due_at = schedule.last_due(served, now + ahead, zone)
    while due_at is not None and first_hour(due_at, zone, readers) > now:
        due_at = schedule.last_due(served, due_at - datetime.resolution, zone)
    if due_at is None:
        return Wait()
    if _is_too_late(due_at, now, zone, rule, quiet):
        return Skip(due_at) if rule.skip else Merge(due_at)
    if quiet and not readers and quiet.covers(now, zone):
        return Wait()
    before = schedule.last_due(served, due_at - datetime.resolution, zone) if rule.skip else None
    while before is not None and not _is_too_late(before, now, zone, rule, quiet):
        before = schedule.last_due(served, before - datetime.resolution, zone)
    return Fire(due_at, skipped=before)


def may_begin(due_at: datetime, home: ZoneInfo, zone: ZoneInfo, now: datetime, quiet: Quiet | None = None) -> datetime:
    """From when on readers in `zone` may be mailed: at their hour, at once where it has passed, and not in their quiet hours."""
    begins = max(now, same_hour(due_at, home, zone))
    return quiet.over(begins, zone) if quiet else begins


def _is_too_late(due_at: datetime, now: datetime, zone: ZoneInfo, rule: TooLate, quiet: Quiet | None) -> bool:
    if rule.within is None:
        return False
    return now - due_at - (quiet.between(due_at, now, zone) if quiet else _NO_TIME) > rule.within
