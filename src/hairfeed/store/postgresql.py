"""The ledger on a server: PostgreSQL, by psycopg."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, NoSuchModuleError, OperationalError

from hairfeed.errors import StoreDown, StoreError, StoreRefused

_PASS_LOCK = 0x48616972466565
"""The advisory lock that a pass holds: "HairFee" in ASCII."""
_LONE_WRITER = _PASS_LOCK + 1

_LET_GO = {
    "tcp_keepalives_idle": 30,
    "tcp_keepalives_interval": 10,
    "tcp_keepalives_count": 3,
    "idle_in_transaction_session_timeout": "15min",
}
"""The server's part: it frees the locks of a machine that went dark within a minute, and of a process that stands still in time."""
_WHATEVER_IT_IS_SET_TO = {"timezone": "UTC", "datestyle": "ISO", "default_transaction_isolation": r"read\ committed"}
"""psycopg reads no dates but those of ISO; the queue's own statements are made for what is usual, and fail under more."""
_NOTICE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}
"""Our part: a server that went dark is not waited for for hours. The last is in milliseconds, the others in seconds."""

_ADVICE = {
    "55P03": "another program holds a row for too long; stop it and start again (nothing was changed)",
    "53100": "the server's disk is full; make room and start again (nothing was changed)",
    "42501": "this user may not do that; let the user own the database",
    "25P03": "this process stood still in the middle of a change, which came to nothing; let it run, and start again",
    "25006": "the database is read-only; name the primary server in store.url",
}
"""By SQLSTATE (postgresql.org/docs/current/errcodes-appendix.html)."""
_SECRETS = ("password", "sslpassword")
"""Parameters of an address that libpq takes a password from."""
_OLDEST = 13
"""The queue of workers needs it, too."""
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
        self.name = url.difference_update_query(_SECRETS).render_as_string(hide_password=True)
        # Parameters of the URL go before ours: `?options=` with them, others in their place.
        ours = {"lock_timeout": round(lock_timeout * 1000), **_WHATEVER_IT_IS_SET_TO, **_LET_GO}
        options = " ".join([*(f"-c {name}={value}" for name, value in ours.items()), str(url.query.get("options", ""))])
        self._arguments: dict[str, Any] = {"connect_timeout": max(2, round(lock_timeout)), "options": options.strip()}
        self._arguments |= {name: value for name, value in _NOTICE.items() if name not in url.query}
        try:
            self.engine: Engine = create_engine(url, connect_args=self._arguments, pool_pre_ping=True, hide_parameters=True)
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            raise StoreError(f"{self.name}: the driver is missing; install hairfeed[postgresql]") from error

    @contextmanager
    def pass_lock(self) -> Iterator[bool]:
        """Hold an advisory lock; the server frees it with the end of the connection.

        It is a transaction's, which a pooler between leaves to one client to its end; a session's might be handed to two.
        """
        with self.engine.connect().execution_options(**self.writes) as connection:
            # It stands still by right, for as long as the pass takes.
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            # Without a parameter: with one the server keeps the statement's view to the end, and nothing is vacuumed meanwhile.
            free = connection.execute(text(f"SELECT pg_try_advisory_xact_lock({_PASS_LOCK})")).scalar_one()
            if not free:
                connection.rollback()
            try:
                yield bool(free)
            finally:
                # If the connection is gone, so is the lock.
                with suppress(OperationalError):
                    connection.rollback()

    def is_pass_lock_held(self, connection: Connection) -> bool:
        """The server tells everybody who has which locks."""
        held = text(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
            "AND classid = :high AND objid = :low "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
        )
        high, low = divmod(_PASS_LOCK, 1 << 32)
        return bool(connection.execute(held, {"high": high, "low": low}).scalar_one())

    def arguments(self) -> dict[str, Any]:
        """What psycopg connects with."""
        _, named = self.engine.dialect.create_connect_args(self.engine.url)
        return {**named, **self._arguments}

    def time(self, connection: Connection) -> datetime:
        """By the server's clock."""
        now: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return now

    def size(self, connection: Connection) -> int:
        """Of the whole database."""
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())

    def be_alone(self, connection: Connection) -> None:
        """Hold an advisory lock until the end of the transaction."""
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LONE_WRITER})

    def expect_fit(self, connection: Connection) -> None:
        """See that a ledger can be made there.

        Raises:
            StoreError: the server is too old, or the database keeps no Unicode.
        """
        version = connection.execute(text("SHOW server_version")).scalar_one()
        encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
        trouble = unfit(version, encoding)
        if trouble:
            raise StoreError(f"{self.name}: {trouble}")

    def give_way(self, _seconds: float) -> None:
        """Writers do not wait for each other."""

    def trouble(self, error: DatabaseError) -> StoreError | None:
        """What went wrong, for which the server may be asked, and what to do; None for what is a fault of ours."""
        original: Any = error.orig
        code = getattr(original, "sqlstate", None)
        if code in _ADVICE:
            return StoreError(f"{self.name}: {_ADVICE[code]}")
        if not isinstance(error, OperationalError):
            return None
        said = " ".join(str(original).split())
        if "unsupported startup parameter" in said:
            advice = "this is a pooler that does not pass on what sessions need; name the server itself in store.url"
            return StoreRefused(f"{self.name}: {said}: {advice}")
        if _is_refused(original):
            advice = "mend store.url (host, database, user, password), or what the server allows this user, and start again"
            return StoreRefused(f"{self.name}: the server runs, and does not let HairFeed in: {said}; {advice}")
        # What the client says by itself, as of a connection that is lost, has no code.
        kind = StoreDown if code is None or code.startswith(_DOWN) else StoreError
        return kind(f"{self.name}: the database cannot be used: {said}; see that its server runs, and start again")


def _is_refused(error: Any) -> bool:
    """Whether the server takes connections, and did not take this one; one that starts or stops takes none.

    libpq keeps the SQLSTATE of a connection that fails to itself, and its words are in the server's language. But it tells whether
    the server gave another one than that of starting and stopping, 57P03 (postgresql.org/docs/current/libpq-connect.html, PQping).
    """
    if getattr(error, "pgconn", None) is None:
        # The connection was there, or nobody answered.
        return False
    from psycopg import pq
    from psycopg.conninfo import make_conninfo

    asked = {option.keyword.decode(): option.val.decode() for option in error.pgconn.info if option.val is not None}
    address = make_conninfo(**asked).encode()

    def is_up() -> bool:
        return pq.PGconn.ping(address) == pq.Ping.OK

    def lets_in() -> bool:
        connection = pq.PGconn.connect(address)
        status = connection.status
        connection.finish()
        return status == pq.ConnStatus.OK

    # It may have come up since: it refuses us if it is up before and after it does.
    return is_up() and not lets_in() and is_up()


def unfit(version: str, encoding: str) -> str | None:
    """Why no ledger can be kept by a server of this version, in a database of this encoding; None where it can."""
    if int(re.match(r"\d*", version)[0] or 0) < _OLDEST:  # type: ignore[index]
        return f"PostgreSQL {version} is too old; HairFeed needs {_OLDEST} or newer"
    if encoding != "UTF8":
        return (
            f"the database keeps texts in {encoding}, which has not all characters; "
            "make one in UTF8: createdb --encoding=UTF8 --template=template0"
        )
    return None
