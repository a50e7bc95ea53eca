"""Passes at a steady beat in one process: what cron does, where there is no cron.

APScheduler makes them, in a thread of its own. It counts by the wall clock, so the main thread looks whether that clock still keeps
step with the monotonic one: if it was set, or the machine slept, the beat begins anew from now. What is due is never decided here
but from the ledger, so a pass that is late, left out or too early does no harm.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event

from apscheduler.schedulers.background import BackgroundScheduler

LOOK = 15.0
"""Seconds between two looks at the clocks: a machine that slept goes on that soon after it wakes."""
OUT_OF_STEP = 5.0
"""Seconds by which the clocks may move apart between two looks; NTP, which turns the wall clock slowly, stays far below."""


class Clocks:
    """The wall clock beside the monotonic one, which nobody can set, and which stands still while the machine sleeps."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time) -> None:
        """They keep step from now on."""
        self._monotonic, self._wall = monotonic, wall
        self._apart = wall() - monotonic()

    def jumped(self) -> bool:
        """Whether they got out of step since the last look."""
        before, self._apart = self._apart, self._wall() - self._monotonic()
        return abs(self._apart - before) > OUT_OF_STEP


def keep_running(
    tick: Callable[[], None], every: float, stop: Event, jumped: Callable[[], bool] | None = None, look: float = LOOK
) -> None:
    """Call `tick` now and then every `every` seconds, one at a time, until `stop` is set; the one under way is finished.

    A beat that comes while one is under way is left out. When `jumped`, which is asked every `look` seconds, says that the clock
    did, the next tick is now.
    """

    def beat() -> None:
        if not stop.is_set():
            tick()

    # It would warn of every beat that is left out; how long passes take is in the ledger.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    jumped = jumped or Clocks().jumped
    scheduler = BackgroundScheduler(timezone=UTC)
    begin = {"next_run_time": datetime.now(UTC), "max_instances": 1, "coalesce": True, "misfire_grace_time": None}
    job = scheduler.add_job(beat, "interval", seconds=every, **begin)
    scheduler.start()
    try:
        while not stop.wait(look):
            if jumped():
                job.modify(next_run_time=datetime.now(UTC))
    finally:
        scheduler.shutdown(wait=True)
