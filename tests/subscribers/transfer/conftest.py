"""An empty ledger for each test of lists."""

from collections.abc import Iterator

import pytest

from tests.conftest import Publication
from tests.store import place
from tests.subscribers.transfer.lists import Lists, reopened


@pytest.fixture
def lists(publication: Publication) -> Iterator[Lists]:
    """A publication with an empty ledger."""
    place.Snapshot().put_back(publication.settings.store.url)
    ledger = reopened(publication)
    yield Lists(publication, ledger)
    ledger.close()
