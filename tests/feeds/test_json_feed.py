"""JSON Feed: what the other formats do not have."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hairfeed.feeds.feed import Feed
from hairfeed.models.articles import Article
from tests.feeds.difficult import EDITED, FEED, RIGHT_TO_LEFT, SHOW, feed_of
from tests.feeds.formats import build_json


def item_of(article: Article) -> dict[str, Any]:
    (item,) = json.loads(build_json(feed_of(article)))["items"]
    assert isinstance(item, dict)
    return item


def test_the_version_is_1_1() -> None:
    assert json.loads(build_json(FEED))["version"] == "https://jsonfeed.org/version/1.1"


def test_keys_stand_in_the_order_of_the_specification() -> None:
    keys = ["version", "title", "home_page_url", "feed_url", "description", "language", "authors", "items"]
    assert list(json.loads(build_json(FEED))) == keys


def test_letters_of_all_scripts_stand_as_they_are() -> None:
    assert EDITED.summary in build_json(FEED).decode()


@pytest.mark.parametrize("feed", [FEED, SHOW, replace(SHOW, is_full=False)])
def test_an_article_is_written_as_the_standard_library_would_write_it(feed: Feed) -> None:
    document = build_json(feed).decode()
    items = [json.dumps(item, ensure_ascii=False) for item in json.loads(document)["items"]]
    assert document.endswith(', "items": [\n' + ",\n".join(items) + "\n]}\n")


def test_dates_carry_the_offset_of_the_zone() -> None:
    assert item_of(EDITED)["date_published"] == "2024-08-08T00:30:00+02:00"


def test_an_edit_has_a_date() -> None:
    assert item_of(EDITED)["date_modified"] == "2024-11-03T10:15:20+01:00"


def test_without_an_edit_there_is_no_date_of_one() -> None:
    assert "date_modified" not in item_of(RIGHT_TO_LEFT)


def test_an_edit_before_publication_is_none() -> None:
    early = replace(RIGHT_TO_LEFT, updated_at=RIGHT_TO_LEFT.published_at - timedelta(days=1))
    assert "date_modified" not in item_of(early)


def test_without_topics_there_are_no_tags() -> None:
    assert "tags" not in item_of(RIGHT_TO_LEFT)
