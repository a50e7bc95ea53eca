"""Joining and leaving: who may do what, what is kept as proof, and which addresses are one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from hairfeed.errors import SubscriberError
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store import subscribers
from hairfeed.store.database import open_ledger
from hairfeed.store.schema.subscribers import consents
from hairfeed.subscribers.subscriptions import BY_OPERATOR, CONFIRMED_BY_OPERATOR, add, address, unsubscribe
from tests.store import place

NOW = datetime(2024, 8, 9, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
READER = "reader@example.net"
PENDING, CONFIRMED, UNSUBSCRIBED = SubscriptionState.PENDING, SubscriptionState.CONFIRMED, SubscriptionState.UNSUBSCRIBED


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """A transaction on an empty ledger."""
    ledger = open_ledger(place.migrated(tmp_path / "hairfeed.db"), 5)
    with ledger.write() as connection:
        yield connection
    ledger.close()


def state(connection: Connection, reader: str = READER, newsletter: str = "weekly") -> SubscriptionState | None:
    found = {(one.email, one.newsletter): one.state for one in subscribers.all_subscriptions(connection)}
    return found.get((reader, newsletter))


def proofs(connection: Connection) -> list[tuple[datetime, str, str]]:
    return [(row.given_at, row.source, row.wording) for row in connection.execute(select(consents))]


@pytest.mark.parametrize(("vouched", "expected"), [(True, CONFIRMED), (False, PENDING)])
def test_a_new_reader_is_confirmed_only_when_someone_vouches(
    connection: Connection, vouched: bool, expected: SubscriptionState
) -> None:
    assert add(connection, READER, "weekly", NOW, confirmed=vouched) is expected
    assert state(connection) is expected


def test_a_pending_reader_can_be_confirmed(connection: Connection) -> None:
    add(connection, READER, "weekly", NOW, confirmed=False)
    assert add(connection, READER, "weekly", LATER, confirmed=True) is CONFIRMED


def test_a_confirmed_reader_stays_confirmed(connection: Connection) -> None:
    add(connection, READER, "weekly", NOW, confirmed=True)
    assert add(connection, READER, "weekly", LATER, confirmed=False) is CONFIRMED


def test_a_subscription_is_to_one_newsletter(connection: Connection) -> None:
    add(connection, READER, "weekly", NOW, confirmed=True)
    assert state(connection, newsletter="daily") is None


def test_the_proof_of_consent_says_when_how_and_to_what(connection: Connection) -> None:
    add(connection, READER, "weekly", NOW, confirmed=True)
    assert proofs(connection) == [(NOW, BY_OPERATOR, CONFIRMED_BY_OPERATOR)]


def test_the_proof_of_consent_is_kept_once(connection: Connection) -> None:
    add(connection, READER, "weekly", NOW, confirmed=True)
    add(connection, READER, "weekly", LATER, confirmed=True)
    assert [given_at for given_at, *_ in proofs(connection)] == [NOW]


def test_a_pending_reader_has_given_no_consent(connection: Connection) -> None:
    add(connection, READER, "weekly", NOW, confirmed=False)
    assert proofs(connection) == []


def test_a_reader_who_left_stays_away_whoever_vouches(connection: Connection) -> None:
    add(connection, READER, "weekly", NOW, confirmed=True)
    unsubscribe(connection, READER, "weekly", NOW)
    with pytest.raises(SubscriberError, match=r"reader@example\.net: has left weekly; only the reader can join again"):
        add(connection, READER, "weekly", LATER, confirmed=True)
    assert state(connection) is UNSUBSCRIBED


def test_leaving_one_newsletter_is_not_leaving_another(connection: Connection) -> None:
    add(connection, READER, "weekly", NOW, confirmed=True)
    add(connection, READER, "daily", NOW, confirmed=True)
    unsubscribe(connection, READER, "weekly", NOW)
    assert state(connection, newsletter="daily") is CONFIRMED


def test_leaving_twice_says_that_they_had_left(connection: Connection) -> None:
    add(connection, READER, "weekly", NOW, confirmed=True)
    assert unsubscribe(connection, READER, "weekly", NOW)
    assert not unsubscribe(connection, READER, "weekly", LATER)


def test_somebody_unknown_can_leave_and_stays_away(connection: Connection) -> None:
    assert unsubscribe(connection, READER, "weekly", NOW)
    with pytest.raises(SubscriberError, match="has left"):
        add(connection, READER, "weekly", LATER, confirmed=True)


def test_a_suppressed_address_is_refused_with_the_reason(connection: Connection) -> None:
    subscribers.suppress(connection, READER, "complaint", NOW)
    with pytest.raises(SubscriberError, match=r"reader@example\.net: suppressed \(complaint\); it will not be mailed"):
        add(connection, READER, "weekly", NOW, confirmed=True)
    assert state(connection) is None


def test_the_first_reason_of_a_suppression_stays(connection: Connection) -> None:
    subscribers.suppress(connection, READER, "complaint", NOW)
    subscribers.suppress(connection, READER, "bounce", LATER)
    assert subscribers.suppression_reason(connection, READER) == "complaint"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("reader@example.net", "reader@example.net"),
        ("Reader@Example.NET", "reader@example.net"),
        ("first.last+hair@example.net", "first.last+hair@example.net"),
        ("o'neil@example.net", "o'neil@example.net"),
        ("reader@bücher.example", "reader@xn--bcher-kva.example"),
        ("reader@xn--bcher-kva.example", "reader@xn--bcher-kva.example"),
        ("reader@BÜCHER.example", "reader@xn--bcher-kva.example"),
    ],
)
def test_two_spellings_of_an_address_are_one(typed: str, kept: str) -> None:
    assert address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "reader",
        "reader@",
        "@example.net",
        "reader@localhost",
        "a..b@example.net",
        "one@example.net, two@example.net",
        "Reader <reader@example.net>",
        "reader@example.net\nBcc: all@example.net",
        " reader@example.net",
        '"a reader"@example.net',
        "reader@[127.0.0.1]",
        "l" * 65 + "@example.net",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(SubscriberError, match="is no e-mail address"):
        address(typed)


@pytest.mark.parametrize("typed", ["größe@example.net", "髪@example.net"])
def test_an_address_that_not_every_relay_can_carry_is_refused(typed: str) -> None:
    with pytest.raises(SubscriberError, match=r"Internationalized characters before the @-sign are not supported"):
        address(typed)
