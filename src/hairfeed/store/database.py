"""Open the ledger, migrate it, and hold its transactions and the lock of a pass."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError

from hairfeed.errors import StoreError
from hairfeed.store.sqlite import Sqlite

if TYPE_CHECKING:
    from hairfeed.store.postgresql import Postgresql

__all__ = ["SCHEMA_VERSION", "Connection", "Ledger", "existing_ledger", "open_ledger", "pass_lock", "schema_version", "unprepared"]

SCHEMA_VERSION = "0001"
"""The newest migration."""
_IN_STEP = timedelta(seconds=2)
"""Clocks that differ by less are the same: so much may lie between a question and its answer."""


class Ledger:
    """The database with its transactions; `open_ledger` makes one."""

    def __init__(self, database: "Sqlite | Postgresql") -> None:
        """`database` knows what differs from one kind to the other."""
        self._database = database
        self.name = database.name
        """How people know it: a file, or an address without its password."""
        self.before_commit: Callable[[Connection], None] | None = None
        """What each transaction that writes does last."""

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the ledger from beginning to end.

        Raises:
            StoreError: the database cannot be read.
        """
        database = self._database
        with self._named(), database.engine.connect().execution_options(**database.reads) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is committed at the end, or not at all.

        Raises:
            StoreError: the database cannot be written, or another program holds it for too long.
        """
        database = self._database
        with (
            self._named(),
            database.turn,
            database.engine.connect().execution_options(**database.writes) as connection,
            connection.begin(),
        ):
            yield connection
            if self.before_commit is not None:
                self.before_commit(connection)

    @contextmanager
    def write_and_give_way(self) -> Iterator[Connection]:
        """`write`, for one of very many transactions in a row: then others have as much time to write as it took.

        Raises:
            StoreError: as `write`.
        """
        with self.write() as connection:
            began = monotonic()
            yield connection
        self._database.give_way(monotonic() - began)

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """A transaction for migrations: no other writer is let in, and tables may be made anew that others refer to.

        Raises:
            StoreError: as for `write`.
        """
        database = self._database
        with self._named(), database.turn, database.engine.connect().execution_options(**database.migrates) as connection:
            # What is switched off for it is so for nobody after it.
            connection.detach()
            with connection.begin():
                database.be_alone(connection)
                yield connection

    def pass_lock(self) -> AbstractContextManager[bool]:
        """Hold the right to run a pass; False when another process has it. The end of the process, however violent, frees it.

        Raises:
            StoreError: it cannot be asked for.
        """
        return self._pass_lock()

    @contextmanager
    def _pass_lock(self) -> Iterator[bool]:
        with self._named(), self._database.pass_lock() as free:
            yield free

    def is_pass_lock_held(self, connection: Connection) -> bool:
        """Whether somebody has it: who makes a pass, or keeps others from making one.

        Raises:
            StoreError: it cannot be asked for.
        """
        return self._database.is_pass_lock_held(connection)

    @property
    def lock_ends_with_its_process(self) -> bool:
        """Whether nothing else frees a pass's lock, so that whoever has it knows that every earlier pass is gone."""
        return self._database.lock_ends_with_its_process

    def try_to_write(self) -> None:
        """Begin to write, and leave everything as it is.

        Raises:
            StoreError: it cannot be written.
        """
        database = self._database
        with self._named(), database.engine.connect().execution_options(**database.writes) as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
            connection.rollback()

    def shared_time(self, now: datetime) -> datetime:
        """The time for all who share this ledger, where it is `now` on this machine: leases end by one clock, the server's.

        Raises:
            StoreError: the database cannot be asked.
        """
        with self.read() as connection:
            theirs = self._database.time(connection)
        return now if theirs is None or abs(theirs - now) < _IN_STEP else theirs

    def size(self) -> int:
        """Bytes that it takes on the disk.

        Raises:
            StoreError: the database cannot be read.
        """
        with self.read() as connection:
            return self._database.size(connection)

    def be_alone(self, connection: Connection) -> None:
        """Let no other writer in before the end of this transaction; those that ask for it wait."""
        self._database.be_alone(connection)

    def expect_fit(self, connection: Connection) -> None:
        """See that a ledger can be made in the database.

        Raises:
            StoreError: it cannot.
        """
        self._database.expect_fit(connection)

    def server(self) -> dict[str, Any]:
        """How psycopg connects to the server that the ledger is on.

        Raises:
            StoreError: it is in a file.
        """
        arguments = self._database.arguments()
        if arguments is None:
            raise StoreError(
                f"{self.name}: is a file, and workers share a PostgreSQL server; 'hairfeed up' works on one machine, "
                "'hairfeed store copy' moves the ledger to a server"
            )
        return arguments

    def close(self) -> None:
        """Give all connections back."""
        self._database.engine.dispose()

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Turn what the database says into an error that names it and says what to do."""
        try:
            yield
        except DatabaseError as error:
            trouble = self._database.trouble(error)
            if trouble is None:
                raise
            raise trouble from error


def open_ledger(url: str, lock_timeout: float) -> Ledger:
    """The ledger at `url`, made or migrated to the newest version first; `lock_timeout` is in seconds.

    Raises:
        StoreError: it cannot be opened, is locked, is no database, or was made by a newer HairFeed.
    """
    ledger = Ledger(_database(url, lock_timeout))
    try:
        _migrate(ledger)
    except BaseException:
        ledger.close()
        raise
    return ledger


def existing_ledger(url: str, lock_timeout: float) -> Ledger:
    """The ledger at `url` for those who only read: neither made nor migrated; `lock_timeout` is in seconds.

    Raises:
        StoreError: there is none, it cannot be read, or it was made by another version of HairFeed.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        raise _no_ledger_yet(str(parsed.database))
    ledger = Ledger(_database(url, lock_timeout))
    try:
        with ledger.read() as connection:
            found = schema_version(connection)
    except BaseException:
        ledger.close()
        raise
    if found == SCHEMA_VERSION:
        return ledger
    ledger.close()
    if found is None:
        raise _no_ledger_yet(ledger.name)
    raise StoreError(f"{ledger.name}: has schema {found}, this HairFeed knows {SCHEMA_VERSION}; make a pass first: hairfeed run")


