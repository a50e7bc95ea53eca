"""Passes at a steady beat in one process, by APScheduler: what cron does, where there is no cron."""

import signal
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event
from types import FrameType

from apscheduler.schedulers.blocking import BlockingScheduler


def keep_running(tick: Callable[[], None], every: int, stopping: Event | None = None) -> None:
    """Call `tick` now and then every `every` seconds, one at a time, until SIGTERM or SIGINT; the one under way is finished.

    `stopping` is set first, so that the one under way may know.
    What is due is never decided here but from the ledger, so a tick that is late, lost or doubled does no harm.
    """
    scheduler = BlockingScheduler(timezone=UTC, executors={"default": {"type": "threadpool", "max_workers": 1}})
    # However late: a machine that slept makes up with one tick.
    scheduler.add_job(
        tick, "interval", seconds=every, next_run_time=datetime.now(UTC), max_instances=1, coalesce=True, misfire_grace_time=None
    )

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if stopping:
            stopping.set()
        scheduler.shutdown(wait=False)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        scheduler.start()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
