"""How fast a provider is used."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from hairfeed.deliver.pace import Limits, Wait, calls_at_once, given_back, quickened, slowed, take, through_at
from hairfeed.store.paces import Pace

NOW = datetime(2024, 8, 16, 9, tzinfo=UTC)
FRESH = Pace(NOW.date(), 0, 0, NOW - timedelta(hours=1), 1, None, NOW.date(), 0, 0)


def calls(limits: Limits, mails: int, seconds: float, pace: Pace = FRESH) -> int:
    """How many calls with so many mails go out in so many seconds."""
    at, made = NOW, 0
    while at <= NOW + timedelta(seconds=seconds):
        taken = take(pace, limits, mails, at)
        if isinstance(taken, Wait):
            at = max(taken.until, at + timedelta(milliseconds=1))
        else:
            pace, made = taken, made + 1
    return made


@pytest.mark.parametrize(
    ("limits", "mails", "expected"),
    [
        (Limits(4, calls_per_second=2), 100, 22),
        (Limits(4, calls_per_second=0.5), 100, 6),
        (Limits(4, mails_per_second=50), 1, 550),
        (Limits(4, mails_per_second=50), 100, 6),
        (Limits(4, calls_per_second=10, mails_per_second=50), 10, 55),
    ],
)
def test_no_more_goes_out_in_ten_seconds_than_the_rate_and_a_second_more(limits: Limits, mails: int, expected: int) -> None:
    assert calls(limits, mails, 10) == pytest.approx(expected, abs=2)


def test_without_limits_nothing_waits() -> None:
    pace = FRESH
    for _ in range(1000):
        taken = take(pace, Limits(4), 1000, NOW)
        assert isinstance(taken, Pace)
        pace = taken


def test_after_throttling_half_as_much_goes_out_and_nothing_before_its_time() -> None:
    limits = Limits(8, calls_per_second=4)
    slow = slowed(FRESH, timedelta(seconds=3), NOW)
    assert take(slow, limits, 1, NOW) == Wait(NOW + timedelta(seconds=3), "the provider asked for patience")
    assert calls_at_once(slow.share, limits) == 4
    assert calls(limits, 1, 10, replace(slow, closed_until=None)) == pytest.approx(24, abs=2)


def test_a_provider_that_says_nothing_is_left_alone_ever_longer() -> None:
    pace, pauses = FRESH, []
    for _ in range(4):
        pace = slowed(replace(pace, closed_until=None), None, NOW)
        assert pace.closed_until is not None
        pauses.append((pace.closed_until - NOW).total_seconds())
    assert pauses == [5, 10, 20, 40]


def test_calls_that_are_taken_bring_the_full_rate_back() -> None:
    pace = slowed(FRESH, None, NOW)
    for _ in range(16):
        pace = quickened(pace)
    assert pace.share == 1


@pytest.mark.parametrize(
    ("limits", "later", "room"),
    [
        (Limits(1, per_day=100), timedelta(0), 40),
        (Limits(1, per_day=100), timedelta(days=1), 100),
        (Limits(1, per_month=100), timedelta(days=1), 40),
        (Limits(1, per_month=100), timedelta(days=16), 100),
        (Limits(1, warm_up=100), timedelta(days=2), 225),
        (Limits(1, warm_up=100, per_day=120), timedelta(days=2), 120),
    ],
)
def test_the_quotas_leave_so_much_room(limits: Limits, later: timedelta, room: int) -> None:
    pace = take(FRESH, limits, 60, NOW)
    assert isinstance(pace, Pace)
    assert isinstance(take(pace, limits, room, NOW + later), Pace)
    assert isinstance(take(pace, limits, room + 1, NOW + later), Wait)


def test_what_was_not_taken_does_not_count() -> None:
    limits = Limits(1, per_day=100)
    pace = take(FRESH, limits, 60, NOW)
    assert isinstance(pace, Pace)
    assert isinstance(take(given_back(pace, 60), limits, 100, NOW), Pace)


@pytest.mark.parametrize(
    ("limits", "mails", "expected"),
    [
        (Limits(1), 10**6, NOW),
        (Limits(1, mails_per_second=10), 36_000, NOW + timedelta(hours=1)),
        (Limits(1, calls_per_second=2), 72_000, NOW + timedelta(minutes=6)),
        (Limits(1, per_day=100), 100, NOW),
        (Limits(1, per_day=100), 230, datetime(2024, 8, 18, tzinfo=UTC)),
        (Limits(1, per_month=100), 101, datetime(2024, 9, 1, tzinfo=UTC)),
        (Limits(1, warm_up=100), 475, datetime(2024, 8, 18, tzinfo=UTC)),
    ],
)
def test_the_end_is_known_before(limits: Limits, mails: int, expected: datetime) -> None:
    assert through_at(FRESH, limits, mails, 100, NOW) == expected


def test_a_clock_that_was_set_back_gives_nothing_away() -> None:
    limits = Limits(1, calls_per_second=1)
    pace = take(FRESH, limits, 1, NOW)
    assert isinstance(pace, Pace)
    assert isinstance(take(pace, limits, 1, NOW - timedelta(days=1)), Wait)
    assert FRESH.day == date(2024, 8, 16)