def _no_ledger_yet(name: str) -> StoreError:
    return StoreError(f"{name}: there is no ledger yet; make a pass first: hairfeed run")


def unprepared(url: str, lock_timeout: float) -> Ledger:
    """The database at `url` as it is: with a ledger, with something else, or empty; `lock_timeout` is in seconds."""
    return Ledger(_database(url, lock_timeout))


def pass_lock(url: str) -> AbstractContextManager[bool]:
    """The right to run a pass on a ledger that need not be sound, or there; see `Ledger.pass_lock`."""
    return _database(url, 1).pass_lock()


def _database(url: str, lock_timeout: float) -> "Sqlite | Postgresql":
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return Sqlite(parsed, lock_timeout)
    # Only who has a server pays for its driver.
    from hairfeed.store.postgresql import Postgresql

    return Postgresql(parsed, lock_timeout)


def _migrate(ledger: Ledger) -> None:
    with ledger.read() as connection:
        found = schema_version(connection)
    if found == SCHEMA_VERSION:
        return
    # Alembic takes most of a second to import: only a ledger that needs it pays.
    from hairfeed.store.migrate import is_known, upgrade

    if found is not None and not is_known(found):
        raise StoreError(
            f"{ledger.name}: made by a newer HairFeed (schema {found}, this one knows {SCHEMA_VERSION}); nothing was touched: "
            "install that version, or name another store.url"
        )
    with ledger.migrating() as connection:
        ledger.expect_fit(connection)
        upgrade(connection)


def schema_version(connection: Connection) -> str | None:
    """The ledger's own version; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
