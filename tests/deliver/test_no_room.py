"""No disk, no ledger or no network in the middle of a delivery: the pass says so, and nobody is lost or mailed twice."""

import resource
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import Engine, Pool, event

from hairfeed.errors import StoreError
from tests.deliver.dialects import MailgunDialect, SesDialect
from tests.deliver.faulty_api import Dialect, FaultyApi, ResendDialect, a_faulty_api
from tests.deliver.sending import NOW, Sending, failures, receipt
from tests.store import place

READERS = [f"reader{number}@example.net" for number in range(400)]
SECTIONS: dict[str, tuple[Callable[[], Dialect], dict[str, Any], timedelta]] = {
    "resend": (ResendDialect, {"key": "re_secret"}, timedelta(minutes=5)),
    "mailgun": (MailgunDialect, {"key": "k", "domain": "hair.example.org", "batch_size": 100}, timedelta(minutes=35)),
    "ses": (SesDialect, {"key": "k", "secret": "s", "region": "eu-west-1"}, timedelta(minutes=5)),
}
"""One that is repeated, one that is asked, and one that cannot tell."""
everywhere = pytest.mark.parametrize("provider", SECTIONS)

pytestmark = place.only_in_a_file


@cache
def ledger() -> bytes:
    """The file of a ledger with the issue and its readers, whatever its provider."""
    with TemporaryDirectory() as folder:
        sending = Sending(Path(folder), outbox={"directory": "outbox"})
        sending.subscribe(*READERS)
        sending.approve()
        return (sending.folder / "hairfeed.db").read_bytes()


@contextmanager
def an_issue(folder: Path, provider: str) -> Iterator[tuple[Sending, FaultyApi]]:
    """An issue of several calls, and where it goes."""
    dialect, section, _ = SECTIONS[provider]
    with a_faulty_api(dialect()) as api:
        place = {"url": f"http://127.0.0.1:{api.port}", "timeout": 5, "concurrency": 2}
        sending = Sending(folder, **{"provider": provider, provider: section | place})
        (folder / "hairfeed.db").write_bytes(ledger())
        yield sending, api


def at_call(api: FaultyApi, number: int, mishap: Callable[[], None]) -> None:
    """Let it happen once the server has taken the mails of its n-th call."""

    def on_call(call: int, after: bool) -> None:
        if after and call == number:
            mishap()

    api.on_call = on_call


def completed(sending: Sending, api: FaultyApi, provider: str) -> None:
    """Let further passes complete the issue, and compare what they say with what the server knows."""
    api.on_call = lambda number, after: None
    for number in range(1, 4):
        sending.deliver(NOW + number * SECTIONS[provider][2])
    told = sending.receipt_of(1)
    assert told.accepted + told.in_doubt == told.owed == len(READERS)
    assert set(api.mailed.values()) == {1}
    assert len(api.mailed) >= told.accepted
    if provider != "ses":
        assert (told.accepted, api.mailed) == (len(READERS), Counter(READERS))


@everywhere
def test_a_disk_that_takes_nothing_more_stops_the_pass(tmp_path: Path, provider: str) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with an_issue(tmp_path, provider) as (sending, api):

        def no_room() -> None:
            # Of the files here, only the write-ahead log grows.
            size = (tmp_path / "hairfeed.db-wal").stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))

        at_call(api, 2, no_room)
        try:
            with pytest.raises(StoreError, match="the disk takes or gives nothing"):
                sending.deliver()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert len(api.mailed) < len(READERS)
        completed(sending, api, provider)


def test_a_database_without_room_for_the_recipients_mails_nobody(tmp_path: Path) -> None:
    with an_issue(tmp_path, "resend") as (sending, api):
        with closing(sqlite3.connect(tmp_path / "hairfeed.db")) as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()

        def no_room(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute(f"PRAGMA max_page_count = {pages}")

        event.listen(Engine, "connect", no_room)
        try:
            with pytest.raises(StoreError, match="the disk is full; make room"):
                sending.deliver()
        finally:
            event.remove(Engine, "connect", no_room)
        assert not api.calls
        completed(sending, api, "resend")


@everywhere
def test_a_ledger_that_turns_read_only_stops_the_pass(tmp_path: Path, provider: str) -> None:
    read_only: list[bool] = []

    def checkout(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
        connection.execute(f"PRAGMA query_only = {len(read_only)}")

    with an_issue(tmp_path, provider) as (sending, api):
        at_call(api, 2, lambda: read_only.append(True))
        event.listen(Pool, "checkout", checkout)
        try:
            with pytest.raises(StoreError, match="the database is read-only for this user"):
                sending.deliver()
        finally:
            event.remove(Pool, "checkout", checkout)
        completed(sending, api, provider)


@everywhere
def test_a_ledger_that_another_program_does_not_let_go_stops_the_pass(tmp_path: Path, provider: str) -> None:
    with an_issue(tmp_path, provider) as (sending, api):
        store = sending.settings.store.model_copy(update={"lock_timeout": 0.1})
        sending.settings = sending.settings.model_copy(update={"store": store})
        other = sqlite3.connect(tmp_path / "hairfeed.db", isolation_level=None, check_same_thread=False)

        def hold() -> None:
            other.execute("BEGIN IMMEDIATE")

        with closing(other):
            at_call(api, 2, hold)
            with pytest.raises(StoreError, match="another program is writing to the database"):
                sending.deliver()
        completed(sending, api, provider)


@everywhere
def test_a_network_that_is_pulled_costs_a_pass(tmp_path: Path, provider: str) -> None:
    with an_issue(tmp_path, provider) as (sending, api):
        at_call(api, 2, api.unplug)
        report = sending.deliver()
        assert receipt(report).waiting
        assert "127.0.0.1 cannot be reached: " in failures(report)
        assert "Connection refused; check the network" in failures(report)
        assert "for the next pass" in failures(report)
        api.plug_in()
        completed(sending, api, provider)
