"""The texts of a feed's entries: decoded once, by what their format says, and told apart as articles, summaries and teasers."""

from html import escape

import pytest

from hairfeed.collect.feed.entries import FeedEntry
from hairfeed.collect.judge import judge
from hairfeed.models.articles import FoundArticle
from hairfeed.settings.sources import FeedSource
from tests.collect.feed_reader import URL, atom_entry, item, json_item, only, read, read_file, rss
from tests.collect.looks import look_at

LONG = "So it went on with the comb, word after word. " * 20
SOURCE = FeedSource(type="feed", url=URL)
XHTML = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'


ENOUGH = " and six more words to say enough"
"""A summary of fewer than eight words is none."""


def enough(written: str) -> str:
    """What is written, with more of it at its end."""
    for end in ("]]>", "</div>"):
        if written.endswith(end):
            return written.removesuffix(end) + ENOUGH + end
    return written + ENOUGH


def published(entry: FeedEntry) -> FoundArticle:
    """The article of an entry, as it goes into the ledger."""
    return judge(entry.page, entry.upstream_id, "stamp", look_at(SOURCE), None)


def atom(elements: str) -> FoundArticle:
    basics = '<id>x</id><published>2024-08-08T09:00:00Z</published><link href="https://combs.example.org/x"/>'
    return published(atom_entry(f"{basics}<content>The text.</content>{elements}"))


def rss_article(elements: str) -> FoundArticle:
    basics = "<guid>https://combs.example.org/x</guid><pubDate>Thu, 08 Aug 2024 09:00:00 GMT</pubDate>"
    content = "<content:encoded>&lt;p&gt;The text, at its full length.&lt;/p&gt;</content:encoded>"
    return published(only(read(rss(f"<item>{basics}{elements}{content}</item>"))))


def json_article(**fields: object) -> FoundArticle:
    basics = {"id": "https://combs.example.org/x", "date_published": "2024-08-08", "content_html": "<p>The text.</p>"}
    return published(json_item(**basics | fields))


# From the feed to the ledger.


@pytest.mark.parametrize(
    ("kind", "written", "shown"),
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
def test_atoms_texts_are_decoded_as_their_type_says(kind: str, written: str, shown: str) -> None:
    assert atom(f'<title type="{kind}">{written}</title>').title == shown
    assert atom(f'<title>Combs</title><summary type="{kind}">{enough(written)}</summary>').summary == shown + ENOUGH


def test_atoms_names_are_plain_text() -> None:
    names = '<author><name>A &amp;amp; B</name></author><category term="&lt;hr&gt;"/><category term="y" label="A &amp;lt; B"/>'
    article = atom(f"<title>Combs</title>{names}")
    assert (article.authors, article.topics) == (("A &amp; B",), ("<hr>", "A &lt; B"))


@pytest.mark.parametrize(
    ("written", "shown"),
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
def test_rss_titles_and_names_are_html_where_they_look_like_it(written: str, shown: str) -> None:
    article = rss_article(f"<title>{written}</title><dc:creator>{written}</dc:creator><category>{written}</category>")
    assert (article.title, article.authors, article.topics) == (shown, (shown,), (shown,))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("&amp;lt;b&amp;gt; in HTML", "<b> in HTML"),
        ("<![CDATA[How to write &amp;amp;]]>", "How to write &amp;"),
        ("&lt;b&gt;Salt&lt;/b&gt; &amp;amp; pepper", "Salt & pepper"),
        ("Salt &amp; pepper", "Salt & pepper"),
    ],
)
def test_an_rss_description_is_html(written: str, shown: str) -> None:
    assert rss_article(f"<title>Combs</title><description>{enough(written)}</description>").summary == shown + ENOUGH


def test_a_json_feeds_texts_are_plain() -> None:
    text = "<b> and <i>&amp;</i>"
    article = json_article(title=text, summary=text + ENOUGH, authors=[{"name": text}], tags=[text])
    assert (article.title, article.summary) == (text, text + ENOUGH)
    assert (article.authors, article.topics) == ((text,), (text,))


def test_plain_content_shows_what_looks_like_html() -> None:
    article = json_article(title="Combs", content_html="", content_text="The <b> tag & &amp;.")
    assert article.html == f"<p>{escape('The <b> tag & &amp;.', quote=False)}</p>"


