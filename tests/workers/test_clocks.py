"""A worker whose machine has the wrong time goes by that of the ledger's server, as all the others do."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import select, update

from hairfeed.models.issues import BatchState
from hairfeed.pipeline import run_pass
from hairfeed.store.schema.deliveries import batches
from hairfeed.store.schema.issues import issues
from hairfeed.store.schema.operations import runs
from hairfeed.workers.jobs import Jobs
from hairfeed.workers.shift import Shift
from tests.conftest import Publication
from tests.deliver.faulty_api import FaultyApi, a_faulty_api
from tests.store.postgresql_server import make_database
from tests.workers.crowd import approve

HOUR = timedelta(hours=1)


@pytest.fixture
def api() -> Iterator[FaultyApi]:
    """A mail API that knows keys again."""
    with a_faulty_api() as api:
        yield api


@pytest.fixture
def sent(postgresql: str, publication: Publication, api: FaultyApi) -> list[str]:
    """Readers of an issue that is frozen, and that workers are to send."""
    publication.configure("sqlite:///../hairfeed.db", make_database(postgresql))
    publication.configure('provider = "outbox"', 'provider = "resend"')
    section = f'[mail.resend]\nkey = "re_secret"\nurl = "http://127.0.0.1:{api.port}"\n'
    publication.configure('[mail.outbox]\ndirectory = "../outbox"\n', section)
    people = approve(publication, 3)
    run_pass(publication.settings, datetime.now(UTC), workers=True)
    return people


@contextmanager
def a_worker(publication: Publication, wrong: timedelta) -> Iterator[Jobs]:
    """On a machine whose clock is ahead by so much."""
    with closing(publication.ledger()) as ledger:
        shift, machine = Shift(), lambda: datetime.now(UTC) + wrong
        yield Jobs(ledger, publication.settings, shift, Event(), lambda said: None, lambda report: None, machine)


@contextmanager
def under_way(publication: Publication, until: timedelta) -> Iterator[tuple[int, list[BatchState]]]:
    """The issue's number while another worker has its batch, by a lease of so long from now; and at the end its state."""
    states = list[BatchState]()
    with closing(publication.ledger()) as ledger:
        with ledger.write() as connection:
            now = datetime.now(UTC)
            left = {"state": BatchState.SUBMITTING, "attempt": 1, "owner": "another", "provider": "resend"}
            connection.execute(update(batches).values(left | {"claimed_at": now, "called_at": now, "leased_until": now + until}))
            issue = connection.execute(select(issues.c.id)).scalar_one()
        yield issue, states
        with ledger.read() as connection:
            states += [BatchState(state) for state in connection.execute(select(batches.c.state)).scalars()]


@pytest.mark.parametrize("wrong", [HOUR, -HOUR, timedelta(0)])
def test_what_a_living_worker_has_under_way_is_left_to_it(
    publication: Publication, sent: list[str], api: FaultyApi, wrong: timedelta
) -> None:
    with a_worker(publication, wrong) as jobs, under_way(publication, HOUR / 2) as (issue, states):
        jobs.submit(issue)
    assert (states, api.calls) == ([BatchState.SUBMITTING], [])


@pytest.mark.parametrize("wrong", [HOUR, -HOUR, timedelta(0)])
def test_what_a_worker_left_that_is_gone_is_settled_after_its_lease(
    publication: Publication, sent: list[str], api: FaultyApi, wrong: timedelta
) -> None:
    with a_worker(publication, wrong) as jobs, under_way(publication, -timedelta(seconds=1)) as (issue, states):
        jobs.submit(issue)
    assert (states, api.truth.mailed) == ([BatchState.ACCEPTED], Counter(sent))


@pytest.mark.parametrize("wrong", [HOUR, -HOUR])
def test_a_pass_goes_by_the_servers_clock(publication: Publication, sent: list[str], wrong: timedelta) -> None:
    before = datetime.now(UTC)
    run_pass(publication.settings, before + wrong, workers=True, machine=lambda: datetime.now(UTC) + wrong)
    with closing(publication.ledger()) as ledger, ledger.read() as connection:
        query = select(runs.c.now_at, runs.c.started_at, runs.c.finished_at).order_by(runs.c.id.desc()).limit(1)
        for moment in connection.execute(query).one():
            assert abs(moment - before) < HOUR / 2
