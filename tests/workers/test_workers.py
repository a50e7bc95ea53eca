"""Workers on one PostgreSQL server: several processes share passes, letters and issues."""

import threading
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from sqlalchemy import select

from hairfeed.models.issues import IssueState, LetterKind
from hairfeed.store import letters
from hairfeed.store.database import open_ledger
from hairfeed.store.schema.issues import issues
from tests.conftest import Publication
from tests.deliver.dialects import MailgunDialect
from tests.deliver.faulty_api import a_faulty_api
from tests.store.postgresql_server import a_server, make_database
from tests.workers.crowd import Crowd, approve
from tests.workers.ordeal import ordeal


def test_four_workers_of_whom_two_are_killed_mail_everyone_once(postgresql_programs: Path, publication: Publication) -> None:
    with a_server(postgresql_programs) as server:
        ordeal(server, publication, 5000)


def test_workers_beside_passes_of_cron_mail_everyone_once(postgresql: str, publication: Publication) -> None:
    publication.configure("sqlite:///../hairfeed.db", make_database(postgresql))
    with a_faulty_api(MailgunDialect()) as api:
        section = (
            f'key = "k"\ndomain = "hair.example.org"\nurl = "http://127.0.0.1:{api.port}"\nbatch_size = 20\ncalls_per_second = 1000'
        )
        publication.configure('provider = "outbox"', 'provider = "mailgun"')
        publication.configure('[mail.outbox]\ndirectory = "../outbox"\n', f"[mail.mailgun]\n{section}\n")
        everyone = approve(publication, 1000)
        # By then the workers have some of it under way.
        begun = threading.Event()
        api.on_call = lambda number, after: begun.set()
        with Crowd(publication, 2) as crowd:
            assert begun.wait(120)
            # Who submits the last batch, says so: a pass or a worker.
            while publication.execute("SELECT state FROM issues") != [(IssueState.DONE,)]:
                publication.run(datetime.now(UTC))
    assert api.mailed == Counter(everyone)
    assert "Traceback" not in crowd.said, crowd.said


def test_the_queue_works_as_usual_on_a_server_that_is_set_otherwise(postgresql: str) -> None:
    address = make_database(postgresql)
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        assert connection.execute("SHOW default_transaction_isolation").fetchone() == ("serializable",)
    with closing(open_ledger(address, 5)) as ledger, psycopg.connect(**ledger.server()) as connection:
        assert connection.execute("SHOW default_transaction_isolation").fetchone() == ("read committed",)


def test_workers_make_passes_and_send_what_is_due_once(postgresql: str, publication: Publication) -> None:
    publication.configure("sqlite:///../hairfeed.db", make_database(postgresql))
    now = datetime.now(UTC)
    publication.configure('"Fri 08:00"', f'"daily {now - timedelta(hours=1):%H:%M}"')
    publication.subscribe("ann@example.com", "ben@example.com", now=now)
    publication.page("archive", date=f"{now.day}-{now.month}-{now.year}")
    publication.run(now - timedelta(days=3))
    publication.page("news", date=f"{now.day}-{now.month}-{now.year}")
    ledger = publication.ledger()
    with Crowd(publication, 2) as crowd:
        crowd.wait_for("issue weekly 1  owed 2  accepted 2  refused 0  unknown 0")
        with ledger.write() as connection:
            letters.queue(
                connection, LetterKind.TEST, "zoe@example.com", now, subject="Hair", text="Words.\n", html="<p>Words.</p>"
            )
        crowd.wait_for("letters 1")
        assert [worker.stop() for worker in crowd.workers] == [0, 0]
    with ledger.read() as connection:
        assert len(connection.execute(select(issues.c.id)).all()) == 1
    ledger.close()
    addressees = sorted(str(mail["To"]) for mail in publication.mails().values())
    assert addressees == ["ann@example.com", "ben@example.com", "zoe@example.com"]
    assert "Traceback" not in crowd.said, crowd.said
