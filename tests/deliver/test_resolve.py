"""Batches in doubt at providers that can be asked, several workers at once, and a pass that is told to end."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hairfeed.deliver.clock import Clock
from hairfeed.deliver.fleet import Fleet
from hairfeed.deliver.mailing import Mailing
from hairfeed.deliver.providers.contract import Capabilities, Merge, Provider, Settling
from hairfeed.deliver.providers.outcomes import (
    InDoubt,
    Outcome,
    Resolution,
    StillUnknown,
    Taken,
    WasNotTaken,
    WasPartlyTaken,
    WasTaken,
)
from hairfeed.deliver.stage import deliver
from hairfeed.models.issues import BatchState
from hairfeed.models.reports import DeliverReport, Nobody
from tests.deliver.faulty_api import a_faulty_api
from tests.deliver.sending import NOW, PatientClock, Sending, receipt

READERS = [f"reader{number}@example.net" for number in range(5)]
LATER = NOW + timedelta(minutes=31)


_CAPABILITIES = Capabilities(3, Merge.INLINE, Settling.LOOK_UP, look_up_after=timedelta(minutes=30), concurrency=1)


@dataclass
class Asked:
    """A provider that can be asked; its first outcomes are given, the others are a yes."""

    outcomes: list[Outcome] = field(default_factory=list)
    answer: Resolution = field(default_factory=WasTaken)
    capabilities: Capabilities = _CAPABILITIES
    name: str = "outbox"
    destination: str = "nowhere"
    calls: list[list[int]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def prepare(self, mailing: Mailing) -> "AskedCall":
        """Nothing much."""
        return AskedCall(self, [one.subscriber_id for one in mailing.recipients])

    def resolve(self, mailing: Mailing, called_at: datetime) -> Resolution:
        """As was given."""
        assert called_at == NOW
        self.asked.append(mailing.key)
        return self.answer

    def check(self) -> Sequence[str]:
        """Never wrong."""
        return []

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class AskedCall:
    """Its call."""

    provider: Asked
    subscribers: list[int]
    body_hash: str = ""

    def make(self) -> Outcome:
        """As was given."""
        self.provider.calls.append(self.subscribers)
        return self.provider.outcomes.pop(0) if self.provider.outcomes else Taken()


class OneProvider(Fleet):
    """A fleet of one."""

    def __init__(self, sending: Sending, provider: Provider) -> None:
        """With `provider` for the outbox."""
        super().__init__(sending.settings.mail)
        self._open["outbox"] = provider


@pytest.fixture
def sending(tmp_path: Path) -> Sending:
    """An issue for five readers."""
    sending = Sending(tmp_path, outbox={"directory": "outbox"})
    sending.subscribe(*READERS)
    sending.approve()
    return sending


def passed(sending: Sending, provider: Provider, now: datetime = NOW) -> DeliverReport:
    """One pass with the provider."""
    ledger = sending.ledger()
    try:
        fleet = OneProvider(sending, provider)
        return deliver(ledger, sending.settings, now, 1, Nobody(), clock=PatientClock(now), providers=fleet)
    finally:
        ledger.close()


@pytest.fixture
def provider(sending: Sending) -> Asked:
    """A provider whose first batch, of three readers, is in doubt after a pass."""
    provider = Asked(outcomes=[InDoubt("no answer")])
    assert receipt(passed(sending, provider)).in_doubt == 3
    return provider


def test_nobody_is_asked_before_the_answer_proves_something(sending: Sending, provider: Asked) -> None:
    assert receipt(passed(sending, provider, NOW + timedelta(minutes=29))).in_doubt == 3
    assert (provider.asked, len(provider.calls)) == ([], 2)


def test_a_batch_that_was_taken_is_not_sent_again(sending: Sending, provider: Asked) -> None:
    assert receipt(passed(sending, provider, LATER)).accepted == 5
    assert len(provider.calls) == 2


def test_a_batch_that_was_not_taken_is_sent_again(sending: Sending, provider: Asked) -> None:
    provider.answer = WasNotTaken()
    assert receipt(passed(sending, provider, LATER)).accepted == 5
    assert provider.calls == [[1, 2, 3], [4, 5], [1, 2, 3]]


@pytest.mark.parametrize(("taken", "again"), [({1}, [[2, 3]]), ({2}, [[1], [3]]), ({1, 3}, [[2]]), ({2, 3}, [[1]])])
def test_of_a_batch_that_was_taken_in_part_the_others_are_sent_again(
    sending: Sending, provider: Asked, taken: set[int], again: list[list[int]]
) -> None:
    provider.answer = WasPartlyTaken(frozenset(taken))
    assert receipt(passed(sending, provider, LATER)).accepted == 5
    assert provider.calls[2:] == again


def test_a_provider_that_cannot_say_yet_is_asked_again(sending: Sending, provider: Asked) -> None:
    provider.answer = StillUnknown("not yet", ask_after=timedelta(hours=1))
    passed(sending, provider, LATER)
    passed(sending, provider, LATER + timedelta(minutes=30))
    assert len(provider.asked) == 1
    provider.answer = WasTaken()
    assert receipt(passed(sending, provider, LATER + timedelta(hours=1))).accepted == 5


def test_recipients_who_were_put_off_are_sent_again_alone(sending: Sending) -> None:
    provider = Asked(outcomes=[Taken(postponed=(1, 3), retry_after=timedelta(seconds=2))])
    assert receipt(passed(sending, provider)).accepted == 5
    assert provider.calls == [[1, 2, 3], [4, 5], [1], [3]]


def test_a_fault_of_ours_leaves_the_batch_in_doubt(sending: Sending) -> None:
    class Stumbling(Asked):
        def prepare(self, mailing: Mailing) -> AskedCall:
            return AskedCall(self, None)  # type: ignore[arg-type]

    stumbling = Stumbling()
    stumbling.calls = None  # type: ignore[assignment]
    report = passed(sending, stumbling)
    assert receipt(report).in_doubt == 5
    assert "HairFeed stumbled" in str(report.failures[0])


def test_several_workers_at_once_call_once_for_each_batch(tmp_path: Path) -> None:
    readers = [f"reader{number}@example.net" for number in range(1000)]
    with a_faulty_api() as api:
        mail = {"key": "k", "url": f"http://127.0.0.1:{api.port}", "calls_per_second": 1000, "concurrency": 2}
        sending = Sending(tmp_path, provider="resend", resend=mail)
        sending.subscribe(*readers)
        sending.approve()
        together = threading.Barrier(3)

        def work() -> None:
            ledger = sending.ledger()
            together.wait()
            deliver(ledger, sending.settings, NOW, 1, Nobody(), clock=PatientClock(NOW), alone=False)
            ledger.close()

        workers = [threading.Thread(target=work) for _ in range(3)]
        for one in workers:
            one.start()
        for one in workers:
            one.join()
    assert (len(api.calls), len(set(api.calls))) == (10, 10)
    assert api.truth.mailed == Counter(readers)
    assert sending.receipt_of(1).accepted == 1000


def test_a_pass_that_is_told_to_end_finishes_its_calls_and_begins_no_other(sending: Sending) -> None:
    stop = threading.Event()

    class Stopping(Asked):
        def prepare(self, mailing: Mailing) -> AskedCall:
            stop.set()
            return super().prepare(mailing)

    provider = Stopping()
    ledger = sending.ledger()
    clock = Clock(NOW, stop)
    report = deliver(ledger, sending.settings, NOW, 1, Nobody(), clock=clock, providers=OneProvider(sending, provider))
    ledger.close()
    assert (receipt(report).accepted, receipt(report).waiting, len(provider.calls)) == (3, 2, 1)
    assert sending.batch_states() == [BatchState.ACCEPTED, BatchState.PENDING]
