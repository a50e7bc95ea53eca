"""Submits batches, several at once: one thread reads, claims and writes down; the others only make calls.

All that is known at one moment goes into one transaction: the outcomes of the calls that have ended, and the intents of those that
begin. No call begins before its intent is committed.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import randbelow

from hairfeed.deliver import pace as paces
from hairfeed.deliver.clock import Clock
from hairfeed.deliver.doubt import Way
from hairfeed.deliver.fleet import Bar, Fleet
from hairfeed.deliver.issue import IssueMails
from hairfeed.deliver.memory import memory_at_ease
from hairfeed.deliver.outcome import Job, is_taken, not_taken, write_down
from hairfeed.deliver.providers.contract import PreparedCall, Provider
from hairfeed.deliver.providers.outcomes import Blame, InDoubt, NotNow, Outcome, Refused, Taken, TakenBefore, Throttled
from hairfeed.deliver.resolve import settle_by_events, way_of
from hairfeed.deliver.tally import Tally
from hairfeed.errors import StoreDown
from hairfeed.models.issues import BatchState
from hairfeed.models.reports import Watch
from hairfeed.settings.mail import Mail
from hairfeed.store import batches, deliveries, storms
from hairfeed.store.batches import Batch, Claim
from hairfeed.store.database import Connection, Ledger
from hairfeed.store.deliveries import SendingIssue
from hairfeed.store.paces import HeldPaces, share_of
from hairfeed.store.proofs import proofs

PATIENCE = 30.0
"""Seconds that a pass waits for a provider that takes nothing meanwhile; what takes longer is left to a later pass."""

LEASE = timedelta(minutes=15)
"""No call takes that long; whoever has a batch for longer is gone or stuck, and others may settle it."""

_UNTIL_IT_IS_BACK = (0.5, 1, 2, 4, 8, 15, 30)
"""Seconds between attempts to write down what became of calls: longer, and the batches are in doubt."""

_STORM_WATCH = timedelta(minutes=1)
"""So often an issue is looked at for bounces while it goes out."""

_SUSPECTS = 3
"""So many recipients, each refused alone before anybody was taken: the provider means the mail, not them."""


@dataclass(frozen=True)
class Post:
    """Where the crew works: what it reads and writes, whom it calls, and who it is."""

    ledger: Ledger
    mail: Mail
    fleet: Fleet
    clock: Clock
    owner: str
    watch: Watch
    alone: bool = True
    """Whether no other crew can be at work on this ledger."""
    lease: timedelta = LEASE


class Crew:
    """Brings issues as far as their providers let them."""

    def __init__(self, post: Post, issues: Sequence[IssueMails]) -> None:
        """Nothing is claimed yet."""
        self._post = post
        self._issues = {mails.issue.id: mails for mails in issues}
        self.tallies = {mails.issue.id: Tally() for mails in issues}
        self._running: dict[Future[Outcome], Job] = {}
        self._unwritten: list[tuple[Job, Outcome]] = []
        self._pause: float | None = None
        self._met_another = False
        """Whether another crew had claimed what this one prepared."""
        self._told = False
        """Whether batches turned out to be settled that were to be sent again: there may be others behind them."""
        self._last_taken_at = self._minded_at = post.clock.now()
        with post.ledger.read() as connection:
            self._proven = {number for number in self._issues if batches.is_proven(connection, number)}
            self._open = {number: batches.count_open(connection, number) for number in self._issues}
            self._numbers = {number: batches.count_numbers(connection, number) for number in self._issues}
        self._begin_at = {number: 0 if post.alone else self._anywhere(number) for number in self._issues}
        self._done = 0

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
        self._judge_suspects()

    def _turn(self, pool: ThreadPoolExecutor) -> bool:
        """Write down what has ended and begin what may begin; False when there is nothing left to do."""
        self._unwritten += self._ended(self._pause) if self._running else []
        ended, self._pause, self._told, self._met_another = bool(self._unwritten), None, False, False
        begun = self._claim()
        for job in begun:
            self._running[pool.submit(_made, job.call)] = job
        if self._running or begun:
            return True
        if self._post.clock.stopped:
            return False
        if ended or self._told or self._met_another:
            return True
        return self._rested()

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
        idle = (clock.now() - self._last_taken_at).total_seconds()
        if idle + pause > PATIENCE:
            return False
        clock.sleep(pause)
        return not clock.stopped

    def _claim(self) -> list[Job]:
        """Commit what has ended and the intents of what begins; only what was claimed comes back."""
        wanted = [] if self._post.clock.stopped else list(self._wanted())
        if not wanted and not self._unwritten:
            return []
        with self._post.ledger.write() as connection:
            held = self._settle(connection)
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
                    self._settle(connection).write()
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

    # What may begin

    def _wanted(self) -> Iterator[Job]:
        """Batches that could be submitted now, in their order, as many as calls may begin."""
        provider = self._post.fleet.taking()
        if provider is None and not self._post.fleet.bars:
            return
        free = self._slots(provider)
        for number, mails in self._issues.items():
            if free <= 0:
                return
            if self.tallies[number].fault:
                continue
            for batch in self._due(mails.issue, free):
                job = self._prepared(mails, batch, provider)
                if job:
                    free -= 1
                    yield job

    def _slots(self, provider: Provider | None) -> int:
        if provider is None:
            return 1
        with self._post.ledger.read() as connection:
            share = share_of(connection, provider.name)
        return paces.calls_at_once(share, self._post.fleet.limits(provider)) - len(self._running)

    def _due(self, issue: SendingIssue, limit: int) -> list[Batch]:
        """Batches in doubt that are to be repeated, then pending ones."""
        now, fleet = self._post.clock.now(), self._post.fleet
        with self._post.ledger.read() as connection:
            if not deliveries.is_sending(connection, issue.id):
                return []
            doubtful = [
                batch
                for batch in batches.batches_in(connection, issue.id, BatchState.IN_DOUBT)
                if way_of(issue, batch, fleet, self._post.mail, now) is Way.REPEAT
                and (batch.next_try_at is None or batch.next_try_at <= now)
                and batch.provider not in fleet.bars
            ]
            if len(doubtful) >= limit or fleet.taking() is None:
                return doubtful[:limit]
            begin_at = self._begin_at[issue.id]
            return doubtful + batches.due_batches(connection, issue.id, now, limit - len(doubtful), begin_at)

    def _anywhere(self, issue_id: int) -> int:
        """A place among the issue's batches: crews that all began at the first would prepare the same ones, for one to claim."""
        return randbelow(max(1, self._numbers[issue_id]))

    def _prepared(self, mails: IssueMails, batch: Batch, provider: Provider | None) -> Job | None:
        """The batch in the bytes in which it would go out now."""
        if batch.state is BatchState.IN_DOUBT:
            provider = self._post.fleet.named(batch.provider)
        if provider is None or (batch.state is BatchState.PENDING and batch.provider and self._was_told_of(mails.issue, batch)):
            return None
        with self._post.ledger.read() as connection:
            people = deliveries.recipients_of(connection, mails.issue.newsletter, batch)
        staying = [one for one in people if one.reason is None]
        try:
            mailing = mails.mailing(batch, staying)
            call: PreparedCall = provider.prepare(mailing) if staying else _Nobody()
        except (ValueError, AssertionError) as error:
            self.tallies[batch.issue_id].fault = f"batch {batch} cannot be made: {error}"
            return None
        return Job(batch, batch.state, provider, mailing, tuple(one for one in people if one.reason), call)

    def _was_told_of(self, issue: SendingIssue, batch: Batch) -> bool:
        """Whether a batch that is to be sent again proves to be taken after all, or some of it, which is settled then."""
        with self._post.ledger.read() as connection:
            if not proofs(connection, batch):
                return False
        with self._post.ledger.write() as connection:
            settled = settle_by_events(connection, issue, batch, self._post.fleet, BatchState.PENDING)
        self._told |= settled
        return settled

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
            self._begin_at[job.batch.issue_id] = self._anywhere(job.batch.issue_id)
            return None
        if pace:
            held[provider.name] = pace
        deliveries.leave_out(connection, batch, job.gone)
        return Job(batch, job.before, provider, job.mailing, job.gone, job.call)

    # What has ended

    def _settle(self, connection: Connection) -> HeldPaces:
        """Write the outcomes of all calls that have ended down, and learn from them; the paces as they are then."""
        now, suspects = self._post.clock.now(), [self._state(connection, job, outcome) for job, outcome in self._unwritten]
        held = HeldPaces(connection, now)
        for (job, outcome), suspect in zip(self._unwritten, suspects, strict=True):
            self._keep_pace(held, job, outcome, now)
            self._note(job, outcome, suspect=suspect)
            self._done += 1
            mails = self._issues[job.batch.issue_id]
            self._post.watch.step(f"Sending {mails.issue}", self._done, max(self._done, sum(self._open.values())))
        return held

    def _state(self, connection: Connection, job: Job, outcome: Outcome) -> bool:
        """Bring a batch to its next state; whether its recipient is suspected to be refused for the mail's sake."""
        issue_id, now = job.batch.issue_id, self._post.clock.now()
        if isinstance(outcome, Taken | TakenBefore) and is_taken(outcome, len(job.mailing.recipients)):
            self._proven.add(issue_id)
            self._last_taken_at = now
        alone = isinstance(outcome, Refused) and outcome.blame is Blame.RECIPIENTS and len(job.mailing.recipients) == 1
        suspect = alone and issue_id not in self._proven
        write_down(connection, job, outcome, now, suspect=suspect)
        return suspect

    def _keep_pace(self, held: HeldPaces, job: Job, outcome: Outcome, now: datetime) -> None:
        if not job.mailing.recipients:
            return
        pace = held[job.provider.name]
        if isinstance(outcome, Throttled):
            pace = paces.slowed(pace, outcome.retry_after, now)
        elif isinstance(outcome, Taken | TakenBefore):
            pace = paces.quickened(pace)
        if isinstance(outcome, Taken) and outcome.room:
            pace = paces.heeded(pace, outcome.room, len(self._running), now)
        if job.before is BatchState.PENDING:
            pace = paces.given_back(pace, not_taken(outcome, len(job.mailing.recipients)))
        held[job.provider.name] = pace

    def _note(self, job: Job, outcome: Outcome, *, suspect: bool) -> None:
        """Remember what the operator is to hear."""
        tally, number = self.tallies[job.batch.issue_id], str(job.batch)
        match outcome:
            case Refused(reason, Blame.ACCOUNT):
                self._post.fleet.bars[job.provider.name] = Bar(reason, account=True)
            case NotNow(reason, everyone=True):
                self._post.fleet.bars[job.provider.name] = Bar(reason, account=False)
            case NotNow(reason):
                tally.waiting.setdefault(reason, []).append(number)
            case InDoubt(reason):
                tally.in_doubt.setdefault(reason, []).append(number)
            case Taken():
                for reason in outcome.postponed_why:
                    tally.waiting.setdefault(reason, []).append(number)
                for reason in outcome.in_doubt_why:
                    tally.in_doubt.setdefault(reason, []).append(number)
            case Refused(reason) if suspect:
                tally.suspects.append(job)
                if len(tally.suspects) >= _SUSPECTS:
                    tally.fault = f"refuses every mail of this issue: {reason}; look at the mail and at the settings"

    def _judge_suspects(self) -> None:
        """Recipients refused alone are believed to be at fault once others were taken, or when there are no others."""
        for number, tally in self.tallies.items():
            if not tally.suspects:
                continue
            with self._post.ledger.write() as connection:
                believed = number in self._proven or batches.count_open(connection, number) == len(tally.suspects)
                for job in tally.suspects if believed else []:
                    batches.settle(connection, job.batch, BatchState.REFUSED, _reason(connection, job.batch))
            if believed and number in self._proven:
                tally.fault = None


class _Nobody:
    """The call for a batch whose recipients have all left."""

    body_hash = ""

    def make(self) -> Outcome:
        return Taken()


def _made(call: PreparedCall) -> Outcome:
    try:
        return call.make()
    except Exception as error:  # noqa: BLE001 - a fault of ours says nothing about what was sent
        return InDoubt(f"HairFeed stumbled: {error!r}")


def _reason(connection: Connection, batch: Batch) -> str | None:
    found = batches.batch_numbered(connection, batch.id)
    return found.note if found else None
