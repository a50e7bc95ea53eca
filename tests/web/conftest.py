"""A small publication with subscribe pages, and the pages' readers."""

from collections.abc import Iterator

import pytest

from tests.conftest import Publication
from tests.store import place
from tests.web.readers import Readers


@pytest.fixture
def readers(publication: Publication) -> Iterator[Readers]:
    """Nobody has subscribed yet."""
    yield from _at_the_pages_of(publication)


@pytest.fixture
def guarded(publication: Publication) -> Iterator[Readers]:
    """Nobody has subscribed yet; whoever does solves a challenge."""
    yield from _at_the_pages_of(publication, "challenge = true\n")


def _at_the_pages_of(publication: Publication, extra: str = "") -> Iterator[Readers]:
    if not place.ON_POSTGRESQL:
        place.migrated(publication.folder / "hairfeed.db")
    found = Readers(publication, extra)
    yield found
    found.close()
