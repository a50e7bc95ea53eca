"""Archive documents: all that was ever published, in documents that never change, each leading to the one before."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

from tests.conftest import FRIDAY, Publication
from tests.feeds.readers import NAMESPACES

FEEDS = "https://hair.example.org/feeds/"


@pytest.fixture
def years(publication: Publication) -> Publication:
    """A publication of eleven articles, with three to a feed."""
    publication.configure("[newsletters", "items = 3\n\n[newsletters")
    for day in range(13, 24):
        publication.page(f"page-{day}", date=f"{day}-7-2024")
    publication.run(FRIDAY)
    return publication


def walk(publication: Publication, kind: str, feed: str = "") -> list[tuple[str, list[str]]]:
    """What a reader finds that follows the links into the past: the path of every document with the titles in it."""
    path: str | None = f"{feed}feed.{kind}"
    found = []
    while path is not None:
        content = (publication.public / path).read_bytes()
        titles, previous = json_links(content) if kind == "json" else xml_links(content)
        found.append((path, titles))
        path = previous.removeprefix(FEEDS) if previous else None
    return found


def xml_links(content: bytes) -> tuple[list[str], str | None]:
    """The titles in an RSS or Atom document, and the address of the one before."""
    root = etree.fromstring(content)
    titles = root.xpath("//item/title/text() | //atom:entry/atom:title/text()", namespaces=NAMESPACES)
    links = root.xpath("//atom:link[@rel='prev-archive']/@href", namespaces=NAMESPACES)
    assert len(links) <= 1
    return [str(title) for title in titles], next(iter(links), None)


def json_links(content: bytes) -> tuple[list[str], str | None]:
    """The same for JSON Feed."""
    document = json.loads(content)
    return [item["title"] for item in document["items"]], document.get("next_url")


def days(walked: list[tuple[str, list[str]]]) -> list[list[int]]:
    """The days of the articles in each document."""
    return [[int(title[-2:]) for title in titles] for _, titles in walked]


def documents(publication: Publication) -> dict[str, bytes]:
    """Every archive document of the site's feed."""
    return {path.name: path.read_bytes() for path in sorted((publication.public / "archive").iterdir())}


@pytest.mark.parametrize("kind", ["rss", "atom", "json"])
@pytest.mark.parametrize("feed", ["", "category/hair-care/", "author/plain-hair/"])
def test_a_reader_that_follows_the_links_finds_every_article(years: Publication, kind: str, feed: str) -> None:
    assert days(walk(years, kind, feed)) == [[23, 22, 21], [21, 20, 19], [18, 17, 16], [15, 14, 13]]


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_a_document_says_that_it_is_archive_and_of_which_feed(years: Publication, kind: str) -> None:
    (path, _), (document, _), *_ = walk(years, kind)
    root = etree.fromstring((years.public / document).read_bytes())
    assert root.xpath("//atom:link[@rel='current']/@href", namespaces=NAMESPACES) == [FEEDS + path]
    assert root.xpath("//atom:link[@rel='self']/@href", namespaces=NAMESPACES) == [FEEDS + document]
    assert root.xpath("boolean(//*[local-name()='archive' and namespace-uri()='http://purl.org/syndication/history/1.0'])")
    assert not etree.fromstring((years.public / path).read_bytes()).xpath("//*[local-name()='archive']")


def test_new_articles_leave_the_documents_as_they_are(years: Publication) -> None:
    before = documents(years)
    years.page("page-24", date="24-7-2024")
    written = years.run(FRIDAY + timedelta(hours=1)).publish.written
    assert before.items() <= documents(years).items()
    assert sorted(path for path in written if path.startswith("archive/")) == sorted(
        f"archive/{name}" for name in documents(years).keys() - before.keys()
    )
    assert days(walk(years, "atom")) == [[24, 23, 22], [24, 23, 22], [21, 20, 19], [18, 17, 16], [15, 14, 13]]


