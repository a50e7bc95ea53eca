"""Feeds keep the ids that they began with."""

import pytest

from hairfeed.feeds.filing import podcast_guid
from hairfeed.store import feed_articles
from tests.conftest import FRIDAY, Publication


def ids(publication: Publication) -> dict[str, tuple[str, str]]:
    """Those of each feed, by its path."""
    ledger = publication.ledger()
    with ledger.read() as connection:
        found = {path: (row.guid, row.podcast_guid) for path, row in feed_articles.all_feeds(connection).items()}
    ledger.close()
    return found


def test_a_site_that_moves_keeps_the_ids_of_its_feeds(publication: Publication) -> None:
    publication.page("brushing")
    publication.run(FRIDAY)
    before = ids(publication)
    for old, new in (("https://hair.example.org", "https://elsewhere.example.com"), ("https://elsewhere", "http://elsewhere")):
        publication.configure(old, new)
        publication.page(f"drying-{new.partition(':')[0]}")
        publication.run(FRIDAY)
        assert ids(publication) == before
    assert f"<id>{before[''][0]}</id>".encode() in (publication.public / "feed.atom").read_bytes()


def test_feeds_of_a_lost_ledger_begin_with_the_same_ids(publication: Publication) -> None:
    publication.page("brushing")
    publication.run(FRIDAY)
    before = ids(publication)
    publication.without_ledger()
    publication.run(FRIDAY)
    assert ids(publication) == before


def test_no_two_feeds_have_an_id_in_common(publication: Publication) -> None:
    publication.page("brushing")
    publication.run(FRIDAY)
    found = [id_ for pair in ids(publication).values() for id_ in pair]
    assert len(found) > 4
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://podnews.net/rss/", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
        ("http://mp3s.nashownotes.com/pc20rss.xml", "917393e3-1b1e-5cef-ace4-edaa54e1f810"),
    ],
)
def test_a_podcast_has_the_guid_that_directories_make_of_its_address(address: str, expected: str) -> None:
    assert podcast_guid(address) == expected