# Texts.


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ('<title type="html">Q &amp;amp; A</title>', "Q & A"),
        ('<title type="html">Q &amp;amp;amp; A</title>', "Q &amp; A"),
        ('<title type="html">&lt;b&gt;Q&lt;/b&gt; and A</title>', "Q and A"),
        ('<title type="text">&lt;b&gt;Q&lt;/b&gt; &amp;amp; A</title>', "<b>Q</b> &amp; A"),
        ("<title>  Q\n and A </title>", "Q and A"),
        ('<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Q <i>and</i> A</div></title>', "Q and A"),
        ("<title></title>", ""),
    ],
)
def test_a_title_is_plain_text_decoded_as_often_as_its_type_says(written: str, title: str) -> None:
    assert atom_entry(f'{written}<id>x</id><content type="html">Text.</content>').page.title == title


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Q &amp; A", "Q & A"),
        ("Q &amp;amp; A", "Q & A"),
        ("<![CDATA[Q &#8211; A]]>", "Q – A"),  # noqa: RUF001
        ("<![CDATA[<em>Q</em>]]>", "Q"),
        ("The &lt;title&gt; tag", "The <title> tag"),
    ],
)
def test_an_rss_title_is_html_where_it_looks_like_html(written: str, title: str) -> None:
    assert only(read(rss(f"<item><title>{written}</title></item>"))).page.title == title


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ('<content type="html">&lt;p&gt;A &amp;amp; b&lt;/p&gt;</content>', "<p>A &amp; b</p>"),
        ('<content type="text">A &lt;b&gt; &amp; c</content>', "<p>A &lt;b&gt; &amp; c</p>"),
        ("<content>One.\n\nTwo.</content>", "<p>One.</p><p>Two.</p>"),
        ('<content type="html">Bare &amp;amp; short</content>', "<p>Bare &amp; short</p>"),
        ('<content type="image/png">aGFpcg==</content><summary>Hair.</summary>', "<p>Hair.</p>"),
        ('<content src="/a.mp4" type="video/mp4"/><summary>Hair.</summary>', "<p>Hair.</p>"),
    ],
)
def test_atom_content_is_what_its_type_says(content: str, html: str) -> None:
    assert atom_entry(f"<id>x</id><title>A</title>{content}").page.html == html


@pytest.mark.parametrize("order", [1, -1], ids=["summary-first", "content-first"])
def test_the_description_is_the_summary_of_the_content(order: int) -> None:
    texts = ["<description>In short.</description>", "<content:encoded>&lt;p&gt;In full length.&lt;/p&gt;</content:encoded>"]
    page = item("".join(texts[::order])).page
    assert (page.html, page.summary) == ("<p>In full length.</p>", "In short.")


def test_a_description_that_repeats_the_content_is_no_summary() -> None:
    html = "&lt;p&gt;All of&lt;br&gt;it.&lt;/p&gt;"
    assert item(f"<description>All of it.</description><content:encoded>{html}</content:encoded>").page.summary is None


def test_a_long_description_is_the_article() -> None:
    entry = item(f"<description>&lt;p&gt;{LONG}&lt;/p&gt;</description>")
    assert (entry.page.html, entry.page.summary, entry.is_teaser) == (f"<p>{LONG}</p>", None, False)


def test_an_images_caption_is_not_the_article() -> None:
    page = only(read_file("caption.xml")).page
    assert (page.title, page.html) == ("A comb in a picture", "<p>The painter liked combs.</p>")


def test_a_podcasts_summary_is_not_the_article() -> None:
    page = item(f"<description>&lt;p&gt;{LONG}&lt;/p&gt;</description><itunes:summary>In short.</itunes:summary>").page
    assert page.html == f"<p>{LONG}</p>"


def test_links_in_the_content_keep_to_their_xml_base() -> None:
    page = only(read_file("xml-base.xml")).page
    assert page.url == "https://combs.example.org/notes/2024/links.html"
    assert 'src="https://combs.example.org/notes/2024/pictures/comb.png"' in page.html
    assert 'href="https://combs.example.org/notes/2024/other.html"' in page.html


# Teasers.


@pytest.mark.parametrize(
    ("description", "summary"),
    [
        ("", None),
        ("A few words only.", "A few words only."),
        (f"{LONG} And so […]", f"{LONG.strip()} And so […]"),
        (f"{LONG} And so ...", f"{LONG.strip()} And so ..."),
        (f"{LONG} Read more", LONG.strip()),
        (f"{LONG} Read more »", LONG.strip()),
        (f"{LONG} [Read more about A comb]", LONG.strip()),
        (f"{LONG} (more…)", LONG.strip()),
        (f"{LONG} And so… Continue reading A comb →", f"{LONG.strip()} And so…"),
        (f"{LONG} The post A comb appeared first on Combs.", LONG.strip()),
        ("頭皮" * 60, "頭皮" * 60),
    ],
)
def test_a_description_that_is_short_or_cut_is_a_teaser(description: str, summary: str | None) -> None:
    entry = item(f"<description>{description}</description>")
    assert entry.is_teaser
    assert entry.page.summary == summary


@pytest.mark.parametrize(
    "description",
    [LONG, f"{LONG} Whoever wants to can read more, or learn more.", f"{LONG} Brushes, combs and more.", "頭皮ケア" * 100],
)
def test_a_long_description_that_comes_to_its_end_is_no_teaser(description: str) -> None:
    assert not item(f"<description>{description}</description>").is_teaser


@pytest.mark.parametrize(
    ("content", "is_teaser"),
    [
        ("Short, but all of it.", False),
        ("All of it. The post A comb appeared first on Combs.", False),
        ("The beginning… Continue reading A comb", True),
        ("The beginning […]", True),
    ],
)
def test_full_content_is_a_teaser_only_where_it_breaks_off(content: str, is_teaser: bool) -> None:
    assert item(f"<content:encoded>&lt;p&gt;{content}&lt;/p&gt;</content:encoded>").is_teaser is is_teaser


def test_an_entry_with_nothing_but_a_title_is_a_teaser() -> None:
    entry = json_item(id="1", title="A comb", url="https://e.org/1")
    assert (entry.is_teaser, entry.page.html, entry.page.summary) == (True, "", None)
