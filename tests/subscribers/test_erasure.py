"""Being forgotten: what is left of a person, what is not, and that nobody inherits their number."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from hairfeed.errors import SubscriberError
from hairfeed.models.events import EventKind, MailEvent
from hairfeed.models.issues import LetterKind
from hairfeed.models.subscribers import SignUp, SubscriptionState
from hairfeed.store import events, letters, sign_ups, subscribers
from hairfeed.store.database import Connection, open_ledger
from hairfeed.store.schema.deliveries import batches, refusals
from hairfeed.store.schema.whole import metadata
from hairfeed.subscribers.addresses import suppression_reason
from hairfeed.subscribers.erasure import allow, erase
from hairfeed.subscribers.subscriptions import add, unsubscribe
from hairfeed.subscribers.transfer.exporting import rows
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication, receipt
from tests.store import place

NOW = datetime(2024, 8, 9, 9, 0, tzinfo=UTC)
READER, OTHER = "reader@example.net", "other@example.net"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """A transaction on an empty ledger."""
    ledger = open_ledger(place.migrated(tmp_path / "hairfeed.db"), 5)
    with ledger.write() as connection:
        yield connection
    ledger.close()


def everything(connection: Connection) -> str:
    """All that the ledger holds, as text."""
    return "\n".join(repr(row) for table in metadata.sorted_tables for row in connection.execute(select(table)))


def known_in_every_way(connection: Connection) -> int:
    """A reader of whom every table that may know one knows something; their number."""
    add(connection, READER, "weekly", NOW, confirmed=True)
    number = subscribers.subscriber_id(connection, READER, NOW)
    subscribers.rename(connection, number, "Ann Reader")
    sign_ups.add(connection, SignUp(NOW, READER, {"monthly": ""}, name="Ann Reader"))
    texts = {"subject": "For Ann Reader", "text": READER, "html": READER}
    letters.queue(connection, LetterKind.CONFIRMATION, READER, NOW, **texts, subscriber_id=number)
    # A test has no subscriber.
    letters.queue(connection, LetterKind.TEST, READER.upper(), NOW, **texts, subscriber_id=None)
    bounce = MailEvent("plain", "1", EventKind.SOFT_BOUNCE, NOW, READER, subscriber_id=number, reason=f"550 {READER}")
    events.keep(connection, [bounce], NOW)
    return number


def test_nothing_of_a_person_is_left_but_a_hash_that_tells_nothing(connection: Connection) -> None:
    known_in_every_way(connection)
    assert erase(connection, READER, NOW)
    left = everything(connection)
    assert READER not in left.lower()
    assert "Ann" not in left
    assert suppression_reason(connection, READER) == "erased at the reader's wish"


@place.only_in_a_file
def test_an_erased_reader_is_not_in_the_bytes_of_the_file_either(tmp_path: Path) -> None:
    ledger = open_ledger(place.migrated(tmp_path / "hairfeed.db"), 5)
    with ledger.write() as connection:
        add(connection, READER, "weekly", NOW, confirmed=True)
    ledger.close()
    assert READER.encode() in (tmp_path / "hairfeed.db").read_bytes()
    ledger = open_ledger(f"sqlite:///{tmp_path / 'hairfeed.db'}", 5)
    with ledger.write() as connection:
        erase(connection, READER, NOW)
    ledger.close()
    # With the last one who uses it, its journal has gone as well.
    assert READER.encode() not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_an_erased_address_is_not_brought_back_by_the_operator(connection: Connection) -> None:
    add(connection, READER, "weekly", NOW, confirmed=True)
    erase(connection, READER, NOW)
    with pytest.raises(SubscriberError, match="erased"):
        add(connection, READER, "weekly", NOW, confirmed=True)


def test_an_erased_address_that_the_operator_unsubscribes_is_not_written_down_again(connection: Connection) -> None:
    erase(connection, READER, NOW)
    assert not unsubscribe(connection, READER, "weekly", NOW)
    assert READER not in everything(connection).lower()


def test_erasing_twice_or_a_stranger_is_no_fault_and_suppresses(connection: Connection) -> None:
    assert not erase(connection, READER, NOW)
    assert erase(connection, READER, NOW)
    assert suppression_reason(connection, READER) is not None


def test_the_reason_of_an_older_suppression_stays(connection: Connection) -> None:
    subscribers.suppress(connection, READER, "complaint, says plain", NOW)
    erase(connection, READER, NOW)
    assert suppression_reason(connection, READER) == "complaint, says plain"


def test_a_number_is_never_given_to_another_person(connection: Connection) -> None:
    number = known_in_every_way(connection)
    erase(connection, READER, NOW)
    numbers = [subscribers.subscriber_id(connection, f"reader{one}@example.net", NOW) for one in range(3)]
    assert number not in numbers
    assert subscribers.subscriber(connection, number) is None
    assert len(set(numbers)) == 3


def test_an_address_that_is_allowed_again_begins_anew(connection: Connection) -> None:
    number = known_in_every_way(connection)
    erase(connection, READER, NOW)
    assert allow(connection, READER, NOW)
    assert not allow(connection, READER, NOW)
    add(connection, READER, "weekly", NOW, confirmed=True)
    assert subscribers.subscriber_id(connection, READER, NOW) != number


def test_an_erased_reader_is_in_no_list(connection: Connection) -> None:
    known_in_every_way(connection)
    add(connection, OTHER, "weekly", NOW, confirmed=True)
    erase(connection, READER, NOW)
    assert [one.email for one in subscribers.all_subscriptions(connection)] == [OTHER]
    shown = [row.email for row in rows(connection)]
    assert shown[1] == OTHER
    assert shown[0].startswith("erased:")


def test_nothing_of_a_reader_of_issues_is_left_in_any_table(publication: Publication) -> None:
    publication.page("brushing", date="8-8-2024")
    publication.run(FRIDAY)
    publication.subscribe(READER, OTHER)
    publication.page("swimming", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    ledger = publication.ledger()
    with ledger.write() as connection:
        known_in_every_way(connection)
        said = f"550 <{READER.title()}> and {READER}: no such user"
        batch = connection.execute(select(batches)).one()
        connection.execute(update(batches).values(note=said))
        number = subscribers.subscriber_id(connection, READER, NOW)
        values = {"issue_id": batch.issue_id, "subscriber_id": number, "batch_id": batch.id, "kind": "refused", "reason": said}
        connection.execute(insert(refusals).values(values))
        assert everything(connection).lower().count(READER) > 8
        erase(connection, READER, NEXT_FRIDAY)
        left = everything(connection)
    ledger.close()
    assert READER not in left.lower()
    assert "Ann" not in left
    assert OTHER in left
    assert "550 <…> and …: no such user" in left


def test_issues_under_way_leave_an_erased_reader_out_and_still_count_them(publication: Publication) -> None:
    publication.run(FRIDAY)
    publication.subscribe(READER, OTHER)
    publication.page("swimming", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    ledger = publication.ledger()
    with ledger.write() as connection:
        erase(connection, READER, NEXT_FRIDAY)
        states = [one.state for one in subscribers.all_subscriptions(connection)]
    ledger.close()
    assert states == [SubscriptionState.CONFIRMED]
    publication.page("diving", date="20-8-2024")
    later = publication.run(NEXT_FRIDAY + timedelta(days=7))
    assert receipt(later).owed == 1
