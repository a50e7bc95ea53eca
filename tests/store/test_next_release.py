"""What becomes of a ledger, and of its backups, between this release and one after it: this program with one migration more."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hairfeed.files import PACKAGE, shipped
from hairfeed.store.database import SCHEMA_VERSION
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication
from tests.store.place import only_in_a_file
from tests.test_cli import hairfeed

LATER = "2024-08-23T09:00"
MIGRATION = f"""
import sqlalchemy as sa
from alembic import op

revision = "9001"
down_revision = "{SCHEMA_VERSION}"


def upgrade() -> None:
    op.create_table("places", sa.Column("id", sa.Integer(), primary_key=True))
    with op.batch_alter_table("articles") as table:
        table.add_column(sa.Column("rank", sa.Integer(), nullable=False, server_default="7"))
"""


@pytest.fixture(scope="module")
def next_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of its package."""
    root = tmp_path_factory.mktemp("next")
    package = shutil.copytree(PACKAGE, root / "src" / "hairfeed", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("templates", "config"):
        (root / name).symlink_to(shipped(name))
    (package / "store" / "migrations" / "versions" / "9001_places.py").write_text(MIGRATION)
    database = package / "store" / "database.py"
    text, count = re.subn(r'^SCHEMA_VERSION = ".*"$', 'SCHEMA_VERSION = "9001"', database.read_text(), flags=re.MULTILINE)
    assert count == 1
    database.write_text(text)
    return root / "src"


@pytest.fixture
def weekly(publication: Publication) -> Publication:
    """Two weeks of this release."""
    publication.page("archive")
    publication.subscribe("ann@example.com")
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    return publication


def newer(release: Path, publication: Publication, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """A command of the next release."""
    command = [sys.executable, "-m", "hairfeed", *map(str, words), "--config", str(publication.config)]
    environment = os.environ | {"PYTHONPATH": str(release)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=600)


@only_in_a_file
def test_the_next_release_goes_on_where_this_one_ended(weekly: Publication, next_release: Path, tmp_path: Path) -> None:
    mailed = set(weekly.mails())
    looked = newer(next_release, weekly, "status")
    assert looked.returncode == 2
    assert f"has schema {SCHEMA_VERSION}, this HairFeed knows 9001; make a pass first: hairfeed run" in looked.stderr
    # Before its first pass, too, there is something to go back to.
    assert newer(next_release, weekly, "backup", tmp_path / "before.db").returncode == 0
    weekly.page("winter", date="20-8-2024")
    done = newer(next_release, weekly, "run", "--now", LATER)
    assert (done.returncode, done.stderr) == (0, "")
    assert set(weekly.mails()) - mailed == {"weekly-0002-ann@example.com.eml"}
    refused = hairfeed("run", "--now", LATER, "-c", weekly.config)
    assert refused.returncode == 2
    assert f"made by a newer HairFeed (schema 9001, this one knows {SCHEMA_VERSION}); nothing was touched" in refused.stderr
    # Who wants this release again puts back what it wrote.
    assert hairfeed("restore", tmp_path / "before.db", "-c", weekly.config).returncode == 0
    assert hairfeed("run", "--now", LATER, "-c", weekly.config).returncode == 0


@only_in_a_file
def test_a_backup_of_this_release_is_restored_by_the_next(weekly: Publication, next_release: Path, tmp_path: Path) -> None:
    assert hairfeed("backup", tmp_path / "old.db", "-c", weekly.config).returncode == 0
    assert newer(next_release, weekly, "run", "--now", LATER).returncode == 0
    assert newer(next_release, weekly, "backup", tmp_path / "new.db").returncode == 0
    done = newer(next_release, weekly, "restore", tmp_path / "old.db", "--now", LATER)
    assert (done.returncode, done.stderr) == (0, "")
    assert "articles  live 2" in newer(next_release, weekly, "status").stdout
    refused = hairfeed("restore", tmp_path / "new.db", "-c", weekly.config)
    assert refused.returncode == 1
    assert "new.db: made by a newer HairFeed (schema 9001" in refused.stderr
