"""Batches in doubt, settled by what providers tell of their mails: whoever is told of was taken, the others wait for a person."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from hairfeed.models.events import EventKind
from hairfeed.models.issues import BatchState, Receipt
from hairfeed.store import batches, receipts
from tests.deliver.dialects import MailgunDialect, SesDialect
from tests.deliver.faulty_api import Answer, ApiCall, Fault, FaultyApi, Truth, a_faulty_api
from tests.deliver.mailings import Mail
from tests.deliver.sending import NOW, Sending, receipt
from tests.deliver.telling import Teller, a_teller
from tests.deliver.test_faulty_providers import READERS, SECTIONS, sending_to
from tests.deliver.test_letters import queue, states

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SOON, SETTLED = NOW + 5 * MINUTE, NOW + 61 * MINUTE
"""Before and after SES's news of a call are waited for."""


def sums_up(told: Receipt) -> bool:
    """Whether everyone who is owed the issue is counted once."""
    return told.owed == told.accepted + told.refused + told.unknown + told.left_out + told.waiting == len(READERS)


def in_doubt(sending: Sending) -> list[str]:
    """Who is named as in doubt."""
    ledger = sending.ledger()
    with ledger.read() as connection:
        found = [one.email for one in receipts.in_doubt(connection, 1)]
    ledger.close()
    return found


def resolve(sending: Sending, state: BatchState) -> None:
    """What the operator's command does with every batch in doubt."""
    ledger = sending.ledger()
    with ledger.write() as connection:
        for batch in batches.batches_in(connection, 1, BatchState.IN_DOUBT):
            settled = batches.send_again if state is BatchState.PENDING else partial(batches.settle, state=state)
            assert settled(connection, batch, note="was in doubt, says the operator")
    ledger.close()


class HalfTaken(SesDialect):
    """SES whose first call stumbles when it has taken three mails."""

    taken = 3

    def judge(self, call: ApiCall, mails: list[Mail], bad: list[int], truth: Truth) -> Answer:
        """Three of the first, all of the others."""
        if not self.sent:
            self.keep(mails[: self.taken], truth)
            return Answer(500, b"")
        return super().judge(call, mails, bad, truth)


class Doubt:
    """An issue at SES whose one call was taken in part, or whole, without an answer."""

    def __init__(self, sending: Sending, api: FaultyApi, dialect: SesDialect, teller: Teller) -> None:
        """The first pass is over."""
        self.sending, self.api, self.dialect, self.teller = sending, api, dialect, teller
        (self.taken,) = dialect.sent.values()

    def told(self, *mails: Mail, kind: EventKind = EventKind.DELIVERED) -> None:
        """SES tells of mails."""
        self.teller.tell(SOON, *mails, kind=kind)

    @property
    def mailed(self) -> Counter[str]:
        """How often SES has mailed whom."""
        return self.api.truth.mailed


@pytest.fixture
def doubt(tmp_path: Path) -> Iterator[Doubt]:
    """Of seven readers three were taken."""
    dialect = HalfTaken()
    with a_faulty_api(dialect) as api:
        sending = sending_to(tmp_path, api, "ses")
        assert receipt(sending.deliver()).in_doubt == 7
        with a_teller(sending, "ses") as teller:
            yield Doubt(sending, api, dialect, teller)


@pytest.mark.parametrize("provider", SECTIONS)
def test_whoever_is_told_of_was_taken_and_nobody_is_asked_or_called_again(tmp_path: Path, provider: str) -> None:
    dialect = SECTIONS[provider][0]()
    with a_faulty_api(dialect, [Fault.RESET_AFTER]) as api:
        sending = sending_to(tmp_path, api, provider)
        assert receipt(sending.deliver()).in_doubt == 7
        (mails,) = dialect.sent.values()
        with a_teller(sending, provider.split(maxsplit=1)[0]) as teller:
            teller.tell(SOON, *mails)
        report = sending.deliver(SOON)
    assert (str(receipt(report)), report.failures) == ("owed 7  accepted 7  refused 0  unknown 0", ())
    assert (api.truth.mailed, dialect.looked_up, len(api.calls)) == (Counter(READERS), 0, 1)


