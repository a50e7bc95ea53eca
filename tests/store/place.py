"""Where the tests keep their ledgers: in files, or, with HAIRFEED_TEST_STORE=postgresql, in databases of a server of theirs."""

import atexit
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from hairfeed.store.database import open_ledger, schema_version, unprepared
from hairfeed.store.schema.whole import metadata

STORE = os.environ.get("HAIRFEED_TEST_STORE", "sqlite")
ON_POSTGRESQL = STORE == "postgresql"
if STORE not in {"sqlite", "postgresql"}:
    sys.exit(f"HAIRFEED_TEST_STORE={STORE}: there are sqlite and postgresql")

touched = False
"""Whether anybody asked for a ledger here since this was last set; see `tests/conftest.py`."""

only_in_a_file = pytest.mark.skipif(ON_POSTGRESQL, reason="what this does, it does to the file of a ledger on SQLite")
"""Of tests of what only such a ledger has, or only a server does not have."""

on_both = pytest.mark.skipif(ON_POSTGRESQL, reason="runs on both databases wherever the other tests are")
"""Of tests that bring a server of their own along."""


def touch() -> None:
    """A test has a ledger here."""
    global touched  # noqa: PLW0603 - pytest's hooks are functions, and this is what they tell each other
    touched = True


def migrated(file: Path) -> str:
    """The address of a new ledger: in `file`, or somewhere on the server."""
    touch()
    if ON_POSTGRESQL:
        return copied(_migrated_database())
    file.write_bytes(_migrated_file())
    return f"sqlite:///{file}"


@cache
def _migrated_file() -> bytes:
    """Migrating takes longer than most tests do."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "hairfeed.db"
        open_ledger(f"sqlite:///{file}", 0.2).close()
        return file.read_bytes()


@cache
def server() -> str:
    """The address of a PostgreSQL server for all tests of this process, each with databases of its own; it runs until `close`."""
    # Not before it is wanted: it knows the tests' own module.
    from tests.store.postgresql_server import programs, running

    folder = programs()
    if folder is None:
        sys.exit("HAIRFEED_TEST_STORE=postgresql: PostgreSQL's server, initdb and postgres, is not installed")
    # For programs of the tests that pytest does not run.
    atexit.register(close)
    return _at_work.enter_context(running(folder))


_at_work = ExitStack()


def close() -> None:
    """No test needs the server any more."""
    _at_work.close()


@cache
def _migrated_database() -> str:
    from tests.store.postgresql_server import make_database

    address = make_database(server())
    open_ledger(address, 5).close()
    return address


def copied(address: str) -> str:
    """The address of a database with all that another one has, which nobody uses meanwhile."""
    name = uuid4().hex
    _made.append(name)
    _administer(f'CREATE DATABASE "{name}" TEMPLATE "{_name(address)}"')
    return f"{server()}/{name}"


_made: list[str] = []


def drop_all() -> None:
    """Let go of all databases that tests have made: thousands of them would fill a disk."""
    if _made:
        _administer(*(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)' for name in _made))
        _made.clear()


class Snapshot:
    """What a ledger that nobody uses holds; left out, nothing but its tables."""

    def __init__(self, address: str | None = None) -> None:
        """Keep what is there now."""
        if ON_POSTGRESQL:
            self._kept = copied(address) if address else _migrated_database()
        else:
            self._bytes = _file(address).read_bytes() if address else _migrated_file()

    def put_back(self, address: str) -> None:
        """Have that ledger hold what was kept, and nothing else."""
        remove(address)
        if ON_POSTGRESQL:
            _administer(f'CREATE DATABASE "{_name(address)}" TEMPLATE "{_name(self._kept)}"')
        else:
            _file(address).write_bytes(self._bytes)


def without_ledger(address: str) -> None:
    """Have nothing there that a ledger could be read from: no file, or a database without tables."""
    remove(address)
    if ON_POSTGRESQL:
        _administer(f'CREATE DATABASE "{_name(address)}"')


def remove(address: str) -> None:
    """Take a ledger away, whoever may use it."""
    if ON_POSTGRESQL:
        _administer(f'DROP DATABASE IF EXISTS "{_name(address)}" WITH (FORCE)')
        return
    file = _file(address)
    for one in (file, file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")):
        one.unlink(missing_ok=True)


def spoil(address: str) -> str:
    """Have something else in the ledger's place; what is then said of it."""
    remove(address)
    if ON_POSTGRESQL:
        return f'"{_name(address)}" does not exist'
    _file(address).write_text("This is a letter to my aunt, and no database at all.\n" * 50)
    return "this file is no SQLite database"


@contextmanager
def held(address: str) -> Iterator[None]:
    """Have another program write to all of a ledger, so that others only read."""
    database = unprepared(address, 5)
    with database.write() as connection:
        if ON_POSTGRESQL:
            connection.exec_driver_sql(f"LOCK TABLE {', '.join(['alembic_version', *metadata.tables])} IN EXCLUSIVE MODE")
        yield
    database.close()


def has_ledger(address: str) -> bool:
    """Whether somebody has made a ledger there."""
    if not ON_POSTGRESQL:
        return _file(address).exists()
    database = unprepared(address, 5)
    with database.read() as connection:
        found = schema_version(connection)
    database.close()
    return found is not None


def contents(address: str) -> object:
    """All that a ledger holds: bytes of a file, or rows by table."""
    if not ON_POSTGRESQL:
        return _file(address).read_bytes()
    return {name: sorted(map(repr, execute(address, f"SELECT * FROM {name}"))) for name in metadata.tables}


def execute(address: str, statement: str) -> list[tuple[Any, ...]]:
    """Do something to a ledger behind its back; the rows that come of it."""
    database = unprepared(address, 5)
    with database.write() as connection:
        done = connection.execute(text(statement))
        rows = [tuple(row) for row in done] if done.returns_rows else []
    database.close()
    return rows


def loose_ends(address: str) -> list[tuple[Any, ...]]:
    """References to rows that are not there; PostgreSQL never has any."""
    return [] if ON_POSTGRESQL else execute(address, "PRAGMA foreign_key_check")


def hang_up(name: str) -> None:
    """See that the server has heard that a process which called itself so is gone: it does at the latest when it answers."""
    if ON_POSTGRESQL:
        _administer(f"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE application_name = '{name}'")


def _file(address: str) -> Path:
    return Path(make_url(address).database or "")


def _name(address: str) -> str:
    return address.rpartition("/")[2]


def _administer(*statements: str) -> None:
    with psycopg.connect(f"{server().replace('+psycopg', '')}/postgres", autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
