"""What goes wrong around a worker: it says what, and waits where that heals, or ends where it cannot."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from threading import Event
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Engine, event

from hairfeed.errors import PassHangs, StoreDown, StoreError
from hairfeed.pipeline import run_pass
from hairfeed.store import runs, wakeups
from hairfeed.store.database import SCHEMA_VERSION, open_ledger, schema_version
from hairfeed.workers.jobs import Jobs
from hairfeed.workers.shift import Shift
from tests.conftest import FRIDAY, Publication, free_port
from tests.deliver.faulty_api import a_faulty_api
from tests.deliver.killing import forked
from tests.store.place import only_in_a_file
from tests.store.postgresql_server import a_server, make_database
from tests.workers.crowd import Crowd, approve
from tests.workers.ordeal import mail_to


@pytest.fixture
def database(postgresql: str, publication: Publication) -> str:
    """The address, for psycopg, of the database of the publication's own: a ledger with a queue."""
    url = make_database(postgresql)
    publication.configure("sqlite:///../hairfeed.db", url)
    ledger = publication.ledger()
    with ledger.write() as connection:
        wakeups.prepare(connection)
    ledger.close()
    return url.replace("+psycopg", "")


def hairfeed_work(publication: Publication) -> tuple[int, str]:
    """How the command ends, and what it says; it is killed if it does not end."""
    command = [sys.executable, "-m", "hairfeed", "work", "-c", str(publication.config)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stderr


@only_in_a_file
def test_a_ledger_in_a_file_has_no_workers(publication: Publication) -> None:
    status, said = hairfeed_work(publication)
    assert status == 2
    assert "workers share a PostgreSQL server; 'hairfeed up' works on one machine" in said


READ_ONLY = "ALTER DATABASE {name} SET default_transaction_read_only = on"


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "made by a newer HairFeed (schema 9999, this one knows"),
        ("COMMENT ON SCHEMA hairfeed_queue IS 'queue 99, procrastinate 99.0'", "the queue was made by a newer HairFeed (queue 99"),
        (f"DROP SCHEMA hairfeed_queue CASCADE; {READ_ONLY}", "the database is read-only; name the primary server"),
    ],
    ids=["newer ledger", "newer queue", "read-only"],
)
def test_a_worker_that_can_never_work_ends_and_says_why(database: str, publication: Publication, trouble: str, words: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        for statement in trouble.split("; "):
            connection.execute(statement.format(name=f'"{connection.info.dbname}"'))
    status, said = hairfeed_work(publication)
    assert status == 2
    assert words in said
    assert "Traceback" not in said


def test_a_user_who_may_make_no_tables_is_told(database: str, publication: Publication) -> None:
    role = f"guest{uuid4().hex}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA hairfeed_queue CASCADE")
        connection.execute(f"CREATE ROLE {role} LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    publication.configure("hairfeed@127", f"{role}@127")
    status, said = hairfeed_work(publication)
    assert status == 2
    assert "this user may not do that; let the user own the database" in said


def test_a_server_that_is_down_is_waited_for(postgresql_programs: Path, publication: Publication) -> None:
    with a_server(postgresql_programs) as server:
        publication.configure("sqlite:///../hairfeed.db", make_database(server.address))
        server.kill()
        with Crowd(publication, 1) as crowd:
            crowd.wait_for("nothing is lost; tried again in 1 s")
            server.start()
            crowd.wait_for("waiting for work")
            assert crowd.workers[0].stop() == 0
    assert "Traceback" not in crowd.said


def test_tables_of_the_queue_that_vanish_are_made_again(database: str, publication: Publication) -> None:
    with Crowd(publication, 1) as crowd:
        crowd.wait_for("waiting for work")
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("DROP SCHEMA hairfeed_queue CASCADE")
        crowd.wait_for("nothing is lost")
        crowd.wait_for("waiting for work", times=2)
        assert crowd.workers[0].stop() == 0


def test_tables_of_the_queue_that_vanish_while_mails_go_out_cost_nobody_one(database: str, publication: Publication) -> None:
    with a_faulty_api() as api:
        mail_to(publication, api)
        everyone = approve(publication, 1000)

        def on_call(number: int, after: bool) -> None:
            if (number, after) == (4, True):
                with psycopg.connect(database, autocommit=True) as connection:
                    connection.execute("DROP SCHEMA hairfeed_queue CASCADE")

        api.on_call = on_call
        with Crowd(publication, 2) as crowd:
            crowd.wait_for("owed 1000  accepted 1000  refused 0  unknown 0")
            crowd.wait_for("waiting for work", times=4)
            assert [worker.stop() for worker in crowd.workers] == [0, 0]
    assert api.mailed == Counter(everyone)
    # Each says in a few words what became of the queue, however many of its jobs were under way.
    assert "Traceback" not in crowd.said, crowd.said


@pytest.mark.parametrize(
    ("newer", "words"),
    [
        (f"UPDATE alembic_version SET version_num = '{SCHEMA_VERSION}9'", "install the release that the others have"),
        ("COMMENT ON SCHEMA hairfeed_queue IS 'queue 99, procrastinate 99.0'", "the queue was made by a newer HairFeed"),
    ],
    ids=["ledger", "queue"],
)
def test_a_worker_of_an_older_release_ends_when_a_newer_one_comes(
    database: str, publication: Publication, newer: str, words: str
) -> None:
    with Crowd(publication, 1) as crowd:
        crowd.wait_for("waiting for work")
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(newer)
        assert crowd.workers[0].end() == 1
    assert words in crowd.said


def test_a_full_disk_fails_the_job_which_is_tried_again_later(database: str, publication: Publication) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE 'No space left on device' USING ERRCODE = '53100'; END $$"
        )
        connection.execute("CREATE TRIGGER full_disk BEFORE INSERT ON runs FOR EACH ROW EXECUTE FUNCTION full_disk()")
    ledger, said = publication.ledger(), list[str]()
    jobs = Jobs(ledger, publication.settings, Shift(), Event(), said.append, lambda report: None)
    with pytest.raises(StoreError, match="the server's disk is full"):
        jobs.make_pass()
    assert "failed: make_pass" in said[0]
    with ledger.read() as connection_:
        (queue, _) = wakeups.queue_states(connection_)
        assert (queue.waiting, queue.later) == (0, 1)
    ledger.close()


