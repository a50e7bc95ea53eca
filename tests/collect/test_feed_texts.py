"""What a feed says in each of its ways of writing is what is published: decoded once, by what its format says."""

import json
from html import escape

import pytest

from hairfeed.collect.feed_document import parse_feed
from hairfeed.collect.judge import judge
from hairfeed.models import FoundArticle
from hairfeed.settings import FeedSource
from tests.collect.looks import look_at

URL = "https://combs.example.org/feed"
SOURCE = FeedSource(type="feed", url=URL)
XHTML = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'


def published(feed: str) -> FoundArticle:
    """The one article of a feed, as it goes into the ledger."""
    (entry,) = parse_feed(feed.encode(), "", None, URL).entries
    return judge(entry.page, entry.upstream_id, "stamp", look_at(SOURCE), None)


def atom(elements: str) -> FoundArticle:
    basics = "<id>x</id><published>2024-08-08T09:00:00Z</published><content>The text.</content>"
    link = '<link href="https://combs.example.org/x"/>'
    return published(f'<feed xmlns="http://www.w3.org/2005/Atom"><entry>{basics}{link}{elements}</entry></feed>')


def rss(elements: str) -> FoundArticle:
    basics = "<guid>https://combs.example.org/x</guid><pubDate>Thu, 08 Aug 2024 09:00:00 GMT</pubDate>"
    spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    content = "<content:encoded>&lt;p&gt;The text, at its full length.&lt;/p&gt;</content:encoded>"
    return published(f'<rss version="2.0" {spaces}><channel><item>{basics}{elements}{content}</item></channel></rss>')


def json_feed(**fields: object) -> FoundArticle:
    basics = {"id": "https://combs.example.org/x", "date_published": "2024-08-08", "content_html": "<p>The text.</p>"}
    return published(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [basics | fields]}))


@pytest.mark.parametrize(
    ("kind", "written", "read"),
    [
        ("text", "&lt;b&gt; in HTML", "<b> in HTML"),
        ("text", "The &lt;b&gt;bold&lt;/b&gt; tag", "The <b>bold</b> tag"),
        ("text", "How to write &amp;amp;", "How to write &amp;"),
        ("text", "<![CDATA[<b> in HTML]]>", "<b> in HTML"),
        ("html", "&amp;lt;b&amp;gt; in HTML", "<b> in HTML"),
        ("html", "How to write &amp;amp;amp;", "How to write &amp;"),
        ("html", "&lt;b&gt;Bold&lt;/b&gt; &amp;amp; plain", "Bold & plain"),
        ("html", "<![CDATA[&lt;b> in <i>HTML</i>]]>", "<b> in HTML"),
        ("xhtml", XHTML.format("&lt;b> in <i>HTML</i>"), "<b> in HTML"),
        ("xhtml", XHTML.format("How to write &amp;amp;"), "How to write &amp;"),
    ],
)
def test_atoms_texts_are_decoded_as_their_type_says(kind: str, written: str, read: str) -> None:
    assert atom(f'<title type="{kind}">{written}</title>').title == read
    assert atom(f'<title>Combs</title><summary type="{kind}">{written}</summary>').summary == read


def test_atoms_names_are_plain_text() -> None:
    names = '<author><name>A &amp;amp; B</name></author><category term="&lt;hr&gt;"/><category term="y" label="A &amp;lt; B"/>'
    article = atom(f"<title>Combs</title>{names}")
    assert (article.authors, article.topics) == (("A &amp; B",), ("<hr>", "A &lt; B"))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("&lt;b&gt; in HTML", "<b> in HTML"),
        ("<![CDATA[<b> in HTML]]>", "<b> in HTML"),
        ("The &lt;title&gt; tag", "The <title> tag"),
        ("Salt &amp; pepper", "Salt & pepper"),
        ("Salt &amp;amp; pepper", "Salt & pepper"),
        ("<![CDATA[Salt &amp; pepper]]>", "Salt & pepper"),
        ("<![CDATA[Salt &amp;amp; pepper]]>", "Salt &amp; pepper"),
        ("<![CDATA[<em>Salt</em> &#038; pepper]]>", "Salt & pepper"),
        ("&lt;em&gt;Salt&lt;/em&gt; and pepper", "Salt and pepper"),
        ("&amp;lt;b&amp;gt; in HTML", "<b> in HTML"),
    ],
)
def test_rss_titles_and_names_are_html_where_they_look_like_it(written: str, read: str) -> None:
    article = rss(f"<title>{written}</title><dc:creator>{written}</dc:creator><category>{written}</category>")
    assert (article.title, article.authors, article.topics) == (read, (read,), (read,))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("&amp;lt;b&amp;gt; in HTML", "<b> in HTML"),
        ("<![CDATA[How to write &amp;amp;]]>", "How to write &amp;"),
        ("&lt;b&gt;Salt&lt;/b&gt; &amp;amp; pepper", "Salt & pepper"),
        ("Salt &amp; pepper", "Salt & pepper"),
    ],
)
def test_an_rss_description_is_html(written: str, read: str) -> None:
    assert rss(f"<title>Combs</title><description>{written}</description>").summary == read


def test_a_json_feeds_texts_are_plain() -> None:
    text = "<b> and <i>&amp;</i>"
    article = json_feed(title=text, summary=f"On {text}.", authors=[{"name": text}], tags=[text])
    assert (article.title, article.summary) == (text, f"On {text}.")
    assert (article.authors, article.topics) == ((text,), (text,))


def test_plain_content_shows_what_looks_like_html() -> None:
    article = json_feed(title="Combs", content_html="", content_text="The <b> tag & &amp;.")
    assert article.html == f"<p>{escape('The <b> tag & &amp;.', quote=False)}</p>"
