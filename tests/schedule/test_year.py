"""A year of passes with outages, wrong clocks and passes twice at once, against an account of its own of what is due.

The model of the ledger does what the compose stage does with a decision, and remembers all of it.
"""

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from hairfeed.schedule.due import Schedule
from hairfeed.schedule.lateness import Decision, Fire, Merge, Quiet, Rewind, Skip, TooLate, Wait, decide_due

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "Africa/Cairo",  # the clock skips midnight
    "Africa/Casablanca",  # four changes a year
    "Australia/Lord_Howe",  # by half an hour
    "Antarctica/Troll",  # by two hours
    "Pacific/Chatham",
]
START, END = datetime(2024, 1, 1, 12, tzinfo=UTC), datetime(2025, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

DAYS: dict[str, Callable[[date], bool]] = {
    "daily": lambda day: True,
    "weekdays": lambda day: day.weekday() < 5,
    "Sun": lambda day: day.weekday() == 6,
    "Mon, Thu": lambda day: day.weekday() in (0, 3),
    "first Sunday": lambda day: day.weekday() == 6 and day.day <= 7,
    "last Friday": lambda day: day.weekday() == 4 and (day + timedelta(days=7)).month != day.month,
    "last day": lambda day: (day + timedelta(days=1)).day == 1,
}
TIMES = ["0:00", "2:00", "2:30", "3:00", "8:00", "23:30"]
RULES = ["send", "send within 6h, else merge", "send within 30min, else skip", "send within 2 days, else merge"]


def instants(days: str, at: str, zone: ZoneInfo) -> list[datetime]:
    """Every instant of the year at which it is due: the first one at which the local clock shows the time or, in a gap, more."""
    hour, minute = map(int, at.split(":"))
    found = []
    for number in range(-2, 370):
        day = START.date() + timedelta(days=number)
        if DAYS[days](day):
            shown = datetime.combine(day, time(hour, minute))
            moment = shown.replace(tzinfo=UTC) - max(
                zone.utcoffset(shown + step) or timedelta() for step in (-3 * 60 * MINUTE, 3 * 60 * MINUTE)
            )
            while moment.astimezone(zone).replace(tzinfo=None) < shown:
                moment += MINUTE
            found.append(moment)
    return [moment for moment in found if START < moment <= END]


@dataclass
class Ledger:
    """What the ledger remembers of one newsletter, and what was decided at which reading of the clock."""

    served: datetime = START
    composed: set[datetime] = field(default_factory=set)
    fired: list[tuple[datetime, datetime]] = field(default_factory=list)
    too_late: list[tuple[datetime, datetime]] = field(default_factory=list)
    rewound: int = 0

    def take(self, decision: Decision, now: datetime) -> None:
        match decision:
            case Fire(due_at):
                self.served = due_at
                if due_at not in self.composed:
                    self.composed.add(due_at)
                    self.fired.append((due_at, now))
            case Merge(due_at) | Skip(due_at):
                self.served = due_at
                self.too_late.append((due_at, now))
            case Rewind(to=to):
                self.served = to if to >= START else now
                self.rewound += 1
            case Wait():
                pass


def passes(chance: random.Random, *, wrong_clocks: bool) -> Iterator[datetime]:
    """What the clock of each pass of the year shows."""
    now, ahead = START, timedelta()
    while now < END:
        now += chance.uniform(1, 300) * MINUTE
        if chance.random() < 0.006:
            now += chance.uniform(2, 240) * timedelta(hours=1)
        if wrong_clocks and chance.random() < 0.01:
            ahead = timedelta() if ahead or chance.random() < 0.3 else chance.uniform(-200, 200) * timedelta(hours=1)
        if START < now + ahead <= END:
            yield from [now + ahead] * chance.choice([1, 1, 1, 2, 3])


@pytest.mark.parametrize(("zone", "days"), [*((zone, "daily") for zone in ZONES), *zip(ZONES, itertools.cycle(DAYS), strict=False)])
def test_every_issue_of_a_year_is_fired_once_or_goes_by_its_rule(zone: str, days: str) -> None:
    place, chance = ZoneInfo(zone), random.Random(f"{zone} {days}")
    at, rule = chance.choice(TIMES), TooLate.parse(chance.choice(RULES))
    schedule, ledger, due = Schedule.parse(f"{days} {at}"), Ledger(), instants(days, at, place)
    expected_fired: list[tuple[datetime, datetime]] = []
    expected_late: list[tuple[datetime, datetime]] = []
    seen = 0
    for now in passes(chance, wrong_clocks=False):
        ledger.take(decide_due(schedule, place, ledger.served, now, rule), now)
        came = [moment for moment in due[seen:] if moment <= now]
        if came:
            late = rule.within is not None and now - came[-1] > rule.within
            (expected_late if late else expected_fired).append((came[-1], now))
            seen += len(came)
    assert ledger.fired == expected_fired
    assert ledger.too_late == expected_late
    assert ledger.rewound == 0
    assert ledger.fired


@pytest.mark.parametrize(("zone", "days"), list(zip(ZONES, itertools.cycle(["daily", "weekdays", "Sun"]), strict=False)))
def test_with_clocks_that_jump_no_issue_is_fired_twice_and_none_is_lost(zone: str, days: str) -> None:
    place, chance = ZoneInfo(zone), random.Random(f"{zone} {days} jumps")
    at, rule = chance.choice(TIMES), TooLate.parse(chance.choice(RULES))
    schedule, ledger, due = Schedule.parse(f"{days} {at}"), Ledger(), instants(days, at, place)
    for now in passes(chance, wrong_clocks=True):
        for _ in range(2):  # a clock that was ahead takes one pass to be noticed
            ledger.take(decide_due(schedule, place, ledger.served, now, rule), now)
        newest = max((moment for moment in due if moment <= now), default=None)
        settled = {moment for moment, _ in ledger.fired + ledger.too_late}
        assert newest is None or newest in settled or ledger.served > now
    assert len({moment for moment, _ in ledger.fired}) == len(ledger.fired)
    assert {moment for moment, _ in ledger.fired} <= set(due)
    for moment, now in ledger.fired:
        assert moment <= now
        assert rule.within is None or now - moment <= rule.within
    for moment, now in ledger.too_late:
        assert rule.within is not None
        assert now - moment > rule.within
    assert ledger.rewound or days == "Sun"


@pytest.mark.parametrize("zone", ZONES[1::3])
def test_no_issue_is_fired_in_quiet_hours_and_each_once(zone: str) -> None:
    place, chance = ZoneInfo(zone), random.Random(f"{zone} quiet")
    schedule, ledger, due = Schedule.parse("daily 23:30, daily 2:30, daily 8:00"), Ledger(), instants("daily", "8:00", place)
    rule, quiet = TooLate.parse("send within 6h, else merge"), Quiet.parse("22:00-07:00")
    for now in passes(chance, wrong_clocks=False):
        ledger.take(decide_due(schedule, place, ledger.served, now, rule, quiet), now)
    fired = [moment for moment, _ in ledger.fired]
    assert len(set(fired)) == len(fired)
    assert all(7 <= now.astimezone(place).hour < 22 for _, now in ledger.fired)
    assert len(set(due) & set(fired)) > 200
