"""What a provider takes holds for all workers together: crews side by side on one PostgreSQL server."""

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hairfeed.deliver.clock import Clock
from hairfeed.deliver.stage import deliver_share, hand_over
from hairfeed.models.reports import Nobody
from hairfeed.store.database import open_ledger
from hairfeed.store.schema.deliveries import batches
from tests.deliver.dialects import MailgunDialect
from tests.deliver.faulty_api import Answer, ApiCall, FaultyApi, ResendDialect, Truth, a_faulty_api
from tests.deliver.sending import NOW, PatientClock, Sending, the_settings
from tests.store.postgresql_server import make_database

READERS, A_CALL = 100, 10


class Barred(ResendDialect):
    """A provider that does not know our account any more."""

    def take(self, call: ApiCall, truth: Truth) -> Answer:
        """Nothing."""
        return Answer(401, b'{"name": "invalid_api_key", "message": "API key is invalid"}')


class OneTime(Clock):
    """One clock for all workers: it stands still until somebody waits, and is then as far as that."""

    def __init__(self) -> None:
        """It is NOW."""
        super().__init__(NOW)
        self._at, self._lock = NOW, threading.Lock()

    def now(self) -> datetime:
        """The time."""
        return self._at

    def sleep(self, seconds: float) -> None:
        """Be no earlier than so much later."""
        until = self._at + timedelta(seconds=seconds)
        with self._lock:
            self._at = max(self._at, until)


@pytest.fixture
def api() -> Iterator[FaultyApi]:
    """A mail API that takes ten at once."""
    with a_faulty_api(MailgunDialect()) as api:
        yield api


class Workplace:
    """An issue that is frozen on a PostgreSQL server, and workers on it."""

    def __init__(self, folder: Path, server: str, **mail: Any) -> None:
        """`mail` is the section of the config."""
        sending = Sending(folder / "one", **mail)
        sending.settings = self._settings = the_settings(folder, make_database(server), **mail)
        self.ledger = open_ledger(sending.settings.store.url, 5)
        sending.subscribe(*(f"reader{number}@example.net" for number in range(READERS)))
        self._issue = sending.approve()
        hand_over(self.ledger, sending.settings, NOW, Nobody())

    def close(self) -> None:
        """No connection stays."""
        self.ledger.close()

    def work(self, *clocks: Clock) -> None:
        """A worker for each clock, all at once."""
        threads = [
            threading.Thread(
                target=deliver_share, args=(self.ledger, self._settings, clock, self._issue), kwargs={"job": f"worker {number}"}
            )
            for number, clock in enumerate(clocks)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def calls(self, provider: str) -> list[datetime]:
        """When the provider was called, in order."""
        with self.ledger.read() as connection:
            query = select(batches.c.called_at).where(batches.c.provider == provider).order_by(batches.c.called_at)
            return list(connection.execute(query).scalars())


def mailgun(api: FaultyApi, **pace: Any) -> dict[str, Any]:
    """Its section."""
    known = {"key": "k", "domain": "hair.example.org", "url": f"http://127.0.0.1:{api.port}", "batch_size": A_CALL}
    return known | {"concurrency": 1} | pace


def test_four_workers_keep_to_one_quota(postgresql: str, tmp_path: Path, api: FaultyApi) -> None:
    section = mailgun(api, calls_per_second=1000, per_day=45)
    with closing(Workplace(tmp_path, postgresql, provider="mailgun", mailgun=section)) as workplace:
        taken = []
        for day in range(3):
            workplace.work(*(PatientClock(NOW + timedelta(days=day)) for _ in range(4)))
            taken.append(sum(api.truth.mailed.values()))
    assert taken == [40, 80, 100]
    assert set(api.truth.mailed.values()) == {1}


@pytest.mark.parametrize(
    ("pace", "calls_a_second"),
    [({"calls_per_second": 2}, 2), ({"calls_per_second": 1000, "mails_per_second": 20}, 2)],
    ids=["calls", "mails"],
)
@pytest.mark.parametrize("second", [False, True], ids=["the first provider", "the second"])
def test_four_workers_keep_to_one_rate(
    postgresql: str, tmp_path: Path, api: FaultyApi, pace: dict[str, float], calls_a_second: int, *, second: bool
) -> None:
    with a_faulty_api(Barred()) as barred:
        place = {"key": "re_secret", "url": f"http://127.0.0.1:{barred.port}"}
        first = {"provider": "resend", "second": "mailgun", "resend": place} if second else {"provider": "mailgun"}
        with closing(Workplace(tmp_path, postgresql, **first, mailgun=mailgun(api, **pace))) as workplace:
            workplace.work(*[OneTime()] * 4)
            calls = workplace.calls("mailgun")
    # A bucket: at once what it holds, and then as many as it is filled for.
    law = [
        later - earlier + 1 <= calls_a_second * (1 + (calls[later] - calls[earlier]).total_seconds()) + 1e-6
        for earlier in range(len(calls))
        for later in range(earlier, len(calls))
    ]
    assert all(law), calls
    assert (len(api.calls), sum(api.truth.mailed.values()), set(api.truth.mailed.values())) == (READERS // A_CALL, READERS, {1})
    # Each of the four asked the first provider once, and believed it.
    assert len(barred.calls) <= (4 if second else 0)
