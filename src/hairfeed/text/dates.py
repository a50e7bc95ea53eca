"""Read a date as an author printed it, or refuse: nothing is guessed, swapped or filled in."""

import calendar
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hairfeed.errors import DateError
from hairfeed.text.date_clock import instant
from hairfeed.text.date_forms import Form, Found, is_date, recognised, what_lacks
from hairfeed.text.date_lines import dated_parts, unlabelled
from hairfeed.text.date_order import DateOrder
from hairfeed.text.date_words import DAY_WORDS, MONTHS_BY_NAME, ONE_WORDS, UNITS_BY_WORD, WEEKDAYS_BY_NAME, fold, known_language

_FIRST_YEAR, _LAST_YEAR = 1970, 2399
# Thailand counts from the death of the Buddha; its years 2513 to 2942 are ours from 1970 to 2399.
_BUDDHIST_YEARS, _BUDDHIST_LANGUAGE = 543, "th"
# What a machine prints that was given no date: the start of Unix time, of the calendar, or nothing at all.
_STANDING_FOR_NONE = {(1970, 1, 1), (1, 1, 1), (0, 0, 0)}
_HOUR_STAMP = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])")
_LENGTHS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
_LONGEST_LINE = 300
_ADVICE = "write it like 2024-08-31 or 31 August 2024"

# Not calendar.month_name: that one speaks the language of the machine.
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
_WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date as its author printed it.

    `on` is the local day as printed, never shifted to UTC. `at` is aware, with the printed offset or else the source's zone;
    None when no hour was printed.
    """

    on: date
    at: datetime | None


@dataclass(frozen=True, slots=True)
class _Question:
    """The line as printed and what its source says about its dates."""

    printed: str
    order: DateOrder | None
    zone: ZoneInfo
    now: datetime | None
    language: str

    def refused(self, reason: str) -> DateError:
        return DateError(f"{_shown(self.printed)} {reason}")


def read_date(
    text: str, *, order: DateOrder | None, zone: ZoneInfo, now: datetime | None = None, language: str = "en"
) -> PrintedDate:
    """The one date of publication that `text` states, with the labels and bylines that usually stand around one.

    Read are ISO 8601 days and times, RFC 822, numbers, days with a month's name in some thirty languages, East Asian dates and
    Unix times of 10 or 13 digits. `order` settles numbers with the year last; None means that it is not known. `zone` is for a
    time without an offset. `now` is when the text was written or fetched: without it "yesterday" is refused. `language` (BCP 47)
    settles names of months that mean another month in another language.

    Raises:
        DateError: it is no date, or not a whole one, or it can be more than one; the message says which and what to do.
    """
    printed = " ".join(text.split())
    question = _Question(printed, order, zone, now, known_language(language))
    if not printed:
        raise DateError(f"There is no date: {_ADVICE}")
    folded = _folded(printed)
    found = recognised(folded)
    return _read(found, question) if found else _published(folded, question)


def order_evidence(text: str) -> DateOrder | None:
    """The order that `text` proves: DMY or MDY when it states a numeric date, year last, of which one part can only be the day.

    The date may stand in a labelled line; a line whose dates contradict each other proves nothing.
    """
    folded = _folded(" ".join(text.split()))
    texts = [folded] if is_date(folded) else [part.text for part in dated_parts(folded, is_date) or ()]
    proven = {order for text in texts if (found := recognised(text)) and (order := _proven(found))}
    return proven.pop() if len(proven) == 1 else None


def _folded(printed: str) -> str:
    """The folded line; nothing for a text that is too long to be a line with a date."""
    return fold(printed) if len(printed) <= _LONGEST_LINE else ""


def _published(folded: str, question: _Question) -> PrintedDate:
    """The date of publication in a line that is more than a date."""
    parts = dated_parts(folded, is_date)
    if not parts:
        raise question.refused(_refusal(folded))
    texts = [part.text for part in parts if not part.updated]
    if not texts:
        raise question.refused(f"is the date of an update, not of publication: {_ADVICE}")
    dates = {_read(found, question) for text in texts if (found := recognised(text))}
    if len(dates) > 1:
        raise question.refused("has more than one date: leave only that of publication")
    return dates.pop()


def _read(found: Found, question: _Question) -> PrintedDate:
    if found.form is Form.EPOCH:
        return _counted_instant(found.parts, question)
    day = _DAY_READERS[found.form](found.parts, question)
    _check_weekdays(day, found.weekdays, question)
    return PrintedDate(day, _instant(day, found.clock, question))


def _check_weekdays(day: date, weekdays: tuple[str, ...], question: _Question) -> None:
    for name in weekdays:
        if day.weekday() not in WEEKDAYS_BY_NAME[name]:
            raise question.refused(f"contradicts itself: that day is a {_WEEKDAYS[day.weekday()]}; mend the day or its name")


def _instant(day: date, clock: re.Match[str] | None, question: _Question) -> datetime | None:
    if clock is None:
        return None
    try:
        return instant(day, clock.groupdict(), question.zone)
    except ValueError as error:
        raise question.refused(str(error)) from error


def _real_day(year: str | int, month: str | int, day: str | int, question: _Question) -> date:
    year, month, day = int(year), int(month), int(day)
    if (year, month, day) in _STANDING_FOR_NONE:
        raise question.refused(f"stands for no date: {_ADVICE}")
    if question.language == _BUDDHIST_LANGUAGE and year > _LAST_YEAR:
        year -= _BUDDHIST_YEARS
    if year < _FIRST_YEAR:
        raise question.refused(f"is before {_FIRST_YEAR}: no article is that old, mend the year")
    if year > _LAST_YEAR:
        raise question.refused(f"is after {_LAST_YEAR}: mend the year, or set the language if it is Thai")
    if not 1 <= month <= len(_MONTHS):
        raise question.refused(f"is no date: there is no month {month}")
    days = calendar.monthrange(year, month)[1]
    if not 1 <= day <= days:
        raise question.refused(f"is no date: {_MONTHS[month - 1]} {year} has {days} days")
    return date(year, month, day)


def _numeric_day(parts: re.Match[str], question: _Question) -> date:
    return _real_day(parts["year"], parts["month"], parts["day"], question)


def _worded_day(parts: re.Match[str], question: _Question) -> date:
    return _real_day(parts["year"], _month(parts["month"], question), parts["day"], question)


def _month(name: str, question: _Question) -> int:
    months = MONTHS_BY_NAME[name]
    if question.language in months:
        return months[question.language]
    if len(set(months.values())) == 1:
        return next(iter(months.values()))
    choices = " or ".join(f"{_MONTHS[month - 1]} ({language})" for language, month in months.items())
    raise question.refused(f"can be {choices}: set the language, or {_ADVICE}")


def _settled_day(parts: re.Match[str], question: _Question) -> date:
    order = question.order
    if order is DateOrder.YMD:
        raise question.refused("has its year last, but date_order is YMD: mend the date or date_order")
    if order is not None:
        return _declared_day(parts, order, question)
    readings = _readings(parts, question)
    if len(set(readings.values())) == 1:
        return next(iter(readings.values()))
    if not readings:
        # Let the order in which the month exists say why its day does not.
        return _ordered_day(parts, DateOrder.MDY if int(parts["other"]) > len(_MONTHS) else DateOrder.DMY, question)
    choices = " or ".join(f"{day.day} {_MONTHS[day.month - 1]}" for day in readings.values())
    raise question.refused(f"can be {choices}: set date_order")


def _declared_day(parts: re.Match[str], order: DateOrder, question: _Question) -> date:
    try:
        return _ordered_day(parts, order, question)
    except DateError as error:
        raise DateError(f"{error} (date_order is {order}; mend the date or date_order)") from error


def _readings(parts: re.Match[str], question: _Question) -> dict[DateOrder, date]:
    readings = {}
    for order in (DateOrder.DMY, DateOrder.MDY):
        with suppress(DateError):
            readings[order] = _ordered_day(parts, order, question)
    return readings


def _ordered_day(parts: re.Match[str], order: DateOrder, question: _Question) -> date:
    day, month = parts["first"], parts["other"]
    if order is DateOrder.MDY:
        day, month = month, day
    return _real_day(parts["year"], month, day, question)


def _proven(found: Found) -> DateOrder | None:
    if found.form is not Form.YEAR_LAST:
        return None
    readings = _readings(found.parts, _Question(found.parts[0], None, ZoneInfo("UTC"), None, ""))
    return next(iter(readings)) if len(readings) == 1 else None


def _counted_instant(parts: re.Match[str], question: _Question) -> PrintedDate:
    """The instant that Unix time counts, which prints no local day: the day is that of the source's zone."""
    if _HOUR_STAMP.fullmatch(parts[0]):
        raise question.refused(f"can be a count of seconds or a day with its hour: {_ADVICE}")
    at = datetime.fromtimestamp(int(parts["seconds"]), UTC) + timedelta(milliseconds=int(parts["millis"] or 0))
    local = at.astimezone(question.zone)
    return PrintedDate(local.date(), local)