def test_a_pass_that_hangs_elsewhere_fails_the_job_which_is_tried_again_later(database: str, publication: Publication) -> None:
    ledger, said = publication.ledger(), list[str]()
    jobs = Jobs(ledger, publication.settings, Shift(), Event(), said.append, lambda report: None)
    with ledger.write() as connection:
        runs.begin(connection, FRIDAY, FRIDAY)
    with ledger.pass_lock(), pytest.raises(PassHangs):
        jobs.make_pass()
    assert said[0].startswith("failed: make_pass: pass 1, process ")
    with ledger.read() as connection:
        (queue, _) = wakeups.queue_states(connection)
        assert (queue.waiting, queue.later) == (0, 1)
    ledger.close()


def test_a_ledger_whose_making_was_killed_is_made_by_the_next(postgresql: str) -> None:
    url = make_database(postgresql)

    def die_half_way() -> None:
        made = [0]

        def statement(*_: object) -> None:
            made[0] += 1
            if made[0] == 30:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "after_cursor_execute", statement)
        open_ledger(url, 5)

    _, ending = os.waitpid(forked(die_half_way), 0)
    assert os.WTERMSIG(ending) == signal.SIGKILL
    ledger = open_ledger(url, 5)
    with ledger.read() as connection:
        assert schema_version(connection) == SCHEMA_VERSION
    ledger.close()


def test_a_pass_says_that_the_server_is_down(publication: Publication) -> None:
    publication.configure("sqlite:///../hairfeed.db", f"postgresql+psycopg://hairfeed@127.0.0.1:{free_port()}/hair")
    with pytest.raises(StoreDown, match="the database cannot be used: connection failed"):
        run_pass(publication.settings, FRIDAY)
