"""Bring a ledger to the newest schema with Alembic, inside the caller's transaction."""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from hairfeed.files import PACKAGE


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(PACKAGE / "store" / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def is_known(version: str) -> bool:
    """Whether this HairFeed has the migration called `version`."""
    try:
        return ScriptDirectory.from_config(_config()).get_revision(version) is not None
    except CommandError:
        return False


def upgrade(connection: Connection) -> None:
    """Run what is missing; with the transaction it all stays, or all goes."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
