"""Bounce storms: when too much of an issue bounces, its newsletter waits for the operator, also while it goes out."""

from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from hairfeed.models.events import EventKind, MailEvent
from hairfeed.models.issues import IssueState
from hairfeed.store import deliveries, events, storms
from hairfeed.store.schema.deliveries import batches
from hairfeed.store.schema.deliveries import storms as storm_rows
from hairfeed.store.schema.subscribers import events as event_rows
from hairfeed.store.schema.subscribers import suppressions
from hairfeed.subscribers.stage import attend
from tests.deliver.relays import a_relay, free_port
from tests.deliver.sending import SOON, Sending
from tests.test_kill import in_a_child

READERS = [f"reader{number:02}@example.net" for number in range(20)]
LIMITS = {"storm_percent": 10, "storm_least": 2}
HARD, COMPLAINT, SOFT = EventKind.HARD_BOUNCE, EventKind.COMPLAINT, EventKind.SOFT_BOUNCE


def sending_to_all(folder: Path) -> Sending:
    """An issue is free to be sent to all readers."""
    sending = Sending(folder, outbox={"directory": "outbox"}, bounces=LIMITS)
    sending.subscribe(*READERS)
    sending.approve()
    return sending


@pytest.fixture
def sent(tmp_path: Path) -> Sending:
    """An issue went out to all readers."""
    sending = sending_to_all(tmp_path)
    sending.deliver()
    return sending


def tell(sending: Sending, kind: EventKind, count: int, times: int = 1) -> None:
    """So many readers' mails come to that, each told of so often; nothing is worked off yet."""
    ledger = sending.ledger()
    with ledger.write() as connection:
        keys = connection.execute(select(batches.c.key).order_by(batches.c.id)).scalars().all()
        found = [
            MailEvent("resend", f"{kind} {number} {time}", kind, SOON, READERS[number], keys[number % len(keys)])
            for number in range(count)
            for time in range(times)
        ]
        events.keep(connection, found, SOON)
    ledger.close()


def attended(sending: Sending, *kinds: tuple[EventKind, int]) -> list[str]:
    """Let the stage work such events off; what it warns of."""
    for kind, number in kinds:
        tell(sending, kind, number)
    ledger = sending.ledger()
    report = attend(ledger, sending.settings, SOON, _never, _never, _never)
    ledger.close()
    return [str(one) for one in report.warnings]


def _never(*_: object, **__: object) -> Any:
    raise AssertionError("nobody has signed up")


@pytest.mark.parametrize(
    ("kinds", "is_one"),
    [
        ([(HARD, 3)], True),
        ([(HARD, 2)], False),
        ([(SOFT, 20)], False),
        ([(COMPLAINT, 3)], True),
        # One reader counts once, whatever their mail comes to.
        ([(HARD, 2), (COMPLAINT, 2)], False),
        ([(HARD, 2), (COMPLAINT, 3)], True),
    ],
)
def test_more_than_the_share_is_a_storm(sent: Sending, kinds: list[tuple[EventKind, int]], is_one: bool) -> None:
    assert bool(attended(sent, *kinds)) == is_one


def test_few_are_no_storm_whatever_their_share(tmp_path: Path) -> None:
    sending = Sending(tmp_path, outbox={"directory": "outbox"}, bounces=LIMITS)
    sending.subscribe(READERS[0])
    sending.approve()
    sending.deliver()
    assert attended(sending, (HARD, 1)) == []


def test_a_notice_that_comes_again_makes_no_storm(sent: Sending) -> None:
    tell(sent, HARD, 2, times=50)
    assert attended(sent) == []


def test_after_a_storm_the_next_issue_waits_and_the_operator_lets_it_go_on(sent: Sending) -> None:
    (warning,) = attended(sent, (HARD, 4))
    assert "4 of 20 mails bounced" in warning
    assert "hairfeed issues resume weekly 1" in warning
    sent.approve(number=2)
    sent.deliver(SOON)
    assert sent.issue_states() == [IssueState.DONE, IssueState.PAUSED]
    assert len(list((sent.folder / "outbox").iterdir())) == 20
    # Not at every pass anew: the operator has seen it.
    ledger = sent.ledger()
    with ledger.write() as connection:
        storms.end(connection, "weekly", SOON)
        deliveries.resume(connection, 2)
    ledger.close()
    assert attended(sent, (HARD, 6)) == []
    sent.deliver(SOON)
    assert sent.issue_states() == [IssueState.DONE, IssueState.DONE]
    assert len(list((sent.folder / "outbox").iterdir())) == 40 - 6


def test_an_issue_that_goes_on_after_a_storm_may_have_another(sent: Sending) -> None:
    """Counted from the mails that were handed over since; what still comes back of those before makes none."""
    attended(sent, (HARD, 4))
    begun_again = SOON + timedelta(hours=1)
    with closing(sent.ledger()) as ledger, ledger.write() as connection:
        storms.end(connection, "weekly", begun_again)
    assert attended(sent, (HARD, 20)) == []
    with closing(sent.ledger()) as ledger, ledger.write() as connection:
        connection.execute(update(batches).values(called_at=begun_again + timedelta(hours=1)))
    (warning,) = attended(sent, (COMPLAINT, 1))
    assert "20 of 20 mails bounced" in warning


def test_a_kill_anywhere_in_working_off_hides_no_storm(sent: Sending) -> None:
    tell(sent, HARD, 4)
    for moment in count(1):
        effects = in_a_child(lambda: attended(sent), die_at=moment)
        assert len(attended(sent)) == 1, f"killed at effect {moment}"
        with closing(sent.ledger()) as ledger, ledger.write() as connection:
            for table in (storm_rows, suppressions):
                connection.execute(delete(table))
            connection.execute(update(event_rows).values(worked_off_at=None))
        if effects < moment:
            break


def test_another_newsletter_goes_on(sent: Sending) -> None:
    attended(sent, (HARD, 4))
    sent.subscribe(*READERS[10:], newsletter="daily")
    sent.approve(newsletter="daily")
    sent.deliver(SOON)
    assert sent.issue_states() == [IssueState.DONE, IssueState.DONE]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it is about the relay of the tests
def test_an_issue_that_goes_out_stops_within_a_minute(tmp_path: Path) -> None:
    smtp = {"host": "127.0.0.1", "security": "none", "mails_per_second": 0.5}
    sending = Sending(tmp_path, provider="smtp", smtp=smtp | {"port": free_port()}, bounces=LIMITS)
    sending.subscribe(*(f"reader{number:02}@example.net" for number in range(80)))
    sending.approve()
    sending.deliver()
    tell(sending, HARD, 12)
    with a_relay() as relay:
        sending.configure(provider="smtp", smtp=smtp | {"port": relay.port}, bounces=LIMITS)
        sending.deliver(SOON)
    assert sending.issue_states() == [IssueState.PAUSED]
    # A mail every two seconds, and those that were under way.
    assert 0 < len(relay.readers) <= 60


def test_an_issue_that_the_operator_pauses_stops_in_the_pass_that_sends_it(tmp_path: Path) -> None:
    sending = sending_to_all(tmp_path)
    (tmp_path / "outbox").write_text("", encoding="utf-8")
    sending.deliver()
    (tmp_path / "outbox").unlink()
    ledger = sending.ledger()
    with ledger.write() as connection:
        deliveries.pause(connection, 1)
    ledger.close()
    sending.deliver(SOON)
    assert not (tmp_path / "outbox").exists()
