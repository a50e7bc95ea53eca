"""RSS and Atom: what their specifications and readers ask for, and what feedgen gets wrong."""

import html
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from time import gmtime
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from hairfeed import __version__
from hairfeed.feeds.feed import Feed
from hairfeed.models.articles import Article
from tests.feeds.difficult import EDITED, FEED, RIGHT_TO_LEFT, SHOW, TITLE_ONLY, feed_of
from tests.feeds.formats import build_atom, build_rss
from tests.feeds.readers import NAMESPACES

ATOM_SCHEMA = Path(__file__).parents[3] / "shared" / "data" / "schemas" / "atom.rnc"
"""RFC 4287's appendix B, laid beside the checkout; it is not ours to ship."""

both_formats = pytest.mark.parametrize("build", [build_rss, build_atom], ids=["rss", "atom"])


def found(content: bytes, path: str) -> list[str]:
    """What the XPath finds: texts or attributes."""
    return [str(text) for text in etree.fromstring(content).xpath(path, namespaces=NAMESPACES)]


def to_the_second(dates: list[str]) -> list[str]:
    """Dates without the fraction that only tells articles of one instant apart."""
    return [datetime.fromisoformat(date).replace(microsecond=0).isoformat() for date in dates]


def parsed(content: bytes) -> Any:
    """The feed as feedparser reads it, its tidying of HTML left out."""
    return feedparser.parse(content, sanitize_html=False, resolve_relative_uris=False)


@both_formats
def test_feedparser_finds_nothing_to_mend(build: Callable[[Feed], bytes]) -> None:
    assert parsed(build(FEED)).bozo == 0


@both_formats
@pytest.mark.parametrize("article", [EDITED, RIGHT_TO_LEFT, TITLE_ONLY], ids=["edited", "right to left", "title only"])
def test_feedparser_reads_identity_title_and_dates(build: Callable[[Feed], bytes], article: Article) -> None:
    (entry,) = parsed(build(feed_of(article))).entries
    assert (entry.id, entry.link, entry.title) == (article.guid, article.url, article.title)
    assert entry.published_parsed[:6] == gmtime(int(article.published_at.timestamp()))[:6]


@both_formats
@pytest.mark.parametrize("article", [EDITED, RIGHT_TO_LEFT], ids=["edited", "right to left"])
def test_feedparser_reads_texts_and_topics(build: Callable[[Feed], bytes], article: Article) -> None:
    (entry,) = parsed(build(feed_of(article))).entries
    assert html.unescape(entry.summary) == article.summary
    assert [content.value for content in entry.content] == [article.html]
    assert [tag.label or tag.term for tag in entry.get("tags", [])] == list(article.topics)


def test_feedparser_takes_no_rss_guid_for_a_link() -> None:
    assert [entry.guidislink for entry in parsed(build_rss(FEED)).entries] == [False, False, False]


# feedparser guesses at RSS titles that look like HTML, and at titles within Latin-1 that look like UTF-8 read wrongly.
PLAIN_TITLE = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="<&\ufffd")).map("髪{}".format)


@settings(max_examples=50)
@given(title=PLAIN_TITLE)
def test_feedparser_reads_any_plain_title(title: str) -> None:
    feed = feed_of(replace(EDITED, title=title))
    assert [parsed(build(feed)).entries[0].title for build in (build_rss, build_atom)] == [title, title]


@both_formats
def test_utf_8_is_declared(build: Callable[[Feed], bytes]) -> None:
    assert build(FEED).startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n")


@both_formats
def test_elements_stand_on_lines_of_their_own(build: Callable[[Feed], bytes]) -> None:
    lines = [line.strip() for line in build(feed_of(TITLE_ONLY)).decode().splitlines()]
    assert sum(line.count("<title") for line in lines) == sum(line.startswith("<title") for line in lines) == 2


def test_the_link_of_an_rss_feed_is_the_page() -> None:
    assert found(build_rss(FEED), "/rss/channel/link/text()") == [FEED.home_url]


def test_an_rss_feed_links_to_itself_with_its_type() -> None:
    (link,) = etree.fromstring(build_rss(FEED)).findall("channel/atom:link", NAMESPACES)
    assert dict(link.attrib) == {"href": FEED.addresses.rss, "rel": "self", "type": "application/rss+xml"}


def test_an_atom_feed_links_to_itself_and_to_the_page_with_types() -> None:
    links = etree.fromstring(build_atom(FEED)).findall("atom:link", NAMESPACES)
    assert [dict(link.attrib) for link in links] == [
        {"href": FEED.addresses.atom, "rel": "self", "type": "application/atom+xml"},
        {"href": FEED.home_url, "rel": "alternate", "type": "text/html"},
    ]