@pytest.mark.parametrize("provider", ["brevo", "mailgun", "postmark bulk", "sendgrid"])
def test_one_mail_proves_a_call_that_is_taken_whole_or_not_at_all(tmp_path: Path, provider: str) -> None:
    dialect = SECTIONS[provider][0]()
    with a_faulty_api(dialect, [Fault.RESET_AFTER]) as api:
        sending = sending_to(tmp_path, api, provider)
        sending.deliver()
        (mails,) = dialect.sent.values()
        with a_teller(sending, provider.split(maxsplit=1)[0]) as teller:
            teller.tell(SOON, mails[4])
        assert receipt(sending.deliver(SOON)).accepted == 7
    assert (api.truth.mailed, dialect.looked_up) == (Counter(READERS), 0)


@pytest.mark.parametrize("provider", ["mailjet", "postmark", "sparkpost"])
def test_where_mails_are_taken_one_by_one_some_prove_nothing_of_the_others(tmp_path: Path, provider: str) -> None:
    dialect = SECTIONS[provider][0]()
    with a_faulty_api(dialect, [Fault.RESET_AFTER]) as api:
        sending = sending_to(tmp_path, api, provider)
        sending.deliver()
        (mails,) = dialect.sent.values()
        with a_teller(sending, provider.split(maxsplit=1)[0]) as teller:
            teller.tell(SOON, *mails[:3])
        sending.deliver(NOW + 3 * HOUR)
    # The others' fate was found out in the provider's own way, by a repetition or a look-up.
    assert len(api.calls) + dialect.looked_up > 1
    assert (sending.receipt_of(1).accepted, api.truth.mailed) == (7, Counter(READERS))


def test_those_of_whom_nothing_is_told_are_held_by_name_and_nobody_else(doubt: Doubt) -> None:
    doubt.told(*doubt.taken)
    assert receipt(doubt.sending.deliver(SOON)).in_doubt == 7
    report = doubt.sending.deliver(SETTLED)
    assert (receipt(report).accepted, receipt(report).in_doubt, sums_up(receipt(report))) == (3, 4, True)
    assert in_doubt(doubt.sending) == READERS[3:]
    assert doubt.sending.notes()[-1] == "the provider told of the others' mails, and of these it did not"
    assert "nobody knows whether batch 0 went out" in str(report.failures[0])
    assert doubt.mailed == Counter(READERS[:3])


def test_mail_that_is_sent_again_goes_to_those_of_whom_nothing_is_told_and_to_nobody_else(doubt: Doubt) -> None:
    doubt.told(*doubt.taken)
    doubt.sending.configure(**doubt_section(doubt), in_doubt="resend")
    assert receipt(doubt.sending.deliver(SETTLED)).accepted == 7
    assert doubt.mailed == Counter(READERS)


def doubt_section(doubt: Doubt) -> dict[str, object]:
    """`[mail]` as it was."""
    section = SECTIONS["ses"][1] | {"url": f"http://127.0.0.1:{doubt.api.port}", "timeout": 30}
    return {"provider": "ses", "ses": section}


def test_those_of_whom_nothing_is_told_may_be_left_at_that(doubt: Doubt) -> None:
    doubt.told(*doubt.taken)
    doubt.sending.configure(**doubt_section(doubt), in_doubt="skip")
    told = receipt(doubt.sending.deliver(SETTLED))
    assert (told.accepted, told.unknown, told.in_doubt, sums_up(told)) == (3, 4, 0, True)
    assert in_doubt(doubt.sending) == READERS[3:]
    assert doubt.mailed == Counter(READERS[:3])


