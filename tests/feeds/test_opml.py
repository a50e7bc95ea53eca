"""The list of all feeds: OPML 2.0 as readers import it, and without anything that the W3C's validator remarks upon."""

from dataclasses import replace
from datetime import timedelta

from lxml import etree

from hairfeed.feeds.feed import Feed, FeedAddresses, FeedKind
from hairfeed.feeds.opml import build_opml
from tests.feeds.difficult import FEED
from tests.feeds.formats import build_rss

KNOWN = {"text", "type", "title", "version", "description", "language", "htmlUrl", "xmlUrl"}


def part(kind: FeedKind, label: str) -> Feed:
    base = f"https://example.com/feeds/{kind}/{label}/feed"
    addresses = FeedAddresses(f"{base}.rss", f"{base}.atom", f"{base}.json")
    return replace(FEED, kind=kind, label=label, title=f"Plain Hair: {label}", addresses=addresses, articles=())


ALL = [FEED, part(FeedKind.CATEGORY, "hair"), part(FeedKind.CATEGORY, "skin"), part(FeedKind.AUTHOR, "ann")]


def outlines(feeds: list[Feed], path: str = "//outline") -> list[etree._Element]:
    found: list[etree._Element] = etree.fromstring(build_opml("Plain Hair", feeds)).xpath(path)
    return found


def test_every_feed_is_in_it_once() -> None:
    assert [one.get("xmlUrl") for one in outlines(ALL, "//outline[@type]")] == [feed.addresses.rss for feed in ALL]


def test_the_sites_feed_stands_alone_and_the_others_in_a_group_each() -> None:
    top = outlines(ALL, "/opml/body/outline")
    assert [one.get("text") for one in top] == ["Hair & Heart ❤️", "Plain Hair: Categories", "Plain Hair: Authors"]
    assert [[one.get("text") for one in group] for group in top] == [
        [],
        ["Plain Hair: hair", "Plain Hair: skin"],
        ["Plain Hair: ann"],
    ]


def test_there_is_no_group_of_nothing() -> None:
    assert [one.get("text") for one in outlines([FEED])] == [FEED.title]


def test_a_feed_has_what_the_specification_asks_for_and_a_group_its_text_only() -> None:
    for one in outlines(ALL):
        assert set(one.attrib) == (KNOWN if one.get("type") == "rss" else {"text"})
        assert one.get("version") in {"RSS", None}


def test_the_page_is_the_one_that_the_feed_itself_leads_to() -> None:
    (link,) = etree.fromstring(build_rss(FEED)).xpath("/rss/channel/link/text()")
    assert [one.get("htmlUrl") for one in outlines([FEED])] == [link]


def test_it_is_as_new_as_the_newest_of_its_feeds() -> None:
    newer = replace(ALL[1], updated_at=FEED.updated_at + timedelta(days=1))
    head = etree.fromstring(build_opml("Plain Hair", [FEED, newer])).find("head")
    assert {one.tag: one.text for one in head} == {
        "title": "Plain Hair",
        "dateModified": "Mon, 04 Nov 2024 10:15:20 +0100",
        "ownerName": "Hair & Heart",
    }
