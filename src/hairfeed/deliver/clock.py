"""The clock of a pass: begins at its `now`, goes on as the machine's does, and waits no longer than it is let."""

import time
from datetime import datetime, timedelta
from threading import Event


def seconds() -> float:
    """Of a clock that nobody sets, and that goes on while the machine sleeps where it has such a one."""
    awake_or_not: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if awake_or_not is None else time.clock_gettime(awake_or_not)


class Clock:
    """Tells the time of a pass, and waits until it is told to stop."""

    def __init__(self, now: datetime, stop: Event | None = None) -> None:
        """`stop` ends every wait, and the pass with it."""
        self._began = now
        self._since = seconds()
        self._stop = stop or Event()

    def now(self) -> datetime:
        """The pass's time."""
        return self._began + timedelta(seconds=seconds() - self._since)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._stop.wait(seconds)

    @property
    def stopped(self) -> bool:
        """Whether no further work is to be begun."""
        return self._stop.is_set()
