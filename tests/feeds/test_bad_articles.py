"""An article that a feed cannot be written with costs nobody the feed; a feed that cannot be written stays as it was.

What collecting lets through can be written. These rows were changed by another hand: a day that the site's zone does not have any
more is nothing that any format can say.
"""

import json
import shutil
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from hairfeed.store.schema.articles import articles
from tests.conftest import FRIDAY, Publication

LATER = FRIDAY + timedelta(hours=1)
BEFORE_ALL_DAYS = datetime(1, 1, 1, tzinfo=UTC)
"""In New York it was the year before the first."""


def titles(publication: Publication, feed: str = "feed.json") -> list[str]:
    """Of the articles in a JSON feed."""
    return sorted(item["title"] for item in json.loads((publication.public / feed).read_bytes())["items"])


def change_rows(publication: Publication, *names: str, **values: Any) -> None:
    """Change articles in the ledger, as no program of ours does."""
    ledger = publication.ledger()
    with ledger.write() as connection:
        rows = articles.c.title.in_([f"About {name}" for name in names])
        connection.execute(update(articles).where(rows).values(revision=articles.c.revision + 100, **values))
    ledger.close()


@pytest.fixture
def two(publication: Publication) -> Publication:
    """A publication with two articles, published in New York."""
    publication.configure('timezone = "UTC"', 'timezone = "America/New_York"')
    publication.page("brushing")
    publication.page("drying")
    publication.run(FRIDAY)
    return publication


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"published_at": BEFORE_ALL_DAYS}, "OverflowError: date value out of range"),
        ({"url": "nowhere"}, "ValueError: 'nowhere' is no web address"),
    ],
)
def test_an_article_that_cannot_be_written_is_left_out_and_named(two: Publication, values: dict[str, Any], reason: str) -> None:
    change_rows(two, "drying", **values)
    report = two.run(LATER).publish
    assert titles(two) == titles(two, "category/hair-care/feed.json") == ["About brushing"]
    assert not report.failures
    address = values.get("url", "https://hair.example.org/drying")
    assert {str(warning) for warning in report.warnings} == {
        f"{address}: is left out of the feeds, for it cannot be written: {reason}"
    }


def test_a_feed_that_no_article_can_be_written_with_stays_as_it_was_until_one_can(two: Publication) -> None:
    before = two.files()
    change_rows(two, "brushing", "drying", published_at=BEFORE_ALL_DAYS)
    report = two.run(LATER).publish
    assert [str(failure).partition(": ")[2] for failure in report.failures] == [
        "cannot be built: OverflowError: date value out of range; what is in place stays. Please report it"
    ] * 3
    after = two.files()
    assert {path for path in before if before[path] != after[path]} <= {"public/feeds.opml"}
    change_rows(two, "brushing", "drying", published_at=FRIDAY, title="About both")
    assert not two.run(LATER).failures
    assert titles(two) == ["About both", "About both"]


def test_a_feed_and_the_list_of_all_stay_as_they_were_while_the_config_gives_them_no_name(two: Publication) -> None:
    before = two.files()
    two.configure('title = "Plain Hair"', 'title = "\\u0001"')
    report = two.run(LATER).publish
    assert [str(failure).partition(":")[0] for failure in report.failures] == ["feed of the site", "list of all feeds"]
    assert all(str(failure).endswith(": its title is empty; every feed needs one") for failure in report.failures)
    after = two.files()
    for name in ("feed.rss", "feed.atom", "feed.json", "index.html", "feeds.opml"):
        assert after[f"public/{name}"] == before[f"public/{name}"]
    two.configure('title = "\\u0001"', 'title = "Plain Hair Daily"')
    assert not two.run(LATER).failures
    assert json.loads((two.public / "feed.json").read_bytes())["title"] == "Plain Hair Daily"


def test_a_feed_that_the_disk_has_no_place_for_stays_as_it_was_and_the_others_are_written(two: Publication) -> None:
    before = two.files()
    # Where an unfinished file would be: whoever runs this, it can be neither written nor replaced.
    blocked = two.public / ".feed.atom.part"
    (blocked / "full").mkdir(parents=True)
    two.page("washing")
    report = two.run(LATER).publish
    (failure,) = map(str, report.failures)
    assert failure.startswith("feed of the site: ")
    assert ": cannot be written: " in failure
    assert titles(two, "category/hair-care/feed.json") == ["About brushing", "About drying", "About washing"]
    assert two.files()["public/feed.atom"] == before["public/feed.atom"]
    shutil.rmtree(blocked)
    assert not two.run(LATER).failures
    assert titles(two) == ["About brushing", "About drying", "About washing"]
