"""Relays that take nothing from us, or not so much, and those that are spoken to in groups of commands."""

from pathlib import Path

import pytest

from tests.deliver.relays import a_scripted_relay
from tests.deliver.sending import Sending, failures, receipt
from tests.deliver.test_smtp import READERS, sending_to, smtp


@pytest.mark.parametrize("answers", [{"MAIL": "503 5.5.1 nested MAIL"}, {"RCPT": "nonsense"}, {"DATA": "250 OK"}], ids=str)
def test_a_relay_that_answers_nothing_sensible_is_left_alone_after_a_few(tmp_path: Path, answers: dict[str, str]) -> None:
    with a_scripted_relay(**answers) as relay:
        report = sending_to(tmp_path, relay.port, *(f"reader{number}@example.net" for number in range(30)), concurrency=1).deliver()
    assert str(receipt(report)) == "owed 30  accepted 0  refused 0  unknown 0  waiting 30"
    assert relay.greeted == 5


REFUSALS_OF_US = {
    "relay denied": {"RCPT": "554 5.7.1 <a@example.net>: Relay access denied"},
    "login wanted": {"RCPT": "530 5.7.0 authentication required"},
    "sender refused": {"MAIL": "550 5.7.1 not your domain"},
    "quota": {"DATA": "354 go on", "END": "550 5.4.5 Daily user sending limit exceeded."},
}


@pytest.mark.parametrize("answers", REFUSALS_OF_US.values(), ids=REFUSALS_OF_US)
@pytest.mark.parametrize("ehlo", ["250 relay", "250-relay\r\n250 PIPELINING"], ids=["one by one", "pipelining"])
def test_a_relay_that_takes_nothing_from_us_refuses_no_recipient_and_the_second_provider_goes_on(
    tmp_path: Path, answers: dict[str, str], ehlo: str
) -> None:
    with a_scripted_relay(**{"EHLO": ehlo, **answers}) as relay:
        sending = Sending(tmp_path, **smtp(relay.port), second="outbox", outbox={"directory": "outbox"})
        sending.subscribe(*READERS)
        sending.approve()
        report = sending.deliver()
    assert str(receipt(report)) == "owed 3  accepted 3  refused 0  unknown 0"
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 3


@pytest.mark.parametrize(
    "answers",
    [
        {"MAIL": "552 5.3.4 Message size exceeds fixed limit"},
        {"END": "554 5.7.1 Message rejected as spam"},
        {"RCPT": "550 5.7.1 words that nobody knows"},
    ],
    ids=["size", "spam", "unknown words"],
)
def test_an_issue_that_is_refused_whoever_it_is_for_waits_for_a_person(tmp_path: Path, answers: dict[str, str]) -> None:
    with a_scripted_relay(**answers) as relay:
        report = sending_to(tmp_path, relay.port, *(f"reader{number}@example.net" for number in range(7))).deliver()
    assert str(receipt(report)) == "owed 7  accepted 0  refused 0  unknown 0  waiting 7"
    assert f"refuses every mail of this issue: {next(iter(answers.values()))}" in failures(report)


def test_a_relay_that_takes_no_more_connections_gets_fewer_and_everyone_their_mail(tmp_path: Path) -> None:
    with a_scripted_relay() as relay:
        relay.connections = 1
        readers = [f"reader{number}@example.net" for number in range(40)]
        sending = sending_to(tmp_path, relay.port, *readers, batch_size=1, concurrency=4)
        report = sending.deliver()
    assert str(receipt(report)) == "owed 40  accepted 40  refused 0  unknown 0"
    assert report.failures == ()
    assert sending.clock.slept


def test_a_relay_that_wants_a_new_connection_after_a_few_mails_gets_one(tmp_path: Path) -> None:
    with a_scripted_relay() as relay:
        relay.mails_a_connection = 2
        report = sending_to(tmp_path, relay.port, *(f"reader{number}@example.net" for number in range(5))).deliver()
    assert str(receipt(report)) == "owed 5  accepted 5  refused 0  unknown 0"
    assert (len(relay.taken), relay.greeted) == (5, 3)


def test_where_the_relay_takes_groups_a_mail_costs_one_turn(tmp_path: Path) -> None:
    with a_scripted_relay(EHLO="250-relay\r\n250 PIPELINING") as relay:
        sending_to(tmp_path, relay.port, *(f"reader{number}@example.net" for number in range(10))).deliver()
    assert len(relay.taken) == 10
    # EHLO, the first envelope, ten mails of which nine have the next envelope with them, QUIT.
    assert relay.turns == 13
