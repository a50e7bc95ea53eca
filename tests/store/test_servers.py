"""Servers of PostgreSQL as they are met: behind a socket, in another language and time zone, for a user who may not all."""

from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from hairfeed.errors import StoreError, StoreRefused
from hairfeed.store.database import open_ledger, schema_version, unprepared
from hairfeed.store.postgresql import Postgresql, unfit
from tests.conftest import FRIDAY, Publication
from tests.store import place
from tests.store.postgresql_server import make_database


@pytest.fixture
def administrator(postgresql: str) -> Iterator[psycopg.Connection]:
    """At the database that is always there."""
    with psycopg.connect(f"{postgresql.replace('+psycopg', '')}/postgres", autocommit=True) as connection:
        yield connection


def make_as(administrator: psycopg.Connection, words: str) -> str:
    """The name of a new database, made so."""
    name = uuid4().hex
    administrator.execute(f'CREATE DATABASE "{name}" {words}')
    return name


def make_user(administrator: psycopg.Connection) -> str:
    """The name of a user who may do nothing yet."""
    name = f"user{uuid4().hex}"
    administrator.execute(f'CREATE ROLE "{name}" LOGIN')
    return name


def test_a_server_may_be_behind_a_socket(postgresql: str, administrator: psycopg.Connection, publication: Publication) -> None:
    ((folder,),) = administrator.execute("SHOW unix_socket_directories").fetchall()
    address, _, name = make_database(postgresql).rpartition("/")
    port = address.rpartition(":")[2]
    publication.configure("sqlite:///../hairfeed.db", f"postgresql+psycopg://hairfeed@/{name}?host={folder}&port={port}")
    publication.page("brushing")
    assert not publication.run(FRIDAY).failures


def test_a_ledger_lives_in_the_schema_that_its_address_names(postgresql: str, publication: Publication) -> None:
    url = make_database(postgresql)
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE SCHEMA hair")
    publication.configure("sqlite:///../hairfeed.db", f"{url}?options=-csearch_path%3Dhair")
    publication.page("brushing")
    assert not publication.run(FRIDAY).failures
    assert not publication.run(FRIDAY).failures
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        found = connection.execute("SELECT DISTINCT schemaname FROM pg_tables WHERE tablename IN ('articles', 'alembic_version')")
        assert found.fetchall() == [("hair",)]


def test_an_ordinary_user_who_owns_the_database_needs_nobody_else(
    postgresql: str, administrator: psycopg.Connection, publication: Publication
) -> None:
    user = make_user(administrator)
    name = make_as(administrator, f'OWNER "{user}"')
    publication.configure("sqlite:///../hairfeed.db", f"{postgresql.replace('hairfeed@', f'{user}@')}/{name}")
    publication.page("brushing")
    assert not publication.run(FRIDAY).failures


def test_a_user_who_may_make_no_tables_is_told_so(postgresql: str, administrator: psycopg.Connection) -> None:
    user, name = make_user(administrator), make_as(administrator, "")
    with psycopg.connect(f"{postgresql.replace('+psycopg', '')}/{name}") as connection:
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    with pytest.raises(StoreError, match="this user may not do that; let the user own the database"):
        open_ledger(f"{postgresql.replace('hairfeed@', f'{user}@')}/{name}", 5)


def test_a_database_without_unicode_is_refused_and_stays_empty(postgresql: str, administrator: psycopg.Connection) -> None:
    latin = make_as(administrator, "ENCODING LATIN1 LOCALE 'C' TEMPLATE template0")
    url = f"{postgresql}/{latin}"
    with pytest.raises(StoreError, match=f"{latin}: the database keeps texts in LATIN1, .* createdb --encoding=UTF8"):
        open_ledger(url, 5)
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchall() == [(0,)]


@pytest.mark.parametrize(
    ("version", "encoding", "said"),
    [
        ("15.18 (Debian 15.18-0+deb12u1)", "UTF8", None),
        ("13.0", "UTF8", None),
        ("18beta1", "UTF8", None),
        ("12.22", "UTF8", "PostgreSQL 12.22 is too old; HairFeed needs 13 or newer"),
        ("9.6.24", "UTF8", "PostgreSQL 9.6.24 is too old"),
        ("17.2", "SQL_ASCII", "the database keeps texts in SQL_ASCII"),
    ],
)
def test_a_server_that_cannot_keep_a_ledger_is_known(version: str, encoding: str, said: str | None) -> None:
    found = unfit(version, encoding)
    assert found is None if said is None else str(found).startswith(said)


def test_the_lock_of_a_pass_is_a_transactions_and_keeps_nothing_from_being_vacuumed(postgresql: str) -> None:
    holders = (
        "SELECT state, backend_xid, backend_xmin FROM pg_stat_activity JOIN pg_locks USING (pid) "
        "WHERE locktype = 'advisory' AND datname = current_database()"
    )
    # A limit for transactions that stand still is not for this one: the server's clock goes past it here.
    url = make_database(postgresql)
    limited = unprepared(f"{url}?options=-cidle_in_transaction_session_timeout%3D1s", 5)
    with closing(open_ledger(url, 5)) as ledger, closing(limited), limited.pass_lock() as free, ledger.read() as connection:
        assert free
        connection.exec_driver_sql("SELECT pg_sleep(1.2)")
        assert connection.exec_driver_sql(holders).fetchall() == [("idle in transaction", None, None)]


def test_a_pooler_that_takes_no_sessions_is_told_from_a_server_that_is_down() -> None:
    database = Postgresql(make_url("postgresql+psycopg://hairfeed@127.0.0.1:6432/hairfeed"), 5)
    # As PgBouncer says it.
    said = psycopg.OperationalError('connection to server at "127.0.0.1" failed: FATAL:  unsupported startup parameter: options')
    trouble = database.trouble(OperationalError("", {}, said))
    assert isinstance(trouble, StoreRefused)
    assert "name the server itself in store.url" in str(trouble)


@pytest.mark.parametrize("parameters", ["?password=s3cret&host=127.0.0.1&port=1", "?sslpassword=s3cret&sslmode=require"])
def test_a_password_among_the_parameters_is_not_shown(postgresql: str, parameters: str) -> None:
    with pytest.raises(StoreError) as raised:
        open_ledger(f"{make_database(postgresql)}{parameters}", 2)
    assert "s3cret" not in str(raised.value)


def test_texts_are_compared_by_their_characters_whatever_the_language_of_the_database(postgresql: str) -> None:
    url = make_database(postgresql)
    with closing(open_ledger(url, 5)) as ledger, ledger.read() as connection:
        assert schema_version(connection) is not None
        others = connection.exec_driver_sql(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type IN ('text', 'character varying') AND collation_name IS DISTINCT FROM 'C'"
        )
        assert others.fetchall() == []
        words = connection.exec_driver_sql("SELECT word FROM (VALUES ('b'), ('B'), ('ä'), ('a')) AS t (word) ORDER BY word")
        assert [word for (word,) in words] != sorted("bBäa"), "the server sorts by characters anyway, so this proves nothing"


def test_hours_are_the_same_on_a_server_in_another_time_zone(administrator: psycopg.Connection, publication: Publication) -> None:
    assert administrator.execute("SHOW timezone").fetchall() != [("UTC",)]
    publication.configure("sqlite:///../hairfeed.db", make_database(place.server()))
    publication.page("brushing")
    publication.run(FRIDAY)
    assert publication.execute("SELECT CAST(now_at AS text) FROM runs") == [("2024-08-09 09:00:00+00",)]
