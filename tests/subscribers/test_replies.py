"""A mailbox on a real server: who writes to leave is gone, what bounced counts, and everything else is left alone."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from hairfeed.models.issues import LetterKind
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.operations.checks import Check, Level
from hairfeed.operations.doctor import examine
from hairfeed.store import letters
from hairfeed.store.schema.subscribers import events, mailboxes
from hairfeed.store.subscribers import set_subscription, subscriber_id
from hairfeed.subscribers.replies.mailbox import MailboxError, open_mailbox
from tests.certificates import self_signed
from tests.conftest import NEXT_FRIDAY, Publication
from tests.subscribers.bounces import bounce, complaint
from tests.subscribers.imap_server import DOVECOT, MISSING, PASSWORD, ImapServer, running
from tests.subscribers.mailbox import ANN, BEN, LATER, Box, first_issue

pytestmark = pytest.mark.skipif(DOVECOT is None, reason=MISSING)


@pytest.fixture(scope="module")
def server() -> Iterator[ImapServer]:
    """One for all; every test has a user of its own."""
    with running() as found:
        yield found


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, server: ImapServer) -> Publication:
    """Its issue went out. It has no pages for readers: the mailbox does without them."""
    publication = Publication(tmp_path_factory.mktemp("sent") / "site")
    first_issue(publication, server)
    return publication


@pytest.fixture
def sent(first: Publication, tmp_path: Path) -> Publication:
    """The same for every test."""
    return first.copied(tmp_path / "site")


@pytest.fixture
def box(sent: Publication, server: ImapServer, request: pytest.FixtureRequest) -> Box:
    """An empty mailbox."""
    return Box(sent, server, request.node.name[:60].lower().replace("[", "-").replace("]", ""))


def test_who_writes_as_their_mail_says_has_left(box: Box) -> None:
    address, subject = box.way_to_leave(ANN)
    assert address == "editor@hair.example.org"
    # Whoever sends it: the token says whom it is for.
    box.write(address, subject, sender="anybody@elsewhere.example")
    assert box.run() == 1
    assert box.left == {ANN}
    assert box.server.folder(box.user) == [(subject, True)]


def test_the_doctor_looks_into_the_mailbox_and_changes_nothing_in_it(box: Box) -> None:
    box.write(*box.way_to_leave(ANN))
    check = replies_check(box)
    assert (check.level, check.found) == (Level.OK, f"{box.user} at 127.0.0.1: folder INBOX can be read")
    with box.server.open(box.user) as connection:
        connection.select("INBOX", readonly=True)
        flags = connection.fetch("1", "(FLAGS)")[1][0]
    assert isinstance(flags, bytes)
    assert (b"\\Seen" in flags, b"\\Recent" in flags) == (False, True)
    assert box.run() == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (f'password = "{PASSWORD}"', 'password = "another"', "check mail.replies.username and password"),
        ('security = "none"', 'security = "none"\nfolder = "Nowhere"', "check mail.replies.folder"),
        ('security = "none"', 'security = "tls"', "check mail.replies.host, port and security"),
    ],
)
def test_the_doctor_says_what_keeps_us_out_of_the_mailbox(box: Box, old: str, new: str, said: str) -> None:
    box.publication.configure(old, new)
    check = replies_check(box)
    assert check.level is Level.FAIL
    assert said in check.found
    assert "another" not in check.found


def replies_check(box: Box) -> Check:
    """What the doctor finds of the mailbox; the public address of the pages is not asked for, since there are none."""
    (check,) = (one for one in examine(box.publication.settings, LATER, offline=False) if one.name == "replies")
    assert {one.name for one in examine(box.publication.settings, LATER, offline=True)}.isdisjoint({"replies"})
    return check


def test_a_sender_and_a_body_prove_nothing(box: Box) -> None:
    address, subject = box.way_to_leave(ANN)
    token = subject.split()[-1]
    box.write(address, "Unsubscribe", sender=ANN, text=f"Please! {token}")
    box.write(address, f"Unsubscribe {token[:-5]}AAAAA", sender=ANN)
    box.write("editor@hair.example.org", "Re: How hair grows", text=box.mails[ANN].get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert box.run() == 0
    assert box.left == set()
    assert [is_read for _, is_read in box.server.folder(box.user)] == [False] * 3


def test_every_mail_is_worked_off_once(box: Box) -> None:
    address, subject = box.way_to_leave(ANN)
    box.write(address, subject)
    box.write(address, subject)
    assert [box.run(), box.run()] == [2, 0]
    box.write(*box.way_to_leave(BEN))
    assert [box.run(), box.run()] == [1, 0]
    assert box.left == {ANN, BEN}


def test_who_came_back_after_they_wrote_stays_even_when_the_server_numbers_anew(box: Box) -> None:
    box.write(*box.way_to_leave(ANN))
    box.run()
    ledger = box.ledger()
    with ledger.write() as connection:
        back_at = LATER + timedelta(days=1)
        set_subscription(connection, subscriber_id(connection, ANN, back_at), "weekly", SubscriptionState.CONFIRMED, back_at)
        connection.execute(update(mailboxes).values(validity=1))
    ledger.close()
    assert box.run(LATER + timedelta(days=2)) == 1
    assert box.left == set()


def test_mails_are_moved_where_the_config_says(sent: Publication, server: ImapServer) -> None:
    box = Box(sent, server, "mover", 'done_folder = "Worked off"\n')
    address, subject = box.way_to_leave(ANN)
    box.write(address, subject)
    box.write(address, "A question")
    box.run()
    assert box.server.folder("mover") == [("A question", False)]
    assert box.server.folder("mover", '"Worked off"') == [(subject, True)]


def test_what_cannot_be_moved_has_been_worked_off_all_the_same(sent: Publication, server: ImapServer) -> None:
    box = Box(sent, server, "stuck", 'done_folder = "not/../possible"\n')
    box.write(*box.way_to_leave(ANN))
    box.write(*box.way_to_leave(BEN))
    report = sent.run(LATER)
    (failure,) = report.subscribers.failures
    assert "check mail.replies" in failure.what
    assert box.left == {ANN, BEN}
    assert sent.run(LATER).subscribers.failures == ()


def test_mails_of_long_ago_are_left_alone_at_the_first_look(box: Box) -> None:
    box.write(*box.way_to_leave(ANN), at=LATER - timedelta(days=40))
    assert box.run() == 0
    assert box.left == set()


def test_a_huge_mail_is_read_in_its_beginning_alone(box: Box) -> None:
    address, subject = box.way_to_leave(ANN)
    box.write(address, subject, text="x" * 60 + "\n" + "y" * 8_000_000)
    assert box.run() == 1
    assert box.left == {ANN}


def test_a_hard_bounce_suppresses_and_counts_for_the_issue(box: Box) -> None:
    for _ in range(2):
        box.server.deliver(box.user, bounce(mail=box.returned(ANN)), LATER)
    assert box.run() == 2
    assert box.suppressed == {ANN: "hard bounce, says mailbox"}
    ledger = box.ledger()
    with ledger.read() as connection:
        (key,) = connection.execute(select(events.c.batch_key)).scalars()
    ledger.close()
    assert key.startswith("hf-")


def test_a_complaint_suppresses_and_a_soft_bounce_counts(box: Box) -> None:
    box.server.deliver(box.user, complaint(mail=box.returned(ANN)), LATER)
    box.server.deliver(box.user, bounce("5.2.2", "smtp; 552 full", mail=box.returned(BEN)), LATER)
    assert box.run() == 2
    assert box.suppressed == {ANN: "complaint, says mailbox"}


def test_a_bounce_whose_token_is_none_of_ours_is_nothing(box: Box) -> None:
    box.server.deliver(box.user, bounce(), LATER)
    assert box.run() == 0
    assert box.suppressed == {}


def test_a_letter_that_bounces_is_known_by_its_name(box: Box) -> None:
    ledger = box.ledger()
    with ledger.write() as connection:
        letters.queue(connection, LetterKind.NOTICE, "new@example.net", LATER, subject="x", text="x\n", html="<p>x</p>")
    ledger.close()
    box.run()
    (letter,) = [mail for name, mail in box.publication.mails().items() if name.startswith("notice")]
    box.server.deliver(box.user, bounce(mail=letter.as_string()), LATER)
    assert box.run() == 1
    assert box.suppressed == {"new@example.net": "hard bounce, says mailbox"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (f'password = "{PASSWORD}"', 'password = "wrong-one"', "refuses the login"),
        ('security = "none"', 'security = "none"\nfolder = "Nowhere"', "check mail.replies.folder"),
        ('security = "none"', 'security = "tls"', "cannot be reached"),
        ('security = "none"', 'security = "starttls"', "cannot be reached"),
    ],
)
def test_a_mailbox_that_cannot_be_read_fails_and_holds_nothing_up(box: Box, old: str, new: str, said: str) -> None:
    box.publication.configure(old, new)
    box.publication.page("sleeping", date="20-8-2024")
    report = box.publication.run(NEXT_FRIDAY + timedelta(days=7))
    (failure,) = report.subscribers.failures
    assert said in failure.what
    assert "wrong-one" not in failure.what
    assert [receipt.accepted for receipt in report.deliver.receipts] == [2]


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with running(self_signed(tmp_path, "localhost")) as server, ExitStack() as stack:
        for security, port in (("tls", server.tls_port), ("starttls", server.port)):
            with pytest.raises(MailboxError, match="certificate verify failed"):
                stack.enter_context(open_mailbox(server.settings("ann", security=security, port=port)))


def test_the_date_that_the_server_keeps_is_when_a_mail_came(server: ImapServer) -> None:
    at = datetime(2024, 8, 16, 11, 0, tzinfo=UTC)
    server.deliver("dated", b"Subject: x\r\nDate: Mon, 1 Jan 2001 00:00:00 +0000\r\n\r\n", at)
    with open_mailbox(server.settings("dated")) as mailbox:
        (uid,) = mailbox.uids(0, at)
        mail = mailbox.mail(uid)
        assert mail is not None
        assert (mail.arrived_at, mailbox.mail(uid + 1), mailbox.uids(uid, at)) == (at, None, [])