def _recalled_day(parts: re.Match[str], question: _Question) -> date:
    return (_now(question) - timedelta(days=DAY_WORDS[parts["word"]])).date()


def _counted_day(parts: re.Match[str], question: _Question) -> date:
    """The day some minutes, hours or days ago.

    "2 hours ago" is printed until it is three: the day is certain when both ends of that hour fall on it.
    """
    unit, count, now = UNITS_BY_WORD[parts["unit"]], _count(parts["count"], question), _now(question)
    if unit == "day":
        return (now - timedelta(days=count)).date()
    if unit not in _LENGTHS:
        raise question.refused(f"is no certain day: {_ADVICE}")
    days = {(now.astimezone(UTC) - past * _LENGTHS[unit]).astimezone(question.zone).date() for past in (count, count + 1)}
    if len(days) > 1:
        raise question.refused(f"can be of two days: {_ADVICE}")
    return days.pop()


def _count(printed: str, question: _Question) -> int:
    if printed.isdigit():
        return int(printed)
    if printed in ONE_WORDS:
        return 1
    raise question.refused(f"is no date that can be read with certainty: {_ADVICE}")


def _now(question: _Question) -> datetime:
    """The time on the source's own clock."""
    if question.now is None:
        raise question.refused(f"is counted from the day of writing, which is not known: {_ADVICE}")
    return question.now.astimezone(question.zone)


_DAY_READERS: dict[Form, Callable[[re.Match[str], _Question], date]] = {
    **dict.fromkeys((Form.YEAR_FIRST, Form.COMPACT, Form.EAST_ASIAN), _numeric_day),
    **dict.fromkeys((Form.DAY_FIRST, Form.MONTH_FIRST, Form.YEAR_THEN_MONTH), _worded_day),
    Form.YEAR_LAST: _settled_day,
    Form.DAY_WORD: _recalled_day,
    Form.AGO: _counted_day,
}


def _refusal(folded: str) -> str:
    lacking = what_lacks(folded) or what_lacks(unlabelled(folded)) or "is no date that can be read with certainty"
    return f"{lacking}: {_ADVICE}"


def _shown(printed: str) -> str:
    return printed if len(printed) <= 60 else f"{printed[:59]}…"  # noqa: PLR2004
