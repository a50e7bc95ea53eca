"""Which feeds are shown, and what leads to them."""

from lxml import html as lxml_html

from hairfeed.feeds.shown import Offer, addresses_of, shown_of, site_offers
from hairfeed.shelf import url_of
from hairfeed.store.feed_articles import FeedRow
from tests.conftest import FRIDAY, Publication

ROWS = [
    FeedRow(path, label, "", "", 3, present, FRIDAY)
    for path, label, present in (
        ("author/ann/", "Ann", 2),
        ("category/skin/", "skin & scalp", 1),
        ("category/gone/", "Gone", 0),
        ("category/hair/", "Hair", 1),
        ("", "", 0),
    )
]


def test_the_sites_feed_is_first_and_then_those_with_articles_by_kind_and_name(publication: Publication) -> None:
    assert [row.label for row in shown_of(ROWS, publication.settings.feeds)] == ["", "Hair", "skin & scalp", "Ann"]


def test_kinds_that_are_not_wanted_are_not_shown(publication: Publication) -> None:
    publication.configure("[newsletters", "authors = false\n\n[newsletters")
    assert [row.label for row in shown_of(ROWS, publication.settings.feeds)] == ["", "Hair", "skin & scalp"]


def test_a_page_of_the_site_offers_the_main_feed_first(publication: Publication) -> None:
    site, feeds = publication.settings.site, publication.settings.feeds
    base = "https://hair.example.org/feeds"
    main = [
        Offer("application/rss+xml", "Plain Hair", f"{base}/feed.rss"),
        Offer("application/atom+xml", "Plain Hair (Atom)", f"{base}/feed.atom"),
        Offer("application/feed+json", "Plain Hair (JSON Feed)", f"{base}/feed.json"),
    ]
    assert site_offers(site, feeds) == main
    assert site_offers(site, feeds, ROWS) == [
        *main,
        Offer("application/rss+xml", "Plain Hair: Hair", f"{base}/category/hair/feed.rss"),
        Offer("application/rss+xml", "Plain Hair: skin & scalp", f"{base}/category/skin/feed.rss"),
        Offer("application/rss+xml", "Plain Hair: Ann", f"{base}/author/ann/feed.rss"),
    ]


def test_an_element_says_the_same_after_a_browser_has_read_it() -> None:
    offer = Offer("application/rss+xml", "\"Hair\" & <skin> 'n' more", "https://example.org/a?b=1&lt=2")
    assert offer.html.startswith('<link rel="alternate" type="application/rss+xml" title="&quot;Hair&quot; &amp; ')
    (link,) = lxml_html.document_fromstring(f"<head>{offer.html}</head><p>x").xpath("//link")
    assert (link.get("title"), link.get("href")) == (offer.title, offer.url)


def test_addresses_are_made_of_ascii(publication: Publication) -> None:
    feeds = publication.settings.feeds
    assert url_of("category/髪/", feeds) == "https://hair.example.org/feeds/category/%E9%AB%AA/"
    assert addresses_of("category/髪/feed", feeds).rss == "https://hair.example.org/feeds/category/%E9%AB%AA/feed.rss"
