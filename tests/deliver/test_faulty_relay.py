"""Whatever a relay does to a connection, nobody is mailed twice, and exactly those are in doubt of whom nobody can know."""

import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from functools import partial
from pathlib import Path

import pytest

from hairfeed.models.issues import BatchState
from hairfeed.store import receipts
from tests.deliver.faulty_relay import DOUBTFUL, Fault, FaultyRelay, a_faulty_relay, mixed
from tests.deliver.killing import forked, kill_at_effect
from tests.deliver.sending import NOW, Sending, receipt

KILLS = 5
READERS = [f"reader{number}@example.net" for number in range(5)]
EVERYTHING = [fault for one in Fault for fault in (Fault.NONE, one)]
"""Whatever goes wrong, after a mail that does not."""


def sending_to(folder: Path, relay: FaultyRelay, **more: object) -> Sending:
    """An issue to send there over one connection."""
    smtp = {"host": "127.0.0.1", "port": relay.port, "security": "none", "timeout": 60, "concurrency": 1}
    sending = Sending(folder, provider="smtp", smtp=smtp | more)
    sending.subscribe(*READERS)
    sending.approve()
    return sending


def in_doubt(sending: Sending) -> list[str]:
    """Whom the ledger names as in doubt."""
    ledger = sending.ledger()
    with ledger.read() as connection:
        found = [one.email for one in receipts.in_doubt(connection, 1)]
    ledger.close()
    return found


@pytest.mark.parametrize(("pipelining", "batch_size"), [(True, 100), (True, 3), (False, 1)])
def test_exactly_those_are_in_doubt_of_whom_nobody_can_know(tmp_path: Path, pipelining: bool, batch_size: int) -> None:
    with a_faulty_relay(EVERYTHING, pipelining=pipelining) as relay:
        sending = sending_to(tmp_path, relay, batch_size=batch_size)
        sending.subscribe(*(f"more{number}@example.net" for number in range(len(EVERYTHING))))
        for hours in range(8):
            told = receipt(sending.deliver(NOW + timedelta(hours=hours)))
            if not told.waiting:
                break
    doubtful = relay.truth.doubtful
    assert len(doubtful) == len(DOUBTFUL)
    assert set(in_doubt(sending)) == doubtful
    assert (told.owed, told.in_doubt, told.accepted + told.in_doubt) == (5 + len(EVERYTHING), len(doubtful), told.owed)
    assert set(relay.mailed.values()) == {1}
    assert told.owed - len(relay.mailed) == len(doubtful - set(relay.mailed))


def test_a_mail_whose_end_was_not_written_is_not_in_doubt(tmp_path: Path) -> None:
    with a_faulty_relay([Fault.RESET_IN_MAIL]) as relay:
        sending = Sending(tmp_path, provider="smtp", smtp={"host": "127.0.0.1", "port": relay.port, "security": "none"})
        sending.subscribe(READERS[0])
        # More than all buffers between the two hold.
        sending.approve(text="Hair grows.\n" * 400_000)
        first = receipt(sending.deliver())
        assert (first.waiting, first.in_doubt) == (1, 0)
        assert receipt(sending.deliver(NOW + timedelta(hours=1))).accepted == 1
    assert relay.truth.mailed == Counter([READERS[0]])


def test_a_mail_in_doubt_that_is_sent_again_can_be_recognised(tmp_path: Path) -> None:
    with a_faulty_relay([Fault.NONE, Fault.RESET_AFTER]) as relay:
        sending = sending_to(tmp_path, relay)
        sending.deliver()
        sending.configure(in_doubt="resend", provider="smtp", smtp=sending.settings.mail.smtp)
        sending.deliver(NOW + timedelta(hours=1))
    assert relay.truth.mailed == Counter(READERS) + Counter([READERS[1]])
    first, second = relay.truth.mails[READERS[1]]
    assert first == second
    assert message_from_bytes(first)["Message-ID"]


def test_a_relay_that_breaks_every_mail_off_is_left_alone_after_a_few(tmp_path: Path) -> None:
    with a_faulty_relay([Fault.RESET_AFTER] * 100) as relay:
        sending = sending_to(tmp_path, relay, batch_size=100)
        sending.subscribe(*(f"more{number}@example.net" for number in range(20)))
        report = sending.deliver()
    assert str(receipt(report)) == "owed 25  accepted 0  refused 0  unknown 5  waiting 20"
    assert sorted(relay.truth.mailed) == sorted(in_doubt(sending))


def test_what_is_known_of_a_batch_is_written_down_reader_by_reader(tmp_path: Path) -> None:
    with a_faulty_relay([Fault.NONE, Fault.RESET_BEFORE, Fault.NONE, Fault.GREYLISTED]) as relay:
        sending = sending_to(tmp_path, relay)
        sending.deliver()
    states = [
        BatchState.SPLIT,
        BatchState.ACCEPTED,
        BatchState.IN_DOUBT,
        BatchState.ACCEPTED,
        BatchState.PENDING,
        BatchState.ACCEPTED,
    ]
    assert sending.batch_states() == states
    assert "the connection broke when the mail was handed over" in str(sending.notes()[2])
    assert "450 4.2.0 greylisted" in str(sending.notes()[4])


def test_kills_with_four_connections_mail_nobody_twice_and_name_whoever_was_perhaps_not_mailed(tmp_path: Path) -> None:
    chance, kills = random.Random(7), 0
    readers = [f"reader{number}@example.net" for number in range(200)]
    with a_faulty_relay(mixed(200, "seven")) as relay:
        smtp = {"host": "127.0.0.1", "port": relay.port, "security": "none", "concurrency": 4, "batch_size": 5}
        sending = Sending(tmp_path / "issue", provider="smtp", smtp=smtp)
        sending.subscribe(*readers)
        sending.approve()
        for hours in range(40):
            now = NOW + timedelta(hours=hours)
            if kills < KILLS:
                kills += _killed(chance, relay, partial(sending.deliver, now))
            else:
                sending.deliver(now)
            told = sending.receipt_of(1)
            if told.owed == len(readers) and not told.waiting:
                break
        assert kills == KILLS
        doubted = set(in_doubt(sending))
    assert (told.accepted + told.in_doubt, told.in_doubt, told.unknown) == (len(readers), len(doubted), len(doubted))
    assert set(relay.mailed.values()) == {1}
    assert set(readers) - set(relay.mailed) <= doubted
    # No more than was under way when it died: four connections, five mails each.
    assert len(doubted - relay.truth.doubtful) <= kills * 4 * 5


def _killed(chance: random.Random, relay: FaultyRelay, work: Callable[[], object]) -> bool:
    """Do `work` in a child that dies at one of its transactions or in the middle of a mail, if it lives to see it."""
    moment, at, after = chance.randrange(1, 40), len(relay.calls) + chance.randrange(5, 40), chance.random() < 1 / 2
    in_a_mail, pid = chance.random() < 2 / 3, 0

    def doomed() -> None:
        if not in_a_mail:
            kill_at_effect(moment)
        work()

    def on_call(number: int, taken: bool) -> None:
        if in_a_mail and pid and (number, taken) == (at, after):
            os.kill(pid, signal.SIGKILL)

    relay.on_call = on_call
    pid = forked(doomed)
    _, ending = os.waitpid(pid, 0)
    relay.on_call = lambda number, after: None
    assert os.WIFSIGNALED(ending) or os.waitstatus_to_exitcode(ending) == 0
    return os.WIFSIGNALED(ending)
