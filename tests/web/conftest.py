"""A small publication with subscribe pages, and the pages' readers."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hairfeed.store.database import open_ledger
from tests.conftest import Publication
from tests.web.readers import Readers


@pytest.fixture(scope="session")
def new_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated ledger."""
    file = tmp_path_factory.mktemp("ledger") / "hairfeed.db"
    open_ledger(f"sqlite:///{file}", 0.2).close()
    return file


@pytest.fixture
def readers(publication: Publication, new_ledger: Path) -> Iterator[Readers]:
    """Nobody has subscribed yet."""
    shutil.copy(new_ledger, publication.folder / "hairfeed.db")
    found = Readers(publication)
    yield found
    found.close()
