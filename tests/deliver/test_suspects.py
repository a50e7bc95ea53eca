"""Recipients refused alone before anything was taken: how many they are decides whether they, or the mail, are at fault."""

from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from hairfeed.deliver.fleet import Fleet
from hairfeed.deliver.issue import IssueMails
from hairfeed.deliver.outcome import Job
from hairfeed.deliver.post import Post
from hairfeed.deliver.preparation import Preparation
from hairfeed.deliver.providers.outcomes import Blame, Outcome, Refused
from hairfeed.deliver.record import Record
from hairfeed.deliver.tally import Tally
from hairfeed.models.issues import BatchState
from hairfeed.models.reports import Nobody
from hairfeed.store import batches, deliveries
from hairfeed.store.batches import Claim
from tests.deliver.sending import NOW, SOON, PatientClock, Sending


class _LostError(Exception):
    """The database goes away before the transaction is committed."""


def test_a_refusal_that_is_written_down_again_is_no_second_suspect(tmp_path: Path) -> None:
    """Two readers are refused, and nobody else is left: counted as three, they would look like a mail that nobody can have."""
    sending = Sending(tmp_path, outbox={"directory": "outbox"})
    sending.subscribe("one@example.net", "two@example.net")
    issue_id = sending.approve()
    with closing(sending.ledger()) as ledger, Fleet(sending.settings.mail) as fleet:
        with ledger.write() as connection:
            deliveries.freeze(connection, issue_id, batch_size=1)
            (issue,) = deliveries.sending_issues(connection)
        post = Post(ledger, sending.settings.mail, fleet, PatientClock(NOW), "run 1", Nobody())
        mails, tallies = {issue_id: IssueMails(ledger, sending.settings, issue)}, {issue_id: Tally()}
        preparation, ended = Preparation(post, mails, tallies), list[tuple[Job, Outcome]]()
        while jobs := preparation.jobs(under_way=0):
            for job in jobs:
                with ledger.write() as connection:
                    batch = batches.claim(connection, job.batch, Claim("run 1", SOON, "outbox", ""), NOW)
                assert batch is not None
                ended.append((replace(job, batch=batch), Refused("no such reader", Blame.RECIPIENTS)))
        assert len(ended) == 2
        record = Record(post, mails, tallies)
        with suppress(_LostError), ledger.write() as connection:
            record.write(connection, ended, 0)
            raise _LostError
        with ledger.write() as connection:
            record.write(connection, ended, 0).write()
        assert tallies[issue_id].fault is None
        record.judge_suspects()
    assert sending.batch_states() == [BatchState.REFUSED, BatchState.REFUSED]
