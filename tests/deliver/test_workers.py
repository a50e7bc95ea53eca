"""Several workers on one issue, and one that is stuck: whatever they do, no batch is called twice, and nobody is mailed twice."""

import os
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hairfeed.deliver.fleet import Fleet
from hairfeed.deliver.post import Post, lease_of
from hairfeed.deliver.providers.outcomes import NotNow
from hairfeed.deliver.stage import deliver
from hairfeed.models.issues import BatchState
from hairfeed.models.reports import DeliverReport, Nobody
from tests.deliver.dialects import MailgunDialect
from tests.deliver.faulty_api import Fault, a_faulty_api
from tests.deliver.killing import forked
from tests.deliver.mailings import MAILING
from tests.deliver.sending import NOW, PatientClock, Sending, receipt, the_settings

READERS = [f"reader{number}@example.net" for number in range(120)]
LEASE = timedelta(minutes=3)
"""With a provider that has a minute for an answer."""


def sending_to(folder: Path, port: int, readers: list[str]) -> Sending:
    """An issue on its way to Mailgun, ten readers a call."""
    section = {"key": "k", "domain": "hair.example.org", "batch_size": 10, "url": f"http://127.0.0.1:{port}"}
    sending = Sending(folder, provider="mailgun", mailgun=section, concurrency=2)
    sending.subscribe(*readers)
    sending.approve()
    return sending


def work(sending: Sending, now: datetime = NOW, run: int = 1) -> DeliverReport:
    """What a worker does that may not be the only one."""
    ledger = sending.ledger()
    try:
        return deliver(ledger, sending.settings, now, run, Nobody(), clock=PatientClock(now), alone=False)
    finally:
        ledger.close()


@pytest.mark.parametrize("bad", [[], [READERS[0], READERS[57], READERS[119]]], ids=["all good", "three bad"])
def test_three_processes_at_once_mail_everyone_once(tmp_path: Path, bad: list[str]) -> None:
    with a_faulty_api(MailgunDialect()) as api:
        api.truth.refused = dict.fromkeys(bad, "no such address")
        sending = sending_to(tmp_path, api.port, READERS)
        gate, opened = os.pipe()

        def begin_together() -> None:
            os.close(opened)
            os.read(gate, 1)
            work(sending)

        children = [forked(begin_together) for _ in range(3)]
        os.close(opened)
        os.close(gate)
        assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0, 0]
        # Halves may be left by whoever made them last, when the others had ended.
        work(sending, NOW + timedelta(hours=1))
    assert (len(api.calls), api.truth.mailed) == (len(set(api.calls)), Counter(one for one in READERS if one not in bad))
    told = sending.receipt_of(1)
    assert (told.owed, told.accepted, told.refused) == (120, 120 - len(bad), len(bad))


@pytest.mark.parametrize(("later", "state"), [(LEASE, BatchState.SUBMITTING), (LEASE + timedelta(seconds=1), BatchState.IN_DOUBT)])
def test_a_stuck_workers_batch_is_left_to_it_until_its_lease_is_over(tmp_path: Path, later: timedelta, state: BatchState) -> None:
    found: list[list[BatchState]] = []
    with a_faulty_api(MailgunDialect()) as api:
        sending = sending_to(tmp_path, api.port, READERS[:7])

        def before_answer(number: int) -> None:
            work(sending, NOW + later, run=2)
            found.append(sending.batch_states())

        api.before_answer = before_answer
        # It comes back after all, and what it says is believed: nobody has made another call meanwhile.
        assert receipt(work(sending)).accepted == 7
    assert (found, len(api.calls), api.truth.mailed) == ([[state]], 1, Counter(READERS[:7]))


@pytest.mark.parametrize(
    ("mail", "minutes"),
    [
        ({"provider": "mailgun"}, 3),
        ({"provider": "mailgun", "second": "resend"}, 5),
        ({"provider": "mailgun", "second": "smtp"}, 15),
        ({"provider": "outbox"}, 15),
    ],
)
def test_a_lease_is_as_long_as_the_slowest_provider_may_take(tmp_path: Path, mail: dict[str, str], minutes: int) -> None:
    sections: dict[str, Any] = {
        "mailgun": {"key": "k", "domain": "hair.example.org"},
        "resend": {"key": "k", "timeout": 120},
        "smtp": {"host": "127.0.0.1", "security": "none"},
        "outbox": {"directory": "outbox"},
    }
    assert lease_of(the_settings(tmp_path, **mail, **sections).mail) == timedelta(minutes=minutes)


def test_a_stuck_worker_that_comes_back_changes_nothing_that_was_settled_meanwhile(tmp_path: Path) -> None:
    with a_faulty_api(MailgunDialect(), [Fault.THROTTLED]) as api:
        sending = sending_to(tmp_path, api.port, READERS[:7])

        def before_answer(number: int) -> None:
            api.before_answer = lambda number: None
            # Its batch is looked up, was not taken, and is sent by another.
            work(sending, NOW + LEASE + timedelta(seconds=1), run=2)
            work(sending, NOW + timedelta(hours=1), run=3)

        api.before_answer = before_answer
        assert receipt(work(sending)).accepted == 7
    assert (len(api.calls), api.truth.mailed) == (3, Counter(READERS[:7]))
    assert sending.batch_states() == [BatchState.ACCEPTED]


class Interrupted(PatientClock):
    """That of a process that is stopped once, between a claim and its call, while others go on."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        """Until `meanwhile` is done."""
        super().__init__(NOW)
        self._meanwhile: list[Callable[[], None]] = [meanwhile]

    def now(self) -> datetime:
        """Those that make the calls are threads of their own."""
        if self._meanwhile and threading.current_thread() is not threading.main_thread():
            self._meanwhile.pop()()
            self._at += timedelta(hours=2)
        return super().now()


def test_a_worker_that_was_stopped_before_its_call_leaves_it_to_those_who_have_made_it_since(tmp_path: Path) -> None:
    with a_faulty_api(MailgunDialect()) as api:
        sending = sending_to(tmp_path, api.port, READERS[:7])

        def meanwhile() -> None:
            # Its batch is looked up, was not taken, and is sent by another.
            work(sending, NOW + LEASE + timedelta(seconds=1), run=2)
            work(sending, NOW + timedelta(hours=1), run=3)

        ledger = sending.ledger()
        report = deliver(ledger, sending.settings, NOW, 1, Nobody(), clock=Interrupted(meanwhile), alone=False)
        ledger.close()
    assert (receipt(report).accepted, len(api.calls), api.truth.mailed) == (7, 2, Counter(READERS[:7]))


def test_a_letter_that_was_claimed_long_ago_is_left_to_others(tmp_path: Path) -> None:
    with a_faulty_api(MailgunDialect()) as api:
        sending = sending_to(tmp_path, api.port, READERS[:7])
        ledger = sending.ledger()
        with Fleet(sending.settings.mail) as fleet:
            post = Post(ledger, sending.settings.mail, fleet, PatientClock(NOW + LEASE), "worker", Nobody(), alone=False)
            outcome = post.call(fleet.first.prepare(MAILING), NOW)
        ledger.close()
    assert (outcome, api.calls) == (NotNow("this process stood still before the call, and left it to others"), [])
