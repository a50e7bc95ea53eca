"""What a mail in the mailbox is; bodies and senders are never believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.models.events import EventKind
from hairfeed.subscribers.replies.reading import Leave, Returned, read
from tests.subscribers.bounces import LINK, TOKEN, bounce, complaint

K = EventKind
LEAVE = Leave((TOKEN,))


@pytest.mark.parametrize(
    ("mail", "found"),
    [
        (f"Subject: Unsubscribe {TOKEN}\n\n", LEAVE),
        (f"Subject: Unsubscribe\n {TOKEN}\n\nanything", LEAVE),
        (f"Subject: =?utf-8?q?Unsubscribe_{TOKEN.replace('_', '=5F')}?=\n\n", LEAVE),
        (f"To: Editor <editor+{TOKEN}@hair.example.org>\nSubject: x\n\n", LEAVE),
        (f"From: Gmail\nAuto-Submitted: auto-generated\nSubject: unsubscribe {TOKEN}\n\n", LEAVE),
        (f"Auto-Submitted: no\nSubject: AW: Unsubscribe {TOKEN}\n\n", LEAVE),
        # What a program answers for somebody who is away quotes what it got.
        (f"Auto-Submitted: auto-replied\nSubject: Re: Unsubscribe {TOKEN}\n\n", None),
        (f"Precedence: auto_reply\nSubject: Re: Unsubscribe {TOKEN}\n\n", None),
        (f"X-Autoreply: yes\nSubject: Re: Unsubscribe {TOKEN}\n\n", None),
        # An answer to a newsletter quotes its link.
        (f"Subject: Re: How hair grows\n\n> {LINK}\n", None),
        (f"Subject: x\nList-Unsubscribe: <{LINK}>\n\n", None),
        ("Subject: Unsubscribe me!\nFrom: reader@example.net\n\n", None),
        ("", None),
        ("Subject: =?nonsense?q?x?=\nContent-Type: multipart/report; boundary=\n\n", None),
    ],
)
def test_a_mail_to_leave_is_known_by_a_token_in_its_header(mail: str, found: Leave | None) -> None:
    assert read(mail.encode()) == found


@pytest.mark.parametrize(
    ("status", "diagnosis", "kind"),
    [
        ("5.1.1", "smtp; 550 5.1.1 no such user", K.HARD_BOUNCE),
        ("5.1.10", "", K.HARD_BOUNCE),
        ("5.2.1", "smtp; 550 mailbox disabled", K.HARD_BOUNCE),
        ("5.0.0", "smtp; 550 5.1.1 user unknown", K.HARD_BOUNCE),
        ("5.0.0", "smtp; 550 no", K.SOFT_BOUNCE),
        ("5.2.2", "smtp; 552 mailbox full", K.SOFT_BOUNCE),
        # About us, not about the reader.
        ("5.7.1", "smtp; 550 5.7.1 message refused as spam", K.SOFT_BOUNCE),
        ("5.1.8", "smtp; 501 bad sender", K.SOFT_BOUNCE),
        ("4.4.1", "", K.SOFT_BOUNCE),
        ("4.1.1", "", K.SOFT_BOUNCE),
    ],
)
def test_a_bounce_is_hard_only_when_it_is_about_the_address(status: str, diagnosis: str, kind: EventKind) -> None:
    found = read(bounce(status=status, diagnosis=diagnosis))
    assert isinstance(found, Returned)
    assert (found.kind, found.tokens, found.issue_number) == (kind, (TOKEN,), 1)
    assert found.reason == (diagnosis or f"status {status}")


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", "nonsense", ""])
def test_what_is_not_over_or_went_well_is_no_bounce(action: str) -> None:
    assert read(bounce(action=action)) is None


@pytest.mark.parametrize("returns", ["message/rfc822", "text/rfc822-headers"])
def test_the_mail_may_come_back_whole_or_as_its_header(returns: str) -> None:
    assert isinstance(read(bounce(returns=returns)), Returned)


def test_a_bounce_that_gives_nothing_back_proves_nothing() -> None:
    assert read(bounce(returns="text/plain")) is None


@pytest.mark.parametrize(("kind", "counts"), [("abuse", True), ("fraud", True), ("not-spam", False), ("opt-out", False)])
def test_a_complaint_is_one_by_its_type(kind: str, counts: bool) -> None:
    found = read(complaint(kind))
    assert (isinstance(found, Returned) and found.kind is K.COMPLAINT) == counts


@pytest.mark.parametrize("length", range(0, 2400, 40))
def test_a_report_that_breaks_off_anywhere_does_no_harm(length: int) -> None:
    found = read(bounce()[:length])
    assert found is None or isinstance(found, Returned)


@given(
    st.binary(max_size=400)
    | st.builds(lambda a, b, c: a[:b] + c + a[b:], st.just(bounce()), st.integers(0, 2000), st.binary(max_size=20))
)
def test_nothing_makes_the_reader_stumble(mail: bytes) -> None:
    assert isinstance(read(mail), Leave | Returned | None)
