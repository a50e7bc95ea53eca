"""How much time a fetch may take, and how much it leaves to the host before the next one."""

from collections.abc import Callable
from typing import Protocol

Clock = Callable[[], float]
"""Seconds of a clock that never goes back."""

Sleep = Callable[[float], None]


class Deadline:
    """The end of what is under way. The sockets look at it, so that no slow answer outlasts it."""

    def __init__(self, clock: Clock) -> None:
        """It has passed already: `start` comes first."""
        self._clock = clock
        self._ends_at = clock()

    def start(self, seconds: float) -> None:
        """Allow so many seconds from now."""
        self._ends_at = self._clock() + seconds

    def put_off(self, seconds: float) -> None:
        """Allow so many seconds more."""
        self._ends_at += seconds

    def left(self) -> float:
        """Seconds left; zero or less when there are none."""
        return self._ends_at - self._clock()

    def within(self, seconds: float) -> float:
        """Seconds to wait for one thing: as many as given, or what is left.

        Raises:
            TimeoutError: none are left.
        """
        left = self.left()
        if left <= 0:
            raise TimeoutError("no time is left")
        return min(seconds, left)


class HostPace(Protocol):
    """Who knows when a host may be asked again."""

    def wait(self, host: str, pause: float) -> float:
        """Sleep until `pause` seconds after the host's last request, and count the next from then on; the seconds slept."""


class Pace:
    """One request at a time for each host, and a pause from the start of one to the start of the next."""

    def __init__(self, clock: Clock, sleep: Sleep) -> None:
        """No host has been asked for anything yet."""
        self._clock = clock
        self._sleep = sleep
        self._started: dict[str, float] = {}

    def wait(self, host: str, pause: float) -> float:
        """Sleep until `pause` seconds after the host's last request, and count the next from then on; the seconds slept."""
        now = self._clock()
        wait = max(0.0, self._started.get(host, now - pause) + pause - now)
        if wait:
            self._sleep(wait)
        self._started[host] = self._clock()
        return wait
