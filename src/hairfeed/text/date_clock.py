"""The time of day in a printed date, and its zone."""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

# The names of RFC 822 §5.1, as hours from UTC, whatever EST and the others mean elsewhere; then names that mean one zone alone.
_NAMED_OFFSETS = {"Z": 0, "UT": 0, "UTC": 0, "GMT": 0}
_NAMED_OFFSETS |= {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_NAMED_OFFSETS |= {"WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3}
_NAMED_OFFSETS |= {"JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13}
# As American papers write, summer and winter.
_NAMED_ZONES = {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}

_EAST_HALVES = {"午前": "a", "上午": "a", "오전": "a", "午後": "p", "下午": "p", "오후": "p"}
# Software prints 12 with these as a half-day clock does; people also write noon and midnight with them, either way round.
_UNSURE_AT_TWELVE = {"午前", "午後", "上午"}


def instant(day: date, clock: dict[str, str | None], home: ZoneInfo) -> datetime:
    """The aware instant that a clock showed on `day`.

    `clock` has the parts that `date_forms` names; `home` is the zone of a time without an offset.

    Raises:
        ValueError: no clock shows that, or the zone is not known; the message says which.
    """
    try:
        local = datetime.combine(day, _time(clock))
    except ValueError as error:
        raise ValueError(f"has a time that no clock shows: {error}") from error
    return local.replace(tzinfo=_zone(clock.get("offset"), local, home))


def _time(parts: dict[str, str | None]) -> time:
    microsecond = (parts.get("fraction") or "").ljust(6, "0")[:6]
    hour = _hour(int(parts["hour"] or 0), parts.get("half"), parts.get("east"))
    return time(hour, int(parts.get("minute") or 0), int(parts.get("second") or 0), int(microsecond))


def _hour(hour: int, half: str | None, east: str | None) -> int:
    if hour == 12 and east in _UNSURE_AT_TWELVE:  # noqa: PLR2004
        raise ValueError(f"{east}12 can be noon or midnight")
    half = half or _EAST_HALVES.get(east or "")
    if not half:
        return hour
    if not (0 if east else 1) <= hour <= 12:  # noqa: PLR2004
        raise ValueError("before am or pm the hour must be in 1..12")
    return hour % 12 + (12 if half == "p" else 0)


def _zone(offset: str | None, local: datetime, home: ZoneInfo) -> tzinfo:
    name = (offset or "").upper()
    if not name:
        return home
    if name in _NAMED_OFFSETS:
        hours = _NAMED_OFFSETS[name]
        return timezone(timedelta(hours=hours)) if hours else UTC
    if name in _NAMED_ZONES:
        return ZoneInfo(_NAMED_ZONES[name])
    # BST and IST are many zones' names, and at home no doubt the source's own.
    at_home = (local.replace(tzinfo=home, fold=fold) for fold in (0, 1))
    distance = next((at.utcoffset() for at in at_home if at.tzname() == name), None)
    return timezone(distance) if distance is not None else _numeric_zone(name.removeprefix("GMT").removeprefix("UTC"))


def _numeric_zone(offset: str) -> timezone:
    digits = offset[1:].replace(":", "").ljust(4, "0")
    if offset[0] not in "+-" or not digits.isdigit() or digits > "2359" or digits[2:] > "59":
        raise ValueError(f"has a zone that is not known ({offset}): write it like +02:00")
    distance = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-distance if offset.startswith("-") else distance)
