"""Copies of a ledger in a file: made while it is in use, proven, and put back. For SQLite; a server has its own tools."""

import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, update
from sqlalchemy.engine import make_url

from hairfeed.errors import BackupError
from hairfeed.files import sync_folder
from hairfeed.models.articles import ArticleState, Mailing
from hairfeed.models.issues import OPEN, BatchState, IssueState
from hairfeed.store import silence
from hairfeed.store.database import SCHEMA_VERSION, open_ledger
from hairfeed.store.schema.articles import articles, sources
from hairfeed.store.schema.deliveries import batches, letters
from hairfeed.store.schema.issues import issues, newsletters
from hairfeed.store.schema.subscribers import greetings, sign_ups

_PAGES = 4096
"""Copied between two looks at whether it goes on: 16 MB."""
_VERSIONS = "alembic_version"
_FROM_A_BACKUP = "from a backup: it may have been sent since"
PATIENCE = 30.0
"""Seconds to wait for other programs to let go of the file."""


def ledger_file(url: str) -> Path:
    """The file of a ledger.

    Raises:
        BackupError: it is on a server.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise BackupError("the ledger is on a PostgreSQL server: use pg_dump and pg_restore (docs/operating.md)")
    return Path(parsed.database or "")


def back_up(url: str, to: Path, patience: float = PATIENCE) -> dict[str, int]:
    """Copy the ledger as it is at this moment to the file `to`, which appears whole or not at all; the rows of each table.

    Raises:
        BackupError: it cannot be read, copied or proven; what is at `to` stays as it was.
    """
    ledger = ledger_file(url)
    if to.exists() and ledger.exists() and to.samefile(ledger):
        raise BackupError(f"{to}: is the ledger itself; name another file")
    if to.is_dir():
        raise BackupError(f"{to}: is a folder; name a file in it")
    with _named(ledger, to), closing(_opened(ledger, patience)) as source:
        # All that follows sees this one state.
        source.execute("BEGIN")
        rows = _rows(source)
        to.parent.mkdir(parents=True, exist_ok=True)
        # A name of its own, for two at once; for its owner alone, since it holds addresses and the installation's secret.
        descriptor, name = tempfile.mkstemp(prefix=f".{to.name}.", suffix=".part", dir=to.parent)
        os.close(descriptor)
        unfinished = Path(name)
        try:
            with closing(sqlite3.connect(unfinished, isolation_level=None)) as copy:
                _copy(source, copy, patience)
                copy.execute("PRAGMA journal_mode = DELETE")
            _prove(unfinished, rows)
            with unfinished.open("rb") as file:
                os.fsync(file.fileno())
            unfinished.replace(to)
            sync_folder(to.parent)
        finally:
            unfinished.unlink(missing_ok=True)
    return rows


def restore(url: str, backup: Path, keep_as: Path, nothing_again: datetime | None, patience: float = PATIENCE) -> dict[str, int]:
    """Put a backup in the place of the ledger, whose pass lock the caller holds; the rows of each table.

    What is there now is kept as `keep_as`. Programs that have the ledger open see the one state or the other. With
    `nothing_again`, which is now, nothing that may have been mailed since the backup is mailed again.

    Raises:
        BackupError: the backup is damaged, or made by a newer version, or there is no room; the ledger stays as it was.
    """
    ledger = ledger_file(url)
    with _named(backup, ledger):
        ledger.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{ledger.name}.", dir=ledger.parent) as folder:
            # All is done to a copy, so that a kill at any moment leaves the old ledger or all of the new one.
            ready = Path(folder) / ledger.name
            _refuse_newer(backup)
            rows = back_up(f"sqlite:///{backup}", ready)
            if nothing_again is not None:
                _mail_nothing_again(ready, nothing_again)
            _put(ready, ledger, keep_as, patience)
    return rows


def _put(ready: Path, ledger: Path, keep_as: Path, patience: float) -> None:
    if _is_damaged(ledger, patience):
        # Nothing can be written into it any more; its companions would be taken for the new one's.
        for suffix in ("", "-wal", "-shm"):
            damaged = ledger.with_name(ledger.name + suffix)
            if damaged.exists():
                damaged.replace(keep_as.with_name(keep_as.name + suffix))
    if not ledger.exists():
        back_up(f"sqlite:///{ready}", ledger)
        return
    back_up(f"sqlite:///{ledger}", keep_as, patience)
    with closing(_opened(ready)) as source, closing(_opened(ledger, patience)) as target:
        _copy(source, target, patience)


def _mail_nothing_again(file: Path, now: datetime) -> None:
    copy = open_ledger(f"sqlite:///{file}", PATIENCE)
    try:
        with copy.write() as connection:
            mail_nothing_again(connection, now)
    finally:
        copy.close()


def mail_nothing_again(connection: Connection, now: datetime) -> None:
    """Whatever was mailed after the backup was made is unknown: what is there is not for the mail, what is open is in doubt."""
    connection.execute(update(newsletters).values(last_due_at=now, started_at=now))
    connection.execute(update(sources).values(baseline_at=None))
    went_live = (articles.c.state == ArticleState.HELD, articles.c.published_at <= now)
    connection.execute(update(articles).where(*went_live).values(mailing=Mailing.BASELINE))
    # Their articles stay taken.
    for before, after in ((IssueState.DRAFT, IssueState.CANCELLED), (IssueState.APPROVED, IssueState.DONE)):
        connection.execute(update(issues).where(issues.c.state == before).values(state=after))
    # With no provider, for none can answer: since the backup it may have been called anew, or for parts of the batch.
    doubt = {"state": BatchState.IN_DOUBT, "provider": None, "next_try_at": None, "note": _FROM_A_BACKUP}
    connection.execute(update(batches).where(batches.c.state.in_(OPEN)).values(doubt))
    left = {"state": BatchState.SKIPPED, "text": "", "html": "", "note": _FROM_A_BACKUP}
    connection.execute(update(letters).where(letters.c.state.in_(OPEN)).values(left))
    # Each would be asked to confirm, or be greeted, again.
    connection.execute(delete(sign_ups))
    connection.execute(delete(greetings))
    # Who has been asked since, or has answered, is unknown.
    silence.begin_anew(connection, now)


def _opened(file: Path, patience: float = PATIENCE) -> sqlite3.Connection:
    if not file.is_file():
        raise BackupError(f"{file}: there is no such file")
    return sqlite3.connect(file, timeout=patience, isolation_level=None)


def _copy(source: sqlite3.Connection, target: sqlite3.Connection, patience: float) -> None:
    moved = [-1, time.monotonic()]

    def look(_status: int, remaining: int, _total: int) -> None:
        # A file that another program holds is tried again and again, for ever.
        if remaining != moved[0]:
            moved[:] = remaining, time.monotonic()
        elif time.monotonic() - moved[1] > patience:
            raise BackupError("another program holds the ledger and does not end; stop it and start again (nothing was changed)")

    source.backup(target, pages=_PAGES, progress=look)


def _prove(file: Path, expected: dict[str, int]) -> None:
    with closing(_opened(file)) as connection:
        (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            raise BackupError(f"{file}: is damaged: {found}")
        if connection.execute("PRAGMA foreign_key_check").fetchone():
            raise BackupError(f"{file}: is damaged: a row refers to one that is not there")
        if _rows(connection) != expected:
            raise BackupError(f"{file}: has not the rows that were to be copied")


def _is_damaged(file: Path, patience: float) -> bool:
    """Whether there is a file that SQLite cannot work with. One that another program holds is not damaged."""
    if not file.exists():
        return False
    try:
        with closing(_opened(file, patience)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",))
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorname.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return True
        raise


def _rows(connection: sqlite3.Connection) -> dict[str, int]:
    """The rows of every table of a ledger, of whichever release."""
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    if _VERSIONS not in tables:
        raise BackupError("this is no ledger of HairFeed")
    # Their names are our own.
    return {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
        for name in tables
        if name != _VERSIONS and not name.startswith("sqlite_")
    }


def _refuse_newer(backup: Path) -> None:
    """A backup of an older release is brought up to date; of a newer one nobody here knows what is in it."""
    with closing(_opened(backup)) as connection:
        _rows(connection)
        (version,) = connection.execute(f"SELECT version_num FROM {_VERSIONS}").fetchone() or ("none",)  # noqa: S608
    if version == SCHEMA_VERSION:
        return
    # Alembic takes most of a second to import.
    from hairfeed.store.migrate import is_known

    if not is_known(version):
        raise BackupError(f"made by a newer HairFeed (schema {version}, this one knows {SCHEMA_VERSION}); install that version")


@contextmanager
def _named(source: Path, target: Path) -> Iterator[None]:
    try:
        yield
    except BackupError as error:
        raise error if str(source) in str(error) or str(target) in str(error) else BackupError(f"{source}: {error}") from error
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            raise BackupError(f"{source}: is no ledger of HairFeed; nothing was changed") from error
        raise BackupError(f"{source} could not be copied to {target}: {error}; nothing was changed") from error
    except OSError as error:
        raise BackupError(f"{error.filename or target}: {error.strerror}; nothing was changed") from error
