"""The hour of a newsletter in the time zones of its readers. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

MOST_AHEAD = timedelta(hours=27)
"""No place's clock is further ahead of another's: they go from UTC-12 to UTC+14, and an hour may be skipped."""
_SECOND = timedelta(seconds=1)
_WORLD = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def same_hour(due_at: datetime, home: ZoneInfo, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which the clocks in `zone` show what those at `home` show at `due_at`.

    As with schedules: of a time that comes twice the first counts, and for one that is skipped the next that exists.
    """
    shown = due_at.astimezone(home).replace(tzinfo=None, fold=0)
    first = shown.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == shown:
        return first
    # The clocks go on at some second between what the time would mean after their change and what it would mean before.
    before, after = shown.replace(tzinfo=zone, fold=1).astimezone(UTC), first
    there = after.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == there:
            after = middle
        else:
            before = middle
    return after


def first_hour(due_at: datetime, home: ZoneInfo, readers: Iterable[ZoneInfo]) -> datetime:
    """When the hour comes for the first of the readers, or at home."""
    return min((same_hour(due_at, home, zone) for zone in readers), default=due_at)


def zone_or(name: str, home: ZoneInfo) -> ZoneInfo:
    """The time zone of this name; `home` where it is empty, or not known on this machine any more."""
    try:
        return ZoneInfo(name) if name else home
    except (KeyError, ValueError, OSError):
        return home


@lru_cache(maxsize=1)
def known() -> frozenset[str]:
    """The names of all time zones."""
    return frozenset(available_timezones())


@lru_cache(maxsize=1)
def places() -> dict[str, list[str]]:
    """The time zones that people may choose, by the part of the world that their names begin with."""
    named = sorted(name.partition("/") for name in known())
    return {area: [area + slash + rest for one, slash, rest in named if one == area] for area in _WORLD}
