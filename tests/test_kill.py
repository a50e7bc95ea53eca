"""SIGKILL at every moment that leaves a trace, in both passes of a publication's first week: the next pass completes the work.

The process under test is a child that kills itself at the n-th durable effect: before and after each commit, before each file
that is opened for writing, renamed or removed, and before each folder that is made. Every n is tried, on a server every third.
"""

import os
import shutil
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from hairfeed.deliver.post import LEASE
from tests.collect.photos import illustrate
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication, free_port, receipt
from tests.deliver.killing import forked, on_every_effect
from tests.store import place

_CHILDREN = count(1)
GONE = LEASE + timedelta(minutes=1) if place.ON_POSTGRESQL else timedelta(0)
"""How long after a kill it is known that nobody is at work on what was under way: at once, where the lock of a pass proves it."""
STRIDE = 3 if place.ON_POSTGRESQL else 1
"""Every moment is tried in a file; on a server, where each takes longer, every third."""
READERS = ("ann@example.com", "ben@example.com", "zoe@example.com")


def in_a_child(work: Callable[[], object], *, die_at: int | None = None) -> int:
    """Do `work` in a child process that dies at its n-th durable effect; the effects it lived to see."""
    read_end, write_end = os.pipe()
    name = f"child {next(_CHILDREN)} of {os.getpid()}"

    def counted() -> None:
        os.close(read_end)
        # What a server of PostgreSQL knows its sessions by.
        os.environ["PGAPPNAME"] = name
        _count_effects(write_end, die_at)
        work()

    child = forked(counted)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        effects = len(pipe.read())
    _, ending = os.waitpid(child, 0)
    place.hang_up(name)
    if die_at is None:
        assert ending == 0
    elif effects >= die_at:
        assert os.WTERMSIG(ending) == signal.SIGKILL
    return effects


def _count_effects(pipe: int, die_at: int | None) -> None:
    numbers = count(1)

    def effect() -> None:
        os.write(pipe, b".")
        if next(numbers) == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    on_every_effect(effect)


def first_week(publication: Publication) -> None:
    """The archive and its readers."""
    publication.page("brushing", category="Hair Care", date="13-7-2024")
    publication.page("dandruff", category="Scalp Care", date="23-7-2024")
    publication.subscribe(*READERS)


def second_week(publication: Publication) -> None:
    """Three new pages, one in a new category and one with a picture; one changed."""
    illustrate(publication)
    publication.page("swimming", category="Summer", date="13-8-2024")
    publication.page("drying", category="Hair Care", date="14-8-2024")
    publication.page("brushing", category="Hair Care", date="13-7-2024", body="Brush less, and slowly. That is all there is to it.")


def killed_everywhere(publication: Publication, now: datetime) -> int:
    """Kill a pass at every effect and let the next complete it: always the same files; how many kills there were."""
    snapshot = publication.folder.with_name("snapshot")
    shutil.copytree(publication.folder, snapshot)
    url = publication.settings.store.url
    ledger = place.Snapshot(url)

    def begin_again() -> None:
        shutil.rmtree(publication.folder)
        shutil.copytree(snapshot, publication.folder)
        ledger.put_back(url)

    effects = in_a_child(lambda: publication.run(now))
    expected = publication.files()
    for die_at in range(1, effects + 1, STRIDE):
        begin_again()
        in_a_child(lambda: publication.run(now), die_at=die_at)
        report = publication.run(now)
        if report.deliver.going_on:
            report = publication.run(now + GONE)
        assert not report.failures, f"killed at effect {die_at} of {effects}: {report.failures}"
        assert publication.files() == expected, f"killed at effect {die_at} of {effects}"
        for one in report.deliver.receipts:
            assert str(one) == "owed 3  accepted 3  refused 0  unknown 0"
        again = publication.run(now)
        assert (again.collect.new, again.publish.written, again.compose.composed, again.deliver.receipts) == (0, (), (), ())
        assert publication.files() == expected
    return effects


def test_a_first_pass_killed_anywhere_is_completed_and_mails_nobody(publication: Publication) -> None:
    first_week(publication)
    assert killed_everywhere(publication, FRIDAY) > 40
    assert publication.mails() == {}


def test_a_pass_with_an_issue_killed_anywhere_mails_everyone_once(publication: Publication) -> None:
    first_week(publication)
    publication.run(FRIDAY)
    second_week(publication)
    assert killed_everywhere(publication, NEXT_FRIDAY) > 50
    assert any(path.startswith("public/pictures/") for path in publication.files())
    mails = publication.mails().values()
    assert sorted(str(mail["To"]) for mail in mails) == list(READERS)
    assert len({mail["Message-ID"] for mail in mails}) == len(READERS)


class KillingRelay:
    """An SMTP sink that kills its client while the n-th mail is in flight; it keeps the truth of who got what."""

    def __init__(self, *, kill_at: int, after_acceptance: bool) -> None:
        self.kill_at = kill_at
        self.after_acceptance = after_acceptance
        self.client: int | None = None
        self.taken: list[str] = []
        self.calls = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take the mail, or kill before or after it is taken."""
        self.calls += 1
        fatal = self.calls == self.kill_at and self.client is not None
        if not fatal or self.after_acceptance:
            self.taken += envelope.rcpt_tos
        if fatal and self.client is not None:
            os.kill(self.client, signal.SIGKILL)
        return "250 OK"


@pytest.mark.parametrize("after_acceptance", [True, False])
def test_a_relay_gets_nothing_twice_and_the_receipt_names_the_one_in_doubt(
    publication: Publication, *, after_acceptance: bool
) -> None:
    first_week(publication)
    publication.run(FRIDAY)
    second_week(publication)
    relay = KillingRelay(kill_at=2, after_acceptance=after_acceptance)
    port = free_port()
    controller = Controller(relay, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        publication.configure('provider = "outbox"', 'provider = "smtp"')
        smtp = f'[mail.smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nconcurrency = 1\nbatch_size = 1\n'
        publication.configure("[mail.outbox]", f"{smtp}\n[mail.outbox]")
        relay.client = forked(lambda: publication.run(NEXT_FRIDAY))
        _, ending = os.waitpid(relay.client, 0)
        assert os.WTERMSIG(ending) == signal.SIGKILL
        relay.client = None
        report = publication.run(NEXT_FRIDAY + GONE)
        assert str(receipt(report)) == "owed 3  accepted 2  refused 0  unknown 1"
        assert len(relay.taken) == len(set(relay.taken)) == (3 if after_acceptance else 2)
        assert "nobody knows" in str(report.failures[0])
        publication.run(NEXT_FRIDAY + GONE)
        assert len(relay.taken) == (3 if after_acceptance else 2)
    finally:
        controller.stop()
