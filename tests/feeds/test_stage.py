"""Feed files on the disk: which there are, when they are written, and what they are called."""

import json
from datetime import timedelta

import feedparser
from sqlalchemy import text

from hairfeed.store import articles
from hairfeed.text.markup import proof_of
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication


def test_a_category_feed_holds_its_articles_only_and_names_itself(publication: Publication) -> None:
    publication.page("brushing", category="Hair Care")
    publication.page("dandruff", category="Scalp Care")
    publication.run(FRIDAY)
    feed = json.loads((publication.public / "category/scalp-care/feed.json").read_bytes())
    assert [item["title"] for item in feed["items"]] == ["About dandruff"]
    assert feed["title"] == "Plain Hair: Scalp Care"
    assert feed["feed_url"] == "https://hair.example.org/feeds/category/scalp-care/feed.json"


def test_two_spellings_of_a_category_are_one_feed(publication: Publication) -> None:
    publication.page("brushing", category="Hair Care")
    publication.page("drying", category="hair care")
    publication.run(FRIDAY)
    feed = json.loads((publication.public / "category/hair-care/feed.json").read_bytes())
    assert len(feed["items"]) == 2


def test_a_feed_file_that_was_deleted_comes_back(publication: Publication) -> None:
    publication.page("brushing")
    publication.run(FRIDAY)
    feed = publication.public / "feed.rss"
    before = feed.read_bytes()
    feed.unlink()
    assert publication.run(FRIDAY).publish.written == ("feed.rss",)
    assert feed.read_bytes() == before


def test_html_that_was_put_into_the_ledger_by_hand_is_sanitised(publication: Publication) -> None:
    publication.page("brushing")
    publication.page("drying")
    publication.run(FRIDAY)
    ledger = publication.ledger()
    with ledger.write() as connection:
        assert all(article.html_proof == proof_of(article.html) for article in articles.live(connection, 2))
        connection.execute(text("UPDATE articles SET html = html || '<script>x()</script>', revision = revision + 1"))
    ledger.close()
    publication.page("washing")
    publication.run(FRIDAY + timedelta(hours=1))
    items = json.loads((publication.public / "feed.json").read_bytes())["items"]
    assert len(items) == 3
    assert not [item for item in items if "script" in item["content_html"]]


def test_what_older_rules_sanitised_is_sanitised_once_more_and_then_for_good(publication: Publication) -> None:
    publication.page("brushing")
    publication.page("drying")
    publication.run(FRIDAY)
    before = publication.files()
    ledger = publication.ledger()
    with ledger.write() as connection:
        connection.execute(text("UPDATE articles SET html_proof = 'of another version'"))
        connection.execute(text("UPDATE articles SET html = html || '<script>x()</script>' WHERE title = 'About drying'"))
        # As an upgrade leaves it: the feeds were made by another version.
        connection.execute(text("UPDATE publications SET made_from = 'another version'"))
    assert publication.run(FRIDAY + timedelta(hours=1)).publish.written == ()
    with ledger.read() as connection:
        assert [article.html_proof == proof_of(article.html) for article in articles.live(connection, 2)] == [True, True]
        assert not [article for article in articles.live(connection, 2) if "script" in article.html]
    ledger.close()
    assert publication.files() == before


def test_nothing_is_published_before_there_is_an_article(publication: Publication) -> None:
    assert publication.run(FRIDAY).publish.feeds == 0
    assert not publication.public.exists()


def test_a_feed_holds_the_newest_articles_up_to_its_limit(publication: Publication) -> None:
    publication.configure("[newsletters", "items = 2\n\n[newsletters")
    for day in (13, 15, 14):
        publication.page(f"page-{day}", date=f"{day}-7-2024")
    publication.run(FRIDAY)
    entries = feedparser.parse((publication.public / "feed.rss").read_bytes()).entries
    assert [entry.title for entry in entries] == ["About page-15", "About page-14"]


def test_a_feed_holds_fifty_articles_unless_told_and_is_not_too_large(publication: Publication) -> None:
    for number in range(51):
        publication.page(f"page-{number}", body="What there is to say about hair fills a page. " * 60)
    publication.run(FRIDAY)
    for kind in ("rss", "atom", "json"):
        assert (publication.public / f"feed.{kind}").stat().st_size < 250_000
    assert len(json.loads((publication.public / "feed.json").read_bytes())["items"]) == 50


def test_articles_of_one_day_stand_the_last_seen_first_and_one_of_tomorrow_stands_nowhere(publication: Publication) -> None:
    publication.configure('path = "../articles"', 'path = "../articles"\ndate_order = "DMY"')
    for hours, names in enumerate((("brushing", "drying"), ("washing",), ("cutting",))):
        for name in names:
            publication.page(name)
        publication.page("tomorrow", date="10-8-2024", body="Tomorrow there will be something to say. It takes two sentences.")
        publication.run(FRIDAY + timedelta(hours=hours))
    expected = ["About cutting", "About washing", "About drying", "About brushing"]
    assert [item["title"] for item in json.loads((publication.public / "feed.json").read_bytes())["items"]] == expected
    for kind in ("rss", "atom"):
        parsed = feedparser.parse((publication.public / f"feed.{kind}").read_bytes())
        assert [entry.title for entry in parsed.entries] == expected
    assert not [path for path in publication.files() if b"About tomorrow" in publication.files()[path]]


