"""How many read a newsletter, by day: whatever happens to subscriptions, the days add up to who may be mailed."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from hairfeed.models.movements import Movement
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store import consents, movements, retention, subscribers
from hairfeed.store.consents import Consent
from hairfeed.store.database import Connection, Ledger, open_ledger
from hairfeed.store.issues import start_newsletter
from hairfeed.store.schema.subscribers import subscriptions
from hairfeed.subscribers.erasure import allow, erase
from hairfeed.subscribers.subscriptions import add, unsubscribe
from tests.store import place

NOW = datetime(2024, 8, 9, 23, 30, tzinfo=UTC)
BERLIN, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
READERS = ["ann@example.net", "ben@example.net", "cem@example.net"]
NEWSLETTERS = ["weekly", "monthly"]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """A ledger that no test leaves anything in: each rolls back."""
    ledger = open_ledger(place.migrated(tmp_path_factory.mktemp("ledger") / "hairfeed.db"), 5)
    yield ledger
    ledger.close()


def within(ledger: Ledger, work: Callable[[Connection], None]) -> None:
    with ledger.write() as connection, connection.begin_nested() as trial:
        work(connection)
        trial.rollback()


def moved(connection: Connection, newsletter: str = "weekly", zone: ZoneInfo = UTC_ZONE) -> dict[date, dict[Movement, int]]:
    return {one.day: dict(one.moved) for one in movements.days(connection, newsletter, zone)}


def test_each_change_is_on_its_day_in_the_newsletters_zone(ledger: Ledger) -> None:
    def work(connection: Connection) -> None:
        add(connection, READERS[0], "weekly", NOW, confirmed=True)
        add(connection, READERS[1], "weekly", NOW, confirmed=False)
        unsubscribe(connection, READERS[0], "weekly", NOW + timedelta(days=1))
        expected = {
            date(2024, 8, 10): {Movement.CONFIRMED: 1, Movement.SUBSCRIBED: 1},
            date(2024, 8, 11): {Movement.UNSUBSCRIBED: 1},
        }
        assert moved(connection, zone=BERLIN) == expected
        assert movements.roll_up(connection, {"weekly": BERLIN}, UTC_ZONE) == 3
        assert movements.roll_up(connection, {"weekly": BERLIN}, UTC_ZONE) == 0
        # What was added up stays on its day, whatever zone the newsletter has later.
        assert moved(connection) == expected

    within(ledger, work)


def test_a_suppression_is_counted_by_its_reason(ledger: Ledger) -> None:
    def work(connection: Connection) -> None:
        for reader in READERS:
            add(connection, reader, "weekly", NOW, confirmed=True)
        reasons = ["complaint, says resend", "5 soft bounces in a row, says resend", "by the operator"]
        for reader, reason in zip(READERS, reasons, strict=True):
            subscribers.suppress(connection, reader, reason, NOW)
            subscribers.suppress(connection, reader, "hard bounce, says resend", NOW)
        counts = {Movement.CONFIRMED: 3, Movement.COMPLAINED: 1, Movement.BOUNCED: 1, Movement.SUPPRESSED: 1}
        assert moved(connection) == {NOW.date(): counts}
        # Who is no reader any more does not leave once more.
        unsubscribe(connection, READERS[0], "weekly", NOW)
        assert moved(connection) == {NOW.date(): counts}

    within(ledger, work)


def _confirm(connection: Connection, number: int, newsletter: str, now: datetime) -> None:
    consents.record(connection, number, Consent(newsletter, now, now, "a test", "yes"))
    subscribers.set_subscription(connection, number, newsletter, SubscriptionState.CONFIRMED, now)


def _ask(connection: Connection, number: int, newsletter: str, now: datetime) -> None:
    if subscribers.subscription_state(connection, number, newsletter) is None:
        subscribers.set_subscription(connection, number, newsletter, SubscriptionState.PENDING, now)


def _retire(connection: Connection, number: int, newsletter: str, now: datetime) -> None:
    mine = (subscriptions.c.subscriber_id == number, subscriptions.c.newsletter == newsletter)
    connection.execute(update(subscriptions).where(*mine, subscriptions.c.state == "confirmed").values(asked_to_stay_at=now))
    subscribers.retire(connection, number, newsletter, now, now)


Step = Callable[[Connection, int, str, datetime], object]
TO_SUBSCRIPTIONS: dict[str, Step] = {
    "confirm": _confirm,
    "ask": _ask,
    "retire": _retire,
    "leave": lambda connection, number, newsletter, now: subscribers.leave(connection, number, [newsletter], now),
    "leave all": lambda connection, number, _newsletter, now: subscribers.leave(connection, number, None, now),
    "expire": lambda connection, _number, _newsletter, now: retention.forget_unconfirmed(connection, now - timedelta(days=2), now),
    "roll up": lambda connection, _number, _newsletter, _now: movements.roll_up(connection, {}, UTC_ZONE),
}
TO_ADDRESSES: dict[str, Callable[[Connection, str, datetime], object]] = {
    "bounce": lambda connection, reader, now: subscribers.suppress(connection, reader, "hard bounce, says resend", now),
    "suppress": lambda connection, reader, now: subscribers.suppress(connection, reader, "by the operator", now),
    "allow": allow,
    "erase": erase,
}
STEP = st.tuples(st.sampled_from([*TO_SUBSCRIPTIONS, *TO_ADDRESSES]), st.sampled_from(READERS), st.sampled_from(NEWSLETTERS))


def _step(connection: Connection, what: str, reader: str, newsletter: str, now: datetime) -> None:
    if what in TO_ADDRESSES:
        TO_ADDRESSES[what](connection, reader, now)
    else:
        TO_SUBSCRIPTIONS[what](connection, subscribers.subscriber_id(connection, reader, now), newsletter, now)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=25))
def test_whatever_happens_the_days_add_up_to_who_may_be_mailed(ledger: Ledger, steps: list[tuple[str, str, str]]) -> None:
    def work(connection: Connection) -> None:
        now = NOW
        for name in NEWSLETTERS:
            start_newsletter(connection, name, now)
        for what, reader, newsletter in steps:
            now += timedelta(hours=13)
            _step(connection, what, reader, newsletter, now)
            for name in NEWSLETTERS:
                found = movements.days(connection, name, UTC_ZONE)
                assert (found[-1].total if found else 0) == movements.readers(connection, name), (what, reader, name)
        for name in NEWSLETTERS:
            movements.recount(connection, name, UTC_ZONE)
            found = movements.days(connection, name, UTC_ZONE)
            assert (found[-1].total if found else 0) == movements.readers(connection, name)

    within(ledger, work)


def test_days_can_be_made_anew(tmp_path: Path) -> None:
    ledger = open_ledger(place.migrated(tmp_path / "hairfeed.db"), 5)
    with ledger.write() as connection:
        add(connection, READERS[0], "weekly", NOW, confirmed=True)
        add(connection, READERS[1], "weekly", NOW, confirmed=True)
        unsubscribe(connection, READERS[1], "weekly", NOW + timedelta(days=3))
        movements.roll_up(connection, {}, UTC_ZONE)
        before = moved(connection)
        movements.recount(connection, "weekly", UTC_ZONE)
        again = moved(connection)
    ledger.close()
    # A proof says when it was asked for, which no movement does where the operator vouches.
    asked = {day: {kind: count for kind, count in one.items() if kind is not Movement.SUBSCRIBED} for day, one in again.items()}
    assert asked == before
