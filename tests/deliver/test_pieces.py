"""A batch that the second provider takes in pieces only: killed at any moment of that, everybody is mailed once."""

from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, update

from hairfeed.models.issues import IssueState
from hairfeed.store.schema.deliveries import batches, provider_paces, recipients, refusals
from hairfeed.store.schema.issues import issues
from tests.deliver.dialects import MailjetDialect
from tests.deliver.faulty_api import Truth, a_faulty_api
from tests.deliver.relays import a_scripted_relay
from tests.deliver.sending import NOW, Sending
from tests.test_kill import in_a_child

READERS = [f"reader{number:03}@example.net" for number in range(60)]
"""A batch for the relay, and two for Mailjet, which takes fifty at once."""


def begin_again(sending: Sending) -> None:
    """The issue is free to be sent, as if nothing had been."""
    with closing(sending.ledger()) as ledger, ledger.write() as connection:
        for table in (refusals, batches, recipients, provider_paces):
            connection.execute(delete(table))
        connection.execute(update(issues).values(state=IssueState.APPROVED))


def test_a_kill_anywhere_in_what_is_divided_for_the_second_provider_mails_everybody_once(tmp_path: Path) -> None:
    # It takes nothing from us, so what a kill leaves in doubt there was certainly not taken.
    with a_scripted_relay(MAIL="550 5.7.1 not your domain") as first, a_faulty_api(MailjetDialect()) as second:
        relay = {"host": "127.0.0.1", "port": first.port, "security": "none", "batch_size": 100}
        mailjet = {"key": "k", "secret": "s", "url": f"http://127.0.0.1:{second.port}", "calls_per_second": 1000}
        both = {"provider": "smtp", "smtp": relay, "second": "mailjet", "mailjet": mailjet}
        sending = Sending(tmp_path, **both, in_doubt="resend")
        sending.subscribe(*READERS)
        sending.approve()
        effects = in_a_child(sending.deliver)
        assert Counter(map(str, sending.batch_states())) == {"split": 1, "accepted": 2}
        assert len(second.calls) == 2
        # Until then the relay is called, as in other tests.
        for moment in range(effects // 2, effects + 1):
            second.truth, second.dialect = Truth(), MailjetDialect()
            begin_again(sending)
            in_a_child(sending.deliver, die_at=moment)
            second.rest()
            sending.deliver(NOW + timedelta(minutes=5))
            assert second.mailed == Counter(READERS), f"killed at effect {moment} of {effects}"
            assert str(sending.receipt_of(1)) == "owed 60  accepted 60  refused 0  unknown 0"