def test_an_article_that_leaves_moves_the_date_of_its_feed(publication: Publication) -> None:
    publication.page("brushing")
    page = publication.page("drying")
    publication.run(FRIDAY)
    page.unlink()
    publication.run(FRIDAY + timedelta(hours=1))
    publication.run(FRIDAY + timedelta(hours=2))
    feed = feedparser.parse((publication.public / "feed.atom").read_bytes()).feed
    assert feed.updated == "2024-08-09T11:00:00+00:00"


def test_there_are_three_files_for_the_site_each_category_and_each_author_and_a_list(publication: Publication) -> None:
    publication.page("brushing", category="Hair Care")
    publication.page("dandruff", category="Scalp & Skin")
    written = publication.run(FRIDAY).publish.written
    folders = ("", "category/hair-care/", "category/scalp-skin/", "author/plain-hair/")
    names = ("feed.rss", "feed.atom", "feed.json", "index.html")
    assert set(written) == {f"{folder}{name}" for folder in folders for name in names} | {"feeds.opml", "feed.css", "gone.html"}
    assert all((publication.public / path).is_file() for path in written)


def test_addresses_are_percent_encoded_whatever_the_script_of_a_category(publication: Publication) -> None:
    publication.configure('url = "https://hair.example.org/feeds"', 'url = "https://haár.example.org/füße"')
    publication.page("brushing", category="头发护理")
    publication.run(FRIDAY)
    folder = "https://xn--har-fla.example.org/f%C3%BC%C3%9Fe/category/%E5%A4%B4%E5%8F%91%E6%8A%A4%E7%90%86/"
    feed = json.loads((publication.public / "category/头发护理/feed.json").read_bytes())
    assert feed["feed_url"] == f"{folder}feed.json"
    assert f'xmlUrl="{folder}feed.rss"' in (publication.public / "feeds.opml").read_text()


def test_categories_and_authors_have_feeds_if_wanted(publication: Publication) -> None:
    publication.configure("[newsletters", "categories = false\nauthors = false\n\n[newsletters")
    publication.page("brushing")
    assert publication.run(FRIDAY).publish.feeds == 1


def test_only_the_feeds_whose_bytes_change_are_written(publication: Publication) -> None:
    publication.page("brushing", category="Hair Care")
    publication.page("dandruff", category="Scalp Care")
    publication.run(FRIDAY)
    publication.page("itching", category="Scalp Care", date="13-8-2024")
    report = publication.run(NEXT_FRIDAY)
    assert {path.rpartition("/")[0] for path in report.publish.written} == {"", "category/scalp-care", "author/plain-hair"}


def test_a_change_of_settings_reaches_the_feeds(publication: Publication) -> None:
    publication.page("brushing")
    publication.run(FRIDAY)
    publication.configure('title = "Plain Hair"', 'title = "Plain Hair Daily"')
    written = publication.run(FRIDAY).publish.written
    assert {"feed.rss", "feed.atom", "feed.json", "category/hair-care/feed.rss", "feeds.opml"} <= set(written)
    assert feedparser.parse((publication.public / "feed.atom").read_bytes()).feed.title == "Plain Hair Daily"


def test_a_feed_is_withdrawn_with_its_last_article_and_comes_back_with_the_next(publication: Publication) -> None:
    publication.page("brushing")
    page = publication.page("dandruff", category="Scalp Care")
    publication.run(FRIDAY)
    folder = publication.public / "category/scalp-care"
    page.unlink()
    publication.run(FRIDAY + timedelta(hours=1))
    report = publication.run(FRIDAY + timedelta(hours=2)).publish
    assert {f"category/scalp-care/feed.{kind}" for kind in ("rss", "atom", "json")} <= set(report.withdrawn)
    assert all(path.name.endswith(".gone") for path in folder.iterdir())
    assert (folder / "feed.rss.gone").exists()
    assert "scalp-care" not in (publication.public / "feeds.opml").read_text()
    publication.page("itching", category="Scalp Care")
    publication.run(FRIDAY + timedelta(hours=3))
    assert not (folder / "feed.rss.gone").exists()
    assert [entry.title for entry in feedparser.parse((folder / "feed.rss").read_bytes()).entries] == ["About itching"]


def test_an_article_leads_to_the_last_three_of_its_category_and_follows_their_titles(publication: Publication) -> None:
    pages = [publication.page(f"page-{day}", date=f"{day}-7-2024") for day in (10, 11, 12, 13, 14)]
    publication.page("elsewhere", category="Skin", date="15-7-2024")
    publication.run(FRIDAY)
    assert related(publication)["About page-14"] == ["About page-13", "About page-12", "About page-11"]
    assert related(publication)["About elsewhere"] == []
    pages[2].write_text(pages[2].read_text().replace("About page-12", "All about page-12"))
    publication.run(FRIDAY)
    assert related(publication)["About page-14"] == ["About page-13", "All about page-12", "About page-11"]


def related(publication: Publication) -> dict[str, list[str]]:
    """By an article's title: those that it leads to."""
    feed = json.loads((publication.public / "feed.json").read_bytes())
    return {item["title"]: [other["title"] for other in item.get("_related", {}).get("items", ())] for item in feed["items"]}
