"""The ledger on a server: PostgreSQL, by psycopg."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, ClassVar

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, NoSuchModuleError, OperationalError

from hairfeed.errors import StoreError

_PASS_LOCK = 0x48616972466565
"""The advisory lock that a pass holds: "HairFee" in ASCII."""
_LONE_WRITER = _PASS_LOCK + 1

_ADVICE = {
    "55P03": "another program holds a row for too long; stop it and start again (nothing was changed)",
    "53100": "the server's disk is full; make room and start again (nothing was changed)",
    "42501": "this user may not do that; let the user own the database",
    "25006": "the database is read-only; name the primary server in store.url",
}
"""By SQLSTATE (postgresql.org/docs/current/errcodes-appendix.html)."""
_DOWN = ("08", "57P", "53300")
"""How the SQLSTATEs begin of a connection that is lost, of a server that stops or starts, and of one with too many connections."""


class Postgresql:
    """How PostgreSQL is opened, locked and understood."""

    # A reader sees one state from beginning to end, as SQLite's do.
    reads: ClassVar = {"isolation_level": "REPEATABLE READ"}
    writes: ClassVar = {"isolation_level": "READ COMMITTED"}
    migrates = writes
    # It ends with its connection: a server that starts anew frees the lock of a pass that goes on.
    lock_ends_with_its_process = False

    def __init__(self, url: URL, lock_timeout: float) -> None:
        """The timeout, in seconds, is for connecting and for every lock.

        Raises:
            StoreError: the driver is not installed.
        """
        self.turn = nullcontext()
        self.name = url.render_as_string(hide_password=True)
        # A parameter of the URL, `?options=`, goes with ours.
        options = f"-c lock_timeout={round(lock_timeout * 1000)} -c timezone=UTC {url.query.get('options', '')}"
        self._arguments: dict[str, Any] = {"connect_timeout": max(2, round(lock_timeout)), "options": options.strip()}
        try:
            self.engine: Engine = create_engine(url, connect_args=self._arguments, pool_pre_ping=True, hide_parameters=True)
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            raise StoreError(f"{self.name}: the driver is missing; install hairfeed[postgresql]") from error

    @contextmanager
    def pass_lock(self) -> Iterator[bool]:
        """Hold an advisory lock; the server frees it with the end of the connection."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            free = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _PASS_LOCK}).scalar_one()
            try:
                yield bool(free)
            finally:
                # If the connection is gone, so is the lock.
                if free and not connection.invalidated:
                    with suppress(OperationalError):
                        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _PASS_LOCK})

    def arguments(self) -> dict[str, Any]:
        """What psycopg connects with."""
        _, named = self.engine.dialect.create_connect_args(self.engine.url)
        return {**named, **self._arguments}

    def size(self, connection: Connection) -> int:
        """Of the whole database."""
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())

    def be_alone(self, connection: Connection) -> None:
        """Hold an advisory lock until the end of the transaction."""
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LONE_WRITER})

    def give_way(self, _seconds: float) -> None:
        """Writers do not wait for each other."""

    def is_down(self, error: DatabaseError) -> bool:
        """Whether the server, not what was asked of it, is the trouble."""
        code = getattr(error.orig, "sqlstate", None)
        # What the client says by itself, as of a connection that cannot be made, has no code.
        return isinstance(error, OperationalError) and (code is None or code.startswith(_DOWN))

    def advice(self, error: DatabaseError) -> str | None:
        """What went wrong and what to do, in words; None for what is a fault of ours."""
        original: Any = error.orig
        code = getattr(original, "sqlstate", None) or ""
        if code in _ADVICE:
            return _ADVICE[code]
        if not isinstance(error, OperationalError):
            return None
        said = " ".join(str(original).split())
        return f"the database cannot be used: {said}; see that its server runs, and start again"
