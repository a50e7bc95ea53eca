"""A PostgreSQL server whose disk is full, for real: a small one, which a test fills up."""

import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import select, update

from hairfeed.errors import StoreError
from hairfeed.models.issues import BatchState
from hairfeed.store import wakeups
from hairfeed.store.schema.deliveries import batches, recipients
from hairfeed.store.schema.issues import issues
from hairfeed.workers.jobs import Jobs
from hairfeed.workers.shift import Shift
from tests.conftest import Publication
from tests.deliver.faulty_api import FaultyApi, a_faulty_api
from tests.store.postgresql_server import USER_OF_THE_SERVER
from tests.workers.crowd import approve

READERS = 2000
FULL = "the server's disk is full; make room and start again"


class Disk:
    """Thirty megabytes that hold a database of the server's."""

    def __init__(self, folder: Path, address: str) -> None:
        """Mounted at `folder`; the database is at `address`."""
        self.address = address
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """To the last page."""
        with self._ballast.open("wb", buffering=0) as ballast:
            try:
                while ballast.write(bytes(4096)):
                    pass
            except OSError:
                return

    def make_room(self) -> None:
        """As it was before."""
        self._ballast.unlink()


@pytest.fixture
def disk(postgresql: str) -> Iterator[Disk]:
    """A small disk; only root may mount one."""
    folder, name = Path(tempfile.mkdtemp()), f"small{uuid4().hex}"
    owner = f"size=30m,uid={USER_OF_THE_SERVER},gid={USER_OF_THE_SERVER},mode=700"
    mount = ["mount", "-t", "tmpfs", "-o", owner, "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False) if os.geteuid() == 0 else None
    if done is None or done.returncode:
        folder.rmdir()
        pytest.skip(f"no small disk can be mounted: {done.stderr if done else 'only root may'}")
    try:
        place = folder / "data"
        place.mkdir(mode=0o700)
        os.chown(place, USER_OF_THE_SERVER, USER_OF_THE_SERVER)
        with psycopg.connect(f"{postgresql.replace('+psycopg', '')}/postgres", autocommit=True) as server:
            server.execute(f"CREATE TABLESPACE {name} LOCATION '{place}'")
            server.execute(f"CREATE DATABASE {name} TABLESPACE {name}")
            try:
                yield Disk(folder, f"{postgresql}/{name}")
            finally:
                server.execute(f"DROP DATABASE {name} WITH (FORCE)")
                server.execute(f"DROP TABLESPACE {name}")
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


@pytest.fixture
def api() -> Iterator[FaultyApi]:
    """A mail API that knows keys again."""
    with a_faulty_api() as api:
        yield api


@pytest.fixture
def jobs(disk: Disk, api: FaultyApi, publication: Publication) -> Iterator[Jobs]:
    """A worker's, for an issue that is free to be sent."""
    publication.configure("sqlite:///../hairfeed.db", disk.address)
    publication.configure('provider = "outbox"', 'provider = "resend"')
    section = f'[mail.resend]\nkey = "re_secret"\nurl = "http://127.0.0.1:{api.port}"\ncalls_per_second = 1000\nconcurrency = 1\n'
    publication.configure('[mail.outbox]\ndirectory = "../outbox"\n', section)
    approve(publication, READERS)
    with closing(publication.ledger()) as ledger:
        with ledger.write() as connection:
            wakeups.prepare(connection)
        yield Jobs(ledger, publication.settings, Shift(), Event(), lambda said: None, lambda report: None)


def test_a_disk_without_room_for_the_recipients_mails_nobody(
    disk: Disk, api: FaultyApi, jobs: Jobs, publication: Publication
) -> None:
    disk.fill()
    with pytest.raises(StoreError, match=FULL):
        jobs.make_pass()
    disk.make_room()
    with closing(publication.ledger()) as ledger, ledger.read() as connection:
        assert connection.execute(select(recipients.c.subscriber_id).limit(1)).all() == []
    jobs.make_pass()
    jobs.submit(1)
    assert (len(api.mailed), set(api.mailed.values())) == (READERS, {1})


def test_a_disk_that_is_full_in_the_middle_of_an_issue_costs_nobody_a_mail(
    disk: Disk, api: FaultyApi, jobs: Jobs, publication: Publication
) -> None:
    # Whom it refuses is written down, and that takes room.
    refused = {f"reader{number}@example.net": "no such address " * 10 for number in range(0, READERS, 2)}
    api.truth.refused = refused
    jobs.make_pass()
    api.on_call = lambda number, after: disk.fill() if (number, after) == (5, True) else None
    with pytest.raises(StoreError, match=FULL):
        jobs.submit(1)
    called = len(api.calls)
    assert 5 <= called < READERS // 100
    disk.make_room()
    with closing(publication.ledger()) as ledger:
        with ledger.write() as connection:
            over = {"leased_until": datetime.now(UTC) - timedelta(seconds=1)}
            connection.execute(update(batches).where(batches.c.state == BatchState.SUBMITTING).values(over))
        jobs.submit(1)
        with ledger.read() as connection:
            assert connection.execute(select(issues.c.state)).scalar_one() == "done"
    everyone = {f"reader{number}@example.net" for number in range(READERS)}
    assert api.mailed == Counter(everyone - refused.keys())
