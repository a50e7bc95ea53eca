"""One host is asked as slowly as it likes by all sources, passes and workers together."""

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hairfeed.collect.network.turns import Turns
from hairfeed.errors import StoreError
from hairfeed.store import hosts
from hairfeed.store.database import Ledger, open_ledger
from hairfeed.store.schema.articles import hosts as hosts_table
from tests.collect.passes import collect, page
from tests.collect.site import Site, served, source
from tests.conftest import FRIDAY, Publication
from tests.store import place
from tests.store.postgresql_server import make_database

PAUSE = timedelta(seconds=10)
SECOND = timedelta(seconds=1)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty one."""
    with closing(open_ledger(place.migrated(tmp_path / "hairfeed.db"), 5)) as ledger:
        yield ledger


def test_a_pause_lies_between_two_who_ask_a_host_and_none_between_hosts(ledger: Ledger) -> None:
    asks = [("a.example", 0), ("b.example", 0), ("a.example", 4), ("a.example", 4), ("b.example", 11), ("a.example", 60)]
    with ledger.write() as connection:
        waits = [hosts.take_turn(connection, host, PAUSE, FRIDAY + at * SECOND).total_seconds() for host, at in asks]
    assert waits == [0, 0, 6, 16, 0, 0]


def test_a_turn_that_was_taken_by_a_clock_that_is_set_back_is_not_waited_for(ledger: Ledger) -> None:
    with ledger.write() as connection:
        hosts.take_turn(connection, "a.example", PAUSE, FRIDAY + timedelta(days=365))
        assert hosts.take_turn(connection, "a.example", PAUSE, FRIDAY) == PAUSE
        assert hosts.take_turn(connection, "a.example", PAUSE, FRIDAY) == 2 * PAUSE


def test_those_who_ask_at_once_on_several_machines_get_a_turn_each(postgresql: str) -> None:
    address, waits = make_database(postgresql), list[timedelta]()
    open_ledger(address, 5).close()

    def ask() -> None:
        with closing(open_ledger(address, 5)) as ledger:
            together.wait()
            with ledger.write() as connection:
                waits.append(hosts.take_turn(connection, "a.example", PAUSE, FRIDAY))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    together = threading.Barrier(len(threads))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == [0 * PAUSE, PAUSE, 2 * PAUSE, 3 * PAUSE]


def test_who_needs_no_pause_takes_no_turn(ledger: Ledger) -> None:
    slept = list[float]()
    turns = Turns(ledger, sleep=slept.append)
    assert [turns.wait("a.example", 0) for _ in range(3)] == [0, 0, 0]
    assert [turns.wait("a.example", 3600) > 0 for _ in range(3)] == [False, True, True]
    assert len(slept) == 2


def test_all_sources_of_a_host_and_all_passes_take_turns_in_the_ledger(publication: Publication) -> None:
    with served(Site({"/brushing": page("brushing")})) as site:
        more = "pause = 0.001"
        pieces = [source("feed", f"{site.url}/feed.xml", name=name).replace("pause = 0", more) for name in ("first", "second")]
        publication.sources(*pieces)
        asked = list[tuple[str, datetime]]()
        for _ in range(2):
            assert collect(publication).failures == ()
            with closing(publication.ledger()) as ledger, ledger.read() as connection:
                asked += [tuple(row) for row in connection.execute(select(hosts_table.c.name, hosts_table.c.asked_at))]
    (first, first_at), (second, second_at) = asked
    assert (first, second) == ("127.0.0.1", "127.0.0.1")
    assert second_at > first_at


def test_a_ledger_that_takes_no_turns_is_no_fault_of_the_source(publication: Publication) -> None:
    with served(Site({"/brushing": page("brushing")})) as site:
        publication.sources(source("feed", f"{site.url}/feed.xml").replace("pause = 0", "pause = 1"))
        with closing(publication.ledger()) as ledger, ledger.write() as connection:
            connection.exec_driver_sql("DROP TABLE hosts")
            connection.exec_driver_sql("CREATE VIEW hosts AS SELECT 'a' AS name, CURRENT_TIMESTAMP AS asked_at")
        with pytest.raises(StoreError):
            collect(publication)
        assert site.asked == []
