"""The same year on a real ledger: ten newsletters, each in a zone of its own, composed by the stage that passes have.

None has anything to say, so an hour that is fired is one of which the report says so.
"""

import random
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import datetime
from itertools import cycle
from zoneinfo import ZoneInfo

from hairfeed.digest.stage import compose
from hairfeed.models.reports import Nobody
from hairfeed.schedule.lateness import TooLate
from tests.conftest import Publication
from tests.schedule.test_year import DAYS, END, MINUTE, RULES, START, TIMES, ZONES, instants


def passes(chance: random.Random) -> Iterator[datetime]:
    """What the clock of each pass of the year shows: some hours apart, days after an outage."""
    now = START
    while now < END:
        yield now
        now += chance.uniform(20, 2400 if chance.random() < 0.98 else 6000) * MINUTE


def test_every_hour_of_a_year_in_ten_zones_is_fired_once_or_goes_by_its_rule(publication: Publication) -> None:
    chance = random.Random("a year on a ledger")
    schedules = {
        f"in-{number}": (zone, *plan)
        for number, (zone, plan) in enumerate(zip(ZONES, zip(cycle(DAYS), cycle(TIMES), cycle(RULES)), strict=False))
    }
    publication.config.write_text(
        publication.config.read_text().replace('[newsletters.weekly]\ntitle = "Plain Hair Weekly"\nschedule = "Fri 08:00"\n', "")
        + "".join(
            f'\n[newsletters.{name}]\ntitle = "{name}"\nschedule = "{days} {at}"\ntimezone = "{zone}"\ntoo_late = "{rule}"\n'
            for name, (zone, days, at, rule) in schedules.items()
        )
    )
    settings = publication.settings
    due = {name: instants(days, at, ZoneInfo(zone)) for name, (zone, days, at, _) in schedules.items()}
    seen, fired, late = dict.fromkeys(due, 0), 0, 0
    with ExitStack() as stack:
        ledger = stack.enter_context(closing(publication.ledger()))
        for now in passes(chance):
            if chance.random() < 0.1:
                # The process ended, and another one goes on.
                stack.close()
                ledger = stack.enter_context(closing(publication.ledger()))
            report = compose(ledger, settings, now, Nobody())
            to_fire: set[str] = set()
            too_late: set[str] = set()
            for name, moments in due.items():
                came = [moment for moment in moments[seen[name] :] if moment <= now]
                seen[name] += len(came)
                within = TooLate.parse(schedules[name][3]).within
                if came:
                    (too_late if within is not None and now - came[-1] > within else to_fire).add(name)
            assert set(report.nothing_new) == to_fire
            assert {name for name in due if f"newsletter {name}" in {one.where for one in report.warnings}} >= too_late
            if chance.random() < 0.3:
                twice = compose(ledger, settings, now, Nobody())
                assert (twice.nothing_new, twice.warnings) == ((), ())
            fired, late = fired + len(to_fire), late + len(too_late)
    assert all(seen[name] == len(moments) for name, moments in due.items() if moments[-1] < END - 5 * 1440 * MINUTE)
    assert (fired > 400, late > 100) == (True, True)
