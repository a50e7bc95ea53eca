"""A pass on PostgreSQL whose lock is lost goes on, and whoever has the lock next leaves it the calls that it has under way."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from hairfeed.models.events import EventKind, MailEvent
from hairfeed.models.issues import BatchState
from hairfeed.pipeline import PassReport
from hairfeed.store import events
from hairfeed.store.schema.deliveries import batches
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication, receipt
from tests.deliver.faulty_api import Fault, FaultyApi, a_faulty_api
from tests.store.postgresql_server import make_database

READERS = ("ann@example.com", "ben@example.com")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def api() -> Iterator[FaultyApi]:
    """A mail API that knows keys again."""
    with a_faulty_api() as api:
        yield api


@pytest.fixture
def due(postgresql: str, publication: Publication, api: FaultyApi, request: pytest.FixtureRequest) -> Publication:
    """An issue that the next pass would send."""
    publication.configure("sqlite:///../hairfeed.db", make_database(postgresql))
    publication.configure('provider = "outbox"', 'provider = "resend"')
    section = f'[mail.resend]\nkey = "re_secret"\nurl = "http://127.0.0.1:{api.port}"\ntimeout = 20\n'
    publication.configure("[mail.outbox]", f"{section}\n[mail.outbox]")
    publication.page("brushing")
    publication.subscribe(*READERS)
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    return publication


def cut_all_connections(publication: Publication) -> None:
    """What a server that starts anew does to those who use it."""
    address = publication.settings.store.url.replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_second_pass_leaves_the_first_the_call_that_it_has_under_way(due: Publication, api: FaultyApi) -> None:
    others: list[PassReport] = []

    def on_call(number: int, after: bool) -> None:
        if not after and not others:
            cut_all_connections(due)
            others.append(due.run(NEXT_FRIDAY + MINUTE))

    api.on_call = on_call
    first = due.run(NEXT_FRIDAY)
    (second,) = others
    assert not second.another_is_running
    assert "1 batch is under way elsewhere; if nobody comes back, settled after" in str(second.deliver.going_on[0])
    assert (len(api.calls), api.truth.mailed) == (1, Counter(READERS))
    assert (receipt(first).accepted, first.failures) == (2, [])


def test_what_a_pass_left_when_it_was_killed_is_settled_after_its_lease(due: Publication, api: FaultyApi) -> None:
    api.faults = [Fault.RESET_AFTER]
    assert receipt(due.run(NEXT_FRIDAY)).in_doubt == 2
    ledger = due.ledger()
    with ledger.write() as connection:
        left = {"state": BatchState.SUBMITTING, "leased_until": NEXT_FRIDAY + 15 * MINUTE}
        connection.execute(batches.update().values(left))
    ledger.close()
    assert receipt(due.run(NEXT_FRIDAY + 5 * MINUTE)).in_doubt == 2
    assert len(api.calls) == 1
    assert receipt(due.run(NEXT_FRIDAY + 16 * MINUTE)).accepted == 2
    assert api.truth.mailed == Counter(READERS)


def test_what_the_provider_tells_settles_a_call_without_another(due: Publication, api: FaultyApi) -> None:
    api.faults = [Fault.RESET_AFTER]
    assert receipt(due.run(NEXT_FRIDAY)).in_doubt == 2
    told = [
        MailEvent("resend", f"event {number}", EventKind.DELIVERED, NEXT_FRIDAY, reader, api.calls[0], number)
        for number, reader in enumerate(READERS, 1)
    ]
    ledger = due.ledger()
    with ledger.write() as connection:
        events.keep(connection, told, NEXT_FRIDAY)
    ledger.close()
    assert receipt(due.run(NEXT_FRIDAY + 16 * MINUTE)).accepted == 2
    assert (len(api.calls), api.truth.mailed) == (1, Counter(READERS))
