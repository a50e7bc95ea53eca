"""What was in doubt and is sent again, as the policy or the operator says: never beside what proves to be taken after all."""

from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from hairfeed.models.events import EventKind, MailEvent
from hairfeed.models.issues import BatchState
from hairfeed.store import batches, events, letters
from tests.deliver.dialects import SesDialect, SparkPostDialect
from tests.deliver.faulty_api import Fault, a_faulty_api
from tests.deliver.sending import NOW, SOON, Sending, receipt
from tests.deliver.test_faulty_providers import READERS, SECTIONS, sending_to
from tests.deliver.test_letters import queue, states
from tests.deliver.test_telling import HOUR, SETTLED, resolve, sums_up


@pytest.mark.parametrize("policy", ["resend", "hold"])
def test_parts_of_one_call_that_are_sent_again_are_no_repetitions_of_each_other(tmp_path: Path, policy: str) -> None:
    """Two days later one mail has proven to be taken, and the provider has long forgotten the key of the call."""
    with a_faulty_api(SparkPostDialect(), [Fault.RESET_BEFORE]) as api:
        sending = sending_to(tmp_path, api, "sparkpost")
        sending.configure(**sending.settings.mail.model_dump(by_alias=True, exclude_unset=True), in_doubt=policy)
        assert receipt(sending.deliver()).in_doubt == 7
        with closing(sending.ledger()) as ledger, ledger.write() as connection:
            (batch,) = batches.batches_in(connection, 1, BatchState.IN_DOUBT)
            events.keep(connection, [MailEvent("sparkpost", "1", EventKind.DELIVERED, NOW, READERS[3], batch.key, 4)], SOON)
        told = receipt(sending.deliver(NOW + 48 * HOUR))
        if policy == "hold":
            assert told.in_doubt == 6
            resolve(sending, BatchState.PENDING)
            told = receipt(sending.deliver(NOW + 49 * HOUR))
    assert (told.accepted, sums_up(told)) == (7, True)
    assert api.truth.mailed == Counter(one for one in READERS if one != READERS[3])


def test_a_letter_that_waits_to_be_sent_again_is_not_once_it_proves_to_be_taken(tmp_path: Path) -> None:
    """It was in doubt, then to be sent again as the policy says, and the provider did not take it then."""
    with a_faulty_api(SesDialect(), [Fault.RESET_AFTER]) as api:
        sending = Sending(tmp_path, provider="ses", ses=SECTIONS["ses"][1] | {"url": f"http://127.0.0.1:{api.port}"})
        queue(sending, READERS[0])
        sending.deliver()
        with closing(sending.ledger()) as ledger, ledger.write() as connection:
            (letter,) = letters.letters_in(connection, BatchState.IN_DOUBT)
            letters.settle_letter(connection, letter, BatchState.PENDING, "was put off")
            events.keep(connection, [MailEvent("ses", "1", EventKind.DELIVERED, NOW, READERS[0], letter.key)], SOON)
        sending.deliver(SETTLED)
    assert (states(sending), api.truth.mailed) == ([(BatchState.ACCEPTED, "")], Counter(READERS[:1]))
