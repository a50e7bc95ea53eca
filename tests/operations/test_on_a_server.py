"""The operator's commands with the ledger on a PostgreSQL server."""

from datetime import timedelta

from hairfeed.operations.checks import Level
from hairfeed.operations.doctor import examine
from hairfeed.operations.metrics import exposition
from hairfeed.operations.status import look
from hairfeed.store import retention
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication
from tests.store.postgresql_server import make_database
from tests.test_cli import hairfeed


def test_all_but_backups_work_as_with_a_file(postgresql: str, publication: Publication) -> None:
    publication.configure("sqlite:///../hairfeed.db", make_database(postgresql))
    publication.page("archive")
    publication.subscribe("ann@example.com")
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    ledger = publication.ledger()
    status = look(ledger, publication.settings, NEXT_FRIDAY)
    assert status.newsletters[0].due_at == NEXT_FRIDAY + timedelta(days=7, hours=-1)
    assert (status.articles, status.subscriptions) == ({"live": 2}, {"weekly": {"confirmed": 1}})
    assert status.ledger_bytes > 1 << 20
    assert b'hairfeed_articles{state="live"} 2.0' in exposition(ledger, publication.settings, NEXT_FRIDAY)
    with ledger.write() as connection:
        assert retention.forget_unconfirmed(connection, NEXT_FRIDAY, NEXT_FRIDAY) == 0
        assert retention.forget_runs(connection, NEXT_FRIDAY + timedelta(days=10_000)) == 0
    ledger.close()
    levels = {one.name: one.level for one in examine(publication.settings, NEXT_FRIDAY, offline=True)}
    assert levels["ledger"] is Level.OK
    done = hairfeed("backup", publication.folder / "copy.db", "-c", publication.config)
    assert done.returncode == 1
    assert "use pg_dump and pg_restore" in done.stderr
