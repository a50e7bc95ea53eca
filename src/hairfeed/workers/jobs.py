"""What a worker does when it is woken: makes a pass, sends letters, submits its share of an issue."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event

from hairfeed import log
from hairfeed.deliver.clock import Clock
from hairfeed.deliver.stage import deliver_share
from hairfeed.errors import HairFeedError, StoreDown, StoreError
from hairfeed.models.reports import DeliverReport
from hairfeed.pipeline import PassReport, run_pass
from hairfeed.settings import Settings
from hairfeed.store import batches, deliveries, letters, wakeups
from hairfeed.store.database import SCHEMA_VERSION, Connection, Ledger, schema_version
from hairfeed.store.wakeups import Task, WakeUp
from hairfeed.workers.shift import Shift

LATER = timedelta(minutes=5)
"""When to go on with what could not be done."""
_NOW = timedelta(0)
_A_CREWS_WORK = 8
"""Batches that one crew has at once; for more, others are called."""


class Turn(Clock):
    """A clock that stops by itself, so that no issue keeps a worker from the others."""

    def __init__(self, now: datetime, stop: Event, seconds: float) -> None:
        """Stops after so long, or when it is told to."""
        super().__init__(now, stop)
        self._ends = time.monotonic() + seconds

    def sleep(self, seconds: float) -> None:
        """Wait, but not beyond the turn."""
        super().sleep(min(seconds, max(0.0, self._ends - time.monotonic())))

    @property
    def stopped(self) -> bool:
        """Whether no further work is to be begun."""
        return super().stopped or time.monotonic() >= self._ends


class Jobs:
    """The jobs of one worker. Each may come twice, or not at all: what is to be done stands in the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        settings: Settings,
        shift: Shift,
        stop: Event,
        say: Callable[[str], None],
        told_of_pass: Callable[[PassReport], None],
        machine: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`stop` lets the work under way end, and no other begin; `machine` is this machine's clock."""
        self._ledger, self._settings, self._shift, self._stop = ledger, settings, shift, stop
        self._say, self._told_of_pass, self._machine = say, told_of_pass, machine
        self._numbers = 0

    def beat(self) -> None:
        """Make good for lost wake-ups, and see that ledger and queue are still of this release.

        Raises:
            StoreError: they are not.
        """
        collects = wakeups.QUEUES[0] in self._shift.queues
        now = self._now()
        with self._ledger.write() as connection:
            self._are_ours(connection)
            wakeups.look_after(connection)
            wakeups.sweep(connection, now, self._shift.every if collects else None)

    def make_pass(self) -> None:
        """All but the mails, which are frozen and left to whoever is woken for them."""

        def work() -> timedelta | None:
            report = run_pass(self._settings, self._machine(), stop=self._stop, workers=True, machine=self._machine)
            self._told_of_pass(report)
            return _NOW if report.stopped else None

        self._do(WakeUp(Task.COLLECT), work)

    def send_letters(self) -> None:
        """The letters that wait."""

        def work() -> timedelta | None:
            report = self._share(None)
            with self._ledger.read() as connection:
                still_open = letters.count_open(connection)
            return self._next_look(report) if still_open else None

        self._do(WakeUp(Task.LETTERS), work)

    def submit(self, issue: int) -> None:
        """Batches of an issue, as many as a turn has time for."""

        def work() -> timedelta | None:
            now = self._now()
            with self._ledger.write() as connection:
                if len(batches.due_batches(connection, issue, now, _A_CREWS_WORK + 1)) > _A_CREWS_WORK:
                    wakeups.wake(connection, WakeUp(Task.ISSUE, issue))
            report = self._share(issue)
            now = self._now()
            with self._ledger.read() as connection:
                if all(one.id != issue for one in deliveries.sending_issues(connection)):
                    return None
                if batches.due_batches(connection, issue, now, 1):
                    return LATER if report.failures else _NOW
                next_try = batches.next_try(connection, [issue], now)
            look = self._next_look(report)
            return min(next_try - now, look) if next_try and not report.failures else look

        self._do(WakeUp(Task.ISSUE, issue), work)

    def _share(self, issue: int | None) -> DeliverReport:
        self._numbers += 1
        clock = Turn(self._now(), self._stop, self._shift.turn)
        name = f"job {self._numbers}"
        report = deliver_share(self._ledger, self._settings, clock, issue, job=name, lease=self._shift.lease)
        for receipt in report.receipts:
            self._say(f"issue {receipt.newsletter} {receipt.number}  {receipt}")
        if report.letters:
            self._say(f"letters {report.letters}")
        for problem in report.failures:
            self._say(f"failed: {problem}")
        return report

    def _now(self) -> datetime:
        return self._ledger.shared_time(self._machine())

    def _next_look(self, report: DeliverReport) -> timedelta:
        """When to look again at what waits for others, or for its time."""
        return LATER if report.failures else timedelta(seconds=4 * self._shift.beat)

    def _do(self, wake_up: WakeUp, work: Callable[[], timedelta | None]) -> None:
        """Do it, and have somebody go on with what is left; what fails is tried again later."""
        with self._ledger.read() as connection:
            self._are_ours(connection)
        try:
            again = work()
        except StoreDown:
            raise
        except Exception as error:
            log.trouble("job_failed", task=wake_up.task, issue=wake_up.issue)
            self._say(f"failed: {wake_up.lock}: {error if isinstance(error, HairFeedError) else type(error).__name__}")
            if not isinstance(error, HairFeedError):
                log.show_fault(error)
            self._wake(wake_up, LATER)
            raise
        if again is not None:
            self._wake(wake_up, again)

    def _wake(self, wake_up: WakeUp, after: timedelta) -> None:
        with self._ledger.write() as connection:
            wakeups.wake(connection, wake_up, after)

    def _are_ours(self, connection: Connection) -> None:
        found = schema_version(connection)
        if found != SCHEMA_VERSION:
            raise StoreError(
                f"{self._ledger.name}: has schema {found} by now, and this worker knows {SCHEMA_VERSION}: "
                "install the release that the others have, and start it again"
            )
