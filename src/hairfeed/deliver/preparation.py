"""Looks for batches that may be submitted, and prepares their calls; nothing is claimed yet."""

from collections.abc import Mapping, Sequence
from secrets import randbelow

from hairfeed.deliver import pace as paces
from hairfeed.deliver.bisect import pieces
from hairfeed.deliver.doubt import Way
from hairfeed.deliver.issue import IssueMails
from hairfeed.deliver.outcome import Job
from hairfeed.deliver.post import Post
from hairfeed.deliver.providers.contract import PreparedCall, Provider
from hairfeed.deliver.providers.outcomes import Outcome, Taken
from hairfeed.deliver.resolve import settle_by_events, way_of
from hairfeed.deliver.tally import Tally
from hairfeed.models.issues import BatchState
from hairfeed.store import batches, deliveries, recipients
from hairfeed.store.batches import Batch
from hairfeed.store.deliveries import SendingIssue
from hairfeed.store.paces import share_of
from hairfeed.store.proofs import proofs


class Preparation:
    """Finds what may begin, in the order of issues and batches."""

    def __init__(self, post: Post, issues: Mapping[int, IssueMails], tallies: Mapping[int, Tally]) -> None:
        """`tallies` are of the same issues: of one with a fault nothing more is tried."""
        self._post = post
        self._issues = issues
        self._tallies = tallies
        self.changed_some = False
        """Whether batches that were looked at last are settled or divided since: there may be others to be found now."""
        with post.ledger.read() as connection:
            self._numbers = {number: batches.count_numbers(connection, number) for number in issues}
        self._begin_at = dict.fromkeys(issues, 0)
        for number in [] if post.alone else issues:
            self.begin_elsewhere(number)

    def begin_elsewhere(self, issue_id: int) -> None:
        """Look from anywhere among the issue's batches on: crews that all begin at one place prepare the same, for one to claim."""
        self._begin_at[issue_id] = randbelow(max(1, self._numbers[issue_id]))

    def jobs(self, under_way: int) -> list[Job]:
        """What could be submitted now, as many as calls may begin beside those `under_way`."""
        self.changed_some = False
        provider = self._post.fleet.taking()
        if provider is None and not self._post.fleet.bars:
            return []
        free, found = self._calls_at_once(provider) - under_way, list[Job]()
        for number, mails in self._issues.items():
            if len(found) >= free:
                break
            if not self._tallies[number].fault:
                prepared = [self._prepared(mails, batch, provider) for batch in self._due(mails.issue, free - len(found))]
                found += [job for job in prepared if job]
        return found

    def _calls_at_once(self, provider: Provider | None) -> int:
        if provider is None:
            return 1
        with self._post.ledger.read() as connection:
            share = share_of(connection, provider.name)
        return paces.calls_at_once(share, self._post.fleet.limits(provider))

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

    def _prepared(self, mails: IssueMails, batch: Batch, provider: Provider | None) -> Job | None:
        """The batch in the bytes in which it would go out now."""
        if batch.state is BatchState.IN_DOUBT:
            provider = self._post.fleet.named(batch.provider)
        if provider is None or (batch.state is BatchState.PENDING and batch.provider and self._was_told_of(mails.issue, batch)):
            return None
        with self._post.ledger.read() as connection:
            people = recipients.of_batch(connection, mails.issue.newsletter, batch)
        staying = [one for one in people if one.reason is None]
        most = self._post.fleet.batch_size(provider, mails.largest)
        if batch.state is BatchState.PENDING and len(staying) > most:
            self._divide(batch, [one.subscriber_id for one in staying], most)
            return None
        try:
            mailing = mails.mailing(batch, staying)
            call: PreparedCall = provider.prepare(mailing) if staying else _Nobody()
        except (ValueError, AssertionError) as error:
            self._tallies[batch.issue_id].fault = f"batch {batch} cannot be made: {error}"
            return None
        return Job(batch, batch.state, provider, mailing, tuple(one for one in people if one.reason), call)

    def _was_told_of(self, issue: SendingIssue, batch: Batch) -> bool:
        """Whether a batch that is to be sent again proves to be taken after all, or some of it, which is settled then."""
        with self._post.ledger.read() as connection:
            if not proofs(connection, batch):
                return False
        with self._post.ledger.write() as connection:
            settled = settle_by_events(connection, issue, batch, self._post.fleet, BatchState.PENDING)
        self.changed_some |= settled
        return settled

    def _divide(self, batch: Batch, subscribers: Sequence[int], most: int) -> None:
        """Batches are frozen as the first provider takes them; the second, or another config's, may take fewer in a call."""
        with self._post.ledger.write() as connection:
            batches.split(connection, batch, pieces(batch, subscribers, most), batch.note or "was too large for the provider")
        self.changed_some = True


class _Nobody:
    """The call for a batch whose recipients have all left."""

    body_hash = ""

    def make(self) -> Outcome:
        return Taken()
