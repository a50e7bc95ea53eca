"""Submits batches, several at once: one thread reads, claims and writes down; the others only make calls.

All that is known at one moment goes into one transaction: the outcomes of the calls that have ended, and the intents of those that
begin. No call begins before its intent is committed.
"""

import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta

from hairfeed.deliver import pace as paces
from hairfeed.deliver.issue import IssueMails
from hairfeed.deliver.memory import memory_at_ease
from hairfeed.deliver.outcome import Job
from hairfeed.deliver.post import Post
from hairfeed.deliver.preparation import Preparation
from hairfeed.deliver.providers.outcomes import Outcome
from hairfeed.deliver.record import Record
from hairfeed.deliver.tally import Tally
from hairfeed.errors import StoreDown
from hairfeed.models.issues import BatchState
from hairfeed.store import batches, recipients, storms
from hairfeed.store.batches import Claim
from hairfeed.store.database import Connection
from hairfeed.store.paces import HeldPaces

PATIENCE = 30.0
"""Seconds that a pass waits for a provider that takes nothing meanwhile; what takes longer is left to a later pass."""

_UNTIL_IT_IS_BACK = (0.5, 1, 2, 4, 8, 15, 30)
"""Seconds between attempts to write down what became of calls: longer, and the batches are in doubt."""

_STORM_WATCH = timedelta(minutes=1)
"""So often an issue is looked at for bounces while it goes out."""


class Crew:
    """Brings issues as far as their providers let them."""

    def __init__(self, post: Post, issues: Sequence[IssueMails]) -> None:
        """Nothing is claimed yet."""
        self._post = post
        self._issues = {mails.issue.id: mails for mails in issues}
        self.tallies = {number: Tally() for number in self._issues}
        self._preparation = Preparation(post, self._issues, self.tallies)
        self._record = Record(post, self._issues, self.tallies)
        self._running: dict[Future[Outcome], Job] = {}
        self._unwritten: list[tuple[Job, Outcome]] = []
        self._pause: float | None = None
        """Seconds until a provider's pace lets the next call begin, where something waits for that."""
        self._met_another = False
        """Whether another crew had claimed what this one prepared."""
        self._minded_at = post.clock.now()

    def work(self) -> None:
        """Until everything is settled, or waits for something that takes longer than a pass is patient, or the clock is stopped."""
        most = max(self._post.fleet.limits(provider).concurrency for provider in self._post.fleet.both())
        with memory_at_ease(), ThreadPoolExecutor(most, thread_name_prefix="submit") as pool:
            try:
                while self._turn(pool):
                    pass
            finally:
                # Whatever goes wrong here, calls under way are waited for, and their outcomes are not lost.
                while self._running or self._unwritten:
                    self._unwritten += self._ended(None) if self._running else []
                    self._write_down()
        self._record.judge_suspects()

    def _turn(self, pool: ThreadPoolExecutor) -> bool:
        """Write down what has ended and begin what may begin; False when there is nothing left to do."""
        self._unwritten += self._ended(self._pause) if self._running else []
        ended, self._pause, self._met_another = bool(self._unwritten), None, False
        begun = self._claim()
        for job in begun:
            self._running[pool.submit(self._made, job)] = job
        if self._running or begun:
            return True
        if self._post.clock.stopped:
            return False
        if ended or self._preparation.changed_some or self._met_another:
            return True
        return self._rested()

    def _made(self, job: Job) -> Outcome:
        return self._post.call(job.call, job.batch.called_at or self._post.clock.now())

    def _ended(self, patience: float | None) -> list[tuple[Job, Outcome]]:
        """The calls that have ended, at least one of them unless patience ends first."""
        ended, _ = wait(self._running, timeout=patience, return_when=FIRST_COMPLETED)
        return [(self._running.pop(one), one.result()) for one in ended]

    def _rested(self) -> bool:
        """Wait for the provider's pace or a batch's time; False when that would take too long, or nothing is waited for."""
        clock = self._post.clock
        with self._post.ledger.read() as connection:
            next_try = batches.next_try(connection, [number for number, one in self.tallies.items() if not one.fault], clock.now())
        pauses = [self._pause] if self._pause is not None else []
        if next_try is not None and self._post.fleet.taking():
            pauses.append((next_try - clock.now()).total_seconds())
        if not pauses:
            return False
        pause = max(min(pauses), 0.001)
        idle = (clock.now() - self._record.last_taken_at).total_seconds()
        if idle + pause > PATIENCE:
            return False
        clock.sleep(pause)
        return not clock.stopped

    def _claim(self) -> list[Job]:
        """Commit what has ended and the intents of what begins; only what was claimed comes back."""
        wanted = [] if self._post.clock.stopped else self._preparation.jobs(len(self._running))
        if not wanted and not self._unwritten:
            return []
        with self._post.ledger.write() as connection:
            held = self._record.write(connection, self._unwritten, len(self._running))
            self._mind_storms(connection)
            begun = [claimed for job in wanted if (claimed := self._claimed(connection, job, held))]
            held.write()
        self._unwritten.clear()
        return begun

    def _write_down(self) -> None:
        """Commit what has ended, as soon as the database lets us: a server that starts anew takes some seconds."""
        for pause in (*_UNTIL_IT_IS_BACK, None):
            try:
                with self._post.ledger.write() as connection:
                    self._record.write(connection, self._unwritten, len(self._running)).write()
            except StoreDown:
                if pause is None:
                    raise
                time.sleep(pause)
            else:
                self._unwritten.clear()
                return

    def _mind_storms(self, connection: Connection) -> None:
        """Mail that bounces while an issue goes out stops it then, and not at the next pass."""
        now, bounces = self._post.clock.now(), self._post.mail.bounces
        if now - self._minded_at >= _STORM_WATCH:
            storms.look(connection, list(self._issues), bounces.storm_percent, bounces.storm_least, now)
            self._minded_at = now

    def _claimed(self, connection: Connection, job: Job, held: HeldPaces) -> Job | None:
        """The job with its batch claimed; None when another has it, or the provider's pace does not let it go out now."""
        provider, now = job.provider, self._post.clock.now()
        if provider.name in self._post.fleet.bars or self.tallies[job.batch.issue_id].fault:
            return None
        # A repetition is no new mail to the provider, but a call; a batch that everybody left is neither.
        mails = len(job.mailing.recipients) if job.before is BatchState.PENDING else 0
        pace = None
        if job.mailing.recipients:
            allowed = paces.take(held[provider.name], self._post.fleet.limits(provider), mails, now)
            if isinstance(allowed, paces.Wait):
                seconds = (allowed.until - now).total_seconds()
                self._pause = seconds if self._pause is None else min(self._pause, seconds)
                return None
            pace = allowed
        batch = batches.claim(
            connection, job.batch, Claim(self._post.owner, now + self._post.lease, provider.name, job.call.body_hash), now
        )
        if batch is None:
            self._met_another = True
            self._preparation.begin_elsewhere(job.batch.issue_id)
            return None
        if pace:
            held[provider.name] = pace
        recipients.leave_out(connection, batch, job.gone)
        return replace(job, batch=batch)