def test_what_is_told_later_settles_those_who_are_held(doubt: Doubt) -> None:
    doubt.taken.append(
        later := Mail(**vars(doubt.taken[0]) | {"to": READERS[5], "metadata": doubt.taken[0].metadata | {"hf_subscriber": "6"}})
    )
    doubt.told(*doubt.taken[:2])
    doubt.sending.deliver(SETTLED)
    assert in_doubt(doubt.sending) == READERS[2:]
    doubt.told(later)
    told = receipt(doubt.sending.deliver(SETTLED + HOUR))
    assert (told.accepted, in_doubt(doubt.sending), sums_up(told)) == (3, [*READERS[2:5], READERS[6]], True)
    doubt.told(doubt.taken[2])
    resolve(doubt.sending, BatchState.ACCEPTED)
    assert receipt(doubt.sending.deliver(SETTLED + 2 * HOUR)).accepted == 7


@pytest.mark.parametrize(
    ("kinds", "counted"),
    [
        ([EventKind.ACCEPTED], "accepted"),
        ([EventKind.HARD_BOUNCE], "accepted"),
        ([EventKind.COMPLAINT], "accepted"),
        ([EventKind.REJECTED], "refused"),
        ([EventKind.ACCEPTED, EventKind.REJECTED], "refused"),
        ([EventKind.REJECTED, EventKind.DELIVERED], "accepted"),
    ],
)
def test_a_mail_that_the_provider_took_and_will_not_send_is_refused(doubt: Doubt, kinds: list[EventKind], counted: str) -> None:
    for kind in kinds:
        doubt.told(doubt.taken[0], kind=kind)
    told = receipt(doubt.sending.deliver(SETTLED))
    assert (getattr(told, counted), told.in_doubt, sums_up(told)) == (1, 6, True)


def test_the_same_notice_many_times_counts_once(doubt: Doubt) -> None:
    for _ in range(3):
        doubt.told(*doubt.taken, *doubt.taken)
        told = receipt(doubt.sending.deliver(SETTLED))
        assert (told.accepted, told.in_doubt) == (3, 4)


def test_a_notice_may_come_before_the_call_is_over(tmp_path: Path) -> None:
    dialect = SesDialect()
    with a_faulty_api(dialect, [Fault.RESET_AFTER]) as api:
        sending = sending_to(tmp_path, api, "ses")
        with a_teller(sending, "ses") as teller:
            api.on_call = lambda number, after: teller.tell(NOW, *(mail for sent in dialect.sent.values() for mail in sent))
            assert receipt(sending.deliver()).in_doubt == 7
        assert receipt(sending.deliver(NOW + MINUTE)).accepted == 7
    assert (api.truth.mailed, len(api.calls)) == (Counter(READERS), 1)


def test_what_is_told_after_the_operator_had_it_sent_again_keeps_it_from_being_sent(doubt: Doubt) -> None:
    resolve(doubt.sending, BatchState.PENDING)
    doubt.told(*doubt.taken)
    told = receipt(doubt.sending.deliver(SETTLED))
    assert (told.accepted, sums_up(told)) == (7, True)
    assert doubt.mailed == Counter(READERS)


def test_what_is_told_after_the_operator_had_it_counted_changes_nothing(doubt: Doubt) -> None:
    resolve(doubt.sending, BatchState.ACCEPTED)
    doubt.told(doubt.taken[0], kind=EventKind.REJECTED)
    told = receipt(doubt.sending.deliver(SETTLED))
    assert (told.accepted, sums_up(told)) == (7, True)


def test_who_left_while_in_doubt_is_counted_as_mailed_when_the_provider_tells_so(doubt: Doubt) -> None:
    doubt.sending.unsubscribe(READERS[0])
    doubt.sending.unsubscribe(READERS[6])
    doubt.told(*doubt.taken)
    doubt.sending.configure(**doubt_section(doubt), in_doubt="resend")
    told = receipt(doubt.sending.deliver(SETTLED))
    assert (told.accepted, told.left_out, sums_up(told)) == (6, 1, True)
    assert doubt.mailed == Counter(READERS[:6])


