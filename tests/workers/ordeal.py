"""An issue sent by four workers, of whom two are killed, on a server that is killed once: by the tests in small, by hand in full.

python -m tests.workers.ordeal 200000
"""

import os
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.conftest import Publication
from tests.deliver.faulty_api import FaultyApi, a_faulty_api
from tests.store.postgresql_server import PostgresqlServer, a_server, make_database, programs
from tests.workers.crowd import Crowd, approve

_A_CALL = 100
"""Recipients."""


def mail_to(publication: Publication, api: FaultyApi) -> None:
    """Let the publication's mails go to the API."""
    section = f'url = "http://127.0.0.1:{api.port}"\nkey = "re_secret"\ntimeout = 5\ncalls_per_second = 1000\nconcurrency = 2'
    publication.configure('provider = "outbox"', 'provider = "resend"')
    publication.configure('[mail.outbox]\ndirectory = "../outbox"\n', f"[mail.resend]\n{section}\n")


def ordeal(server: PostgresqlServer, publication: Publication, readers: int, patience: float = 120) -> None:
    """Two workers are killed, one before and one after a call was taken, then the server; everyone is mailed once."""
    calls = readers // _A_CALL
    with a_faulty_api() as api:
        publication.configure("sqlite:///../hairfeed.db", make_database(server.address))
        mail_to(publication, api)
        everyone = approve(publication, readers)
        half_way = threading.Event()
        victims: list[int] = []

        def on_call(number: int, after: bool) -> None:
            if (number, after) in {(calls // 4, False), (calls * 2 // 5, True)}:
                os.kill(victims.pop(), signal.SIGKILL)
            if number == calls * 3 // 5:
                half_way.set()

        api.on_call = on_call
        with Crowd(publication, 4) as crowd:
            victims += [worker.pid for worker in crowd.workers[:2]]
            assert half_way.wait(patience)
            server.kill()
            server.start()
            crowd.wait_for(f"owed {readers}  accepted {readers}  refused 0  unknown 0", patience=patience)
            assert [worker.stop() for worker in crowd.workers[2:]] == [0, 0]
        assert api.truth.mailed == Counter(everyone)
        assert "Traceback" not in crowd.said, crowd.said


def main(readers: int) -> None:
    """In full."""
    folder = programs()
    if folder is None:
        sys.exit("PostgreSQL's server, initdb and postgres, is not installed")
    with TemporaryDirectory() as site, a_server(folder) as server:
        ordeal(server, Publication(Path(site) / "site"), readers, patience=3600)
    sys.stdout.write(f"{readers} recipients, two of four workers and the server killed: each was mailed exactly once\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
