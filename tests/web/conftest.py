"""A small publication with subscribe pages, and the pages' readers."""

from collections.abc import Iterator

import pytest

from tests.conftest import Publication
from tests.store import place
from tests.web.readers import Readers


@pytest.fixture
def readers(publication: Publication) -> Iterator[Readers]:
    """Nobody has subscribed yet."""
    if not place.ON_POSTGRESQL:
        place.migrated(publication.folder / "hairfeed.db")
    found = Readers(publication)
    yield found
    found.close()
