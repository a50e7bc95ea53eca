"""When a newsletter is due: how people write it, what a change of the clock does to it, and that no instant is lost or doubled."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.schedule.due import Schedule

BERLIN, NEW_YORK, CAIRO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Africa/Cairo")


@pytest.mark.parametrize(
    ("text", "cron"),
    [
        ("Fri 08:00", "0 8 * * 5"),
        ("fri 8:00", "0 8 * * 5"),
        ("  Friday 08:00 ", "0 8 * * 5"),
        ("Tues 23:59", "59 23 * * 2"),
        ("Sun 00:00", "0 0 * * 0"),
        ("Mon, Thu 7:30", "30 7 * * 1,4"),
        ("Mon,Wed ,Sat 7:05", "5 7 * * 1,3,6"),
        ("weekdays 7:30", "30 7 * * 1-5"),
        ("Daily 18:00", "0 18 * * *"),
        ("first Monday 9:00", "0 9 * * 1#1"),
        ("Last Fri 17:00", "0 17 * * 5L"),
        ("1st 8:00", "0 8 1 * *"),
        ("1st, 15th 8:00", "0 8 1,15 * *"),
        ("day  22 8:00", "0 8 22 * *"),
        ("last day 8:00", "0 8 L * *"),
        ("Mon-Fri 7:30", "30 7 * * 1,2,3,4,5"),
        ("fri - Mon 7:30", "30 7 * * 5,6,0,1"),
        ("Sun-Sat 7:30", "30 7 * * 0,1,2,3,4,5,6"),
        ("weekends 9:00", "0 9 * * 0,6"),
        ("1st Monday 9:00", "0 9 * * 1#1"),
        ("Fri, 20:00", "0 20 * * 5"),
        ("@weekly", "0 0 * * 0"),
        (" @Daily ", "0 0 * * *"),
        ("0 8 * * 5", "0 8 * * 5"),
        ("*/15 6-9 1,15 * *", "*/15 6-9 1,15 * *"),
    ],
)
def test_a_schedule_is_read(text: str, cron: str) -> None:
    assert Schedule.parse(text).crons == (cron,)


def test_days_with_times_of_their_own_are_several_lines() -> None:
    schedule = Schedule.parse("Mon, last Thu 7:30, 1st, Sun 9:00")
    assert schedule.crons == ("30 7 * * 1,4L", "0 9 * * 0", "0 9 1 * *")


def test_a_time_without_a_day_is_another_one_of_the_days_before() -> None:
    assert Schedule.parse("daily 8:00, 20:00").crons == ("0 8 * * *", "0 20 * * *")
    assert Schedule.parse("1st, Mon 7:00, 9:00, Thu 18:00").crons == (
        *("0 7 * * 1", "0 7 1 * *"),
        *("0 9 * * 1", "0 9 1 * *"),
        "0 18 * * 4",
    )


def test_a_schedule_keeps_the_operators_words() -> None:
    assert Schedule.parse("weekdays 7:30").text == "weekdays 7:30"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Friday",
        "8:00",
        "Fri 24:00",
        "Fri 08:60",
        "Fri 8",
        "Fri 8:0",
        "Fr 08:00",
        "Friends 08:00",
        "Fri Mon 08:00",
        "Fri 08:00,",
        "Fri,, 08:00",
        "daily, Fri 08:00",
        "Fri 08:00, Mon",
        "fifth Mon 8:00",
        "first daily 8:00",
        "day 32 8:00",
        "0th 8:00",
        "1 8:00",
        "Fri 08:00 Europe/Berlin",
        "@reboot",
        "8:00, Fri",
        "Fri-Funday 8:00",
        "first Mon-Fri 8:00",
        "0 8 30 2 *",
        "0 8 */30 2 1L",
        "0 8 * * 5-1",
        "0 8 * *",
        "0 0 8 * * 5",
        "0 25 * * *",
        "0 8 * * 8",
    ],
)
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no schedule|is no day of the week"):
        Schedule.parse(text)


def due(schedule: str, after: datetime, until: datetime, zone: ZoneInfo) -> datetime | None:
    return Schedule.parse(schedule).last_due(after, until, zone)


EIGHT = datetime(2024, 8, 9, 6, 0, tzinfo=UTC)  # Friday 08:00 in Berlin
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("after", "until", "expected"),
    [
        (EIGHT - SECOND, EIGHT, EIGHT),
        (EIGHT, EIGHT + SECOND, None),
        (EIGHT - SECOND, EIGHT + SECOND, EIGHT),
        (EIGHT - 2 * SECOND, EIGHT - SECOND, None),
        (EIGHT, EIGHT, None),
        (EIGHT + SECOND, EIGHT - SECOND, None),
        (EIGHT, EIGHT + timedelta(days=7), EIGHT + timedelta(days=7)),
    ],
)
def test_a_period_holds_its_end_and_not_its_beginning(after: datetime, until: datetime, expected: datetime | None) -> None:
    assert due("Fri 08:00", after, until, BERLIN) == expected


def test_after_a_long_time_only_the_newest_instant_is_due() -> None:
    assert due("Fri 08:00", EIGHT - timedelta(days=700), EIGHT + timedelta(days=1), BERLIN) == EIGHT


def test_what_is_due_is_in_utc() -> None:
    found = due("Fri 08:00", EIGHT - SECOND, EIGHT.astimezone(BERLIN), BERLIN)
    assert found is not None
    assert found.tzinfo is UTC


def test_a_day_that_does_not_come_in_the_period_is_not_due() -> None:
    assert due("0 8 29 2 *", EIGHT, EIGHT + timedelta(days=3 * 365), BERLIN) is None


@pytest.mark.parametrize(
    ("schedule", "zone", "day", "expected"),
    [
        ("daily 2:30", BERLIN, date(2024, 3, 31), datetime(2024, 3, 31, 1, 0, tzinfo=UTC)),
        ("daily 2:30", NEW_YORK, date(2024, 3, 10), datetime(2024, 3, 10, 7, 0, tzinfo=UTC)),
        ("daily 0:00", CAIRO, date(2024, 4, 26), datetime(2024, 4, 25, 22, 0, tzinfo=UTC)),
    ],
)
def test_a_time_that_the_clock_skips_is_due_when_the_clock_goes_on(
    schedule: str, zone: ZoneInfo, day: date, expected: datetime
) -> None:
    noon_before = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC) - timedelta(hours=12)
    assert due(schedule, noon_before, noon_before + timedelta(hours=23), zone) == expected


@pytest.mark.parametrize("time", ["0:00", "2:00", "2:30", "23:30"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "America/Santiago"])
def test_a_daily_newsletter_is_due_once_a_day_all_year(zone: str, time: str) -> None:
    place = ZoneInfo(zone)
    schedule = Schedule.parse(f"daily {time}")
    start, end = datetime(2024, 1, 1, 23, 45, tzinfo=place), datetime(2024, 12, 31, 23, 45, tzinfo=place)
    served, now, days = start.astimezone(UTC), start.astimezone(UTC), []
    while now < end:
        now = min(now + timedelta(hours=11), end.astimezone(UTC))
        found = schedule.last_due(served, now, place)
        if found is not None:
            days.append(found.astimezone(place).date())
            served = found
    assert days == [date(2024, 1, 1) + timedelta(days=count) for count in range(1, 366)]


SCHEDULES = ["daily 2:30", "daily 0:00", "Sun 2:30", "weekdays 7:30", "*/20 * * * *", "30 1-3 * * *"]


@given(
    schedule=st.sampled_from(SCHEDULES),
    zone=st.sampled_from([BERLIN, NEW_YORK, CAIRO, ZoneInfo("UTC"), ZoneInfo("Australia/Lord_Howe")]),
    start=st.datetimes(datetime(2023, 12, 1), datetime(2024, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds it
    steps=st.lists(st.timedeltas(timedelta(seconds=1), timedelta(hours=3)), max_size=40),
)
def test_steps_of_any_size_find_what_one_look_finds(schedule: str, zone: ZoneInfo, start: datetime, steps: list[timedelta]) -> None:
    parsed = Schedule.parse(schedule)
    served, now, last = start, start, None
    for step in steps:
        now += step
        found = parsed.last_due(served, now, zone)
        if found is not None:
            assert served < found <= now
            served = last = found
    assert last == parsed.last_due(start, now, zone)


@given(
    schedule=st.sampled_from(SCHEDULES),
    zone=st.sampled_from([BERLIN, NEW_YORK, CAIRO]),
    at=st.datetimes(datetime(2024, 1, 1), datetime(2025, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds it
)
def test_what_was_served_is_not_due_again(schedule: str, zone: ZoneInfo, at: datetime) -> None:
    found = due(schedule, at - timedelta(days=8), at, zone)
    assert found is not None
    assert due(schedule, found, at, zone) is None


@pytest.mark.parametrize(
    ("schedule", "days"),
    [
        ("first Monday 9:00", [4, 32, 60]),
        ("last Friday 9:00", [29, 57, 85]),
        ("31st 9:00", [30, 89]),
        ("last day 9:00", [30, 58, 89]),
        ("1st, 15th 9:00, Wed 9:00", [0, 6, 13, 14]),
    ],
)
def test_what_is_due_comes_in_its_order_and_once(schedule: str, days: list[int]) -> None:
    parsed, new_year = Schedule.parse(schedule), datetime(2026, 1, 1, tzinfo=BERLIN)
    moment, found = new_year.astimezone(UTC), []
    for _ in days:
        following = parsed.next_due(moment, BERLIN)
        assert following is not None
        assert parsed.last_due(moment, following, BERLIN) == following
        assert parsed.last_due(moment, following - SECOND, BERLIN) is None
        moment = following
        found.append((moment.astimezone(BERLIN).replace(tzinfo=None) - new_year.replace(tzinfo=None)).days)
        assert (moment.astimezone(BERLIN).hour, moment.astimezone(BERLIN).minute) == (9, 0)
    assert found == days


def test_of_two_times_in_an_hour_that_comes_twice_each_is_due_once() -> None:
    at = datetime(2024, 10, 27, 1, 10, tzinfo=UTC)  # 2:10 in Berlin, for the second time
    assert due("daily 2:15, daily 2:45", at - timedelta(days=1), at, BERLIN) == datetime(2024, 10, 27, 0, 45, tzinfo=UTC)
    assert due("15,45 2 * * *", at - timedelta(days=1), at, BERLIN) == datetime(2024, 10, 27, 0, 45, tzinfo=UTC)
    assert Schedule.parse("15,45 2 * * *").next_due(at, BERLIN) == datetime(2024, 10, 28, 1, 15, tzinfo=UTC)
