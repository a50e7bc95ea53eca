"""A ledger moved from a file to a PostgreSQL server and back: all of it, proven, or nothing."""

import os
import signal
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Float, Integer, LargeBinary, event, insert, select, text
from sqlalchemy.engine import Engine

from hairfeed.errors import CopyError, StoreError
from hairfeed.models.reports import Nobody
from hairfeed.store.database import Ledger, open_ledger, unprepared
from hairfeed.store.moving import copy_ledger
from hairfeed.store.schema.base import Instant, metadata
from hairfeed.store.schema.operations import runs
from hairfeed.store.schema.subscribers import subscribers
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication, receipt
from tests.deliver.killing import forked
from tests.store.postgresql_server import make_database
from tests.test_cli import hairfeed

NOW = datetime(2026, 11, 26, 9, 0, 0, 123456, tzinfo=UTC)
VALUES: dict[type, Any] = {
    JSON: {"b": [1, 2.5, None], "a": "ä\n"},
    Boolean: True,
    Date: date(2026, 11, 26),
    Instant: NOW,
    DateTime: NOW,
    Float: 0.1,
    LargeBinary: b"\0\xff",
}


def a_value(column: "Column[Any]") -> Any:
    """A value for the column; a key that others refer to is the same in all tables."""
    for kind, value in VALUES.items():
        if isinstance(column.type, kind):
            return value
    return 7 if column.type.python_type is int or isinstance(column.type, Integer) else "ü🦔"[: getattr(column.type, "length", 9)]


def fill(ledger: Ledger) -> None:
    """A row in every table."""
    with ledger.write() as connection:
        for table in metadata.sorted_tables:
            connection.execute(insert(table).values({column.name: a_value(column) for column in table.columns}))


def rows(url: str) -> dict[str, list[Any]]:
    """Everything in the ledger."""
    ledger = open_ledger(url, 5)
    with ledger.read() as connection:
        found = {table.name: [tuple(row) for row in connection.execute(select(table))] for table in metadata.sorted_tables}
    ledger.close()
    return found


def copied(source: str, target: str) -> dict[str, int]:
    return copy_ledger(source, target, 5, Nobody())


@pytest.fixture
def empty(postgresql: str) -> str:
    """An empty database on a server."""
    return make_database(postgresql)


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A ledger in a file, with a row in every table."""
    url = f"sqlite:///{tmp_path / 'hairfeed.db'}"
    ledger = open_ledger(url, 5)
    fill(ledger)
    ledger.close()
    return url


def is_untouched(url: str) -> bool:
    """Whether the database has no row."""
    return not any(rows(url).values())


def test_every_table_comes_over_and_back(file: str, empty: str, tmp_path: Path) -> None:
    back = f"sqlite:///{tmp_path / 'back.db'}"
    expected = dict.fromkeys(metadata.tables, 1)
    assert copied(file, empty) == expected
    assert copied(empty, back) == expected
    assert rows(file) == rows(empty) == rows(back)


def test_what_is_not_there_stays_nothing(empty: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hairfeed.db'}"
    ledger = open_ledger(url, 5)
    with ledger.write() as connection:
        connection.execute(insert(runs).values(now_at=NOW, started_at=NOW, state="running"))
    ledger.close()
    copied(url, empty)
    ledger = open_ledger(empty, 5)
    with ledger.read() as connection:
        assert connection.execute(text("SELECT report IS NULL FROM runs")).scalar() is True
    ledger.close()


def test_new_rows_get_numbers_above_those_that_came(file: str, empty: str) -> None:
    copied(file, empty)
    ledger = open_ledger(empty, 5)
    with ledger.write() as connection:
        made = insert(subscribers).values(email="ann@example.com", created_at=NOW).returning(subscribers.c.id)
        assert connection.execute(made).scalar_one() == 8
    ledger.close()


def test_a_publication_goes_on_where_it_was(publication: Publication, empty: str) -> None:
    publication.subscribe("ann@example.com", "ben@example.com")
    publication.page("archive")
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    done = hairfeed("store", "copy", "--to", empty, "-c", publication.config)
    assert (done.returncode, done.stderr) == (0, "")
    assert "counts and checksums equal; now let store.url name the copy" in done.stdout
    publication.configure("sqlite:///../hairfeed.db", empty)
    assert str(receipt(publication.run(NEXT_FRIDAY))) == "owed 2  accepted 2  refused 0  unknown 0"


def test_no_row_is_added_to_a_ledger(file: str, empty: str) -> None:
    copied(file, empty)
    with pytest.raises(CopyError, match=r"is not empty \(.*name a new database: nothing was copied"):
        copied(file, empty)


def test_nothing_is_put_beside_the_tables_of_something_else(file: str, empty: str) -> None:
    ledger = unprepared(empty, 5)
    with ledger.write() as connection:
        connection.execute(text("CREATE TABLE orders (id integer)"))
    with pytest.raises(CopyError, match=r"is not empty \(table orders\)"):
        copied(file, empty)
    with ledger.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar() == 1
    ledger.close()


@pytest.mark.parametrize("which", ["source", "target"])
def test_not_while_a_pass_is_at_work(file: str, empty: str, which: str) -> None:
    ledger = open_ledger(file if which == "source" else empty, 5)
    with ledger.pass_lock() as free:
        assert free
        with pytest.raises(CopyError, match="a pass is at work"):
            copied(file, empty)
    ledger.close()
    assert is_untouched(empty)


def test_a_ledger_of_another_release_is_left_alone(file: str, empty: str) -> None:
    ledger = open_ledger(file, 5)
    with ledger.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    ledger.close()
    with pytest.raises(StoreError, match="has schema 0000, this HairFeed knows"):
        copied(file, empty)


def test_what_the_server_does_not_take_is_named_and_nothing_is_copied(file: str, empty: str) -> None:
    ledger = open_ledger(file, 5)
    with ledger.write() as connection:
        connection.execute(insert(subscribers).values(email=f"{'a' * 400}@example.com", created_at=NOW))
    ledger.close()
    with pytest.raises(CopyError, match=r"table subscribers: value too long .*: nothing was copied") as raised:
        copied(file, empty)
    assert "aaaa" not in str(raised.value)
    assert is_untouched(empty)


def test_a_copy_that_differs_is_seen_and_thrown_away(file: str, empty: str) -> None:
    ledger = open_ledger(empty, 5)
    with ledger.write() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION alter_name() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN NEW.name = NEW.name || ' '; RETURN NEW; END $$"
        )
        connection.execute(
            text("CREATE TRIGGER alter_name BEFORE INSERT ON subscribers FOR EACH ROW EXECUTE FUNCTION alter_name()")
        )
    ledger.close()
    with pytest.raises(CopyError, match="table subscribers has 1 rows with another checksum than the 1 that were read"):
        copied(file, empty)
    assert is_untouched(empty)


def test_a_copy_that_is_killed_leaves_nothing_and_can_be_made_again(file: str, empty: str) -> None:
    open_ledger(empty, 5).close()

    def die_half_way() -> None:
        def statement(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.startswith("INSERT INTO batches"):
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "after_cursor_execute", statement)
        copied(file, empty)

    _, ending = os.waitpid(forked(die_half_way), 0)
    assert os.WTERMSIG(ending) == signal.SIGKILL
    assert is_untouched(empty)
    assert sum(copied(file, empty).values()) == len(metadata.tables)


def test_a_name_that_is_no_store_is_refused(publication: Publication) -> None:
    done = hairfeed("store", "copy", "--to", "mysql://host/hair", "-c", publication.config)
    assert done.returncode == 2
    assert "is no store" in done.stderr
