"""An empty ledger for each test of lists."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hairfeed.store.database import open_ledger
from tests.conftest import Publication
from tests.subscribers.transfer.lists import Lists, reopened


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated ledger, to be copied."""
    file = tmp_path_factory.mktemp("ledger") / "hairfeed.db"
    open_ledger(f"sqlite:///{file}", 5).close()
    return file


@pytest.fixture
def lists(publication: Publication, empty_ledger: Path) -> Iterator[Lists]:
    """A publication with an empty ledger."""
    (publication.folder / "hairfeed.db").write_bytes(empty_ledger.read_bytes())
    ledger = reopened(publication)
    yield Lists(publication, ledger)
    ledger.close()
