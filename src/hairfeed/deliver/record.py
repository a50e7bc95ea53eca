"""Writes down what became of calls, and learns from it: the providers' paces, their bars, and what the operator is to hear."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from hairfeed.deliver import pace as paces
from hairfeed.deliver.fleet import Bar
from hairfeed.deliver.issue import IssueMails
from hairfeed.deliver.outcome import Job, is_taken, not_taken, write_down
from hairfeed.deliver.post import Post
from hairfeed.deliver.providers.outcomes import Blame, InDoubt, NotNow, Outcome, Refused, Taken, TakenBefore, Throttled
from hairfeed.deliver.tally import Tally
from hairfeed.models.issues import BatchState
from hairfeed.store import batches
from hairfeed.store.batches import Batch
from hairfeed.store.database import Connection
from hairfeed.store.paces import HeldPaces

_SUSPECTS = 3
"""So many recipients, each refused alone before anybody was taken: the provider means the mail, not them."""


class Record:
    """What a crew's calls came to."""

    def __init__(self, post: Post, issues: Mapping[int, IssueMails], tallies: Mapping[int, Tally]) -> None:
        """`tallies` are of the same issues, and kept here."""
        self._post = post
        self._issues = issues
        self._tallies = tallies
        self.last_taken_at = post.clock.now()
        """When a provider last took anything; at first, when the record began."""
        with post.ledger.read() as connection:
            self._proven = {number for number in issues if batches.is_proven(connection, number)}
            self._open = {number: batches.count_open(connection, number) for number in issues}
        self._done = 0

    def write(self, connection: Connection, ended: Sequence[tuple[Job, Outcome]], under_way: int) -> HeldPaces:
        """Write the outcomes of calls that have ended down; the paces as they are then, not written yet.

        May be done again with the same calls, when its transaction came to nothing.
        """
        now, suspects = self._post.clock.now(), [self._state(connection, job, outcome) for job, outcome in ended]
        held = HeldPaces(connection, now)
        for (job, outcome), suspect in zip(ended, suspects, strict=True):
            self._keep_pace(held, job, outcome, under_way, now)
            self._note(job, outcome, suspect=suspect)
            self._done += 1
            mails = self._issues[job.batch.issue_id]
            self._post.watch.step(f"Sending {mails.issue}", self._done, max(self._done, sum(self._open.values())))
        return held

    def judge_suspects(self) -> None:
        """Recipients refused alone are believed to be at fault once others were taken, or when there are no others."""
        for number, tally in self._tallies.items():
            if not tally.suspects:
                continue
            with self._post.ledger.write() as connection:
                believed = number in self._proven or batches.count_open(connection, number) == len(tally.suspects)
                for job in tally.suspects.values() if believed else []:
                    batches.settle(connection, job.batch, BatchState.REFUSED, _reason(connection, job.batch))
            if believed and number in self._proven:
                tally.fault = None

    def _state(self, connection: Connection, job: Job, outcome: Outcome) -> bool:
        """Bring a batch to its next state; whether its recipient is suspected to be refused for the mail's sake."""
        issue_id, now = job.batch.issue_id, self._post.clock.now()
        if isinstance(outcome, Taken | TakenBefore) and is_taken(outcome, len(job.mailing.recipients)):
            self._proven.add(issue_id)
            self.last_taken_at = now
        alone = isinstance(outcome, Refused) and outcome.blame is Blame.RECIPIENTS and len(job.mailing.recipients) == 1
        suspect = alone and issue_id not in self._proven
        write_down(connection, job, outcome, now, suspect=suspect)
        return suspect

    def _keep_pace(self, held: HeldPaces, job: Job, outcome: Outcome, under_way: int, now: datetime) -> None:
        if not job.mailing.recipients:
            return
        pace = held[job.provider.name]
        if isinstance(outcome, Throttled):
            pace = paces.slowed(pace, outcome.retry_after, now)
        elif isinstance(outcome, Taken | TakenBefore):
            pace = paces.quickened(pace)
        if isinstance(outcome, Taken) and outcome.room:
            pace = paces.heeded(pace, outcome.room, under_way, now)
        if job.before is BatchState.PENDING:
            pace = paces.given_back(pace, not_taken(outcome, len(job.mailing.recipients)))
        held[job.provider.name] = pace

    def _note(self, job: Job, outcome: Outcome, *, suspect: bool) -> None:
        """Remember what the operator is to hear."""
        tally, number = self._tallies[job.batch.issue_id], str(job.batch)
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
                tally.suspects[job.batch.id] = job
                if len(tally.suspects) >= _SUSPECTS:
                    tally.fault = f"refuses every mail of this issue: {reason}; look at the mail and at the settings"


def _reason(connection: Connection, batch: Batch) -> str | None:
    found = batches.batch_numbered(connection, batch.id)
    return found.note if found else None
