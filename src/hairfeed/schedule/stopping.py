"""Told to stop: the work under way comes to a good end, and no other begins."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType


@contextmanager
def told_to_stop() -> Iterator[Event]:
    """An event that SIGTERM, SIGINT and SIGHUP set; the second signal ends the process at once, which loses nothing.

    SIGHUP says that the terminal is gone; who began us with nohup wants us to stay.
    """
    stop = Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    if before[signal.SIGHUP] is signal.SIG_IGN:
        del before[signal.SIGHUP]

    def set_it(_signal: int, _frame: FrameType | None) -> None:
        # The system's own way: an exception in the main thread would wait for the pass in another one.
        for number in before:
            signal.signal(number, signal.SIG_DFL)
        stop.set()

    for number in before:
        signal.signal(number, set_it)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
