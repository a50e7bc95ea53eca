"""A date is read as printed, or refused with the reason."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hairfeed.errors import DateError
from hairfeed.text.date_forms import is_date, may_have_date
from hairfeed.text.date_order import DateOrder, order_for_language
from hairfeed.text.date_words import AFTER_COUNT, BEFORE_COUNT, DAY_WORDS, MONTHS_BY_NAME, UNITS_BY_WORD, fold
from hairfeed.text.dates import PrintedDate, order_evidence, read_date

BERLIN = ZoneInfo("Europe/Berlin")
AUGUST_8 = date(2024, 8, 8)
NOON = datetime(2024, 8, 8, 12, tzinfo=UTC)
LAST_DAY = date(2399, 12, 31)
# The first day of 1970 stands for "no date".
PRINTABLE_DAYS = st.dates(min_value=date(1970, 1, 2), max_value=LAST_DAY)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def read(text: str, order: DateOrder | None = None) -> PrintedDate:
    return read_date(text, order=order, zone=BERLIN)


def table() -> list[list[str]]:
    """The rows of dates.tsv: expected, order, language, now, line."""
    lines = Path(__file__).with_name("dates.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


TABLE = table()
# Pieces of lines as sites print them, so that chance puts together more than noise.
PIECES = st.sampled_from(
    [piece for row in TABLE for piece in row[4].split()]
    + ["|", "·", ":", ",", "(", ")", "-", "08/09/2024", "13.08.2024", "8/8/2024"]
)
PIECED_LINES = st.lists(PIECES, min_size=1, max_size=7).map(" ".join)
MEANINGS = [(name, language, month) for name, months in MONTHS_BY_NAME.items() for language, month in months.items()]


def outcome_of(line: str, order: DateOrder | None, language: str, now: datetime | None = None) -> str:
    """What comes of reading, as dates.tsv writes it."""
    try:
        printed = read_date(line, order=order, zone=BERLIN, now=now, language=language)
    except DateError as error:
        return f"refused: {error}"
    return printed.at.isoformat(timespec="minutes") if printed.at else printed.on.isoformat()


def read_or_none(text: str, order: DateOrder | None) -> PrintedDate | None:
    try:
        return read(text, order)
    except DateError:
        return None


@pytest.mark.parametrize(
    "text",
    [
        "2024-08-08",
        "20240808",
        "2024/8/8",
        "2024.08.08",
        "8-8-2024",
        "08/08/2024",
        "8.8.2024",
        "8 August 2024",
        "8th of August 2024",
        "8-Aug-2024",
        "August 8, 2024",
        "August 8th, 2024",
        "Aug. 8 2024",
        "Thu, 8 Aug 2024",
        "Thursday, August 8, 2024",
        "thurs 8 AUGUST 2024",
        "  8 \u00a0August  2024\n",
    ],
)
def test_a_day_without_an_hour_is_a_day_and_no_instant(text: str) -> None:
    assert read(text) == PrintedDate(AUGUST_8, None)


@pytest.mark.parametrize(
    ("text", "hour", "minute", "offset"),
    [
        ("2024-08-08T23:30Z", 23, 30, 0),
        ("2024-08-08 23:30:00.000001+05:30", 23, 30, 330),
        ("2024-08-08 23:30 -0800", 23, 30, -480),
        ("20240808T2330+02", 23, 30, 120),
        ("Thu, 08 Aug 2024 23:30:00 GMT", 23, 30, 0),
        ("Thu, 08 Aug 2024 23:30:00 -0000", 23, 30, 0),
        ("8 Aug 2024 23:30 EST", 23, 30, -300),
        ("8 Aug 2024 23:30 +0200 (CEST)", 23, 30, 120),
        ("Thu Aug 08 2024 23:30:00 GMT+0200 (Central European)", 23, 30, 120),
        ("8-8-2024 23:30", 23, 30, 120),
        ("August 8, 2024 at 12:05 a.m.", 0, 5, 120),
        ("August 8, 2024, 12:05 PM", 12, 5, 120),
    ],
)
def test_an_hour_keeps_its_printed_offset_or_gets_the_zone(text: str, hour: int, minute: int, offset: int) -> None:
    printed = read(text)
    assert printed.on == AUGUST_8
    assert printed.at is not None
    assert (printed.at.hour, printed.at.minute) == (hour, minute)
    assert printed.at.utcoffset() == timedelta(minutes=offset)


def test_the_day_is_never_shifted_to_utc() -> None:
    printed = read("2024-08-08T01:00+09:00")
    assert printed.on == AUGUST_8
    assert printed.at == datetime(2024, 8, 7, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "offset"),
    [("2024-03-31T02:30", 1), ("2024-10-27T02:30", 2)],
    ids=["an hour that the clock skips", "an hour that comes twice"],
)
def test_a_local_time_at_a_change_of_the_clock_is_taken_at_the_earlier_offset(text: str, offset: int) -> None:
    at = read(text).at
    assert at is not None
    assert at.utcoffset() == timedelta(hours=offset)


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("08/09/2024", DateOrder.DMY, date(2024, 9, 8)),
        ("08/09/2024", DateOrder.MDY, date(2024, 8, 9)),
        ("13/08/2024", None, date(2024, 8, 13)),
        ("08/13/2024", None, date(2024, 8, 13)),
        ("2024-08-09", DateOrder.DMY, date(2024, 8, 9)),
        ("2024/08/09", DateOrder.MDY, date(2024, 8, 9)),
        ("2024.08.09", DateOrder.YMD, date(2024, 8, 9)),
    ],
)
def test_numbers_follow_the_order_of_their_source(text: str, order: DateOrder | None, day: date) -> None:
    assert read(text, order).on == day


@pytest.mark.parametrize(
    ("text", "order", "reason"),
    [
        ("08/09/2024", None, "08/09/2024 can be 8 September or 9 August: set date_order"),
        ("13/08/2024", DateOrder.MDY, "there is no month 13 (date_order is MDY"),
        ("08/13/2024", DateOrder.DMY, "there is no month 13 (date_order is DMY"),
        ("08/08/2024", DateOrder.YMD, "has its year last, but date_order is YMD"),
        ("31-02-2024", None, "31-02-2024 is no date: February 2024 has 29 days"),
        ("02/30/2023", None, "February 2023 has 28 days"),
        ("13-13-2024", None, "there is no month 13"),
        ("0-1-2024", None, "January 2024 has 31 days"),
        ("2024-13-01", None, "there is no month 13"),
        ("31 June 2024", None, "June 2024 has 30 days"),
        ("20240231", None, "February 2024 has 29 days"),
        ("1969-12-31", None, "is before 1970"),
        ("Mon, 08 Aug 2024", None, "that day is a Thursday"),
        ("8-8-24", None, "has a year of two digits"),
        ("8 Aug 24", None, "has a year of two digits"),
        ("Thu, 08 Aug 24 10:00:00 GMT", None, "has a year of two digits"),
        ("August 2024", None, "has no day"),
        ("2024-08", None, "has no day"),
        ("2024", None, "has no day"),
        ("8 August", None, "has no year"),
        ("August 24", None, "has no year"),
        ("8/9", None, "has no year"),
        ("", None, "There is no date"),
        ("2024-08-08T24:00", None, "hour must be in 0..23"),
        ("2024-08-08T10:60", None, "minute must be in 0..59"),
        ("8 Aug 2024 13:00 pm", None, "the hour must be in 1..12"),
        ("2024-08-08T10:00 IST", None, "zone that is not known (IST)"),
        ("2024-08-08T10:00Q", None, "zone that is not known (Q)"),
        ("2024-08-08T10:00+24:00", None, "zone that is not known (+24:00)"),
        ("2024-08-08T10:00+02:60", None, "zone that is not known (+02:60)"),
        ("8/8-2024", None, "is no date that can be read with certainty"),
        ("2024-W32-4", None, "counts by weeks, which is not read"),
        ("HairFear - 8-8-2024", None, "is no date that can be read with certainty"),
        ("٨-٩-٢٠٢٤", None, "can be 8 September or 9 August"),
        ("۱۸-۵-۱۴۰۳", None, "is before 1970"),  # noqa: RUF001
        ("08-08-2567", DateOrder.DMY, "is after 2399: mend the year, or set the language if it is Thai"),
        ("8 August 2024 10:30 10:30", None, "is no date that can be read with certainty"),
        ("9999-12-31", None, "is after 2399"),
    ],
)
def test_what_is_no_certain_date_is_refused_with_the_reason(text: str, order: DateOrder | None, reason: str) -> None:
    with pytest.raises(DateError) as refused:
        read(text, order)
    assert reason in str(refused.value)


def test_a_message_shows_no_more_than_a_line_of_the_text() -> None:
    with pytest.raises(DateError) as refused:
        read("8 August " * 1000)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("13/08/2024", DateOrder.DMY),
        ("08-13-2024", DateOrder.MDY),
        ("13.08.2024 10:00", DateOrder.DMY),
        ("08/09/2024", None),
        ("08/08/2024", None),
        ("31/02/2024", None),
        ("13/13/2024", None),
        ("2024-08-13", None),
        ("13 August 2024", None),
        ("HairFear - 13-8-2024", None),
    ],
)
def test_only_a_part_above_twelve_proves_an_order(text: str, order: DateOrder | None) -> None:
    assert order_evidence(text) == order


@given(day=PRINTABLE_DAYS)
def test_every_day_survives_being_printed(day: date) -> None:
    month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][day.month - 1]
    year = f"{day.year:04}"
    assert read(day.isoformat()).on == day
    assert read(f"{day.day}-{day.month}-{year}", DateOrder.DMY).on == day
    assert read(f"{day.month:02}/{day.day:02}/{year}", DateOrder.MDY).on == day
    assert read(f"{day.day} {month} {year}").on == read(f"{month} {day.day}, {year}").on == day


@given(at=st.datetimes(datetime(1970, 1, 2), datetime(2399, 12, 31), timezones=OFFSETS))  # noqa: DTZ001
def test_every_instant_survives_being_printed(at: datetime) -> None:
    printed = read(at.isoformat())
    assert printed.at == at
    assert printed.at.utcoffset() == at.utcoffset()
    assert printed.on == at.date()


@given(first=st.integers(0, 35), other=st.integers(0, 35), year=st.integers(1965, 2100))
def test_evidence_never_contradicts_what_is_read(first: int, other: int, year: int) -> None:
    text = f"{first}/{other}/{year}"
    day_first, month_first, undeclared = (read_or_none(text, order) for order in (DateOrder.DMY, DateOrder.MDY, None))
    match order_evidence(text):
        case DateOrder.DMY:
            assert undeclared == day_first is not None
            assert month_first is None
        case DateOrder.MDY:
            assert undeclared == month_first is not None
            assert day_first is None
        case _:
            assert (day_first is None) == (month_first is None)
            assert undeclared == (day_first if day_first == month_first else None)


@given(text=st.text() | st.from_regex(r"\A[0-9A-Za-z ,:/.+-]{1,30}\Z"))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    try:
        printed = read(text)
    except DateError:
        return
    assert printed.at is None or printed.at.date() == printed.on


@pytest.mark.parametrize(("expected", "order", "language", "now", "line"), TABLE, ids=[row[4] for row in TABLE])
def test_a_line_as_sites_print_it(expected: str, order: str, language: str, now: str, line: str) -> None:
    source_order = None if order == "-" else DateOrder(order)
    written_at = None if now == "-" else datetime.fromisoformat(now)
    outcome = outcome_of(line, source_order, language, written_at)
    if expected.startswith("refused: "):
        assert outcome.startswith("refused: ")
        assert expected.removeprefix("refused: ") in outcome
    else:
        assert outcome == expected


def test_names_of_months_that_differ_between_languages_are_these() -> None:
    differing = {name for name, months in MONTHS_BY_NAME.items() if len(set(months.values())) > 1}
    assert differing == {"lip", "lis", "listopad", "listopada", "srp"}


@given(meaning=st.sampled_from(MEANINGS), day=PRINTABLE_DAYS)
def test_every_name_of_a_month_is_read_back_in_its_language(meaning: tuple[str, str, int], day: date) -> None:
    name, language, month = meaning
    day = day.replace(month=month, day=min(day.day, 28))
    lines = (f"{day.day} {name} {day.year}", f"{day.day}. {name.upper()}. {day.year}", f"{name.title()} {day.day}, {day.year}")
    for line in lines:
        assert read_date(line, order=None, zone=BERLIN, language=language).on == day


@given(meaning=st.sampled_from(MEANINGS), language=st.sampled_from(["en", "de", "pl", "cs", "hr", "uk", "xx"]))
def test_no_language_reads_a_month_that_another_reads_differently(meaning: tuple[str, str, int], language: str) -> None:
    name, _, month = meaning
    outcome = outcome_of(f"8 {name} 2024", None, language)
    months = MONTHS_BY_NAME[name]
    if language not in months and len(set(months.values())) > 1:
        assert "set the language" in outcome
    else:
        assert outcome == f"2024-{months.get(language, month):02}-08"


@settings(max_examples=500)
@given(line=PIECED_LINES | st.sampled_from([row[4] for row in TABLE]))
def test_what_is_read_without_an_order_is_read_alike_in_every_order(line: str) -> None:
    undeclared, *declared = (read_at_noon(line, order) for order in (None, *DateOrder))
    if undeclared:
        assert {undeclared} == {printed for printed in declared if printed}


@settings(max_examples=500)
@given(line=PIECED_LINES | st.text(max_size=80), language=st.sampled_from(["en", "hr", "zh-Hant-TW", ""]))
def test_any_line_is_a_date_or_refused(line: str, language: str) -> None:
    printed = read_at_noon(line, None, language)
    assert printed is None or printed.at is None or printed.at.date() == printed.on


def read_at_noon(line: str, order: DateOrder | None, language: str = "en") -> PrintedDate | None:
    try:
        return read_date(line, order=order, zone=BERLIN, now=NOON, language=language)
    except DateError:
        return None


@pytest.mark.parametrize(
    ("line", "order"),
    [
        ("Published: 13/08/2024", DateOrder.DMY),
        ("By Jane Doe | 08/13/2024 | 5 min read", DateOrder.MDY),
        ("Published 08/09/2024 | Updated 08/13/2024", DateOrder.MDY),
        ("Published 13/08/2024 | Updated 08/13/2024", None),
        ("Fri 08/09/2024", None),
        ("Published: 13 August 2024", None),
        ("Recall in force | 13/08/2024", None),
    ],
)
def test_a_labelled_date_proves_its_order_like_a_bare_one(line: str, order: DateOrder | None) -> None:
    assert order_evidence(line) == order


@pytest.mark.parametrize(
    ("language", "order"),
    [
        ("en", None),
        ("en-US", DateOrder.MDY),
        ("en_US", DateOrder.MDY),
        ("EN-us", DateOrder.MDY),
        ("en-GB", DateOrder.DMY),
        ("en-CA", None),
        ("en-ZA", None),
        ("de", DateOrder.DMY),
        ("de-AT", DateOrder.DMY),
        ("fr", DateOrder.DMY),
        ("fr-CA", None),
        ("es", DateOrder.DMY),
        ("es-US", None),
        ("pt-BR", DateOrder.DMY),
        ("zh", DateOrder.YMD),
        ("zh-Hant-TW", DateOrder.YMD),
        ("zh-Hant-HK", DateOrder.DMY),
        ("ja", DateOrder.YMD),
        ("ko", DateOrder.YMD),
        ("hu", DateOrder.YMD),
        ("sv", DateOrder.YMD),
        ("sv-FI", None),
        ("lt", DateOrder.YMD),
        ("xx", None),
        ("", None),
    ],
)
def test_a_language_has_the_order_that_its_readers_print(language: str, order: DateOrder | None) -> None:
    assert order_for_language(language) == order


@pytest.mark.parametrize("spelling", ["AOÛT", "août", "aout", "aou\u0302t", "\uff21OU\uff34"])
def test_case_accents_and_width_make_no_other_word(spelling: str) -> None:
    assert fold(spelling) == "aout"


def test_a_day_ago_is_a_day_of_the_calendar_when_clocks_change() -> None:
    morning_after = datetime(2024, 3, 31, 23, 30, tzinfo=BERLIN)
    assert read_date("1 day ago", order=None, zone=BERLIN, now=morning_after).on == date(2024, 3, 30)
    assert read_date("yesterday", order=None, zone=ZoneInfo("Asia/Tokyo"), now=morning_after).on == date(2024, 3, 31)


def test_a_name_of_many_zones_is_the_sources_own_or_none() -> None:
    line = "8 August 2024 12:00 BST"
    at = read_date(line, order=None, zone=ZoneInfo("Europe/London")).at
    assert at is not None
    assert at.isoformat() == "2024-08-08T12:00:00+01:00"
    with pytest.raises(DateError, match=r"zone that is not known \(BST\)"):
        read_date(line, order=None, zone=BERLIN)
    with pytest.raises(DateError, match=r"zone that is not known \(BST\)"):
        read_date("8 December 2024 12:00 BST", order=None, zone=ZoneInfo("Europe/London"))


def test_buddhist_years_are_read_in_thai_alone() -> None:
    assert outcome_of("08/08/2567", DateOrder.DMY, "th") == "2024-08-08"
    assert outcome_of("08/08/2024", DateOrder.DMY, "th") == "2024-08-08"
    assert outcome_of("29 กุมภาพันธ์ 2566", None, "th").startswith("refused: 29 กุมภาพันธ์ 2566 is no date")


def test_every_date_in_words_has_what_dates_have() -> None:
    counted = [f"one {unit} {after}" for unit in UNITS_BY_WORD for after in AFTER_COUNT]
    counted += [f"{before} one {unit}" for unit in UNITS_BY_WORD for before in BEFORE_COUNT]
    dates = [text for text in (*DAY_WORDS, *counted) if is_date(text)]
    assert len(dates) > len(DAY_WORDS)
    assert [text for text in dates if not may_have_date(text)] == []
    assert not may_have_date("what there is to say about hair fills a page.")
