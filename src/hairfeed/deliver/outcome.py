"""Writes an outcome down: from what a provider said of a call to the state of its batch."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hairfeed.deliver.bisect import Fate, by_fate, halves
from hairfeed.deliver.mailing import Mailing
from hairfeed.deliver.providers.contract import PreparedCall, Provider
from hairfeed.deliver.providers.outcomes import Blame, InDoubt, NotNow, Outcome, Refused, Taken, TakenBefore, Throttled
from hairfeed.models.issues import BatchState
from hairfeed.store import batches, recipients
from hairfeed.store.batches import Batch, Part
from hairfeed.store.database import Connection
from hairfeed.store.recipients import BatchRecipient

_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Job:
    """A batch that is being submitted."""

    batch: Batch
    """As it was claimed."""
    before: BatchState
    """In which state it was until then: an attempt that took nothing leaves an earlier doubt as it was."""
    provider: Provider
    mailing: Mailing
    gone: tuple[BatchRecipient, ...]
    """Who left since the freeze and is not in the mailing."""
    call: PreparedCall

    @property
    def subscribers(self) -> list[int]:
        """Whom the call is for, in order."""
        return [one.subscriber_id for one in self.mailing.recipients]


def backoff(attempt: int) -> timedelta:
    """How long to wait after so many attempts, where the provider does not say."""
    return min(_FIRST_WAIT * (1 << min(max(attempt - 1, 0), 10)), _LONGEST_WAIT)


def not_taken(outcome: Outcome, mails: int) -> int:
    """Of so many mails, how many certainly were not taken."""
    match outcome:
        case Taken():
            return len(outcome.refused) + len(outcome.postponed)
        case TakenBefore() | InDoubt():
            return 0
    return mails


def is_taken(outcome: Taken | TakenBefore, mails: int) -> bool:
    """Whether any of so many mails certainly was; a batch that everybody has left proves nothing."""
    return mails > 0 and (isinstance(outcome, TakenBefore) or not_taken(outcome, mails) + len(outcome.in_doubt) < mails)


def write_down(connection: Connection, job: Job, outcome: Outcome, now: datetime, *, suspect: bool = False) -> None:
    """Bring the job's batch to its next state.

    With `suspect`, a refusal of a recipient who stands alone is not believed yet: nothing of the issue was taken so far, so the
    provider may mean the mail itself.
    """
    batch = job.batch
    match outcome:
        case Taken(refused, (), provider_id, in_doubt=()):
            if batches.accept(connection, batch, provider_id):
                recipients.refuse(connection, batch, refused)
        case Taken():
            if batches.split(connection, batch, _parts(job, outcome, now), "was taken in part"):
                recipients.refuse(connection, batch, outcome.refused)
        case TakenBefore(provider_id):
            if batches.accept(connection, batch, provider_id):
                recipients.take_back(connection, batch, [one.subscriber_id for one in job.gone])
        case Refused(reason, Blame.RECIPIENTS) if len(job.mailing.recipients) > 1:
            batches.split(connection, batch, halves(batch, job.subscribers), reason)
        case _:
            _stay_or_fall(connection, job, outcome, now, suspect=suspect)


def _parts(job: Job, outcome: Taken, now: datetime) -> list[Part]:
    """Those who were taken (or refused: it is over for them, too), those to be tried again, and those of whom nobody knows."""
    later = Fate(BatchState.PENDING, _again(job, outcome.retry_after, now), "; ".join(outcome.postponed_why) or None)
    unknown = Fate(BatchState.IN_DOUBT, note="; ".join(outcome.in_doubt_why) or None, keeps_key=True)
    fates = dict.fromkeys(outcome.postponed, later) | dict.fromkeys(outcome.in_doubt, unknown)
    return by_fate(job.batch, job.subscribers, lambda one: fates.get(one, Fate(BatchState.ACCEPTED)))


def _stay_or_fall(
    connection: Connection, job: Job, outcome: Refused | Throttled | NotNow | InDoubt, now: datetime, *, suspect: bool
) -> None:
    """The next state of a batch that was not taken, and is not divided."""
    state, next_try_at = job.before, None
    match outcome:
        case Refused(blame=Blame.RECIPIENTS):
            state = BatchState.PENDING if suspect else BatchState.REFUSED
            next_try_at = _again(job, None, now) if suspect else None
        case InDoubt(_, retry_after):
            state, next_try_at = BatchState.IN_DOUBT, _again(job, retry_after, now)
        case NotNow(_, everyone, retry_after):
            next_try_at = None if everyone else _again(job, retry_after, now)
        case Throttled(_, retry_after):
            next_try_at = now + retry_after if retry_after else None
    batches.settle(connection, job.batch, state, outcome.reason, next_try_at=next_try_at)


def _again(job: Job, retry_after: timedelta | None, now: datetime) -> datetime:
    return now + (backoff(job.batch.attempt) if retry_after is None else retry_after)
