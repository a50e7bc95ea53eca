"""The migrations and the tables that the queries are written for are the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from hairfeed.files import PACKAGE
from hairfeed.store.database import SCHEMA_VERSION, open_ledger, schema_version
from hairfeed.store.schema.whole import metadata
from tests.store import place


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """A connection to a migrated ledger."""
    ledger = open_ledger(place.migrated(tmp_path / "hairfeed.db"), 5)
    with ledger.write() as connection:
        yield connection
    ledger.close()


def test_a_migrated_ledger_has_the_tables_of_the_queries(connection: Connection) -> None:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    assert compare_metadata(context, metadata) == []


def test_a_difference_between_migrations_and_tables_would_be_seen(connection: Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE runs DROP COLUMN report")
    difference = compare_metadata(MigrationContext.configure(connection), metadata)
    assert [kind for kind, *_ in difference] == ["add_column"]


def test_a_migrated_ledger_has_the_schema_version(connection: Connection) -> None:
    assert schema_version(connection) == SCHEMA_VERSION


def test_the_schema_version_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(PACKAGE / "store" / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA_VERSION]
