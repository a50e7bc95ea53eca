"""Migrations: those that were released never change, and the next one keeps every row, on both databases."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, inspect, select
from sqlalchemy.exc import IntegrityError

from hairfeed.errors import StoreError
from hairfeed.store.database import SCHEMA_VERSION, Ledger, schema_version, unprepared
from hairfeed.store.migrate import MIGRATIONS, upgrade
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication
from tests.store import place
from tests.store.postgresql_server import make_database

VERSIONS = MIGRATIONS / "versions"
RELEASED = Path(__file__).parent / "released_migrations.sha256"
"""A line for each migration that a release had, as sha256sum writes it; docs/architecture.md tells when one is added."""

NEXT = f'''
"""A next release: a new table, a new column, and two changes for which SQLite makes a table anew that others refer to."""

import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{SCHEMA_VERSION}"


def upgrade() -> None:
    op.create_table("places", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.Text(), nullable=False))
    op.add_column("articles", sa.Column("rank", sa.Integer(), nullable=False, server_default="7"))
    op.execute("UPDATE articles SET rank = 8 WHERE state = 'live'")
    with op.batch_alter_table("subscribers") as table:
        table.add_column(sa.Column("place_id", sa.Integer(), sa.ForeignKey("places.id", name="fk_subscribers_place_id")))
        table.alter_column("email", type_=sa.String(400))
    with op.batch_alter_table("issues") as table:
        table.drop_column("plan_hash")
    op.create_index("ix_articles_rank", "articles", ["rank"])
'''


def changed(lines: str, folder: Path) -> list[str]:
    """Of released migrations, the names of those that are gone or have other bytes now."""
    released = (line.split() for line in lines.splitlines())
    held = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.glob("*.py")}
    return [name for digest, path in released if held.get(name := Path(path).name) != digest]


def test_a_released_migration_never_changes() -> None:
    assert changed(RELEASED.read_text(), VERSIONS) == []


def test_a_released_migration_that_changed_or_went_away_would_be_seen(tmp_path: Path) -> None:
    kept, edited, gone = (tmp_path / f"000{number}_{name}.py" for number, name in enumerate(("kept", "edited", "gone")))
    for file in (kept, edited, gone):
        file.write_text(f'"""{file.name}"""\n')
    lines = "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  src/{file.name}\n" for file in (kept, edited, gone))
    assert changed(lines, tmp_path) == []
    edited.write_text('"""Another thing."""\n')
    gone.unlink()
    assert changed(lines, tmp_path) == [edited.name, gone.name]


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(publication: Publication, request: pytest.FixtureRequest) -> Iterator[Ledger]:
    """Two weeks of a publication with readers, an issue and its receipt."""
    if request.param == "postgresql":
        publication.configure("sqlite:///../hairfeed.db", make_database(request.getfixturevalue("postgresql")))
    elif place.ON_POSTGRESQL:
        publication.configure("sqlite:///../hairfeed.db", f"sqlite:///{publication.folder / 'hairfeed.db'}")
    publication.page("archive")
    publication.subscribe("ann@example.com", "ben@example.com")
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    with closing(unprepared(publication.settings.store.url, 1)) as ledger:
        yield ledger


def rows(connection: Connection, *, without: tuple[str, ...] = ()) -> dict[str, list[Any]]:
    """Every row of every table, without new tables and these columns."""
    there = MetaData()
    there.reflect(connection)
    found = {}
    for table in there.sorted_tables:
        if table.name in ("alembic_version", "places"):
            continue
        columns = [column for column in table.columns if f"{table.name}.{column.name}" not in without]
        found[table.name] = sorted(map(repr, connection.execute(select(*columns))))
    return found


def test_the_next_migration_keeps_every_row_and_what_refers_to_it(ledger: Ledger, tmp_path: Path) -> None:
    migrations = shutil.copytree(MIGRATIONS, tmp_path / "migrations")
    (migrations / "versions" / "next.py").write_text(NEXT)
    new = ("issues.plan_hash", "articles.rank", "subscribers.place_id")
    with ledger.read() as connection:
        before = rows(connection, without=new)
    assert min(len(before[name]) for name in ("articles", "subscribers", "subscriptions", "issues", "recipients", "batches")) > 0
    with ledger.migrating() as connection:
        upgrade(connection, migrations)
    with ledger.read() as connection:
        assert schema_version(connection) == "next"
        assert rows(connection, without=new) == before
        assert connection.exec_driver_sql("SELECT DISTINCT rank FROM articles").scalars().all() == [8]
        assert "plan_hash" not in {column["name"] for column in inspect(connection).get_columns("issues")}
        referred = {key["referred_table"] for key in inspect(connection).get_foreign_keys("recipients")}
        assert {"issues", "subscribers"} <= referred
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_a_migration_that_would_lose_what_rows_refer_to_is_not_made(publication: Publication, tmp_path: Path) -> None:
    publication.page("archive")
    publication.run(FRIDAY)
    migrations = shutil.copytree(MIGRATIONS, tmp_path / "migrations")
    (migrations / "versions" / "next.py").write_text(NEXT + '    op.execute("DELETE FROM sources")\n')
    with closing(publication.ledger()) as ledger, pytest.raises((StoreError, IntegrityError)), ledger.migrating() as connection:
        upgrade(connection, migrations)
    assert publication.run(NEXT_FRIDAY).failures == []


def test_a_migration_that_fails_leaves_the_ledger_as_it_was(ledger: Ledger, tmp_path: Path) -> None:
    migrations = shutil.copytree(MIGRATIONS, tmp_path / "migrations")
    (migrations / "versions" / "next.py").write_text(NEXT + '    op.execute("SELECT id FROM nowhere")\n')
    with ledger.read() as connection:
        before = rows(connection)
    with pytest.raises(Exception, match="nowhere"), ledger.migrating() as connection:
        upgrade(connection, migrations)
    with ledger.read() as connection:
        assert schema_version(connection) == SCHEMA_VERSION
        assert rows(connection) == before
