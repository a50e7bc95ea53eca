"""A server that runs and lets nobody in is told from one that is away: nobody waits for it who was never in."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from uuid import uuid4

import psycopg
import pytest

from hairfeed.errors import StoreDown, StoreRefused
from hairfeed.pipeline import run_pass
from hairfeed.store.database import open_ledger
from hairfeed.workers.shift import Shift
from hairfeed.workers.work import work
from tests.conftest import FRIDAY, Publication
from tests.store.postgresql_server import PostgresqlServer, a_server, make_database
from tests.workers.crowd import Crowd
from tests.workers.test_bad_input import hairfeed_work

DOOR = "host all guest 127.0.0.1/32 scram-sha-256\nhost all stranger 127.0.0.1/32 reject\nhost all all 127.0.0.1/32 trust\n"


@pytest.fixture(scope="module")
def guarded(postgresql_programs: Path) -> Iterator[str]:
    """The address of a server that asks a guest for the password "open", and lets no stranger in."""
    with TemporaryDirectory() as home:
        server = PostgresqlServer(postgresql_programs, Path(home))
        (Path(home) / "data" / "pg_hba.conf").write_text(DOOR)
        server.start()
        try:
            with administrator(server.address) as connection:
                connection.execute("CREATE ROLE guest LOGIN PASSWORD 'open'; CREATE ROLE stranger LOGIN; CREATE ROLE sleeper")
                connection.execute("CREATE DATABASE closed ALLOW_CONNECTIONS false")
            yield server.address
        finally:
            server.stop()


@contextmanager
def administrator(address: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    with psycopg.connect(f"{address.replace('+psycopg', '')}/postgres", autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize(
    ("who", "database", "words"),
    [
        ("hairfeed", "nowhere", 'database "nowhere" does not exist'),
        ("hairfeed", "closed", 'database "closed" is not currently accepting connections'),
        ("nobody", "postgres", 'role "nobody" does not exist'),
        ("sleeper", "postgres", 'role "sleeper" is not permitted to log in'),
        ("guest:wrong", "postgres", 'password authentication failed for user "guest"'),
        ("guest", "postgres", "no password supplied"),
        ("guest:open", "nowhere", 'database "nowhere" does not exist'),
        ("stranger", "postgres", 'pg_hba.conf rejects connection for host "127.0.0.1", user "stranger"'),
    ],
)
def test_who_is_not_let_in_hears_why_and_what_to_do(guarded: str, who: str, database: str, words: str) -> None:
    with pytest.raises(StoreRefused) as raised:
        open_ledger(f"{guarded.replace('hairfeed@', f'{who}@')}/{database}", 5)
    said = str(raised.value)
    assert said.startswith(
        f"{guarded.replace('hairfeed@', f'{who}@').replace(':wrong', ':***').replace(':open', ':***')}/{database}"
    )
    assert "the server runs, and does not let HairFeed in: connection failed: " in said
    assert words in said
    assert "; mend store.url (host, database, user, password), or what the server allows this user, and start again" in said


def test_a_worker_that_was_never_let_in_ends_at_once(guarded: str, publication: Publication) -> None:
    publication.configure("sqlite:///../hairfeed.db", f"{guarded}/nowhere")
    status, said = hairfeed_work(publication)
    assert status == 2
    assert 'database "nowhere" does not exist; mend store.url' in said
    assert "Traceback" not in said


def shut(address: str, role: str) -> None:
    """Have the server end all that `role` has there, and take no more of it."""
    with administrator(address) as connection:
        connection.execute(f'ALTER ROLE "{role}" CONNECTION LIMIT 0')
        connection.execute("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE usename = %s", [role])


@pytest.fixture
def role(postgresql: str, publication: Publication) -> str:
    """Who owns the publication's database, and is no superuser."""
    name, database = f"user{uuid4().hex}", make_database(postgresql).rpartition("/")[2]
    with administrator(postgresql) as connection:
        connection.execute(f'CREATE ROLE "{name}" LOGIN; ALTER DATABASE "{database}" OWNER TO "{name}"')
    publication.configure("sqlite:///../hairfeed.db", f"{postgresql.replace('hairfeed@', f'{name}@')}/{database}")
    return name


def test_a_worker_that_was_let_in_waits_where_there_are_too_many(postgresql: str, publication: Publication, role: str) -> None:
    with Crowd(publication, 1) as crowd:
        crowd.wait_for("waiting for work")
        shut(postgresql, role)
        crowd.wait_for('does not let HairFeed in: connection failed: connection to server at "127.0.0.1"')
        with administrator(postgresql) as connection:
            connection.execute(f'ALTER ROLE "{role}" CONNECTION LIMIT -1')
        crowd.wait_for("waiting for work", times=2)
        assert crowd.workers[0].stop() == 0
    assert f'too many connections for role "{role}"' in crowd.said
    assert "Traceback" not in crowd.said


def test_a_worker_does_not_wait_for_ever_to_be_let_in_again(postgresql: str, publication: Publication, role: str) -> None:
    said: list[str] = []

    def say(words: str) -> None:
        said.append(words)
        if words.startswith("waiting for work"):
            shut(postgresql, role)

    shift = Shift(concurrency=1, beat=0.5, at_the_door=0)
    with pytest.raises(StoreRefused, match="too many connections"):
        work(publication.settings, shift, Event(), say, lambda report: None)
    assert sum(words.startswith("waiting for work") for words in said) == 1


def is_let_in(server: PostgresqlServer) -> bool:
    try:
        with administrator(server.address):
            return True
    except psycopg.OperationalError:
        return False


def expect_patience(publication: Publication, words: str) -> None:
    """A server that says these words is taken for one that is away."""
    with pytest.raises(StoreDown, match=words) as raised:
        run_pass(publication.settings, FRIDAY)
    assert not isinstance(raised.value, StoreRefused)


def test_a_server_that_stops_is_waited_for(postgresql_programs: Path, publication: Publication) -> None:
    with a_server(postgresql_programs) as server:
        publication.configure("sqlite:///../hairfeed.db", make_database(server.address))
        with administrator(server.address) as last:
            # It ends when the last one has left, and takes nobody more until then.
            os.kill(server.pid, signal.SIGTERM)
            while is_let_in(server):
                pass
            expect_patience(publication, "the database system is shutting down")
            with Crowd(publication, 1) as crowd:
                crowd.wait_for("the database system is shutting down; see that its server runs, and start again; nothing is lost")
                last.close()
                server.stop()
                server.start()
                crowd.wait_for("waiting for work")
                assert crowd.workers[0].stop() == 0


def test_a_server_that_starts_is_waited_for(postgresql_programs: Path, publication: Publication) -> None:
    with a_server(postgresql_programs) as server:
        publication.configure("sqlite:///../hairfeed.db", make_database(server.address))
        server.stop()
        # A copy that waits for more to copy, and may not be read, is starting until it is told to be the first itself.
        data = server.home / "data"
        (data / "standby.signal").touch()
        server.options = {**server.options, "hot_standby": "off"}
        starting = threading.Thread(target=server.start)
        starting.start()
        with Crowd(publication, 1) as crowd:
            crowd.wait_for("the database system is")
            expect_patience(publication, "the database system is (starting up|not (yet )?accepting connections)")
            (data / "promote").touch()
            os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGUSR1)
            starting.join()
            crowd.wait_for("waiting for work")
            assert crowd.workers[0].stop() == 0
