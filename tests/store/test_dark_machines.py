"""A ledger on PostgreSQL whose client or server goes dark, or stands still: nobody waits for it for hours."""

from contextlib import closing

import psycopg
import pytest
from sqlalchemy import text

from hairfeed.errors import StoreError
from hairfeed.store.database import open_ledger
from tests.store.postgresql_server import make_database


def gone(address: str, backend: int) -> bool:
    """Whether the server has ended a connection."""
    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as watcher:
        query = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
        return watcher.execute(query, (backend,)).fetchone() == (0,)


def test_client_and_server_find_out_that_the_other_went_dark(postgresql: str) -> None:
    with closing(open_ledger(make_database(postgresql), 5)) as ledger:
        with ledger.read() as connection:
            shown = [
                connection.execute(text(f"SHOW {name}")).scalar_one() for name in ("tcp_keepalives_idle", "tcp_keepalives_count")
            ]
        arguments = ledger.server()
    assert shown == ["30", "3"]
    assert (arguments["keepalives_idle"], arguments["tcp_user_timeout"]) == (30, 60_000)


def test_what_the_address_says_of_it_counts(postgresql: str) -> None:
    address = f"{make_database(postgresql)}?keepalives_idle=7&options=-c%20tcp_keepalives_idle%3D9"
    with closing(open_ledger(address, 5)) as ledger:
        with ledger.read() as connection:
            assert connection.execute(text("SHOW tcp_keepalives_idle")).scalar_one() == "9"
        assert str(ledger.server()["keepalives_idle"]) == "7"


def test_a_process_that_stands_still_in_a_change_loses_it_and_keeps_no_other_waiting(postgresql: str) -> None:
    address = make_database(postgresql)
    with closing(open_ledger(address, 5)) as ledger:

        def stand_still() -> None:
            with ledger.write() as connection:
                backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
                connection.execute(text("LOCK TABLE runs"))
                # Not a quarter of an hour, as it is for everyone.
                connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 1"))
                while not gone(address, backend):
                    pass
                connection.execute(text("DELETE FROM runs"))

        # What the server said last may be lost with the connection.
        with pytest.raises(StoreError, match=r"this process stood still in the middle of a change|server closed the connection"):
            stand_still()
        with ledger.write() as connection:
            connection.execute(text("LOCK TABLE runs NOWAIT"))
