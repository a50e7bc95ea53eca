"""Digests through a mail relay: what it says yes, no and not now to, and where it breaks off."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from hairfeed.models.issues import BatchState
from tests.deliver.relays import Relay, a_relay, a_scripted_relay, free_port
from tests.deliver.sending import SOON, Sending, failures, receipt

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it is about the relay of the tests

READERS = ["a@example.net", "b@example.net", "c@example.net"]


def smtp(port: int, **more: Any) -> dict[str, Any]:
    """A `[mail]` for the relay at `port`."""
    return {"provider": "smtp", "smtp": {"host": "127.0.0.1", "port": port, "security": "none", "timeout": 60} | more}


def sending_to(folder: Path, port: int, *readers: str, **more: Any) -> Sending:
    """An issue to send there."""
    sending = Sending(folder, **smtp(port, **more))
    sending.subscribe(*(readers or READERS))
    sending.approve()
    return sending


@pytest.fixture
def relay() -> Iterator[Relay]:
    """A relay that takes everything."""
    with a_relay() as relay:
        yield relay


def test_every_reader_gets_one_mail(tmp_path: Path, relay: Relay) -> None:
    report = sending_to(tmp_path, relay.port).deliver()
    assert relay.readers == READERS
    assert str(receipt(report)) == "owed 3  accepted 3  refused 0  unknown 0"
    assert report.failures == ()


def test_the_mail_arrives_as_it_was_made(tmp_path: Path, relay: Relay) -> None:
    sending = Sending(tmp_path, **smtp(relay.port))
    sending.subscribe("a@example.net")
    sending.approve(subject="Größe", text=".a line with a dot\n..\n.\nSchluß\n")
    sending.deliver()
    message = message_from_bytes(relay.taken[0][1], policy=policy.default)
    assert (message["To"], message["Subject"]) == ("a@example.net", "Größe")
    text = message.get_body(("plain",))
    assert text is not None
    assert text.get_content().splitlines() == [".a line with a dot", "..", ".", "Schluß"]


def test_the_envelope_names_the_sender_without_a_name(tmp_path: Path, relay: Relay) -> None:
    sending_to(tmp_path, relay.port, "a@example.net").deliver()
    assert relay.senders == ["weekly@hair.example.org"]


def test_one_connection_takes_all_mails(tmp_path: Path, relay: Relay) -> None:
    sending = Sending(tmp_path, **smtp(relay.port), concurrency=1)
    sending.subscribe(*READERS)
    sending.approve()
    sending.deliver()
    assert len(relay.connections) == 1


def test_another_pass_sends_nothing_more(tmp_path: Path, relay: Relay) -> None:
    sending = sending_to(tmp_path, relay.port)
    sending.deliver()
    assert sending.deliver(SOON).receipts == ()
    assert relay.readers == READERS


@pytest.mark.parametrize("where", ["answers", "data_answers"])
def test_a_refused_recipient_is_counted_and_the_others_get_theirs(tmp_path: Path, relay: Relay, where: str) -> None:
    getattr(relay, where)["b@example.net"] = "550 5.1.1 no such person"
    sending = sending_to(tmp_path, relay.port)
    report = sending.deliver()
    assert str(receipt(report)) == "owed 3  accepted 2  refused 1  unknown 0"
    assert relay.readers == ["a@example.net", "c@example.net"]
    assert sending.refusal_reasons() == [("refused", "550 5.1.1 no such person")]


def test_a_refused_recipient_is_not_tried_again(tmp_path: Path, relay: Relay) -> None:
    relay.answers["b@example.net"] = "550 5.1.1 no such person"
    sending = sending_to(tmp_path, relay.port)
    sending.deliver()
    relay.answers.clear()
    sending.deliver(SOON)
    assert relay.readers == ["a@example.net", "c@example.net"]


@pytest.mark.parametrize("where", ["answers", "data_answers"])
def test_a_greylisted_recipient_waits_for_the_next_pass(tmp_path: Path, relay: Relay, where: str) -> None:
    getattr(relay, where)["b@example.net"] = "450 4.2.0 greylisted, come back later"
    sending = sending_to(tmp_path, relay.port)
    first = sending.deliver()
    assert str(receipt(first)) == "owed 3  accepted 2  refused 0  unknown 0  waiting 1"
    assert "450 4.2.0 greylisted, come back later; batch 0 waits for the next pass" in failures(first)
    getattr(relay, where).clear()
    second = sending.deliver(SOON)
    assert str(receipt(second)) == "owed 3  accepted 3  refused 0  unknown 0"
    assert relay.readers == READERS


def test_a_mail_that_had_to_wait_is_the_same_mail(tmp_path: Path) -> None:
    with a_scripted_relay(END="450 later") as slow:
        sending = sending_to(tmp_path, slow.port, "a@example.net")
        sending.deliver()
    with a_relay() as relay:
        sending.configure(**smtp(relay.port))
        sending.deliver(SOON + timedelta(days=3))
    assert [content for _, content in relay.taken] == slow.taken


def test_without_a_relay_every_mail_waits(tmp_path: Path) -> None:
    port = free_port()
    report = sending_to(tmp_path, port).deliver()
    assert str(receipt(report)) == "owed 3  accepted 0  refused 0  unknown 0  waiting 3"
    assert f"127.0.0.1:{port}: cannot be reached" in failures(report)
    assert "1 batch waits for the next pass" in failures(report)


def test_the_next_pass_sends_what_waited_for_the_relay(tmp_path: Path, relay: Relay) -> None:
    sending = sending_to(tmp_path, free_port())
    sending.deliver()
    sending.configure(**smtp(relay.port))
    assert str(receipt(sending.deliver(SOON))) == "owed 3  accepted 3  refused 0  unknown 0"
    assert relay.readers == READERS


def test_the_right_password_is_let_in(tmp_path: Path) -> None:
    with a_relay(password="right") as relay:
        sending_to(tmp_path, relay.port, username="weekly", password="right").deliver()
    assert relay.readers == READERS


@pytest.mark.parametrize(
    ("login", "said"),
    [
        ({"username": "weekly", "password": "wrong"}, "refuses the login: .*; check mail.smtp.username and password"),
        ({"username": "weekly", "password": "pässword"}, "mail.smtp.username or password: only ASCII"),
        ({}, "530 .*; check .*mail.from and the login"),
    ],
    ids=["wrong", "not ASCII", "none"],
)
def test_with_a_wrong_login_every_mail_waits(tmp_path: Path, login: dict[str, str], said: str) -> None:
    with a_relay(password="right") as relay:
        report = sending_to(tmp_path, relay.port, **login).deliver()
    assert str(receipt(report)) == "owed 3  accepted 0  refused 0  unknown 0  waiting 3"
    assert re.search(said, failures(report))
    assert relay.taken == []


def test_a_relay_that_wants_a_login_before_recipients_refuses_nobody(tmp_path: Path) -> None:
    with a_scripted_relay(RCPT="530 5.7.0 authentication required") as relay:
        report = sending_to(tmp_path, relay.port).deliver()
    assert str(receipt(report)) == "owed 3  accepted 0  refused 0  unknown 0  waiting 3"


def test_without_the_encryption_that_is_demanded_nothing_is_sent(tmp_path: Path, relay: Relay) -> None:
    report = sending_to(tmp_path, relay.port, security="starttls").deliver()
    assert str(receipt(report)) == "owed 3  accepted 0  refused 0  unknown 0  waiting 3"
    assert "STARTTLS extension not supported by server.; check mail.smtp.security" in failures(report)
    assert relay.taken == []


def test_a_connection_that_could_not_be_encrypted_is_not_used_for_another_issue(tmp_path: Path, relay: Relay) -> None:
    sending = sending_to(tmp_path, relay.port, security="starttls")
    sending.approve(number=2)
    report = sending.deliver()
    assert [one.waiting for one in report.receipts] == [3, 3]
    assert relay.taken == []


def test_a_relay_that_speaks_no_tls_is_not_reached(tmp_path: Path, relay: Relay) -> None:
    report = sending_to(tmp_path, relay.port, security="tls").deliver()
    assert receipt(report).waiting == 3
    assert "check mail.smtp.host, port and security" in failures(report)


def test_a_relay_that_refuses_the_sender_lets_every_mail_wait(tmp_path: Path) -> None:
    with a_scripted_relay(MAIL="550 5.7.1 not your domain") as relay:
        report = sending_to(tmp_path, relay.port).deliver()
    assert str(receipt(report)) == "owed 3  accepted 0  refused 0  unknown 0  waiting 3"
    assert "does not take mails from weekly@hair.example.org: 550 5.7.1 not your domain; check mail.from" in failures(report)


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_connection_that_breaks_before_the_mail_leaves_nothing_in_doubt(tmp_path: Path, command: str) -> None:
    with a_scripted_relay(**{command: None}) as relay:
        report = sending_to(tmp_path, relay.port).deliver()
    assert str(receipt(report)) == "owed 3  accepted 0  refused 0  unknown 0  waiting 3"
    assert relay.taken == []


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
@pytest.mark.parametrize("answer", ["nonsense", "251", "354 go on", "250 OK"])
def test_nothing_but_a_yes_in_its_place_is_one(tmp_path: Path, command: str, answer: str) -> None:
    expected = {"RCPT": ("251", "250 OK"), "DATA": ("354 go on",)}[command]
    with a_scripted_relay(**{command: answer}) as relay:
        report = sending_to(tmp_path, relay.port, "a@example.net").deliver()
    assert receipt(report).accepted == len(relay.taken) == (answer in expected)
    assert receipt(report).unknown == 0


IN_DOUBT = [None, "nonsense", "354 more", "1"]
"""What the relay may do when it has the mail, that says neither yes nor no."""


@pytest.mark.parametrize("end", IN_DOUBT)
def test_a_mail_without_an_answer_is_unknown(tmp_path: Path, end: str | None) -> None:
    with a_scripted_relay(END=end) as relay:
        sending = sending_to(tmp_path, relay.port, "a@example.net")
        report = sending.deliver()
    assert str(receipt(report)) == "owed 1  accepted 0  refused 0  unknown 1"
    assert "nobody knows whether batch 0 went out" in failures(report)
    assert sending.batch_states() == [BatchState.IN_DOUBT]


def test_the_mails_after_one_in_doubt_are_tried(tmp_path: Path) -> None:
    with a_scripted_relay(END=None) as relay:
        report = sending_to(tmp_path, relay.port).deliver()
    assert str(receipt(report)) == "owed 3  accepted 0  refused 0  unknown 3"
    assert len(relay.taken) == 3


@pytest.fixture
def in_doubt(tmp_path: Path) -> Sending:
    """An issue whose one mail is in doubt after a pass."""
    with a_scripted_relay(END=None) as relay:
        sending = sending_to(tmp_path, relay.port, "a@example.net")
        sending.deliver()
    return sending


@pytest.mark.parametrize("later", [timedelta(0), timedelta(minutes=5), timedelta(days=30), timedelta(minutes=-5)])
def test_a_mail_in_doubt_is_held_and_the_next_pass_says_so_again(in_doubt: Sending, relay: Relay, later: timedelta) -> None:
    in_doubt.configure(**smtp(relay.port))
    report = in_doubt.deliver(SOON - timedelta(minutes=5) + later)
    assert str(receipt(report)) == "owed 1  accepted 0  refused 0  unknown 1"
    assert 'mail.in_doubt = "resend" or "skip"' in failures(report)
    assert relay.taken == []


def test_a_mail_in_doubt_is_sent_again_when_the_operator_says_so(in_doubt: Sending, relay: Relay) -> None:
    in_doubt.configure(**smtp(relay.port), in_doubt="resend")
    report = in_doubt.deliver(SOON)
    assert str(receipt(report)) == "owed 1  accepted 1  refused 0  unknown 0"
    assert report.failures == ()
    assert relay.readers == ["a@example.net"]


def test_a_mail_in_doubt_is_left_at_that_when_the_operator_says_so(in_doubt: Sending, relay: Relay) -> None:
    in_doubt.configure(**smtp(relay.port), in_doubt="skip")
    report = in_doubt.deliver(SOON)
    assert str(receipt(report)) == "owed 1  accepted 0  refused 0  unknown 1"
    assert report.failures == ()
    assert relay.taken == []


def test_an_issue_with_a_skipped_mail_is_done(in_doubt: Sending, relay: Relay) -> None:
    in_doubt.configure(**smtp(relay.port), in_doubt="skip")
    in_doubt.deliver(SOON)
    in_doubt.configure(**smtp(relay.port), in_doubt="resend")
    assert in_doubt.deliver(SOON).receipts == ()
    assert relay.taken == []


def test_a_mail_that_was_in_flight_at_a_crash_is_held(tmp_path: Path, relay: Relay) -> None:
    sending = sending_to(tmp_path, free_port())
    sending.deliver()
    sending.leave_in_flight()
    sending.configure(**smtp(relay.port))
    report = sending.deliver(SOON)
    assert str(receipt(report)) == "owed 3  accepted 0  refused 0  unknown 3"
    assert relay.taken == []
