"""The ledger in a file: SQLite."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Any, ClassVar

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, OperationalError

from hairfeed.errors import StoreError

_ADVICE = {
    "SQLITE_BUSY": "another program is writing to the database and does not end; stop it and start again (nothing was changed)",
    "SQLITE_READONLY": "the database is read-only for this user; allow writing to the file and its folder",
    "SQLITE_CANTOPEN": "the database cannot be opened; it must be a file that this user may write to, and to its folder",
    "SQLITE_FULL": "the disk is full; make room and start again (nothing was changed)",
    "SQLITE_IOERR": "the disk takes or gives nothing: see to its quota and its cables, and start again (nothing was changed)",
    "SQLITE_NOTADB": "this file is no SQLite database; name another store.url or move the file away",
    "SQLITE_CORRUPT": "the database is damaged; put your newest backup in its place: hairfeed restore FILE",
}

_GLANCE = 0.01
"""Seconds between two tries where SQLite does not wait by itself."""
_A_LOOK = 1.0
"""Seconds, far more than it takes: a pass does not give way to somebody who only looks whether one is under way."""
_LONGEST_PAUSE = 1.0
"""Seconds: SQLite looks for the lock ten times as often."""


class Sqlite:
    """How SQLite is opened, locked and understood."""

    reads: ClassVar[dict[str, object]] = {}
    writes: ClassVar[dict[str, object]] = {"writes": True}
    migrates: ClassVar[dict[str, object]] = {"writes": True, "migrates": True}
    lock_ends_with_its_process = True

    def __init__(self, url: URL, lock_timeout: float) -> None:
        """Make the file's folder if there is none; the timeout is in seconds.

        Raises:
            StoreError: it cannot be made.
        """
        self.name = url.database or ""
        self._file = Path(self.name)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{self._file.parent}: cannot be made: {error.strerror}; the store's folder must be writable"
            ) from error
        # SQLite lets writers try again by chance, so that one of many may wait for seconds: within a process they stand in a queue.
        self.turn = RLock()
        # A fault's message goes to the log, where no address belongs.
        self.engine: Engine = create_engine(url, connect_args={"timeout": lock_timeout}, hide_parameters=True)
        event.listen(self.engine, "do_connect", partial(_make_private, self._file))
        event.listen(self.engine, "connect", partial(_prepare, lock_timeout))
        event.listen(self.engine, "begin", _begin)

    @contextmanager
    def pass_lock(self, patience: float = _A_LOOK) -> Iterator[bool]:
        """Hold the lock beside the file; the system frees it with the end of the process. A holder is waited for, in seconds."""
        lock = FileLock(self._file.with_name(self._file.name + ".lock"))
        try:
            lock.acquire(timeout=patience, poll_interval=_GLANCE)
        except Timeout:
            yield False
            return
        except OSError as error:
            raise StoreError(f"{lock.lock_file}: cannot be made or locked: {error.strerror or error}") from error
        try:
            yield True
        finally:
            lock.release()

    def is_pass_lock_held(self, _connection: Connection) -> bool:
        """Nobody can tell but who tries to have it, for an instant."""
        with self.pass_lock(patience=0) as free:
            return not free

    def arguments(self) -> None:
        """There is no server to connect to."""

    def time(self, _connection: Connection) -> None:
        """Whoever shares the file has the same machine's clock."""

    def size(self, _connection: Connection) -> int:
        """With what is not written back into the file yet."""
        files = (self._file, self._file.with_name(self._file.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def be_alone(self, connection: Connection) -> None:
        """Every writer is."""

    def expect_fit(self, _connection: Connection) -> None:
        """Every file is."""

    def give_way(self, seconds: float) -> None:
        """Who waits for the lock looks for it now and then, and would hardly ever find it free between two transactions."""
        time.sleep(min(seconds, _LONGEST_PAUSE))

    def trouble(self, error: DatabaseError) -> StoreError | None:
        """What went wrong and what to do; None for what is a fault of ours."""
        original: Any = error.orig
        code: str = getattr(original, "sqlite_errorname", "") or ""
        # An extended code, like SQLITE_BUSY_SNAPSHOT, begins with its simple one.
        for simple, advice in _ADVICE.items():
            if code.startswith(simple):
                return StoreError(f"{self.name}: {advice}")
        if not isinstance(error, OperationalError):
            return None
        return StoreError(f"{self.name}: the database cannot be used: {original}")


def _make_private(file: Path, *_connecting: object) -> None:
    """Before SQLite makes it for all: a new ledger is for its owner's eyes, like its backups, since it holds readers' addresses.

    SQLite's files beside it are for the same eyes.
    """
    # Where it cannot be made, SQLite says why.
    with suppress(OSError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _prepare(lock_timeout: float, connection: sqlite3.Connection, _record: object) -> None:
    """Settings of each new connection (sqlite.org/pragma.html).

    The driver's own transactions are switched off: `_begin` begins them, so that DDL is in them too. FULL, because a commit that
    a power cut takes back would let a submitted batch look untouched.
    """
    connection.isolation_level = None
    _keep_a_write_ahead_log(connection, time.monotonic() + lock_timeout)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # Who is erased is gone from the file, too. Not every build of SQLite does so by itself.
    connection.execute("PRAGMA secure_delete = ON")


def _keep_a_write_ahead_log(connection: sqlite3.Connection, deadline: float) -> None:
    """For good: the file remembers it. While another program makes the ledger, SQLite says no at once instead of waiting."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_GLANCE)
        else:
            return


def _begin(connection: Connection) -> None:
    """A writer takes its lock at once: one that reads first and upgrades later can fail in the middle."""
    options = connection.get_execution_options()
    if options.get("migrates"):
        # To change a column SQLite makes its table anew, which cannot be done to one that others refer to; and in the middle of a
        # transaction this cannot be switched off (sqlite.org/lang_altertable.html §7).
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")
