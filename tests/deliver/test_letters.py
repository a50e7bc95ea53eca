"""Single mails: each sent once, whatever happens, and none lost."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import select

from hairfeed.models.issues import BatchState, LetterKind
from hairfeed.store import letters
from hairfeed.store.schema.deliveries import letters as table
from tests.deliver.faulty_api import Fault, a_faulty_api
from tests.deliver.relays import free_port
from tests.deliver.sending import NOW, SOON, Sending, failures


def queue(sending: Sending, email: str = "a@example.net") -> None:
    """Have a confirmation sent."""
    ledger = sending.ledger()
    with ledger.write() as connection:
        text, html = "Open the page:\nhttps://x.example/c/1\n", "<p>Open the page</p>"
        letters.queue(connection, LetterKind.CONFIRMATION, email, NOW, subject="Please confirm", text=text, html=html)
    ledger.close()


def states(sending: Sending) -> list[tuple[str, str]]:
    """State and text of every letter."""
    ledger = sending.ledger()
    with ledger.read() as connection:
        found = [(row.state, row.text) for row in connection.execute(select(table).order_by(table.c.id))]
    ledger.close()
    return found


@pytest.fixture
def sending(tmp_path: Path) -> Sending:
    """A ledger whose mails go to a folder."""
    return Sending(tmp_path, outbox={"directory": "outbox"})


def test_a_letter_is_sent_once_and_its_text_is_forgotten(sending: Sending) -> None:
    queue(sending)
    assert [sending.deliver().letters, sending.deliver(SOON).letters] == [1, 0]
    assert states(sending) == [(BatchState.ACCEPTED, "")]


def test_a_letter_is_no_mailing(sending: Sending) -> None:
    queue(sending)
    sending.deliver()
    (file,) = (sending.folder / "outbox").iterdir()
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert file.name == "confirmation-0001-a@example.net.eml"
    assert set(message.keys()) == {
        *("From", "Reply-To", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type")
    }


def test_a_transaction_that_is_not_committed_sends_nothing(sending: Sending) -> None:
    ledger = sending.ledger()
    with pytest.raises(RuntimeError), ledger.write() as connection:  # noqa: PT012 - the transaction is what fails
        letters.queue(connection, LetterKind.NOTICE, "a@example.net", NOW, subject="x", text="x", html="x")
        raise RuntimeError
    ledger.close()
    assert sending.deliver().letters == 0


def test_a_suppressed_address_gets_no_letter(sending: Sending) -> None:
    sending.suppress("a@example.net")
    queue(sending)
    assert sending.deliver().letters == 0
    assert states(sending) == [(BatchState.REFUSED, "")]


def test_a_letter_waits_for_a_provider_that_can_be_reached(tmp_path: Path) -> None:
    smtp = {"host": "127.0.0.1", "port": free_port(), "security": "none"}
    sending = Sending(tmp_path, provider="smtp", smtp=smtp)
    queue(sending)
    report = sending.deliver()
    assert "it waits for the next pass" in failures(report)
    sending.configure(outbox={"directory": "outbox"})
    assert sending.deliver(SOON).letters == 1


@pytest.mark.parametrize("fault", [one for one in Fault if one is not Fault.NONE])
def test_a_letter_is_sent_once_whatever_goes_wrong(tmp_path: Path, fault: Fault) -> None:
    with a_faulty_api(faults=[fault]) as api:
        sending = Sending(tmp_path, provider="resend", resend={"key": "k", "url": f"http://127.0.0.1:{api.port}", "timeout": 0.5})
        queue(sending)
        sending.deliver()
        sending.deliver(SOON)
    assert api.truth.mailed == {"a@example.net": 1}
    assert states(sending) == [(BatchState.ACCEPTED, "")]
