"""Where the tests keep their ledgers: in files, or, with HAIRFEED_TEST_STORE=postgresql, in databases of a server of theirs."""

import atexit
import os
import sys
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
import pytest

from hairfeed.store.database import open_ledger

STORE = os.environ.get("HAIRFEED_TEST_STORE", "sqlite")
ON_POSTGRESQL = STORE == "postgresql"
if STORE not in {"sqlite", "postgresql"}:
    sys.exit(f"HAIRFEED_TEST_STORE={STORE}: there are sqlite and postgresql")

only_in_a_file = pytest.mark.skipif(ON_POSTGRESQL, reason="what this does, it does to the file of a ledger on SQLite")
"""Of tests that copy, damage or lock that file, or read it by themselves."""


def migrated(file: Path) -> str:
    """The address of a new ledger: in `file`, or somewhere on the server."""
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
    """The address of a PostgreSQL server for all tests, each with databases of its own; it runs until they end."""
    # Not before it is wanted: it knows the tests' own module.
    from tests.store.postgresql_server import programs, running

    folder = programs()
    if folder is None:
        sys.exit("HAIRFEED_TEST_STORE=postgresql: PostgreSQL's server, initdb and postgres, is not installed")
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(running(folder))


@cache
def _migrated_database() -> str:
    from tests.store.postgresql_server import make_database

    address = make_database(server())
    open_ledger(address, 5).close()
    return address


def copied(address: str) -> str:
    """The address of a database with all that another one has, which nobody uses meanwhile."""
    name = uuid4().hex
    with psycopg.connect(f"{server().replace('+psycopg', '')}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{address.rpartition("/")[2]}"')
    return f"{server()}/{name}"
