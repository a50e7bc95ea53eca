"""The publication's own form of page, through a whole pass: what of it reaches feeds, ledger and mail, and what does not."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest

from hairfeed.models.articles import Article
from hairfeed.store import articles
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication

HERE = Path(__file__).parent
SHARED = HERE.parents[1] / "shared"


@dataclass(frozen=True)
class Expected:
    """A page and what must come of it."""

    file: Path
    title: str
    headings: tuple[str, ...]
    items: tuple[str, ...]
    """How the items of its list begin."""


OWN = Expected(
    HERE / "collect" / "pages" / "scalp-cooling.txt",
    "Hair Loss: What a Cold Cap Does During Treatment",
    ("Who May Wear One", "How It Is Fitted", "What Patients Report", "Conclusion"),
    ("The cold:", "A headache:", "A longer day:", "Thinner hair:"),
)
REAL = Expected(
    SHARED / "data" / "hairfear" / "microneedle-immunomodulation.txt",
    "Hair Loss: New Treatment Breakthroughs for Autoimmune Conditions",
    (
        "Understanding Autoimmune Hair Loss",
        "The New Breakthrough: Microneedle-Mediated Immunomodulation",
        "How It Works",
        "Benefits Over Traditional Treatments",
        "What This Means for the Future",
        "Conclusion",
    ),
    ("Targeted Action:", "Minimally Invasive:", "Rapid Results:", "Sustained Hair Growth:"),
)
FURNITURE = ("Related Hair Loss Articles", "Read All", "copyright", "8-8-2024", "23-7-2024", "rights reserved", "Comes Back After")


@pytest.fixture(params=[OWN, REAL], ids=["a page in the form", "the page of the publication"])
def page(request: pytest.FixtureRequest, publication: Publication) -> Expected:
    """A page that stands in the folder before the first pass."""
    expected: Expected = request.param
    if not expected.file.is_file():
        pytest.skip(f"{expected.file} is not there; it is not ours to pass on")
    publication.configure('author = "The Editor"', 'author = "The House"')
    return expected


def put(page: Expected, publication: Publication) -> None:
    (publication.articles / page.file.name).write_bytes(page.file.read_bytes())


def collected(publication: Publication) -> Article:
    ledger = publication.ledger()
    with ledger.read() as connection:
        (only,) = articles.live(connection, 10)
    ledger.close()
    return only


def entry(publication: Publication, name: str) -> Any:
    """The one entry of a feed file, as a feed reader sees it."""
    parsed = feedparser.parse((publication.public / name).read_bytes())
    assert not parsed.bozo
    (only,) = parsed.entries
    return only


def assert_has_structure(html: str, page: Expected) -> None:
    for heading in page.headings:
        assert f"<h2>{heading}</h2>" in html
    assert html.count("<h2>") == len(page.headings)
    assert html.count("<ul>") == 1
    assert html.count("<li>") == len(page.items)
    for item in page.items:
        assert f"<li>{item} " in html


def assert_no_furniture(text: str) -> None:
    assert [words for words in FURNITURE if words.lower() in text.lower()] == []


def test_the_ledger_holds_the_article_and_nothing_of_the_furniture(page: Expected, publication: Publication) -> None:
    put(page, publication)
    publication.run()
    article = collected(publication)
    assert (article.title, article.topics, article.authors) == (page.title, ("Hair Loss",), ("HairFear",))
    assert (article.published_on, article.published_at) == (date(2024, 8, 8), datetime(2024, 8, 8, tzinfo=UTC))
    assert_has_structure(article.html, page)
    assert_no_furniture(article.html + article.summary)


@pytest.mark.parametrize("name", ["feed.rss", "feed.atom"])
def test_a_feed_reader_sees_the_article_and_nothing_of_the_furniture(page: Expected, publication: Publication, name: str) -> None:
    put(page, publication)
    publication.run()
    seen = entry(publication, name)
    assert (seen.title, seen.author) == (page.title, "HairFear")
    assert [tag.label or tag.term for tag in seen.tags] == ["Hair Loss"]
    assert seen.published_parsed[:6] == (2024, 8, 8, 0, 0, 0)
    assert_has_structure(seen.content[0].value, page)
    assert_no_furniture((publication.public / name).read_text(encoding="utf-8"))


def test_the_json_feed_has_the_article_and_nothing_of_the_furniture(page: Expected, publication: Publication) -> None:
    put(page, publication)
    publication.run()
    text = (publication.public / "feed.json").read_text(encoding="utf-8")
    (item,) = json.loads(text)["items"]
    assert (item["title"], item["authors"], item["tags"]) == (page.title, [{"name": "HairFear"}], ["Hair Loss"])
    assert item["date_published"].startswith("2024-08-08T00:00:00")
    assert_has_structure(item["content_html"], page)
    assert_no_furniture(text)


def test_all_feeds_tell_the_summary_of_the_ledger(page: Expected, publication: Publication) -> None:
    put(page, publication)
    publication.run()
    summary = collected(publication).summary
    (item,) = json.loads((publication.public / "feed.json").read_bytes())["items"]
    assert item["summary"] == entry(publication, "feed.rss").summary == entry(publication, "feed.atom").summary == summary


def test_a_digest_brings_the_page_that_came_after_the_archive(page: Expected, publication: Publication) -> None:
    publication.page("archive", title="What was there before")
    publication.subscribe("reader@example.org")
    publication.run(FRIDAY)
    put(page, publication)
    publication.run(NEXT_FRIDAY)
    (mail,) = publication.mails().values()
    html, text = (mail.get_body((kind,)) for kind in ("html", "plain"))
    assert html is not None
    assert text is not None
    summary = collected_titled(publication, page.title).summary
    for part in (html.get_content(), text.get_content()):
        plain = " ".join(part.split())
        assert page.title in plain
        assert summary[:40].replace("'", "&#39;") in plain or summary[:40] in plain
        assert "What was there before" not in plain
        # The mail has a link of its own, which is called nearly like the page's.
        assert_no_furniture(re.sub("Read all (<bdi[^>]*>)?Hair Loss", "", plain))


def collected_titled(publication: Publication, title: str) -> Article:
    ledger = publication.ledger()
    with ledger.read() as connection:
        found = [article for article in articles.live(connection, 10) if article.title == title]
    ledger.close()
    return found[0]
