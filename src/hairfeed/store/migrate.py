"""Bring a ledger to the newest schema with Alembic, inside the caller's transaction."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from hairfeed.errors import StoreError
from hairfeed.files import PACKAGE

MIGRATIONS = PACKAGE / "store" / "migrations"


def _config(migrations: Path = MIGRATIONS) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def is_known(version: str) -> bool:
    """Whether this HairFeed has the migration called `version`."""
    try:
        return ScriptDirectory.from_config(_config()).get_revision(version) is not None
    except CommandError:
        return False


def upgrade(connection: Connection, migrations: Path = MIGRATIONS) -> None:
    """Run what is missing, in a transaction of `Ledger.migrating`: with it all stays, or all goes.

    Raises:
        StoreError: a reference would lead to nothing.
    """
    config = _config(migrations)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite" and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
        raise StoreError(f"the migration leaves a row of {lost[0]} that refers to no row of {lost[2]}; nothing was changed")
