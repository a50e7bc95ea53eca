"""The hour in the readers' own time zones: the same rule as a schedule's, everybody once, nobody before it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hairfeed.schedule.due import Schedule
from hairfeed.schedule.lateness import Decision, Fire, Merge, Quiet, TooLate, Wait, decide_due, may_begin
from hairfeed.schedule.zones import MOST_AHEAD, places, same_hour, zone_or

UTC_ZONE, BERLIN, KIRITIMATI = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Kiritimati")
MIDWAY, NEW_YORK = ZoneInfo("Pacific/Midway"), ZoneInfo("America/New_York")
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
EIGHT = datetime(2024, 8, 9, 6, 0, tzinfo=UTC)
"""Friday 08:00 in Berlin."""
FIRST = EIGHT - 12 * HOUR
"""Friday 08:00 on Kiritimati."""
WEEKLY, SEND = Schedule.parse("Fri 8:00"), TooLate.parse("send")
ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
YEARS = datetime(2015, 1, 1), datetime(2035, 1, 1)  # noqa: DTZ001 - what clocks show


@pytest.mark.parametrize(
    ("home", "due", "zone", "expected"),
    [
        ("Europe/Berlin", "2024-08-09T06:00", "Europe/Berlin", "2024-08-09T06:00"),
        ("Europe/Berlin", "2024-08-09T06:00", "America/New_York", "2024-08-09T12:00"),
        ("Europe/Berlin", "2024-08-09T06:00", "Pacific/Kiritimati", "2024-08-08T18:00"),
        ("Europe/Berlin", "2024-08-09T06:00", "Pacific/Midway", "2024-08-09T19:00"),
        ("Europe/Berlin", "2024-08-09T06:00", "Asia/Kolkata", "2024-08-09T02:30"),
        ("Europe/Berlin", "2024-08-09T06:00", "Asia/Kathmandu", "2024-08-09T02:15"),
        # 02:30 does not exist in New York that day, nor 02:15 on Lord Howe Island, where the clocks go on by half an hour.
        ("UTC", "2024-03-10T02:30", "America/New_York", "2024-03-10T07:00"),
        ("UTC", "2024-10-06T02:15", "Australia/Lord_Howe", "2024-10-05T15:30"),
        # 01:30 comes twice in New York that day: the first counts.
        ("UTC", "2024-11-03T01:30", "America/New_York", "2024-11-03T05:30"),
        # Which of the two it was at home does not matter elsewhere.
        ("America/New_York", "2024-11-03T06:30", "Europe/Berlin", "2024-11-03T00:30"),
        # Samoa left a whole day out.
        ("UTC", "2011-12-30T08:00", "Pacific/Apia", "2011-12-30T10:00"),
    ],
)
def test_the_hour_comes_in_each_zone(home: str, due: str, zone: str, expected: str) -> None:
    found = same_hour(datetime.fromisoformat(f"{due}+00:00"), ZoneInfo(home), ZoneInfo(zone))
    assert found == datetime.fromisoformat(f"{expected}+00:00")


@given(ZONES, st.datetimes(*YEARS).map(lambda at: at.replace(second=0, microsecond=0)))
def test_it_is_the_instant_at_which_a_schedule_of_that_zone_is_due(zone: ZoneInfo, shown: datetime) -> None:
    schedule = Schedule.parse(f"daily {shown.hour}:{shown.minute:02d}")
    found = same_hour(shown.replace(tzinfo=UTC), UTC_ZONE, zone)
    assert found == schedule.last_due(found - MINUTE, found, zone)


@settings(max_examples=40)
@given(ZONES, ZONES, ZONES, st.datetimes(*YEARS), st.sampled_from(["daily", "Fri", "Mon, Thu"]))
def test_it_fires_once_as_soon_as_the_hour_comes_for_anybody(
    home: ZoneInfo, one: ZoneInfo, other: ZoneInfo, start: datetime, days: str
) -> None:
    schedule, readers = Schedule.parse(f"{days} 2:30"), (home, one, other)
    served = begin = start.replace(second=0, microsecond=0, tzinfo=UTC)
    fired: list[datetime] = []
    for step in range(2 * 24 * 9):
        now = begin + step * 30 * MINUTE
        decision = decide_due(schedule, home, served, now, SEND, None, readers)
        if isinstance(decision, Fire):
            served = decision.due_at
            fired.append(served)
            hours = [may_begin(served, home, zone, now) for zone in readers]
            # A pass comes every half hour; what was over at the beginning was never anybody's to wait for.
            assert step == 0 or now - 30 * MINUTE < min(hours)
            for hour, zone in zip(hours, readers, strict=True):
                shown, meant = hour.astimezone(zone).replace(tzinfo=None), served.astimezone(home).replace(tzinfo=None)
                assert hour >= now
                assert shown >= meant or hour.astimezone(zone).fold
        else:
            assert decision == Wait()
    expected = [begin]
    while (following := schedule.next_due(expected[-1], home)) and following <= now:
        expected.append(following)
    assert fired[: len(expected) - 1] == expected[1:]
    assert len(set(fired)) == len(fired)


def decide(now: datetime, rule: str = "send", *, served: datetime = EIGHT - 7 * DAY, zones: tuple[ZoneInfo, ...]) -> Decision:
    return decide_due(WEEKLY, BERLIN, served, now, TooLate.parse(rule), Quiet.parse("22:00-07:00"), (BERLIN, *zones))


@pytest.mark.parametrize(
    ("now", "zones", "expected"),
    [
        (FIRST - MINUTE, (KIRITIMATI, MIDWAY), Wait()),
        (FIRST, (KIRITIMATI, MIDWAY), Fire(EIGHT)),
        (FIRST, (MIDWAY,), Wait()),
        # Who is west of the newsletter waits, and it does not.
        (EIGHT, (MIDWAY,), Fire(EIGHT)),
        (EIGHT + 6 * HOUR, (KIRITIMATI,), Fire(EIGHT)),
        (EIGHT + 6 * HOUR + MINUTE, (MIDWAY,), Merge(EIGHT)),
    ],
)
def test_the_first_reader_decides_when_and_the_newsletters_own_hour_what_is_too_late(
    now: datetime, zones: tuple[ZoneInfo, ...], expected: Decision
) -> None:
    assert decide(now, "send within 6h, else merge", zones=zones) == expected


def test_what_was_served_before_its_time_waits_for_the_next_instant_whoever_has_left_since() -> None:
    for now in (FIRST, EIGHT, EIGHT + DAY):
        assert decide(now, served=EIGHT, zones=(KIRITIMATI,)) == Wait()
        assert decide(now, served=EIGHT, zones=()) == Wait()


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        (NEW_YORK, EIGHT, EIGHT + 6 * HOUR),
        (KIRITIMATI, FIRST, FIRST),
        # On Kiritimati it is 20:00, and then 22:00, when everybody sleeps till seven.
        (KIRITIMATI, EIGHT, EIGHT),
        (KIRITIMATI, EIGHT + 2 * HOUR, EIGHT + 11 * HOUR),
    ],
)
def test_readers_whose_hour_has_passed_are_mailed_at_once_but_not_in_their_quiet_hours(
    zone: ZoneInfo, now: datetime, expected: datetime
) -> None:
    assert may_begin(EIGHT, BERLIN, zone, now, Quiet.parse("22:00-07:00")) == expected


@given(ZONES, ZONES, st.datetimes(*YEARS))
def test_no_place_is_further_ahead_than_a_day_and_three_hours(home: ZoneInfo, zone: ZoneInfo, at: datetime) -> None:
    due_at = at.replace(tzinfo=UTC)
    assert abs(same_hour(due_at, home, zone) - due_at) < MOST_AHEAD


def test_a_zone_that_is_not_known_here_is_the_newsletters() -> None:
    assert [zone_or(name, BERLIN) for name in ("", "Europe/Atlantis", "../etc", "Asia/Tokyo")] == [
        BERLIN,
        BERLIN,
        BERLIN,
        ZoneInfo("Asia/Tokyo"),
    ]


def test_the_zones_to_choose_from_are_places() -> None:
    assert "Europe/Berlin" in places()["Europe"]
    assert all(zone_or(name, KIRITIMATI).key == name for names in places().values() for name in names)
