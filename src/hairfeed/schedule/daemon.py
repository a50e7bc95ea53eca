"""Passes at a steady beat in one process: what cron does, where there is no cron."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

LOOK = 15.0
"""Seconds between two looks at the clocks: a machine that slept goes on that soon after it wakes."""


class Beat:
    """When the next pass begins: so many seconds after the last one began, by whichever clock says so first.

    The monotonic clock stands still while a machine sleeps, and the other one may be set back by years. Set forward, it brings one
    pass too early, which does no harm: what is due is decided from the ledger.
    """

    def __init__(
        self, every: float, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
    ) -> None:
        """`every` is in seconds; the first pass is to begin at once."""
        self._every, self._monotonic, self._wall = every, monotonic, wall
        self._began: tuple[float, float] | None = None

    def begin(self) -> None:
        """A pass begins."""
        self._began = self._monotonic(), self._wall()

    def left(self) -> float:
        """Seconds until the next one; not positive when it is time."""
        if self._began is None:
            return 0
        return self._every - max(self._monotonic() - self._began[0], self._wall() - self._began[1])


def keep_running(tick: Callable[[], None], beat: Beat, stop: threading.Event) -> None:
    """Call `tick` at every beat, one at a time, until `stop` is set."""
    while not stop.is_set():
        if (left := beat.left()) > 0:
            stop.wait(min(left, LOOK))
        else:
            beat.begin()
            tick()


@contextmanager
def told_to_stop() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set; the second signal ends the process at once."""
    stop = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def give_back() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def set_it(_signal: int, _frame: FrameType | None) -> None:
        give_back()
        stop.set()

    for number in before:
        signal.signal(number, set_it)
    try:
        yield stop
    finally:
        give_back()
