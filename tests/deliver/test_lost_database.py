"""The database goes away in the middle of a delivery: its server is killed, or its connections are dropped."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from hairfeed.errors import StoreError
from hairfeed.models.issues import Receipt
from hairfeed.store import deliveries, receipts
from tests.conftest import NEXT_FRIDAY, Publication
from tests.deliver.grounds import Ground
from tests.deliver.victims import VICTIMS, Server, Victim
from tests.store.postgresql_server import PostgresqlServer, a_server

READERS = 250
BY_NAME = {victim.name: victim for victim in VICTIMS}
REPEATED, LOOKED_UP, NEVER_TOLD = BY_NAME["resend"], BY_NAME["mailgun"], BY_NAME["ses"]
Mishap = Callable[[PostgresqlServer], None]


@pytest.fixture(scope="module")
def server(postgresql_programs: Path) -> Iterator[PostgresqlServer]:
    """A PostgreSQL server for the tests of this file."""
    with a_server(postgresql_programs) as server:
        yield server


@pytest.fixture(scope="module")
def ground(server: PostgresqlServer, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A publication whose ledger is there."""
    return Ground(tmp_path_factory.mktemp("ground"), READERS, server.address)


def administer(server: PostgresqlServer, statement: LiteralString) -> None:
    with psycopg.connect(f"{server.address.replace('+psycopg', '')}/postgres", autocommit=True) as connection:
        connection.execute(statement)


def drop_connections(server: PostgresqlServer) -> None:
    """As a network does that is pulled: all of the ledger's, that of the pass lock with them."""
    administer(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'issue'")


def restart(server: PostgresqlServer) -> None:
    """Its power goes, and comes back before the provider has answered."""
    server.kill()
    server.start()


def turn_read_only(server: PostgresqlServer) -> None:
    """As after a failover to what is a standby now."""
    administer(server, "ALTER DATABASE issue SET default_transaction_read_only = on")
    drop_connections(server)


def what_is_told(ground: Ground) -> tuple[Receipt, set[str]]:
    """The receipt, and who is named as in doubt."""
    ledger = ground.ledger()
    with ledger.read() as connection:
        issue = deliveries.issue_named(connection, "weekly", 1)
        assert issue is not None
        found = receipts.receipt(connection, issue), {one.email for one in receipts.in_doubt(connection, issue.id)}
    ledger.close()
    return found


def broken_pass(publication: Publication, api: Server, mishap: Callable[[], None], *, heard: bool) -> str:
    """A pass during whose seventh call, before or after it is heard, the database goes away; what the pass says."""

    # Five letters come before the first batch.
    def on_call(number: int, after: bool) -> None:
        if (number, after) == (7, heard):
            mishap()

    api.on_call = on_call
    try:
        report = publication.run(NEXT_FRIDAY)
    except StoreError as error:
        return str(error)
    finally:
        api.on_call = lambda number, after: None
    return "\n".join(map(str, report.failures))


@pytest.mark.parametrize(
    ("victim", "mishap", "heard"),
    [
        (REPEATED, drop_connections, False),
        (REPEATED, restart, True),
        (LOOKED_UP, drop_connections, True),
        (NEVER_TOLD, drop_connections, False),
        (NEVER_TOLD, restart, True),
    ],
    ids=[
        "resend, dropped between intent and call",
        "resend, killed between call and outcome",
        "mailgun, dropped between call and outcome",
        "ses, dropped between intent and call",
        "ses, killed between call and outcome",
    ],
)
def test_a_pass_whose_database_goes_away_is_completed_by_the_next(
    server: PostgresqlServer, ground: Ground, victim: Victim, mishap: Mishap, *, heard: bool
) -> None:
    with victim.open(ground.publication.folder, 0, "") as api:
        publication = ground.begin_again(victim.provider, victim.section.format(port=api.port))
        said = broken_pass(publication, api, lambda: mishap(server), heard=heard)
        publication.run(NEXT_FRIDAY + ground.step(victim.step))
        receipt, named = what_is_told(ground)
    # Where the pass needed the database just then it says so, and else goes on with a new connection.
    assert not said or "see that its server runs" in said
    judge(ground, victim, receipt, api.mailed, named)


def test_a_pass_whose_database_turns_read_only_is_completed_by_the_next(server: PostgresqlServer, ground: Ground) -> None:
    with REPEATED.open(ground.publication.folder, 0, "") as api:
        publication = ground.begin_again(REPEATED.provider, REPEATED.section.format(port=api.port))
        said = broken_pass(publication, api, lambda: turn_read_only(server), heard=True)
        administer(server, "ALTER DATABASE issue RESET default_transaction_read_only")
        publication.run(NEXT_FRIDAY + ground.step(REPEATED.step))
        receipt, named = what_is_told(ground)
    assert "the database is read-only; name the primary server in store.url" in said or "see that its server runs" in said
    judge(ground, REPEATED, receipt, api.mailed, named)


def judge(ground: Ground, victim: Victim, receipt: Receipt, mailed: Counter[str], named: set[str]) -> None:
    """What the ledger tells, beside the server's truth."""
    everyone = [*ground.readers, *ground.newcomers]
    if victim.settles:
        assert (receipt.accepted, mailed) == (READERS, Counter(everyone))
    assert receipt.accepted + receipt.in_doubt == receipt.owed == READERS
    assert set(mailed.values()) == {1}
    assert set(everyone) - set(mailed) <= named
