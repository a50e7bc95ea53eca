"""An article that a feed cannot be written with costs nobody the feed; a feed that cannot be written stays as it was."""

import json
from datetime import timedelta

import pytest

from hairfeed.feeds import json_feed
from hairfeed.models.articles import Article
from tests.conftest import FRIDAY, Publication

LATER = FRIDAY + timedelta(hours=1)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Titles of articles that the writer of JSON Feed stumbles over."""
    titles: list[str] = []
    write = json_feed._item

    def stumble(article: Article, feed: object) -> object:
        if article.title in titles or "everything" in titles:
            raise RecursionError("too deep")
        return write(article, feed)  # type: ignore[arg-type]

    monkeypatch.setattr(json_feed, "_item", stumble)
    return titles


def titles(publication: Publication, feed: str = "feed.json") -> list[str]:
    """Of the articles in a JSON feed."""
    return sorted(item["title"] for item in json.loads((publication.public / feed).read_bytes())["items"])


def test_an_article_that_cannot_be_written_is_left_out_and_named(publication: Publication, broken: list[str]) -> None:
    broken += ["About drying"]
    publication.page("brushing")
    publication.page("drying")
    report = publication.run(FRIDAY).publish
    assert titles(publication) == titles(publication, "category/hair-care/feed.json") == ["About brushing"]
    assert not report.failures
    (warning, *more) = {str(warning) for warning in report.warnings}
    assert not more
    assert warning.startswith("https://hair.example.org/drying")
    assert warning.endswith("is left out of the feeds, for it cannot be written: RecursionError: too deep")


def test_a_feed_that_cannot_be_written_stays_as_it_was_until_it_can(publication: Publication, broken: list[str]) -> None:
    publication.page("brushing")
    publication.run(FRIDAY)
    before = publication.files()
    publication.page("drying")
    broken += ["everything"]
    report = publication.run(LATER)
    after = publication.files()
    assert {path for path in before if before[path] != after[path]} <= {"public/feeds.opml"}
    assert report.publish.failures
    assert titles(publication) == ["About brushing"]
    broken.clear()
    assert not publication.run(LATER).failures
    assert titles(publication) == ["About brushing", "About drying"]
