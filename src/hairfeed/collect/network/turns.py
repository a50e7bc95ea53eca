"""Turns at hosts, taken in the ledger: one host is asked as slowly as it likes by all sources, passes and workers together."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hairfeed.collect.network.pace import Sleep
from hairfeed.store import hosts
from hairfeed.store.database import Ledger


class Turns:
    """A pace that is shared by whoever has the same ledger; for several threads."""

    def __init__(self, ledger: Ledger, now: Callable[[], datetime] = lambda: datetime.now(UTC), sleep: Sleep = time.sleep) -> None:
        """No turn is taken yet; `now` is this machine's clock."""
        self._ledger, self._now, self._sleep = ledger, now, sleep

    def wait(self, host: str, pause: float) -> float:
        """Sleep until `pause` seconds after the host's last request, whoever made it; the seconds slept.

        Raises:
            StoreError: the ledger cannot be written.
        """
        if not pause:
            return 0.0
        now = self._ledger.shared_time(self._now())
        with self._ledger.write() as connection:
            wait = hosts.take_turn(connection, host, timedelta(seconds=pause), now).total_seconds()
        if wait:
            self._sleep(wait)
        return wait
