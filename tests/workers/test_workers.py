"""Workers on one PostgreSQL server: several processes send one issue, some are killed, and the server is started anew."""

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.conftest import Publication
from tests.deliver.faulty_api import FaultyApi, a_faulty_api
from tests.store.postgresql_server import PostgresqlServer, a_server, make_database, programs
from tests.workers.crowd import Crowd, approve


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    """A server that can be started anew."""
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL's server, initdb and postgres, is not installed")
    with a_server(folder) as server:
        yield server


def on_server(publication: Publication, server: PostgresqlServer, api: FaultyApi | None, name: str) -> None:
    """Let the publication's ledger be on the server, and its mails go to the API."""
    publication.configure("sqlite:///../hairfeed.db", make_database(server.address, name))
    if api:
        section = f'url = "http://127.0.0.1:{api.port}"\nkey = "re_secret"\ntimeout = 5\ncalls_per_second = 1000\nconcurrency = 2'
        publication.configure('provider = "outbox"', 'provider = "resend"')
        publication.configure('[mail.outbox]\ndirectory = "../outbox"\n', f"[mail.resend]\n{section}\n")


def test_four_workers_of_whom_two_are_killed_mail_everyone_once(server: PostgresqlServer, publication: Publication) -> None:
    with a_faulty_api() as api:
        on_server(publication, server, api, "four")
        readers = approve(publication, 6000)
        half_way = threading.Event()
        victims: list[int] = []

        def on_call(number: int, after: bool) -> None:
            if (number, after) in {(15, False), (25, True)}:
                os.kill(victims.pop(), signal.SIGKILL)
            if number == 35:
                half_way.set()

        api.on_call = on_call
        with Crowd(publication, 4) as crowd:
            victims += [worker.pid for worker in crowd.workers[:2]]
            assert half_way.wait(120)
            server.kill()
            server.start()
            crowd.wait_for("owed 6000  accepted 6000  refused 0  unknown 0")
            assert [worker.stop() for worker in crowd.workers[2:]] == [0, 0]
        assert api.truth.mailed == Counter(readers)
        assert "Traceback" not in crowd.said, crowd.said