def test_who_was_left_out_of_a_later_attempt_was_mailed_if_the_first_was_taken(doubt: Doubt) -> None:
    resolve(doubt.sending, BatchState.PENDING)
    doubt.sending.unsubscribe(READERS[0])
    doubt.api.faults = [Fault.ERROR_BEFORE]
    told = receipt(doubt.sending.deliver(SOON))
    assert (told.in_doubt, told.left_out) == (6, 1)
    doubt.told(doubt.taken[0])
    told = receipt(doubt.sending.deliver(SOON + 2 * HOUR))
    assert (told.accepted, told.in_doubt, told.left_out, sums_up(told)) == (1, 6, 0, True)


def test_what_is_told_of_a_half_settles_that_half_alone(tmp_path: Path) -> None:
    dialect = MailgunDialect()
    with a_faulty_api(dialect, [Fault.NONE, Fault.RESET_AFTER]) as api:
        api.truth.refused = {READERS[6]: "no such address"}
        sending = sending_to(tmp_path, api, "mailgun")
        section = SECTIONS["mailgun"][1] | {"url": f"http://127.0.0.1:{api.port}"}
        sending.configure(provider="mailgun", mailgun=section, concurrency=1)
        sending.deliver()
        assert sending.receipt_of(1).in_doubt == 3
        with a_teller(sending, "mailgun") as teller:
            teller.tell(SOON, *(mail for sent in dialect.sent.values() for mail in sent[:1]))
        told = receipt(sending.deliver(SOON))
    assert (told.accepted, told.refused, told.in_doubt, sums_up(told)) == (6, 1, 0, True)
    assert (api.truth.mailed, dialect.looked_up) == (Counter(READERS[:6]), 0)


@pytest.mark.parametrize(
    "changed",
    [
        {"hf_batch": "hf-1-20240816090000000000-1"},
        {"hf_batch": "hf-9-20240816090000000000-0"},
        {"hf_batch": ""},
        {"hf_batch": "%"},
        {"hf_subscriber": "99"},
        {"hf_subscriber": "0"},
    ],
    ids=json.dumps,
)
def test_a_key_or_a_number_that_is_not_of_the_batch_proves_nothing(doubt: Doubt, changed: dict[str, str]) -> None:
    doubt.told(*(Mail(**vars(mail) | {"metadata": mail.metadata | changed}) for mail in doubt.taken))
    told = receipt(doubt.sending.deliver(SETTLED))
    assert (told.accepted, told.in_doubt) == (0, 7)


def test_another_provider_proves_nothing(doubt: Doubt) -> None:
    with a_teller(doubt.sending, "mailgun") as stranger:
        stranger.tell(SOON, *doubt.taken)
    assert receipt(doubt.sending.deliver(SETTLED)).in_doubt == 7


def test_what_is_told_of_one_issue_proves_nothing_of_another(tmp_path: Path) -> None:
    dialect = SesDialect()
    with a_faulty_api(dialect, [Fault.RESET_AFTER, Fault.RESET_BEFORE]) as api:
        sending = sending_to(tmp_path, api, "ses")
        sending.deliver()
        sending.approve(number=2)
        sending.deliver(NOW + MINUTE)
        (mails,) = dialect.sent.values()
        with a_teller(sending, "ses") as teller:
            teller.tell(SOON, *mails)
        sending.deliver(SETTLED + HOUR)
    assert (sending.receipt_of(1).accepted, sending.receipt_of(2).in_doubt) == (7, 7)


@pytest.mark.parametrize(("kind", "state"), [(EventKind.DELIVERED, BatchState.ACCEPTED), (EventKind.REJECTED, BatchState.REFUSED)])
def test_what_is_told_of_a_letter_settles_it(tmp_path: Path, kind: EventKind, state: BatchState) -> None:
    dialect = SesDialect()
    with a_faulty_api(dialect, [Fault.RESET_AFTER]) as api:
        sending = Sending(tmp_path, provider="ses", ses=SECTIONS["ses"][1] | {"url": f"http://127.0.0.1:{api.port}"})
        queue(sending, READERS[0])
        sending.deliver()
        (mails,) = dialect.sent.values()
        with a_teller(sending, "ses") as teller:
            teller.tell(SOON, *mails, kind=kind)
        sending.deliver(SOON)
    assert (states(sending), api.truth.mailed) == ([(state, "")], Counter(READERS[:1]))
