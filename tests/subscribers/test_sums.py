"""What is added up: killed anywhere, done twice at once, or with a reader erased in between, sums stay what they were."""

import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, text

from hairfeed.models.hits import Hit, LinkCount
from hairfeed.store import movements, tracking
from hairfeed.store.database import Connection, Ledger, open_ledger
from hairfeed.store.schema.issues import issues
from hairfeed.subscribers import hits
from hairfeed.subscribers.erasure import erase
from hairfeed.subscribers.stage import attend
from hairfeed.subscribers.subscriptions import add
from tests.deliver.sending import NOW, Sending
from tests.store.postgresql_server import make_database
from tests.test_kill import in_a_child

READERS = [f"reader{number}@example.net" for number in range(30)]
BY_HAND = [LinkCount(0, 30, 0), *(LinkCount(link, 15, 15) for link in range(1, 5))]
LATER = NOW + timedelta(days=hits.KEPT_DAYS + 1)
UTC = ZoneInfo("UTC")


def fill(ledger: Ledger) -> None:
    """Readers of an issue who all opened it five times; half of them followed all its links, the others are machines."""
    with ledger.write() as connection:
        for reader in READERS:
            add(connection, reader, "weekly", NOW, confirmed=True)
        values = {"newsletter": "weekly", "number": 1, "state": "done", "due_at": NOW, "composed_at": NOW}
        connection.exec_driver_sql(
            f"INSERT INTO newsletters (name, started_at) VALUES ('weekly', '{NOW:%Y-%m-%d %H:%M:%S}.000000')"
        )
        connection.execute(insert(issues).values(id=1, **values))
        for time in range(5):
            for number in range(1, len(READERS) + 1):
                at = NOW + timedelta(hours=time)
                tracking.keep(connection, 1, Hit(number, 0, at, by_machine=False))
                if time:
                    tracking.keep(connection, 1, Hit(number, time, at, by_machine=number % 2 == 0))


def told(ledger: Ledger) -> tuple[list[LinkCount], Any]:
    """What is counted of the issue, and of the newsletter's readers day by day."""
    with ledger.read() as connection:
        return hits.told(connection, 1), movements.days(connection, "weekly", UTC)


def _never(*_: object, **__: object) -> Any:
    raise AssertionError("there is nobody to write to")


def test_a_kill_anywhere_leaves_sums_as_they_were(tmp_path: Path) -> None:
    def again(name: str) -> Sending:
        sending = Sending(tmp_path / name, outbox={"directory": "outbox"})
        with closing(sending.ledger()) as ledger:
            fill(ledger)
        return sending

    def tidy(sending: Sending) -> None:
        with closing(sending.ledger()) as ledger:
            attend(ledger, sending.settings, LATER, _never, _never, _never)

    whole = again("whole")
    with closing(whole.ledger()) as ledger:
        before = told(ledger)
    assert before[0] == BY_HAND
    effects = in_a_child(lambda: tidy(whole))
    for moment in range(1, effects + 1):
        sending = again(str(moment))
        in_a_child(lambda: tidy(sending), die_at=moment)  # noqa: B023 - it is done at once
        with closing(sending.ledger()) as ledger:
            assert told(ledger) == before
        tidy(sending)
        with closing(sending.ledger()) as ledger:
            assert told(ledger) == before
            with ledger.read() as connection:
                assert list(tracking.hits_of(connection, 1)) == []


def test_whoever_is_erased_stays_in_the_sums(tmp_path: Path) -> None:
    with closing(Sending(tmp_path, outbox={"directory": "outbox"}).ledger()) as ledger:
        fill(ledger)
        before, _ = told(ledger)
        with ledger.write() as connection:
            for reader in READERS[:7]:
                erase(connection, reader, LATER)
        after, days = told(ledger)
        with ledger.read() as connection:
            assert days[-1].total == movements.readers(connection, "weekly") == len(READERS) - 7
            assert {one.subscriber_id for one in tracking.hits_of(connection, 1)} == set(range(8, len(READERS) + 1))
        assert after == before


def test_two_who_add_up_at_once_count_nothing_twice(postgresql: str) -> None:
    with closing(open_ledger(make_database(postgresql), 10)) as ledger:
        fill(ledger)
        before = told(ledger)

        def add_up(connection: Connection) -> None:
            movements.roll_up(connection, {}, UTC)
            hits.only_count_old(connection, LATER)

        def beside() -> None:
            with ledger.write() as connection:
                add_up(connection)

        other = threading.Thread(target=beside)
        with ledger.write() as connection:
            add_up(connection)
            other.start()
            # Until the other one stands before what this one has changed.
            while not connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar():
                pass
        other.join()
        assert told(ledger) == before
