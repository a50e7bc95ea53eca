"""What becomes of an issue that is due: the too-late rule, quiet hours, and clocks that were wrong."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hairfeed.schedule.due import Schedule
from hairfeed.schedule.lateness import Decision, Fire, Merge, Quiet, Rewind, Skip, TooLate, Wait, decide_due

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EIGHT = datetime(2024, 8, 9, 6, 0, tzinfo=UTC)
"""Friday 08:00 in Berlin."""
WEEK = timedelta(days=7)


def decide(
    now: datetime, rule: str = "send", *, served: datetime = EIGHT - WEEK, when: str = "Fri 8:00", quiet: str = ""
) -> Decision:
    hours = Quiet.parse(quiet) if quiet else None
    return decide_due(Schedule.parse(when), BERLIN, served, now, TooLate.parse(rule), hours)


@pytest.mark.parametrize(
    ("text", "within", "skip"),
    [
        ("send", None, False),
        ("send within 6h, else merge", 6 * HOUR, False),
        ("Send within 6 hours, else merge into next", 6 * HOUR, False),
        ("send within 90 min else merge into the next", timedelta(minutes=90), False),
        ("send within 1 day, else skip", DAY, True),
    ],
)
def test_a_rule_is_read(text: str, within: timedelta | None, skip: bool) -> None:
    rule = TooLate.parse(text)
    assert (rule.within, rule.skip, rule.text) == (within, skip, text)


@pytest.mark.parametrize(
    "text", ["", "skip", "send within 6h", "send within h, else skip", "send within 0h, else merge", "send, else skip"]
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match='is no rule for what is late; write it like "send within 6h, else merge"'):
        TooLate.parse(text)


@pytest.mark.parametrize("text", ["", "22-7", "22:00", "25:00-7:00", "22:00-07:61", "8:00-8:00"])
def test_what_are_no_quiet_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="are no quiet hours"):
        Quiet.parse(text)


@pytest.mark.parametrize(
    ("late", "rule", "expected"),
    [
        (-HOUR, "send", Wait()),
        (0 * HOUR, "send within 6h, else merge", Fire(EIGHT)),
        (6 * HOUR, "send within 6h, else merge", Fire(EIGHT)),
        (6 * HOUR + timedelta(seconds=1), "send within 6h, else merge", Merge(EIGHT)),
        (7 * HOUR, "send within 6h, else skip", Skip(EIGHT)),
        (6 * DAY, "send", Fire(EIGHT)),
    ],
)
def test_the_rule_decides_by_how_late_it_is(late: timedelta, rule: str, expected: Decision) -> None:
    assert decide(EIGHT + late, rule) == expected


def test_what_was_served_waits_for_the_next_instant() -> None:
    assert decide(EIGHT + HOUR, served=EIGHT) == Wait()


def test_of_several_that_were_missed_the_newest_counts_and_carries_the_others() -> None:
    assert decide(EIGHT + HOUR, "send within 6h, else merge", served=EIGHT - 4 * WEEK) == Fire(EIGHT)


def test_under_skip_the_missed_ones_before_it_take_their_articles_along() -> None:
    assert decide(EIGHT + HOUR, "send within 6h, else skip", served=EIGHT - 4 * WEEK) == Fire(EIGHT, skipped=EIGHT - WEEK)


def test_under_skip_one_before_it_that_is_not_too_late_is_carried() -> None:
    noon = "daily 8:00, daily 12:00, daily 13:00"
    assert decide(EIGHT + 5.5 * HOUR, "send within 3h, else skip", when=noon, served=EIGHT - HOUR) == Fire(
        EIGHT + 5 * HOUR, skipped=EIGHT
    )


@pytest.mark.parametrize(
    ("when", "now", "expected"),
    [
        ("Fri 21:59", "21:59", Fire),
        ("Fri 21:59", "22:00", Wait),
        ("Fri 23:00", "23:00", Wait),
        ("Fri 5:00", "06:59", Wait),
        ("Fri 5:00", "07:00", Fire),
        ("Fri 5:00", "12:00", Fire),
    ],
)
def test_an_issue_waits_for_the_end_of_the_quiet_hours(when: str, now: str, expected: type[Decision]) -> None:
    moment = datetime.fromisoformat(f"2024-08-09T{now}").replace(tzinfo=BERLIN).astimezone(UTC)
    assert isinstance(decide(moment, when=when, quiet="22:00-07:00"), expected)


def test_quiet_hours_are_not_counted_as_lateness() -> None:
    rule, quiet = "send within 2h, else merge", "22:00-07:00"
    at_nine = EIGHT + 13 * HOUR
    assert decide(at_nine + 12 * HOUR - timedelta(minutes=1), rule, when="Fri 21:00", quiet=quiet) == Merge(at_nine)
    assert decide(at_nine + 11 * HOUR, rule, when="Fri 21:00", quiet=quiet) == Fire(at_nine)


def test_quiet_hours_within_a_day_and_over_a_change_of_the_clock() -> None:
    before, after = datetime(2024, 3, 30, 23, 0, tzinfo=BERLIN), datetime(2024, 3, 31, 12, 0, tzinfo=BERLIN)
    assert Quiet.parse("22:00-07:00").between(before.astimezone(UTC), after.astimezone(UTC), BERLIN) == 7 * HOUR
    assert Quiet.parse("01:00-05:00").between(before.astimezone(UTC), after.astimezone(UTC), BERLIN) == 3 * HOUR
    assert Quiet.parse("12:30-14:00").between(before.astimezone(UTC), after.astimezone(UTC), BERLIN) == 0 * HOUR


def test_a_clock_that_was_set_back_a_little_brings_nothing_twice() -> None:
    assert decide(EIGHT - HOUR, served=EIGHT) == Wait()


def test_a_clock_that_was_weeks_ahead_does_not_silence_a_newsletter() -> None:
    served = EIGHT + 600 * WEEK
    assert decide(EIGHT + HOUR, served=served) == Rewind(served, EIGHT - timedelta(microseconds=1))
