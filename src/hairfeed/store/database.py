"""Open the ledger, migrate it, and hold its transactions and the lock of a pass."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError

from hairfeed.errors import StoreError

__all__ = ["SCHEMA_VERSION", "Connection", "Ledger", "open_ledger", "schema_version"]

SCHEMA_VERSION = "0002"
"""The newest migration."""

_ADVICE = {
    "SQLITE_BUSY": "another program is writing to the database and does not end; stop it and start again (nothing was changed)",
    "SQLITE_READONLY": "the database is read-only for this user; allow writing to the file and its folder",
    "SQLITE_FULL": "the disk is full; make room and start again (nothing was changed)",
    "SQLITE_NOTADB": "this file is no SQLite database; name another store.url or move the file away",
    "SQLITE_CORRUPT": "the database is damaged; move the file away and put your newest backup in its place",
}


class Ledger:
    """The database with its transactions; `open_ledger` makes one."""

    def __init__(self, engine: Engine, file: Path) -> None:
        """`file` is where SQLite keeps it."""
        self._engine = engine
        self._file = file

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the ledger from beginning to end.

        Raises:
            StoreError: the database cannot be read.
        """
        with _named(self._file), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is committed at the end, or not at all.

        Raises:
            StoreError: the database cannot be written, or another program holds it for too long.
        """
        with _named(self._file), self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def pass_lock(self) -> Iterator[bool]:
        """Hold the right to run a pass; False when another process has it. The end of the process, however violent, frees it."""
        lock = FileLock(self._file.with_name(self._file.name + ".lock"))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        except OSError as error:
            raise StoreError(f"{lock.lock_file}: cannot be made or locked: {error.strerror or error}") from error
        try:
            yield True
        finally:
            lock.release()

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()


def open_ledger(url: str, lock_timeout: float) -> Ledger:
    """The ledger at `url`, made or migrated to the newest version first; `lock_timeout` is in seconds.

    Raises:
        StoreError: it cannot be opened, is locked, is no database, or was made by a newer HairFeed.
    """
    file = Path(make_url(url).database or "")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{file.parent}: cannot be made: {error.strerror}; the store's folder must be writable") from error
    engine = create_engine(url, connect_args={"timeout": lock_timeout})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    ledger = Ledger(engine, file)
    try:
        _migrate(ledger)
    except BaseException:
        ledger.close()
        raise
    return ledger


def _migrate(ledger: Ledger) -> None:
    with ledger.read() as connection:
        found = schema_version(connection)
    if found == SCHEMA_VERSION:
        return
    # Alembic takes most of a second to import: only a ledger that needs it pays.
    from hairfeed.store.migrate import is_known, upgrade

    if found is not None and not is_known(found):
        raise StoreError(
            f"{ledger._file}: made by a newer HairFeed (schema {found}, this one knows {SCHEMA_VERSION}); nothing was touched: "
            "install that version, or name another store.url"
        )
    with ledger.write() as connection:
        upgrade(connection)


def schema_version(connection: Connection) -> str | None:
    """The ledger's own version; None for an empty database."""
    tables = connection.execute(text("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'")).scalar_one()
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if tables else None


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Settings of each new connection (sqlite.org/pragma.html).

    The driver's own transactions are switched off: `_begin_sqlite` begins them, so that DDL is in them too. FULL, because a commit
    that a power cut takes back would let a submitted batch look untouched.
    """
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once: one that reads first and upgrades later can fail in the middle."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """Turn what the database says into an error that names the file and what to do."""
    try:
        yield
    except DatabaseError as error:
        advice = _advice(error)
        if advice is None:
            raise
        raise StoreError(f"{file}: {advice}") from error


def _advice(error: DatabaseError) -> str | None:
    original: Any = error.orig
    code: str = getattr(original, "sqlite_errorname", "") or ""
    # An extended code, like SQLITE_BUSY_SNAPSHOT, begins with its simple one.
    for simple, advice in _ADVICE.items():
        if code.startswith(simple):
            return advice
    return f"the database cannot be used: {original}" if isinstance(error, OperationalError) else None