def test_an_atom_entry_has_one_link_and_says_what_it_is() -> None:
    links = etree.fromstring(build_atom(feed_of(EDITED))).findall("atom:entry/atom:link", NAMESPACES)
    assert [dict(link.attrib) for link in links] == [{"href": EDITED.url, "rel": "alternate", "type": "text/html"}]


def test_an_rss_guid_is_no_permalink() -> None:
    assert found(build_rss(FEED), "//guid/@isPermaLink") == ["false", "false", "false"]


def test_an_atom_feed_has_the_guid_of_the_feed() -> None:
    assert found(build_atom(FEED), "/atom:feed/atom:id/text()") == [FEED.guid]


def test_an_rss_feed_carries_its_last_change_as_its_one_date() -> None:
    dates = found(build_rss(FEED), "/rss/channel/lastBuildDate/text() | /rss/channel/pubDate/text()")
    assert dates == ["Sun, 03 Nov 2024 10:15:20 +0100"]


def test_an_atom_feed_carries_its_last_change() -> None:
    assert found(build_atom(FEED), "/atom:feed/atom:updated/text()") == ["2024-11-03T10:15:20+01:00"]


def test_rss_dates_have_four_digit_years_and_the_offset_of_the_zone() -> None:
    dates = found(build_rss(FEED), "//item/pubDate/text()")
    assert dates == ["Thu, 08 Aug 2024 00:30:00 +0200", "Wed, 31 Jan 2024 13:00:00 +0100", "Sat, 01 Jan 2000 00:59:59 +0100"]


def test_an_edit_moves_the_date_of_change_and_not_that_of_publication() -> None:
    edited = build_atom(feed_of(EDITED))
    assert found(edited, "//atom:entry/atom:published/text()") == ["2024-08-08T00:30:00+02:00"]
    assert to_the_second(found(edited, "//atom:entry/atom:updated/text()")) == ["2024-11-03T10:15:20+01:00"]


def test_without_an_edit_the_date_of_change_is_that_of_publication() -> None:
    unedited = build_atom(feed_of(RIGHT_TO_LEFT))
    published = found(unedited, "//atom:entry/atom:published/text()")
    assert to_the_second(found(unedited, "//atom:entry/atom:updated/text()")) == published


def test_articles_of_one_instant_have_each_its_own_date_of_change_whatever_their_neighbours() -> None:
    of_one_day = [replace(RIGHT_TO_LEFT, guid=f"tag:example.com,2024:article/{number}") for number in range(50)]
    together = found(build_atom(feed_of(*of_one_day)), "//atom:entry/atom:updated/text()")
    alone = [found(build_atom(feed_of(article)), "//atom:entry/atom:updated/text()")[0] for article in of_one_day]
    assert len(set(together)) == 50
    assert together == alone
    assert set(to_the_second(together)) == {"2024-01-31T13:00:00+01:00"}


def test_every_rss_description_stands_before_the_content() -> None:
    following = etree.fromstring(build_rss(FEED)).xpath(
        "//item/description/following-sibling::content:encoded", namespaces=NAMESPACES
    )
    assert len(following) == 3


def test_atom_says_which_texts_are_plain_and_which_are_html() -> None:
    content = build_atom(feed_of(EDITED))
    assert found(content, "//atom:title/@type | //atom:subtitle/@type | //atom:summary/@type") == ["text"] * 4
    assert found(content, "//atom:content/@type") == ["html"]


def test_an_atom_category_has_term_label_and_scheme() -> None:
    (category,) = etree.fromstring(build_atom(feed_of(replace(EDITED, topics=("Skin & Hair",))))).iter("{*}category")
    assert dict(category.attrib) == {"term": "skin-hair", "label": "Skin & Hair", "scheme": FEED.category_scheme}


def test_an_rss_category_has_a_domain() -> None:
    assert found(build_rss(FEED), "//category/@domain") == [FEED.category_scheme] * 4


def test_an_upgrade_alone_changes_no_feed() -> None:
    assert found(build_rss(FEED), "//generator/text()") == ["HairFeed"]
    assert __version__.encode() not in build_atom(FEED).replace(b"<?xml version=", b"")


@pytest.mark.skipif(not ATOM_SCHEMA.exists(), reason=f"the Atom schema is not at {ATOM_SCHEMA}")
@pytest.mark.skipif(shutil.which("jing") is None, reason="jing, which validates RELAX NG, is not installed")
@pytest.mark.parametrize("feed", [FEED, SHOW, feed_of()], ids=["difficult", "everything", "empty"])
def test_atom_is_valid_by_the_schema_of_rfc_4287(feed: Feed, tmp_path: Path) -> None:
    file = tmp_path / "feed.atom"
    file.write_bytes(build_atom(feed))
    verdict = subprocess.run(["jing", "-c", str(ATOM_SCHEMA), str(file)], capture_output=True, text=True, check=False)
    assert (verdict.returncode, verdict.stdout) == (0, "")