def test_an_article_dated_long_ago_is_in_the_feed_until_as_many_others_have_entered_as_it_holds(years: Publication) -> None:
    for day in (5, 6, 7):
        years.page(f"page-0{day}", date=f"{day}-6-2023")
        years.run(FRIDAY)
        assert day in days(walk(years, "json"))[0]
    assert days(walk(years, "json"))[:3] == [[23, 22, 21, 7, 6, 5], [23, 22, 5], [21, 20, 19]]
    years.page("page-08", date="8-6-2023")
    years.run(FRIDAY)
    assert days(walk(years, "json"))[:3] == [[23, 22, 21, 8, 7, 6], [8, 7, 6], [23, 22, 5]]


@pytest.mark.parametrize("history", ["true", "false"])
def test_news_dated_long_ago_are_in_a_full_feed_with_history_or_without(years: Publication, history: str) -> None:
    years.configure("items = 3", f"items = 3\nhistory = {history}")
    years.page("page-05", date="5-6-2023")
    years.run(FRIDAY)
    assert days(walk(years, "json"))[0] == [23, 22, 21, 5]


def test_the_archive_of_another_source_adds_to_the_feed_only_what_fills_no_document(years: Publication) -> None:
    (years.folder / "older").mkdir()
    for day in range(1, 9):
        years.page(f"page-0{day}", date=f"{day}-6-2023").rename(years.folder / "older" / f"page-0{day}.txt")
    section = (
        '[sources.older]\ntype = "folder"\npath = "../older"\ndate_order = "DMY"\nurl = "https://old.example.org/{path}"\n\n[feeds]'
    )
    years.configure("[feeds]", section)
    years.run(FRIDAY)
    assert days(walk(years, "json"))[:2] == [[23, 22, 21, 8], [7, 6, 5]]


def test_a_changed_article_gives_its_document_and_all_later_ones_another_name(years: Publication) -> None:
    before = documents(years)
    page = years.articles / "page-17.txt"
    page.write_text(page.read_text().replace("takes two sentences", "takes two short sentences"))
    report = years.run(FRIDAY + timedelta(hours=1)).publish
    after = documents(years)
    kept = {name for name in before if name.startswith("0001-")}
    assert before.keys() & after.keys() == kept
    assert all(before[name] == after[name] for name in kept)
    assert {f"archive/{name}" for name in before.keys() - kept} <= set(report.withdrawn)
    assert b"two short sentences" in (years.public / walk(years, "atom")[2][0]).read_bytes()


def test_a_removed_article_leaves_its_document_and_moves_no_other(years: Publication) -> None:
    (years.articles / "page-17.txt").unlink()
    years.run(FRIDAY + timedelta(hours=1))
    years.run(FRIDAY + timedelta(hours=2))
    assert days(walk(years, "rss")) == [[23, 22, 21], [21, 20, 19], [18, 16], [15, 14, 13]]


def test_a_document_that_was_deleted_comes_back(years: Publication) -> None:
    before = documents(years)
    name = next(name for name in before if name.startswith("0002-"))
    (years.public / "archive" / name).unlink()
    assert years.run(FRIDAY).publish.written == (f"archive/{name}",)
    assert documents(years) == before


def test_the_same_articles_give_the_same_documents_in_another_ledger(years: Publication, tmp_path: Path) -> None:
    other = Publication(tmp_path / "other")
    other.configure("[newsletters", "items = 3\n\n[newsletters")
    for page in years.articles.iterdir():
        (other.articles / page.name).write_bytes(page.read_bytes())
    other.run(FRIDAY)
    assert documents(other) == documents(years)


def test_without_history_there_is_none(years: Publication) -> None:
    years.configure("items = 3", "items = 3\nhistory = false")
    years.run(FRIDAY)
    assert not documents(years)
    assert days(walk(years, "atom")) == [[23, 22, 21]]


def test_a_feed_of_much_text_is_shorter_and_leads_to_the_rest(publication: Publication) -> None:
    publication.configure("[newsletters", "items = 4\n\n[newsletters")
    for day in range(13, 22):
        publication.page(f"page-{day}", date=f"{day}-7-2024", body=f"Page {day}. " + "Much is said here. " * 4000)
    publication.run(FRIDAY)
    assert days(walk(publication, "rss")) == [[21, 20], [20, 19, 18, 17], [16, 15, 14, 13]]
